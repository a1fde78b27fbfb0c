import { isSlug, slugOf } from './slug.ts'

/** More of a text than this never becomes part of a name. */
const LOOKED_AT = 1_000

/**
 * What a skill's folder is called wherever it is written: exports, archives, agents' workspaces. A slug comes from a registry
 * or an older library as it was sent, so it decides nothing by itself: one that is no plain folder name is made into one.
 */
export const folderNameOf = (slug: string): string => (isSlug(slug) ? slug : slugOf(slug.slice(0, LOOKED_AT)))
