import { isSlug } from './slug.ts'

/**
 * What a skill's folder is called wherever it is written: exports, archives, agents' workspaces. A slug comes from a registry
 * or an older library as it was sent, so it decides nothing by itself: one that is no plain folder name is made into one.
 */
export function folderNameOf(slug: string): string {
  if (isSlug(slug)) return slug
  const plain = plainName(slug)
  return isSlug(plain) ? plain : `${plain}-skill`
}

/** Lowercase ASCII letters, digits and single hyphens, at most 60 of them; 'skill' where nothing is left. */
export function plainName(text: string): string {
  const name = text
    // More than is ever kept would only take time.
    .slice(0, 1_000)
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 61)
    .replace(/^-+/, '')
    .slice(0, 60)
    .replace(/-+$/, '')
  return name === '' ? 'skill' : name
}
