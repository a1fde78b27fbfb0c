import { expect, test } from 'vitest'
import { teamInTest } from '../../test/support/team.ts'
import { enqueue, type Operation } from '../library/outbox.ts'

test('each queued change is said as its author would', async () => {
  await using t = teamInTest()
  const skillId = t.skill('pdf-forms')
  const v1 = t.arrive(skillId, 1, t.me, 'x', null)
  t.library.run("UPDATE skills SET name = 'pdf-forms' WHERE id = ?", skillId)
  const mine = await t.api.ratings.rate({ versionId: v1, rating: 4, comment: null, hoursSaved: null })
  t.library.run('DELETE FROM outbox')
  const said: [Pick<Operation, 'entity' | 'operation'> & { entityId?: string; payload?: unknown }, string][] = [
    [{ entity: 'skill', operation: 'insert' }, 'Add the skill pdf-forms'],
    [{ entity: 'skill', operation: 'update', payload: { status: 'archived' } }, 'Archive pdf-forms'],
    [{ entity: 'skill', operation: 'update', payload: { status: 'draft' } }, 'Bring pdf-forms back'],
    [{ entity: 'skill', operation: 'update', payload: { slug: 'x' } }, 'Rename pdf-forms'],
    [
      { entity: 'skill', operation: 'update', payload: { category: null, tags: [] } },
      'Change the category or tags of pdf-forms',
    ],
    [{ entity: 'skill', operation: 'publish', payload: { versionId: v1 } }, 'Publish v1 of pdf-forms'],
    [
      { entity: 'skill', operation: 'publish', payload: { versionId: null } },
      'Take back what is published of pdf-forms',
    ],
    [{ entity: 'skill', operation: 'delete' }, 'Delete the skill pdf-forms'],
    [{ entity: 'version', operation: 'insert', entityId: v1 }, 'Save a version of pdf-forms “x”'],
    [{ entity: 'rating', operation: 'insert', entityId: mine.id }, 'Rate v1 of pdf-forms: 4 of 5'],
    [{ entity: 'rating', operation: 'delete' }, 'Take back a rating of pdf-forms'],
    [{ entity: 'feedback', operation: 'insert' }, 'Send feedback on pdf-forms'],
    [
      { entity: 'feedback', operation: 'review', payload: { status: 'accepted' } },
      'Review feedback on pdf-forms: accepted',
    ],
    [{ entity: 'measurement', operation: 'insert' }, 'Send a token measurement of pdf-forms'],
    [{ entity: 'usage_event', operation: 'insert' }, 'Count a use of pdf-forms'],
    [{ entity: 'benchmark_case', operation: 'update' }, 'Keep a benchmark case of pdf-forms'],
    [{ entity: 'benchmark_run', operation: 'insert' }, 'Send a benchmark run of pdf-forms'],
    [{ entity: 'benchmark_result', operation: 'insert' }, 'Send a benchmark result of pdf-forms'],
  ]
  for (const [change] of said)
    enqueue(t.library, { entityId: skillId, ...change, tenantId: t.tenantId, skillId, now: 1 })
  const queue = await t.api.sync.queue({ tenantId: t.tenantId })
  expect(queue.map(change => change.what)).toEqual(said.map(([, words]) => words))
})
