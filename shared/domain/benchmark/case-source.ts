import type { CaseContent } from './case-set.ts'

/** What tells where a case comes from. */
export type Sourced = { id: string } & Pick<CaseContent, 'prompt' | 'files' | 'tags'>

/** A tag of this form names a source that files and prompt do not show. */
const SOURCE_TAG = /^source:/

/**
 * The source of each case that shares one with another, by case id: cases of one source go the same way together, so that they
 * tell as much as one. They share a source where they bring a file with the same content, ask the same of the same files, or
 * have the same tag `source:…`, directly or by way of others. What every case has is no source but what the whole set is about.
 */
export function sourcesOf(cases: readonly Sourced[]): Map<string, string> {
  const byKey = new Map<string, string[]>()
  for (const one of cases) for (const key of keysOf(one)) byKey.set(key, [...(byKey.get(key) ?? []), one.id])
  const parents = new Map<string, string>()
  const rootOf = (id: string): string => {
    let root = id
    for (let up = parents.get(root); up !== undefined; up = parents.get(root)) root = up
    return root
  }
  const shared = [...byKey.values()].filter(ids => ids.length > 1 && ids.length < cases.length)
  for (const [first = '', ...others] of shared)
    for (const id of others) {
      const [a, b] = [rootOf(first), rootOf(id)]
      if (a !== b) parents.set(b, a)
    }
  return new Map(shared.flat().map(id => [id, rootOf(id)]))
}

function keysOf({ prompt, files, tags }: Sourced): string[] {
  const hashes = files.flatMap(file => file.sha256 ?? []).sort()
  const asked = prompt.replace(/\s+/g, ' ').trim()
  return [
    ...new Set([
      ...hashes.map(hash => `file ${hash}`),
      ...tags.filter(tag => SOURCE_TAG.test(tag)),
      // Only results may be known of a case, not what was asked.
      ...(asked === '' ? [] : [`prompt ${JSON.stringify([asked, hashes])}`]),
    ]),
  ]
}
