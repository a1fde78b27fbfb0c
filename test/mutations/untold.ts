import type { Mistake } from './mistakes.ts'

/** Each machine of a simulated world has to tell of what it meets, whoever wins. */
const suite = {
  file: 'test/sync/simulation.long.test.ts',
  test: 'of them end',
  env: { WHETSTONE_HISTORIES: '150' },
}
const untold = (what: string, file: string, find: string, replace = ''): Mistake => ({
  name: `sync: nobody is told of ${what}`,
  edits: [{ file, find, replace }],
  suite,
})

/** Work of somebody's that does not stand, without a word. */
export const UNTOLD: readonly Mistake[] = [
  untold(
    'a publish that came too late',
    'electron/sync/push-steps.ts',
    '          tellPublished(team, ours.skillId, ours.versionId, said.published, change.seq)\n',
  ),
  untold(
    'one’s own other rating',
    'electron/sync/apply-page.ts',
    'if (ours) tellRating(team, put.overruled, ours)',
    'void ours',
  ),
  untold(
    'a row that was deleted while it was changed',
    'electron/sync/apply-page.ts',
    "    tellDeletedRow(team, { table: name, entity, id, skillId: typeof skillId === 'string' ? skillId : null })\n",
  ),
  untold(
    'a name that was given twice',
    'electron/sync/apply-page.ts',
    '    if (put.renamed) tellSlug(team, put.renamed)\n',
  ),
  untold(
    'two first versions',
    'electron/library/conflicts.ts',
    'GROUP BY p.skill_id HAVING count(*) > 1)',
    'GROUP BY p.skill_id HAVING count(*) > 999)',
  ),
  {
    name: 'sync: a case is sent before its files',
    edits: [
      {
        file: 'electron/sync/push-rows.ts',
        find: "    ...(entity === 'benchmark_case' && { before: page => sendCaseFiles(team, page) }),\n",
        replace: '',
      },
    ],
    suite,
  },
]
