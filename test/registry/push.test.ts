import type pg from 'pg'
import { v7 } from 'uuid'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  hello,
  publish,
  pushRows,
  pushSkills,
  pushVersions,
  removeRows,
  reviewFeedback,
  type VersionToPush,
} from '../../electron/registry/postgres.ts'
import { type Pulled, pull } from '../../electron/registry/pull.ts'
import { noPostgres } from '../support/postgres.ts'
import {
  migrations,
  newCase,
  newFeedback,
  newMeasurement,
  newRating,
  newResult,
  newRun,
  newSkill,
  newVersion,
  startTestRegistry,
  type TestDatabase,
  type TestRegistry,
} from './registry.ts'

describe.skipIf(noPostgres !== undefined)(`pushing and pulling${noPostgres ? `: ${noPostgres}` : ''}`, () => {
  let registry: TestRegistry
  let db: TestDatabase
  let author: pg.Client
  let other: pg.Client
  let admin: pg.Client
  let reader: pg.Client
  beforeAll(async () => {
    registry = await startTestRegistry()
    db = await registry.database()
    author = await db.as(registry.a.author)
    other = await db.as(registry.a.other)
    admin = await db.as(registry.a.admin)
    reader = await db.as(registry.a.reader)
  })
  afterAll(async () => {
    await db.close()
    await registry.stop()
  })

  const statesOf = (answer: { kind: string; rows?: { state: string }[] }) =>
    answer.rows?.map(row => row.state) ?? [answer.kind, JSON.stringify(answer)]
  async function skillWith(client: pg.Client, versions: number) {
    const skill = newSkill()
    expect(statesOf(await pushSkills(client, [skill]))).toEqual(['inserted'])
    const made = Array.from({ length: versions }, () => newVersion(skill.id))
    made.forEach((version, n) => {
      version.parent_version_id = made[n - 1]?.id ?? null
    })
    if (versions > 0) expect(statesOf(await pushVersions(client, made))).toEqual(made.map(() => 'inserted'))
    return { skill, versions: made }
  }
  const pageOf = (pulled: Awaited<ReturnType<typeof pull>>): Extract<Pulled, { kind: 'page' }> => {
    if (pulled.kind !== 'page') throw new Error(JSON.stringify(pulled))
    return pulled
  }

  test('says who is asking', async () => {
    const answer = await hello(author)
    expect(answer).toMatchObject({
      kind: 'hello',
      hello: {
        tenant_id: registry.a.id,
        user_id: registry.a.author.userId,
        role: 'author',
        schema_version: migrations.at(-1)?.id,
      },
    })
  })

  test('numbers versions in their order, moves the newest, and tells a repeated page from a conflicting one', async () => {
    const { skill, versions } = await skillWith(author, 3)
    const again = await pushVersions(author, versions)
    expect(
      again.kind === 'answered' && again.rows.map(row => [row.id, row.state, 'version' in row && row.version]),
    ).toEqual(versions.map((version, n) => [version.id, 'identical', n + 1]))
    const fourth = newVersion(skill.id, { parent_version_id: versions[2]?.id })
    const mixed = await pushVersions(author, [
      { ...newVersion(skill.id), id: versions[0]?.id ?? '' },
      fourth,
      ...versions.slice(1, 2),
    ])
    expect(mixed.kind === 'answered' && mixed.rows.map(row => [row.state, 'version' in row && row.version])).toEqual([
      ['conflict', 1],
      ['inserted', 4],
      ['identical', 2],
    ])
    // The same id and content by somebody else is not theirs to acknowledge.
    expect(statesOf(await pushVersions(other, versions.slice(0, 1)))).toEqual(['conflict'])
    const { rows } = await author.query(
      'SELECT versions, draft_version_id, author_id FROM whetstone.skills WHERE id = $1',
      [skill.id],
    )
    expect(rows).toEqual([{ versions: 4, draft_version_id: fourth.id, author_id: registry.a.author.userId }])
  })

  test('one bad row of a page is refused with its reason, the others go in', async () => {
    const { skill } = await skillWith(author, 0)
    const page = Array.from({ length: 40 }, () => newVersion(skill.id))
    const bad = page[17]
    const orphan = page[30]
    if (!bad || !orphan) throw new Error('no page')
    bad.metadata = 'not JSON'
    orphan.parent_version_id = v7()
    const answer = await pushVersions(author, page)
    if (answer.kind !== 'answered') throw new Error(answer.message)
    expect(answer.rows.map(row => row.id)).toEqual(page.map(row => row.id))
    expect(answer.rows.filter(row => row.state === 'refused')).toEqual([
      { id: bad.id, state: 'refused', code: '23514', reason: expect.stringContaining('metadata') },
      { id: orphan.id, state: 'refused', code: 'WS404', reason: expect.stringContaining(orphan.parent_version_id) },
    ])
    const numbers = answer.rows.flatMap(row => (row.state === 'inserted' ? [row.version] : []))
    expect(numbers).toEqual(Array.from({ length: 38 }, (_, n) => n + 1))
  })

  test('text comes back byte for byte, also what arrays and JSON quote', async () => {
    const { skill } = await skillWith(author, 0)
    const texts = ['"', '\\', '{a,b}', 'NULL', '', ' a ', "it's\n\ttwo", 'ünï→𝕏', '\\"', ',', '$1']
    const page = texts.map(text => newVersion(skill.id, { message: text, metadata: JSON.stringify({ origin: text }) }))
    expect(statesOf(await pushVersions(author, page))).toEqual(texts.map(() => 'inserted'))
    const { rows } = await reader.query(
      'SELECT message, metadata FROM whetstone.skill_versions WHERE skill_id = $1 ORDER BY version',
      [skill.id],
    )
    expect(rows).toEqual(texts.map(text => ({ message: text, metadata: JSON.stringify({ origin: text }) })))
    // NUL is the one character that Postgres cannot hold.
    const nul = await pushVersions(author, [newVersion(skill.id, { message: 'a\u0000b' })])
    expect(nul.kind === 'answered' && nul.rows).toMatchObject([{ state: 'refused', code: '22021' }])
  })

  test('authors who number one skill at once wait for each other: no gap, no double, no second try', async () => {
    const { skill } = await skillWith(author, 0)
    // As the client sends it, but without its trying again when somebody else was faster.
    const push = async (client: pg.Client, rows: VersionToPush[]) => {
      const columns = ['id', 'skill_id', 'parent_version_id', 'merged_version_id', 'content_hash'] as const
      const texts = ['content_type', 'name', 'description', 'message', 'metadata'] as const
      const values = [...columns, ...texts].map(column => rows.map(row => row[column]))
      const places = values.map((_, n) => `$${n + 1}::text[]`).join(', ')
      return (await client.query(`SELECT version FROM whetstone.push_versions(${places})`, values)).rows
    }
    const numbers = await Promise.all(
      [author, other, admin].map(async client => {
        const own: number[] = []
        for (let n = 0; n < 10; n++)
          for (const row of await push(client, [newVersion(skill.id), newVersion(skill.id)])) own.push(row.version)
        return own
      }),
    )
    expect(numbers.flat().sort((x, y) => x - y)).toEqual(Array.from({ length: 60 }, (_, n) => n + 1))
  })

  test('the same slug made twice, another’s skill, and an outdated edit are each told', async () => {
    const { skill } = await skillWith(author, 1)
    const twin = newSkill({ slug: skill.slug })
    expect(await pushSkills(other, [twin])).toMatchObject({ rows: [{ state: 'slug_taken', other_id: skill.id }] })
    expect(statesOf(await pushSkills(other, [{ ...skill, category: 'mine' }]))).toEqual(['forbidden'])
    expect(statesOf(await pushSkills(author, [{ ...skill, category: 'a', expected_seq: 1 }]))).toEqual(['conflict'])
    expect(statesOf(await pushSkills(author, [{ ...skill, category: 'a' }]))).toEqual(['updated'])
    expect(statesOf(await pushSkills(author, [{ ...skill, category: 'a', status: 'archived' }]))).toEqual(['updated'])
    expect(statesOf(await pushSkills(author, [{ ...skill, category: 'a', status: 'archived' }]))).toEqual(['identical'])
    expect(await pushSkills(author, [newSkill({ visibility: 'personal' })])).toMatchObject({
      rows: [{ state: 'refused', reason: expect.stringContaining('skills_visibility_limit') }],
    })
  })

  test('publishing is compare-and-set, by author or admin, and logged', async () => {
    const { skill, versions } = await skillWith(author, 2)
    const [v1 = '', v2 = ''] = versions.map(version => version.id)
    const move = (client: pg.Client, versionId: string | null, expected: string | null) =>
      publish(client, { skillId: skill.id, versionId, expected, content: null })
    expect(await move(other, v1, null)).toEqual({ kind: 'forbidden', published: null })
    expect(await move(author, v1, null)).toEqual({ kind: 'published', published: v1 })
    expect(await move(author, v1, null)).toEqual({ kind: 'identical', published: v1 })
    expect(await move(admin, v2, null)).toEqual({ kind: 'moved', published: v1 })
    expect(await move(admin, v2, v1)).toEqual({ kind: 'published', published: v2 })
    expect(await move(author, v7(), v2)).toEqual({ kind: 'missing', published: v2 })
    expect(await move(reader, v1, v2)).toMatchObject({ kind: 'denied' })
    const { rows } = await reader.query(
      'SELECT from_version_id, to_version_id, user_id FROM whetstone.publish_log WHERE skill_id = $1 ORDER BY at, to_version_id DESC',
      [skill.id],
    )
    expect(rows).toContainEqual({ from_version_id: null, to_version_id: v1, user_id: registry.a.author.userId })
    expect(rows).toContainEqual({ from_version_id: v1, to_version_id: v2, user_id: registry.a.admin.userId })
  })

  test('where the team wants it, only what somebody else has approved is published', async () => {
    const { skill, versions } = await skillWith(author, 1)
    const versionId = versions[0]?.id ?? ''
    const move = { skillId: skill.id, versionId, expected: null, content: null }
    await expect(author.query('SELECT whetstone.require_approval(true)')).rejects.toMatchObject({ code: '42501' })
    await admin.query('SELECT whetstone.require_approval(true)')
    expect(await publish(author, move)).toEqual({ kind: 'needs_approval', published: null })
    const approve = async (client: pg.Client) =>
      (await client.query('SELECT whetstone.approve_version($1) AS said', [versionId])).rows[0]?.said
    expect(await approve(author)).toBe('forbidden')
    expect(await approve(other)).toBe('forbidden')
    expect(await publish(author, move)).toEqual({ kind: 'needs_approval', published: null })
    expect(await approve(admin)).toBe('approved')
    expect(await publish(author, move)).toEqual({ kind: 'published', published: versionId })
    await admin.query('SELECT whetstone.require_approval(false)')
  })

  test('one rating a user and version; zero hours are a value; aggregates equal a recount', async () => {
    const { skill, versions } = await skillWith(author, 2)
    const [v1 = '', v2 = ''] = versions.map(version => version.id)
    const mine = newRating(skill.id, v1, { rating: 5, hours_saved_estimate: 0, comment: 'a' })
    expect(statesOf(await pushRows(reader, 'ratings', [mine]))).toEqual(['inserted'])
    expect(statesOf(await pushRows(reader, 'ratings', [mine]))).toEqual(['identical'])
    const edited = newRating(skill.id, v1, { rating: 2, hours_saved_estimate: 0.1 })
    expect(await pushRows(reader, 'ratings', [edited])).toMatchObject({
      rows: [{ state: 'updated', id: edited.id, stored_id: mine.id }],
    })
    expect(
      statesOf(await pushRows(other, 'ratings', [newRating(skill.id, v1, { hours_saved_estimate: 0.2 })])),
    ).toEqual(['inserted'])
    expect(statesOf(await pushRows(admin, 'ratings', [newRating(skill.id, v2, { rating: 5 })]))).toEqual(['inserted'])
    expect(statesOf(await pushRows(admin, 'ratings', [{ ...newRating(skill.id, v2), id: mine.id }]))).toEqual([
      'updated',
    ])
    expect(statesOf(await pushRows(author, 'ratings', [{ ...newRating(skill.id, v2), id: mine.id }]))).toEqual([
      'conflict',
    ])
    expect(
      statesOf(
        await pushRows(author, 'feedback', [
          newFeedback(skill.id, v1),
          newFeedback(skill.id, null, { feedback_type: 'thumbs_down' }),
          newFeedback(skill.id, null, { feedback_type: 'suggestion' }),
        ]),
      ),
    ).toEqual(['inserted', 'inserted', 'inserted'])
    const measured = (cost: number | null) => newMeasurement(skill.id, v1, { estimated_cost_microcents: cost })
    await pushRows(reader, 'measurements', [measured(100), measured(101), measured(null)])
    await pushRows(reader, 'usage_events', [{ id: v7(), skill_id: skill.id, skill_version_id: v1, tool: 'claude' }])
    const aggregates = async () =>
      (
        await reader.query(
          `SELECT total_uses::int, average_rating, total_ratings::int, hours_saved, total_feedback::int, positive_feedback_pct,
           avg_token_cost_microcents::int FROM whetstone.skills WHERE id = $1`,
          [skill.id],
        )
      ).rows[0]
    expect(await aggregates()).toEqual({
      total_uses: 1,
      average_rating: 333,
      total_ratings: 3,
      hours_saved: 0.3,
      total_feedback: 3,
      positive_feedback_pct: 50,
      avg_token_cost_microcents: 101,
    })
    expect(await removeRows(reader, 'ratings', [mine.id])).toMatchObject({ rows: [{ state: 'deleted' }] })
    expect(await removeRows(reader, 'ratings', [mine.id, v7()])).toMatchObject({
      rows: [{ state: 'deleted' }, { state: 'missing' }],
    })
    expect(statesOf(await pushRows(reader, 'ratings', [mine]))).toEqual(['deleted'])
    expect(await aggregates()).toMatchObject({ average_rating: 400, total_ratings: 2, hours_saved: 0.2 })
    const owner = await db.owner()
    const { rows } = await owner.query(`
      SELECT count(*)::int AS skills, count(*) FILTER (WHERE (t.uses, t.ratings, t.stars, t.hours, t.hours_said, t.feedback, t.thumbs_up, t.thumbs_down, t.cost, t.costs)
        IS DISTINCT FROM (r.uses, r.ratings, r.stars, r.hours, r.hours_said, r.feedback, r.thumbs_up, r.thumbs_down, r.cost, r.costs))::int AS wrong
      FROM whetstone.recount() r JOIN whetstone.skill_totals t ON t.skill_id = r.skill_id`)
    expect(rows[0]).toMatchObject({ wrong: 0 })
    expect(rows[0].skills).toBeGreaterThan(3)
  })

  test('feedback is reviewed by the skill’s author or an admin, along its arrows', async () => {
    const { skill, versions } = await skillWith(author, 1)
    const given = newFeedback(skill.id, null, { feedback_type: 'bug_report', comment: 'breaks' })
    expect(statesOf(await pushRows(reader, 'feedback', [given]))).toEqual(['inserted'])
    expect(statesOf(await pushRows(reader, 'feedback', [{ ...given, comment: 'breaks on Windows' }]))).toEqual([
      'updated',
    ])
    expect(statesOf(await pushRows(other, 'feedback', [{ ...given, comment: 'fine' }]))).toEqual(['conflict'])
    const review = (client: pg.Client, expected: string, status: string, implementedBy: string | null = null) =>
      reviewFeedback(client, { id: given.id, expected, status, notes: null, implementedBy })
    expect(await review(other, 'pending', 'accepted')).toMatchObject({ kind: 'forbidden' })
    expect(await review(reader, 'pending', 'accepted')).toMatchObject({ kind: 'denied' })
    expect(await review(author, 'pending', 'implemented')).toMatchObject({ kind: 'refused', code: 'WS409' })
    expect(await review(author, 'pending', 'accepted')).toMatchObject({ kind: 'updated', status: 'accepted' })
    expect(await review(admin, 'pending', 'dismissed')).toMatchObject({ kind: 'moved', status: 'accepted' })
    expect(await review(admin, 'accepted', 'implemented', v7())).toMatchObject({ kind: 'missing' })
    expect(await review(admin, 'accepted', 'implemented', versions[0]?.id)).toMatchObject({ kind: 'updated' })
    expect(statesOf(await pushRows(reader, 'feedback', [{ ...given, comment: 'late' }]))).toEqual(['conflict'])
  })

  test('cases, runs and results go in; a run ends once; results are of one’s own run', async () => {
    const { skill, versions } = await skillWith(author, 1)
    const one = newCase(skill.id)
    const run = newRun(skill.id, versions[0]?.id ?? '', { provenance: '{"form":"promptfoo"}' })
    const result = newResult(run.id, one.id)
    expect(statesOf(await pushRows(author, 'benchmark_cases', [one]))).toEqual(['inserted'])
    expect(statesOf(await pushRows(other, 'benchmark_cases', [{ ...one, archived: 1 }]))).toEqual(['updated'])
    expect(statesOf(await pushRows(author, 'benchmark_runs', [run]))).toEqual(['inserted'])
    expect(await pushRows(other, 'benchmark_results', [result])).toMatchObject({ kind: 'denied' })
    expect(statesOf(await pushRows(author, 'benchmark_results', [result]))).toEqual(['inserted'])
    expect(statesOf(await pushRows(author, 'benchmark_results', [{ ...result, quality_score: 3 }]))).toEqual([
      'conflict',
    ])
    expect(statesOf(await pushRows(other, 'benchmark_runs', [{ ...run, status: 'failed' }]))).toEqual(['conflict'])
    expect(
      statesOf(await pushRows(author, 'benchmark_runs', [{ ...run, status: 'completed', completed_at: 9 }])),
    ).toEqual(['updated'])
    expect(await pushRows(author, 'benchmark_runs', [{ ...run, status: 'running' }])).toMatchObject({
      rows: [{ state: 'refused', code: 'WS409' }],
    })
  })

  test('pulls everything in commit order, page by page, each row at its last place, and tells a rewritten log', async () => {
    const { skill, versions } = await skillWith(author, 3)
    const gone = newRating(skill.id, versions[0]?.id ?? '')
    await pushRows(reader, 'ratings', [gone])
    await removeRows(reader, 'ratings', [gone.id])
    const seen = new Map<string, unknown>()
    let cursor: { since: number; mark: string | null } = { since: 0, mark: null }
    let last = 0
    for (;;) {
      const page = pageOf(await pull(reader, cursor, 7))
      for (const change of page.changes) {
        expect(change.seq).toBeGreaterThan(last)
        last = change.seq
        if (change.operation === 'put' && change.entity === 'skill_versions') {
          const { parent_version_id: parent, skill_id: of } = change.row
          expect(parent === null || seen.has(`skill_versions ${parent}`)).toBe(true)
          expect(typeof of).toBe('string')
        }
        seen.set(`${change.entity} ${change.id}`, change.operation === 'put' ? change.row : null)
      }
      cursor = page.next
      if (cursor.since >= page.head) break
    }
    for (const table of ['skills', 'skill_versions', 'ratings', 'users', 'tenants']) {
      const { rows } = await reader.query(`SELECT to_json(t) AS row FROM whetstone.${table} t`)
      expect(rows.length).toBeGreaterThan(0)
      for (const { row } of rows) {
        const { seq: _seq, versions: _versions, ...mirrored } = row
        expect(seen.get(`${table} ${row.id}`)).toEqual(mirrored)
      }
    }
    expect(seen.get(`ratings ${gone.id}`)).toBeNull()
    expect(pageOf(await pull(reader, cursor, 7)).changes).toEqual([])

    const owner = await db.owner()
    await owner.query('ALTER TABLE whetstone.change_log DISABLE TRIGGER never_changed')
    await owner.query("UPDATE whetstone.change_log SET mark = 'other' WHERE last_seq = $1 AND tenant_id = $2", [
      cursor.since,
      registry.a.id,
    ])
    expect(await pull(reader, cursor, 7)).toMatchObject({ kind: 'rewritten' })
    expect(await pull(reader, { since: 1_000_000, mark: 'x' }, 7)).toMatchObject({ kind: 'rewritten' })
  })
})
