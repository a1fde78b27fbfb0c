import type pg from 'pg'
import { v7 } from 'uuid'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import {
  publish,
  pushRows,
  pushSkills,
  pushVersions,
  removeRows,
  reviewFeedback,
} from '../../electron/registry/postgres.ts'
import { noPostgres } from '../support/postgres.ts'
import { AttackField } from './attack-field.ts'
import {
  newCase,
  newFeedback,
  newMeasurement,
  newRating,
  newResult,
  newRun,
  newSkill,
  newUsageEvent,
  newVersion,
  provenText,
} from './registry.ts'

/** Writing without end: whatever stays is counted as what it is, and a team that is full grows no more. */
describe.skipIf(noPostgres !== undefined)(`attacks: quotas${noPostgres ? `: ${noPostgres}` : ''}`, () => {
  let field: AttackField
  let author: pg.Client
  let reader: pg.Client
  let admin: pg.Client
  let owner: pg.Client
  const mine = newSkill()
  const text = provenText('# Said')
  const first = newVersion(mine.id, { content_hash: text.hash })
  beforeAll(async () => {
    field = await AttackField.open()
    author = await field.db.as(field.b.author)
    reader = await field.db.as(field.b.reader)
    admin = await field.db.as(field.b.admin)
    owner = await field.db.owner()
    await pushSkills(author, [mine])
    await pushVersions(author, [first])
  })
  beforeEach(() => allow(1_000_000, 10 ** 12))
  // Whatever a test did: what is counted is what is there, in every team.
  afterEach(async () => {
    expect(await counted()).toEqual(await stored())
  })
  afterAll(async () => {
    await field.syncOfA()
    expect(await counted()).toEqual(await stored())
    await field.close()
  })

  const counted = async () =>
    (await owner.query('SELECT tenant_id, rows_stored, bytes_stored FROM whetstone.tenant_heads ORDER BY 1')).rows
  const stored = async () => (await owner.query('SELECT * FROM whetstone.stored() ORDER BY 1')).rows
  const allow = (rows: number, bytes: number) =>
    owner.query(
      'UPDATE whetstone.tenant_heads SET rows_allowed = rows_stored + $2, bytes_allowed = bytes_stored + $3 WHERE tenant_id = $1',
      [field.b.id, rows, bytes],
    )
  /** How often it goes before the team is full. */
  const untilFull = async (most: number, work: (n: number) => Promise<{ kind: string } | string>): Promise<number> => {
    for (let n = 0; n < most; n++) {
      const said = await work(n)
      if (said === 'WS507' || (typeof said !== 'string' && said.kind === 'quota')) return n
    }
    return most
  }
  const profile = (name: string, client = reader) =>
    client.query('SELECT whetstone.update_profile($1, NULL)', [name]).then(
      () => 'done',
      error => String(error.code),
    )

  test('changing a row counts what it has become: it cannot grow past the quota, nor the log', async () => {
    const one = newCase(mine.id)
    await pushRows(author, 'benchmark_cases', [one])
    await allow(1_000_000, 1_500_000)
    const big = (n: number) => ({
      ...one,
      prompt: `${n}`.padEnd(1_000_000, 'x'),
      expected_output: 'y'.repeat(1_000_000),
    })
    expect(await pushRows(author, 'benchmark_cases', [big(0)])).toMatchObject({ kind: 'quota' })
    expect(await pushRows(author, 'benchmark_cases', [{ ...one, prompt: 'x'.repeat(1_000_000) }])).toMatchObject({
      rows: [{ state: 'updated' }],
    })
    // Shrunk again it gives back what it took.
    expect(await pushRows(author, 'benchmark_cases', [one])).toMatchObject({ rows: [{ state: 'updated' }] })
    await allow(20, 1_000_000)
    expect(await untilFull(100, n => pushRows(author, 'benchmark_cases', [{ ...one, name: `n${n % 10}` }]))).toBe(20)
  })

  test('a profile that is so already writes nothing; one that changes is counted', async () => {
    await profile('Dan')
    const before = await counted()
    for (let n = 0; n < 50; n++) expect(await profile('Dan')).toBe('done')
    expect(await counted()).toEqual(before)
    await allow(10, 10 ** 9)
    expect(await untilFull(100, n => profile(`Dan ${n % 10}`))).toBe(10)
  })

  test('inserting and deleting again and again comes to an end', async () => {
    await allow(30, 10 ** 9)
    const rounds = await untilFull(200, async () => {
      const feedback = newFeedback(mine.id, first.id, { comment: 'x' })
      const said = await pushRows(reader, 'feedback', [feedback])
      await removeRows(reader, 'skill_feedback', [feedback.id])
      return said
    })
    expect(rounds).toBeLessThan(30)
    expect(rounds).toBeGreaterThan(5)
  })

  test('a full team can still delete, and has room again for what was there', async () => {
    const many = Array.from({ length: 50 }, () => newFeedback(mine.id, null, { comment: 'x'.repeat(10_000) }))
    await pushRows(reader, 'feedback', many)
    await allow(1_000, 0)
    expect(await pushRows(reader, 'feedback', [newFeedback(mine.id, null)])).toMatchObject({ kind: 'quota' })
    const ids = many.map(one => one.id)
    expect((await removeRows(reader, 'skill_feedback', ids)).kind).toBe('answered')
    expect(
      await pushRows(reader, 'feedback', [newFeedback(mine.id, null, { comment: 'x'.repeat(20_000) })]),
    ).toMatchObject({
      rows: [{ state: 'inserted' }],
    })
  })

  test('a column as long as it likes weighs as much as it is long', async () => {
    // Where the table does not bound it (an older registry), the count does.
    await owner.query(`DO $$ DECLARE one text; BEGIN FOR one IN SELECT conname FROM pg_constraint
      WHERE conrelid = 'whetstone.skills'::regclass AND contype = 'c' AND pg_get_constraintdef(oid) LIKE '%forked_at%'
      LOOP EXECUTE format('ALTER TABLE whetstone.skills DROP CONSTRAINT %I', one); END LOOP; END $$`)
    await allow(1_000, 1_000_000)
    const long = newSkill({ forked_at_version_id: 'x'.repeat(2_000_000) })
    expect(await pushSkills(author, [long])).toMatchObject({ kind: 'quota' })
  })

  test('publishing to and fro, reviews, approvals and versions are counted with what they leave', async () => {
    const second = newVersion(mine.id, {
      parent_version_id: first.id,
      description: 'x'.repeat(3_000),
      name: 'longer-name',
    })
    await pushVersions(author, [second])
    await admin.query('SELECT whetstone.approve_version($1)', [first.id])
    await admin.query('SELECT whetstone.approve_version($1)', [first.id])
    await allow(12, 10 ** 9)
    let at: string | null = null
    const moves = await untilFull(100, async () => {
      const to: string | null = at === null ? first.id : null
      const said = await publish(author, {
        skillId: mine.id,
        versionId: to,
        expected: at,
        content: to === null ? null : text.content,
      })
      at = to
      return said
    })
    // An entry of the log and one of the publish log each.
    expect(moves).toBe(6)
    await allow(1_000, 10 ** 9)
    const feedback = newFeedback(mine.id, null)
    await pushRows(reader, 'feedback', [feedback])
    await allow(1_000, 1_000)
    const review = {
      id: feedback.id,
      expected: 'pending',
      status: 'dismissed',
      notes: 'x'.repeat(5_000),
      implementedBy: null,
    }
    expect(await reviewFeedback(author, review)).toMatchObject({ kind: 'quota' })
    expect(await reviewFeedback(author, { ...review, notes: 'no' })).toMatchObject({ kind: 'updated' })
  })

  test('what goes with a run, a case or a skill is given back with it', async () => {
    const skill = newSkill()
    await pushSkills(author, [skill])
    const fork = newSkill({ forked_from_id: skill.id })
    await pushSkills(author, [fork])
    const feedback = newFeedback(skill.id, null, { comment: 'because' })
    await pushRows(author, 'feedback', [feedback])
    const cases = [newCase(skill.id, { source_feedback_id: feedback.id }), newCase(skill.id)]
    await pushRows(author, 'benchmark_cases', cases)
    const run = newRun(skill.id, first.id, { skill_version_id: null })
    await pushRows(author, 'benchmark_runs', [run])
    const results = cases.map(one => newResult(run.id, one.id, { output_produced: 'x'.repeat(5_000) }))
    expect(await pushRows(author, 'benchmark_results', results)).toMatchObject({ rows: [{ state: 'inserted' }, {}] })
    await pushRows(author, 'measurements', [{ ...newMeasurement(skill.id, first.id), skill_version_id: null }])
    await pushRows(author, 'usage_events', [{ ...newUsageEvent(skill.id, first.id), skill_version_id: null }])
    await removeRows(author, 'skill_feedback', [feedback.id])
    expect(await counted()).toEqual(await stored())
    await removeRows(author, 'benchmark_cases', [cases[0]?.id ?? ''])
    expect(await counted()).toEqual(await stored())
    expect(await removeRows(author, 'skills', [skill.id])).toMatchObject({ rows: [{ state: 'deleted' }] })
  })

  test('pages of every kind in any mixture leave the count true', async () => {
    const rating = newRating(mine.id, first.id, { comment: 'good' })
    await pushRows(author, 'ratings', [rating])
    await pushRows(author, 'ratings', [{ ...rating, id: v7(), comment: 'better' }])
    await pushSkills(author, [{ ...mine, tags: '["a","b"]', category: 'c', slug: `${mine.slug}-longer` }])
    const fresh = [newSkill(), newSkill({ description: 'x'.repeat(500) })]
    await pushSkills(author, fresh)
    await pushSkills(author, [{ ...(fresh[0] ?? mine), name: 'called-otherwise' }])
    const made = fresh.map(skill => newVersion(skill.id, { metadata: '{"origin":"there"}' }))
    await pushVersions(author, [
      ...made,
      newVersion(fresh[1]?.id ?? '', { description: '', parent_version_id: made[1]?.id ?? null }),
    ])
    // Some there already, some new, some refused.
    await pushVersions(author, [...made, newVersion(mine.id), { ...first, name: 'another' }])
    await pushRows(author, 'benchmark_runs', [newRun(mine.id, first.id)])
    const one = newCase(mine.id, { provenance: '{"form":"x"}' })
    await pushRows(author, 'benchmark_cases', [one, newCase(mine.id)])
    await pushRows(author, 'benchmark_cases', [
      { ...one, prompt: 'longer than before' },
      newCase(mine.id),
      { ...one, id: v7() },
    ])
  })

  test('every text of a row that may be long is weighed', async () => {
    const { rows } = await owner.query<{ name: string }>(`
      SELECT c.relname || '.' || a.attname AS name FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
      WHERE c.relnamespace = 'whetstone'::regnamespace AND c.relkind = 'r' AND a.atttypid = 'text'::regtype AND NOT a.attisdropped
        AND EXISTS (SELECT FROM unnest(whetstone.weighed_columns(c.relname::text)) w)
        AND a.attname <> ALL (whetstone.weighed_columns(c.relname::text)) ORDER BY 1`)
    // Ids, hashes, and words of a list.
    const short = /\.(.*_?id|.*_by|content_hash|content_url|role|status|visibility|feedback_type|source)$/
    expect(rows.map(row => row.name).filter(name => !short.test(name))).toEqual(['tenants.slug'])
  })
})
