import { v7 } from 'uuid'
import { expect, test } from 'vitest'
import type { PushableTable, RowToPush } from '../../electron/sync/remote.ts'
import {
  newCase,
  newFeedback,
  newMeasurement,
  newRating,
  newResult,
  newRun,
  newUsageEvent,
} from '../registry/registry.ts'
import { type Get, lastRowOf, pullAll, rowsOf, skillWith, statesOf } from './conformance-support.ts'
import type { MemberUnderTest } from './team.ts'

export function ratingsAndFeedback(get: Get) {
  test('one rating a user and version: the same row is kept whatever id is sent, and named', async () => {
    const { author, reader, other } = get()
    const { skill, ids } = await skillWith(author, 1)
    const [versionId = ''] = ids
    const mine = newRating(skill.id, versionId, { rating: 5, hours_saved_estimate: 0 })
    expect(await rowsOf(reader.remote.pushRows('ratings', [mine]))).toMatchObject([
      { state: 'inserted', stored_id: mine.id },
    ])
    expect(await rowsOf(reader.remote.pushRows('ratings', [mine]))).toMatchObject([
      { state: 'identical', stored_id: mine.id },
    ])
    const elsewhere = newRating(skill.id, versionId, { rating: 2 })
    expect(await rowsOf(reader.again().pushRows('ratings', [elsewhere]))).toMatchObject([
      { state: 'updated', id: elsewhere.id, stored_id: mine.id },
    ])
    expect(await statesOf(other.remote.pushRows('ratings', [newRating(skill.id, versionId)]))).toEqual(['inserted'])
    const row = await lastRowOf(author.remote, 'ratings', mine.id)
    expect(row).toMatchObject({ user_id: reader.userId, rating: 2, hours_saved_estimate: null })
    expect(await lastRowOf(author.remote, 'ratings', elsewhere.id)).toBeUndefined()
  })

  test('two machines that rate one version at once leave one row', async () => {
    const { author, reader } = get()
    const { skill, ids } = await skillWith(author, 1)
    const sent = [1, 2, 3, 4].map(rating => newRating(skill.id, ids[0] ?? '', { rating }))
    const answers = await Promise.all(sent.map(one => rowsOf(reader.again().pushRows('ratings', [one]))))
    const stored = new Set(answers.flat().map(row => ('stored_id' in row ? row.stored_id : row.reason)))
    expect(stored.size).toBe(1)
    const rows = (await pullAll(author.remote)).changes.filter(
      change => change.entity === 'ratings' && change.operation === 'put' && change.row.skill_id === skill.id,
    )
    expect(rows).toHaveLength(1)
  })

  test('zero hours are a value; a comment or a rating beyond its bounds is refused alone', async () => {
    const { author, reader } = get()
    const { skill, ids } = await skillWith(author, 5)
    const at = (n: number, over: Record<string, unknown>) => newRating(skill.id, ids[n] ?? '', over)
    const zero = at(0, { hours_saved_estimate: 0 })
    const page = [
      zero,
      at(1, { rating: 6 }),
      at(2, { hours_saved_estimate: 1_000.5 }),
      at(3, { comment: 'é'.repeat(2_001) }),
      at(4, { comment: 'é'.repeat(2_000) }),
    ]
    expect(await statesOf(reader.remote.pushRows('ratings', page))).toEqual([
      'inserted',
      'refused',
      'refused',
      'refused',
      'inserted',
    ])
    expect(await lastRowOf(author.remote, 'ratings', zero.id)).toMatchObject({ hours_saved_estimate: 0 })
  })

  test('another’s id is not taken over, and a version of another skill is refused', async () => {
    const { author, reader, other } = get()
    const { skill, ids } = await skillWith(author, 2)
    const { ids: elsewhere } = await skillWith(author, 1)
    const mine = newRating(skill.id, ids[0] ?? '')
    await reader.remote.pushRows('ratings', [mine])
    const stolen = { ...newRating(skill.id, ids[1] ?? ''), id: mine.id }
    expect(await statesOf(other.remote.pushRows('ratings', [stolen]))).toEqual(['conflict'])
    expect(await statesOf(reader.remote.pushRows('ratings', [newRating(skill.id, elsewhere[0] ?? '')]))).toEqual([
      'refused',
    ])
  })

  test('a rating that was taken back stays so', async () => {
    const { author, reader, other } = get()
    const { skill, ids } = await skillWith(author, 1)
    const mine = newRating(skill.id, ids[0] ?? '')
    await reader.remote.pushRows('ratings', [mine])
    expect(await statesOf(other.remote.removeRows('ratings', [mine.id]))).toEqual(['forbidden'])
    expect(await statesOf(reader.remote.removeRows('ratings', [mine.id]))).toEqual(['deleted'])
    expect(await statesOf(reader.remote.removeRows('ratings', [mine.id]))).toEqual(['deleted'])
    expect(await statesOf(reader.remote.pushRows('ratings', [mine]))).toEqual(['deleted'])
    const again = newRating(skill.id, ids[0] ?? '')
    expect(await statesOf(reader.remote.pushRows('ratings', [again]))).toEqual(['inserted'])
    expect(await lastRowOf(author.remote, 'ratings', mine.id)).toBeUndefined()
  })

  test('feedback is its giver’s until somebody looked at it', async () => {
    const { author, reader, other } = get()
    const { skill, ids } = await skillWith(author, 1)
    const given = newFeedback(skill.id, ids[0] ?? null, { feedback_type: 'bug_report', comment: 'breaks' })
    expect(await statesOf(reader.remote.pushRows('feedback', [given]))).toEqual(['inserted'])
    expect(await statesOf(reader.remote.pushRows('feedback', [given]))).toEqual(['identical'])
    expect(await statesOf(reader.remote.pushRows('feedback', [{ ...given, comment: 'on Windows' }]))).toEqual([
      'updated',
    ])
    expect(await statesOf(other.remote.pushRows('feedback', [{ ...given, comment: 'fine' }]))).toEqual(['conflict'])
    await author.remote.reviewFeedback(reviewOf(given.id, 'pending', 'accepted'))
    expect(await statesOf(reader.remote.pushRows('feedback', [{ ...given, comment: 'late' }]))).toEqual(['conflict'])
  })

  test('feedback is reviewed along its arrows, from the state the reviewer saw', async () => {
    const { author, admin, other, reader } = get()
    const { skill, ids } = await skillWith(author, 1)
    const given = newFeedback(skill.id, null)
    await reader.remote.pushRows('feedback', [given])
    const review = ({ remote }: MemberUnderTest, from: string, to: string, by: string | null = null) =>
      remote.reviewFeedback(reviewOf(given.id, from, to, by))
    expect(await review(other, 'pending', 'accepted')).toEqual({ kind: 'forbidden', status: 'pending' })
    expect(await review(reader, 'pending', 'accepted')).toMatchObject({ kind: 'denied' })
    expect(await review(author, 'pending', 'implemented')).toMatchObject({ kind: 'refused', code: 'WS409' })
    expect(await review(author, 'pending', 'accepted')).toEqual({ kind: 'updated', status: 'accepted' })
    expect(await review(author, 'pending', 'accepted')).toEqual({ kind: 'identical', status: 'accepted' })
    expect(await review(admin, 'pending', 'dismissed')).toEqual({ kind: 'moved', status: 'accepted' })
    expect(await review(admin, 'accepted', 'implemented', v7())).toMatchObject({ kind: 'missing' })
    expect(await review(admin, 'accepted', 'implemented', ids[0])).toEqual({ kind: 'updated', status: 'implemented' })
    expect(await lastRowOf(author.remote, 'skill_feedback', given.id)).toMatchObject({
      status: 'implemented',
      reviewed_by: admin.userId,
      implemented_by_version_id: ids[0],
    })
    expect(await author.remote.reviewFeedback(reviewOf(v7(), 'pending', 'accepted'))).toMatchObject({ kind: 'missing' })
  })

  test('dismissed feedback can be taken up again', async () => {
    const { author, reader } = get()
    const { skill } = await skillWith(author, 0)
    const given = newFeedback(skill.id, null)
    await reader.remote.pushRows('feedback', [given])
    for (const [from, to] of [
      ['pending', 'dismissed'],
      ['dismissed', 'pending'],
      ['pending', 'accepted'],
      ['accepted', 'dismissed'],
    ] as const)
      expect(await author.remote.reviewFeedback(reviewOf(given.id, from, to))).toEqual({ kind: 'updated', status: to })
  })
}

const reviewOf = (id: string, expected: string, status: string, implementedBy: string | null = null) => ({
  id,
  expected,
  status,
  notes: null,
  implementedBy,
})

export function benchmarks(get: Get) {
  test('a case is any author’s; a run goes forward, by who started it; a result never changes', async () => {
    const { author, other } = get()
    const { skill, ids } = await skillWith(author, 1)
    const one = newCase(skill.id)
    const run = newRun(skill.id, ids[0] ?? '')
    const result = newResult(run.id, one.id)
    const push = ({ remote }: MemberUnderTest, table: PushableTable, row: RowToPush) =>
      statesOf(remote.pushRows(table, [row]))
    expect(await push(author, 'benchmark_cases', one)).toEqual(['inserted'])
    expect(await push(other, 'benchmark_cases', { ...one, archived: 1 })).toEqual(['updated'])
    expect(await rowsOf(author.remote.pushRows('benchmark_results', [result]))).toMatchObject([
      { state: 'refused', code: 'WS404' },
    ])
    expect(await push(author, 'benchmark_runs', run)).toEqual(['inserted'])
    expect(await other.remote.pushRows('benchmark_results', [result])).toMatchObject({ kind: 'denied' })
    expect(await push(author, 'benchmark_results', result)).toEqual(['inserted'])
    expect(await push(author, 'benchmark_results', result)).toEqual(['identical'])
    expect(await push(author, 'benchmark_results', { ...result, repeat: 2 })).toEqual(['conflict'])
    expect(await push(other, 'benchmark_runs', { ...run, status: 'failed' })).toEqual(['conflict'])
    const ended = { ...run, status: 'completed', completed_at: 9 }
    expect(await statesOf(author.remote.pushRows('benchmark_runs', [ended]))).toEqual(['updated'])
    expect(await statesOf(author.remote.pushRows('benchmark_runs', [ended]))).toEqual(['identical'])
    expect(await statesOf(author.remote.pushRows('benchmark_runs', [run]))).toEqual(['refused'])
    expect(await statesOf(other.remote.removeRows('benchmark_runs', [run.id]))).toEqual(['forbidden'])
    expect(await statesOf(author.remote.removeRows('benchmark_runs', [run.id]))).toEqual(['deleted'])
    expect(await statesOf(other.remote.removeRows('benchmark_cases', [one.id]))).toEqual(['deleted'])
    expect(await statesOf(author.remote.pushRows('benchmark_cases', [one]))).toEqual(['deleted'])
  })

  test('what was measured and used goes in once, by its id', async () => {
    const { author, reader } = get()
    const { skill, ids } = await skillWith(author, 1)
    const measured = newMeasurement(skill.id, ids[0] ?? '')
    const used = newUsageEvent(skill.id, ids[0] ?? '')
    for (const state of ['inserted', 'identical']) {
      expect(await statesOf(reader.remote.pushRows('measurements', [measured]))).toEqual([state])
      expect(await statesOf(reader.remote.pushRows('usage_events', [used]))).toEqual([state])
    }
    expect(await statesOf(reader.remote.pushRows('measurements', [{ ...measured, input_tokens: 9 }]))).toEqual([
      'conflict',
    ])
  })
}
