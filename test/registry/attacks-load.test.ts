import type pg from 'pg'
import { Client } from 'pg'
import { v7 } from 'uuid'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { removeMember } from '../../electron/registry/members.ts'
import { hello, publish, pushRows, pushSkills, pushVersions } from '../../electron/registry/postgres.ts'
import { noPostgres } from '../support/postgres.ts'
import { AttackField } from './attack-field.ts'
import { newRating, newSkill, newVersion, provenText } from './registry.ts'

/** What a member of tenant B tries to stall the server or fill it. After each attack, while it still holds, A syncs. */
describe.skipIf(noPostgres !== undefined)(`attacks: load${noPostgres ? `: ${noPostgres}` : ''}`, () => {
  let field: AttackField
  let b: pg.Client
  let author: pg.Client
  const mine = newSkill()
  beforeAll(async () => {
    field = await AttackField.open()
    b = await field.db.as(field.b.admin)
    author = await field.db.as(field.b.author)
    await pushSkills(author, [mine])
  })
  afterEach(async () => {
    await field.syncOfA()
    await b.query('ROLLBACK; RESET ALL').catch(() => undefined)
    await author.query('ROLLBACK')
  })
  afterAll(async () => {
    await field.close()
  })

  test('a transaction left open in the middle of writing holds up B alone', async () => {
    await author.query('BEGIN')
    expect(await pushVersions(author, [newVersion(mine.id)])).toMatchObject({ rows: [{ state: 'inserted' }] })
    // B's other members wait for it and give up; A does not notice (afterEach).
    await b.query("SET lock_timeout = '50ms'")
    expect(await pushSkills(b, [newSkill()])).toMatchObject({ kind: 'retry', code: '55P03' })
    await field.syncOfA()
  })

  test('a snapshot held open and a table locked for reading do not keep A from writing', async () => {
    await b.query(
      'BEGIN ISOLATION LEVEL REPEATABLE READ; LOCK TABLE whetstone.skill_versions, whetstone.skills, whetstone.tenant_heads IN ACCESS SHARE MODE',
    )
    await b.query('SELECT count(*) FROM whetstone.skill_versions')
    await field.syncOfA()
  })

  test('time-outs are set for every member; who sets them away is ended by the next one who syncs', async () => {
    const { rows } = await b.query(
      "SELECT name, setting FROM pg_settings WHERE name IN ('statement_timeout', 'idle_in_transaction_session_timeout', 'lock_timeout') ORDER BY 1",
    )
    expect(rows).toEqual([
      { name: 'idle_in_transaction_session_timeout', setting: '15000' },
      { name: 'lock_timeout', setting: '10000' },
      { name: 'statement_timeout', setting: '60000' },
    ])
    const owner = await field.db.owner()
    const { rows: found } = await owner.query("SELECT pg_get_functiondef('whetstone.reap()'::regprocedure) AS sql")
    const sql: string = found[0].sql
    expect(sql).toContain("interval '10 seconds'")
    // The same function with no patience, so that this test needs none either.
    await owner.query(sql.replace("interval '10 seconds'", "interval '0 seconds'"))
    const sitting = await field.db.as(field.b.other)
    const ended = new Promise<void>(resolve => sitting.once('end', () => resolve()))
    await sitting.query(
      'SET idle_in_transaction_session_timeout = 0; SET statement_timeout = 0; BEGIN; SELECT * FROM whetstone.skills',
    )
    const a = await field.db.as(field.a.reader)
    expect(await hello(a)).toMatchObject({ kind: 'hello' })
    await ended
    // It ends no one who merely waits, nor the owner's sessions.
    expect((await b.query('SELECT 1 AS n')).rows).toEqual([{ n: 1 }])
    await owner.query('BEGIN')
    await hello(a)
    await owner.query('ROLLBACK')
    await owner.query(sql)
  })

  test('a statement that never ends is B’s own', async () => {
    await b.query("SET statement_timeout = '100ms'")
    await field.refused(b, 'SELECT count(*) FROM generate_series(1, 1e12::bigint)', ['57014'])
    await b.query('SET statement_timeout = 0')
    const endless = b.query('SELECT pg_sleep(3600)').catch(error => error.code)
    await field.syncOfA()
    const owner = await field.db.owner()
    await owner.query('SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE usename = $1', [
      field.b.admin.login.user,
    ])
    expect(await endless).toBe('57014')
  })

  test('more connections than a member has are refused, and A still gets one', async () => {
    const open: pg.Client[] = []
    let refused: unknown
    for (let n = 0; n < 20 && refused === undefined; n++) {
      const client = new Client({ connectionString: field.db.urlOf(field.b.reader) })
      client.on('error', () => undefined)
      refused = await client.connect().then(
        () => undefined,
        error => error.code,
      )
      if (refused === undefined) open.push(client)
    }
    expect(refused).toBe('53300')
    expect(open.length).toBe(8)
    const a = await field.db.as(field.a.reader)
    expect(await hello(a)).toMatchObject({ kind: 'hello' })
    for (const client of open) await client.end()
  })

  test('rows and pages beyond the limits are refused', async () => {
    const big = 'x'.repeat(2_000_000)
    for (const over of [
      { message: big },
      { description: big },
      { name: big },
      { metadata: JSON.stringify({ big }) },
      { id: 'x'.repeat(65) },
    ])
      expect(await pushVersions(author, [newVersion(mine.id, over)])).toMatchObject({
        rows: [{ state: 'refused', code: '23514' }],
      })
    const version = newVersion(mine.id)
    await pushVersions(author, [version])
    expect(
      await pushRows(author, 'ratings', [newRating(mine.id, version.id, { comment: 'x'.repeat(2_001) })]),
    ).toMatchObject({ rows: [{ state: 'refused' }] })
    for (const rating of [0, 6, -1, 1e9])
      expect(await pushRows(author, 'ratings', [newRating(mine.id, version.id, { rating })])).toMatchObject({
        rows: [{ state: 'refused' }],
      })
    const page = JSON.stringify(Array.from({ length: 2_001 }, () => newRating(mine.id, version.id)))
    await field.refused(author, 'SELECT * FROM whetstone.push_ratings($1)', ['WS413'], [page])
    const twice = newRating(mine.id, version.id)
    await field.refused(author, 'SELECT * FROM whetstone.push_ratings($1)', ['WS409'], [JSON.stringify([twice, twice])])
    const { hash, content } = provenText(big)
    const long = newVersion(mine.id, { content_hash: hash })
    await pushVersions(author, [long])
    const move = { skillId: mine.id, versionId: long.id, expected: null, content }
    expect(await publish(author, move)).toMatchObject({ kind: 'refused', code: '23514' })
  })

  test('a tenant that has used up its rows or bytes is told so; the others have theirs', async () => {
    const owner = await field.db.owner()
    // Two versions, and the two entries of the log that their page makes.
    await owner.query('UPDATE whetstone.tenant_heads SET rows_allowed = rows_stored + 4 WHERE tenant_id = $1', [
      field.b.id,
    ])
    expect(await pushVersions(author, [newVersion(mine.id), newVersion(mine.id)])).toMatchObject({ kind: 'answered' })
    expect(await pushVersions(author, [newVersion(mine.id)])).toMatchObject({ kind: 'quota', code: 'WS507' })
    await owner.query(
      'UPDATE whetstone.tenant_heads SET rows_allowed = 1000000, bytes_allowed = bytes_stored + 1000 WHERE tenant_id = $1',
      [field.b.id],
    )
    expect(await pushVersions(author, [newVersion(mine.id, { message: 'x'.repeat(2_000) })])).toMatchObject({
      kind: 'quota',
    })
    await owner.query('UPDATE whetstone.tenant_heads SET bytes_allowed = 1000000000 WHERE tenant_id = $1', [field.b.id])
  })

  test('the disk and the table of locks are not filled by large objects, temporary tables or advisory locks', async () => {
    for (const call of [
      'lo_create(0)',
      'lo_creat(-1)',
      "lo_from_bytea(0, 'x')",
      "lo_put(1, 0, 'x')",
      'lo_open(1, 131072)',
      'lo_unlink(1)',
    ])
      await field.refused(b, `SELECT ${call}`)
    for (const call of [
      'pg_advisory_lock(g)',
      'pg_advisory_xact_lock(g)',
      'pg_try_advisory_lock(g)',
      'pg_advisory_lock_shared(g)',
      'pg_try_advisory_xact_lock_shared(g)',
    ])
      await field.refused(b, `SELECT ${call} FROM generate_series(1, 100000) g`)
    for (const call of [
      "pg_logical_emit_message(false, 'x', repeat('x', 1000000))",
      "pg_logical_emit_message(true, 'x', 'x'::bytea)",
    ])
      await field.refused(b, `SELECT ${call}`)
    // A sort takes so much of the disk and no more, and the limit is not the member's to set.
    expect((await b.query('SHOW temp_file_limit')).rows).toEqual([{ temp_file_limit: '1GB' }])
    for (const change of [
      'SET temp_file_limit = -1',
      "SELECT set_config('temp_file_limit', '-1', false)",
      `ALTER ROLE "${field.b.admin.login.user}" SET temp_file_limit = -1`,
      `ALTER ROLE "${field.b.admin.login.user}" RESET temp_file_limit`,
    ])
      await field.refused(b, change)
    expect((await b.query('SHOW temp_file_limit')).rows).toEqual([{ temp_file_limit: '1GB' }])
    await field.refused(b, "CREATE TEMP TABLE filler AS SELECT repeat('x', 1000) FROM generate_series(1, 10)")
    await field.refused(b, 'SELECT 1 AS a INTO TEMP filler')
    await field.refused(b, 'DECLARE c CURSOR FOR SELECT 1', ['25P01'])
  })

  test('no other database of this server lets a member in', async () => {
    const { rows } = await b.query<{ datname: string }>(
      "SELECT datname FROM pg_database WHERE datallowconn AND datname IN ('postgres', 'template1')",
    )
    expect(rows).toHaveLength(2)
    for (const { datname } of rows) {
      const client = new Client({ connectionString: field.db.urlOf(field.b.author).replace(field.db.name, datname) })
      await expect(client.connect()).rejects.toMatchObject({ code: '42501' })
    }
    const owner = new Client({
      connectionString: field.db.urlOf({ ...field.b.author, login: { user: 'whetstone_owner', password: '' } }),
    })
    await expect(owner.connect()).rejects.toThrow()
  })

  test('how much other teams have is not told by statistics or sizes', async () => {
    const known = await field.knownSkill()
    for (const read of [
      'SELECT n_live_tup FROM pg_stat_all_tables',
      'SELECT n_tup_ins FROM pg_stat_user_tables',
      'SELECT idx_scan FROM pg_stat_all_indexes',
      'SELECT heap_blks_read FROM pg_statio_all_tables',
      'SELECT xact_commit FROM pg_stat_database',
      "SELECT pg_relation_size('whetstone.skills')",
      "SELECT pg_total_relation_size('whetstone.skills')",
      'SELECT pg_database_size(current_database())',
      "SELECT pg_stat_get_live_tuples('whetstone.skills'::regclass)",
    ])
      await field.refused(b, read)
    expect(known.id).toBeDefined()
    // What an app asks on connecting is still answered.
    expect((await b.query('SELECT 1 FROM pg_stat_activity WHERE pid = pg_backend_pid()')).rows).toHaveLength(1)
    expect((await b.query('SELECT 1 FROM pg_stat_ssl WHERE pid = pg_backend_pid()')).rows).toHaveLength(1)
  })

  test('a member in the middle of a transaction who keeps the team waiting is ended by those who wait', async () => {
    const owner = await field.db.owner()
    const { rows: found } = await owner.query("SELECT pg_get_functiondef('whetstone.reap()'::regprocedure) AS sql")
    const sql: string = found[0].sql
    expect(sql).toContain("interval '15 seconds'")
    await owner.query(sql.replace("interval '15 seconds'", "interval '0 seconds'"))
    const reader = await field.db.as(field.b.reader)
    const ended = new Promise<void>(resolve => reader.once('end', () => resolve()))
    const version = newVersion(mine.id)
    await pushVersions(author, [version])
    await reader.query('SET statement_timeout = 0; SET lock_timeout = 0; BEGIN')
    expect(await pushRows(reader, 'ratings', [newRating(mine.id, version.id)])).toMatchObject({ kind: 'answered' })
    const asleep = reader.query('SELECT pg_sleep(600)').catch(error => error.code)
    // One waits; the next one's wait ends with asking for whoever is in the way, and then it goes.
    await author.query("SET lock_timeout = '30s'")
    const waiting = pushSkills(author, [newSkill()])
    await b.query("SET lock_timeout = '200ms'")
    expect(await pushSkills(b, [newSkill()])).toMatchObject({ rows: [{ state: 'inserted' }] })
    expect(await waiting).toMatchObject({ rows: [{ state: 'inserted' }] })
    expect(await asleep).toBe('57P01')
    await ended
    await owner.query(sql)
  })

  test('noise on every channel wakes A’s app at most', async () => {
    const { rows } = await (await field.db.as(field.a.reader)).query('SELECT channel FROM whetstone.tenant_heads')
    for (let n = 0; n < 50; n++) await field.attempt(b, `NOTIFY "${rows[0].channel}", '{"drop":"everything"}'`)
  })

  test('the same ids pushed in crossed order by two sessions end with every row once', async () => {
    const skills = [newSkill(), newSkill()]
    await pushSkills(author, skills)
    const [x, y] = skills.map(skill => newVersion(skill.id))
    if (!x || !y) throw new Error('no versions')
    for (let round = 0; round < 10; round++) {
      const fresh = [
        { ...x, id: v7() },
        { ...y, id: v7() },
      ]
      const second = await field.db.as(field.b.author)
      const answers = await Promise.all([pushVersions(author, fresh), pushVersions(second, [...fresh].reverse())])
      const states = answers.flatMap(answer =>
        answer.kind === 'answered' ? answer.rows.map(row => row.state) : [answer.kind],
      )
      expect(states.sort()).toEqual(['identical', 'identical', 'inserted', 'inserted'])
      await second.end()
    }
  })

  test('a member removed in the middle of a session, and of a transaction, sees and writes nothing more', async () => {
    const leaving = await field.db.as(field.b.other)
    const lost = new Promise<void>(resolve => leaving.once('end', () => resolve()))
    await leaving.query('BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM whetstone.skills')
    const owner = await field.db.owner()
    expect(await removeMember(owner, field.b.id, field.b.other.userId)).toEqual({ ended: 1, leftBehind: [] })
    await lost
    const again = new Client({ connectionString: field.db.urlOf(field.b.other) })
    await expect(again.connect()).rejects.toMatchObject({ code: '28P01' })
    expect((await b.query('SELECT 1 FROM whetstone.users WHERE id = $1', [field.b.other.userId])).rows).toHaveLength(1)
  })
})
