import type { CaseRow } from '../../../shared/contract/cases.ts'

/** Which cases a run has. Tags and picked cases are kept beside the choice, so that looking at another one loses nothing. */
export type CaseChoice = { by: 'all' | 'tag' | 'pick'; tags: string[]; ids: string[] }
export const ALL_CASES: CaseChoice = { by: 'all', tags: [], ids: [] }

/** Undefined: all of them. Ids of cases that have gone meanwhile are left out. */
export function chosenIds(cases: readonly CaseRow[], { by, tags, ids }: CaseChoice): string[] | undefined {
  if (by === 'all') return undefined
  const wanted = by === 'tag' ? new Set(tags) : new Set(ids)
  return cases
    .filter(row => (by === 'tag' ? row.content.tags.some(tag => wanted.has(tag)) : wanted.has(row.id)))
    .map(row => row.id)
}

/** Each tag and how many cases have it, in the order of the alphabet. */
export function tagsOf(cases: readonly CaseRow[]): { tag: string; cases: number }[] {
  const counts = new Map<string, number>()
  for (const row of cases) for (const tag of new Set(row.content.tags)) counts.set(tag, (counts.get(tag) ?? 0) + 1)
  return [...counts].map(([tag, many]) => ({ tag, cases: many })).sort((a, b) => a.tag.localeCompare(b.tag))
}
