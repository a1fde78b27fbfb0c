import type pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { pushRows, pushSkills, pushVersions } from '../../electron/registry/postgres.ts'
import { type Change, type Cursor, PAGE_BYTES, pull, ROW_BYTES } from '../../electron/registry/pull.ts'
import { noPostgres } from '../support/postgres.ts'
import { AttackField } from './attack-field.ts'
import { newFeedback, newSkill, newVersion } from './registry.ts'

/** Rows that are too much for whoever reads them. The client's own bounds hold against a registry that has none. */
describe.skipIf(noPostgres !== undefined)(`attacks: pages${noPostgres ? `: ${noPostgres}` : ''}`, () => {
  let field: AttackField
  let author: pg.Client
  let reader: pg.Client
  let owner: pg.Client
  let received = 0
  const mine = newSkill()
  beforeAll(async () => {
    field = await AttackField.open()
    author = await field.db.as(field.b.author)
    reader = await field.db.as(field.b.reader)
    owner = await field.db.owner()
    reader.connection.stream.on('data', (chunk: Buffer) => {
      received += chunk.length
    })
    await pushSkills(author, [mine])
    // As registries were before there were limits.
    await owner.query(`DO $$ DECLARE one record; BEGIN FOR one IN SELECT conrelid::regclass AS of, conname FROM pg_constraint
      WHERE connamespace = 'whetstone'::regnamespace AND contype = 'c' AND pg_get_constraintdef(oid) ~ '<=|length'
      LOOP EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', one.of, one.conname); END LOOP; END $$`)
  })
  afterAll(async () => {
    await field.syncOfA()
    await field.close()
  })

  /** What comes from a cursor on, page by page, with the bytes that each page takes on the way. */
  const readFrom = async (since: Cursor) => {
    const changes: Change[] = []
    const pages: number[] = []
    for (let at = since; ; ) {
      const before = received
      const page = await pull(reader, at, 2_000)
      if (page.kind !== 'page') throw new Error(JSON.stringify(page))
      pages.push(received - before)
      changes.push(...page.changes)
      at = page.next
      if (at.since === page.head) return { changes, pages, at }
    }
  }

  test('a row beyond all measure is named and not sent; what comes before and after it is', async () => {
    const { at } = await readFrom({ since: 0, mark: null })
    const [before, after] = [newSkill(), newSkill()]
    const long = newSkill({ forked_at_version_id: 'x'.repeat(ROW_BYTES * 3) })
    await pushSkills(author, [before])
    expect(await pushSkills(author, [long])).toMatchObject({ rows: [{ state: 'inserted' }] })
    await pushSkills(author, [after])
    const { changes, pages } = await readFrom(at)
    expect(changes.map(change => [change.id, change.operation])).toEqual([
      [before.id, 'put'],
      [long.id, 'oversized'],
      [after.id, 'put'],
    ])
    const named = changes[1]
    expect(named?.operation === 'oversized' && named.bytes).toBeGreaterThan(ROW_BYTES * 3)
    expect(Math.max(...pages)).toBeLessThan(100_000)
  })

  test('many rows of megabytes come one or a few at a time', async () => {
    const { at } = await readFrom({ since: 0, mark: null })
    const version = newVersion(mine.id)
    await pushVersions(author, [version])
    // Easily compressed, so that they cost whoever writes them nearly nothing.
    await owner.query(
      `WITH sent AS (SELECT gen_random_uuid()::text AS id, n FROM generate_series(1, 24) n),
         logged AS (UPDATE whetstone.tenant_heads SET n = n + 24 WHERE tenant_id = $1 RETURNING n),
         entry AS (INSERT INTO whetstone.change_log (tenant_id, last_seq, first_seq, entity, operation, ids, at)
           SELECT $1, logged.n, logged.n - 23, 'skill_feedback', 'put', (SELECT array_agg(id ORDER BY n) FROM sent), 1 FROM logged)
       INSERT INTO whetstone.skill_feedback (id, tenant_id, skill_id, user_id, feedback_type, source, created_at, updated_at, seq,
         example_input, example_output, expected_output, suggested_content, suggested_diff)
       SELECT sent.id, $1, $2, $3, 'thumbs_up', 'app', 1, 1, logged.n - 24 + sent.n, t, t, t, t, t
       FROM sent, logged, (SELECT repeat('x', 1048576) AS t) x`,
      [field.b.id, mine.id, field.b.reader.userId],
    )
    const { changes, pages } = await readFrom(at)
    expect(changes.filter(change => change.entity === 'skill_feedback' && change.operation === 'put')).toHaveLength(24)
    expect(pages.length).toBeGreaterThanOrEqual(24)
    // What the rows are wrapped in comes on top.
    expect(Math.max(...pages)).toBeLessThan(PAGE_BYTES + 200_000)
  })

  test('feedback may quote 256 kB in a field and 1 MB in all', async () => {
    const kb = (n: number) => 'x'.repeat(n * 1024)
    const fits = newFeedback(mine.id, null, {
      example_input: kb(256),
      example_output: kb(256),
      expected_output: kb(256),
      suggested_content: kb(256),
    })
    expect(await pushRows(reader, 'feedback', [fits])).toMatchObject({ rows: [{ state: 'inserted' }] })
    for (const over of [
      { example_input: kb(257) },
      { suggested_diff: 'é'.repeat(130 * 1024) },
      { ...fits, suggested_diff: 'x' },
    ]) {
      const more = newFeedback(mine.id, null, over)
      const sent = { ...more, id: newFeedback(mine.id, null).id }
      expect(await pushRows(reader, 'feedback', [sent])).toMatchObject({ rows: [{ state: 'refused', code: '23514' }] })
    }
  })
})
