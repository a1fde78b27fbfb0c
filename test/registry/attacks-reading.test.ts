import type pg from 'pg'
import { Client } from 'pg'
import { v7 } from 'uuid'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { pushRows, pushSkills, pushVersions } from '../../electron/registry/postgres.ts'
import { noPostgres } from '../support/postgres.ts'
import { AttackField, TABLES } from './attack-field.ts'
import { newFeedback, newRating, newSkill, newVersion } from './registry.ts'

/** What a member of tenant B tries, with own credentials and raw SQL, to see of tenant A. */
describe.skipIf(noPostgres !== undefined)(`attacks: reading${noPostgres ? `: ${noPostgres}` : ''}`, () => {
  let field: AttackField
  let b: pg.Client
  beforeAll(async () => {
    field = await AttackField.open()
    b = await field.db.as(field.b.admin)
  })
  beforeEach(async () => {
    await b.query('ROLLBACK; RESET ALL')
  })
  afterAll(async () => {
    await field.syncOfA()
    await field.close()
  })

  const READABLE = TABLES.filter(table => table !== 'skill_totals')
  const ownRowsOnly = async (client: pg.Client) => {
    for (const table of READABLE) {
      const outcome = await field.attempt(client, `SELECT * FROM whetstone.${table}`)
      expect(outcome.refused, table).toBeUndefined()
    }
  }

  test('reading every table shows B’s rows and no other', async () => {
    await ownRowsOnly(b)
    expect((await field.attempt(b, 'SELECT * FROM whetstone.users')).rows).toHaveLength(4)
    await field.refused(b, 'SELECT * FROM whetstone.skill_totals')
  })

  test('asking for A’s ids by name finds nothing', async () => {
    for (const table of READABLE.filter(one => one !== 'tenants'))
      expect(
        (await field.attempt(b, `SELECT 1 FROM whetstone.${table} WHERE tenant_id = $1`, [field.a.id])).rows,
      ).toEqual([])
    expect((await field.attempt(b, 'SELECT 1 FROM whetstone.skills WHERE id = $1', [field.skill.id])).rows).toEqual([])
  })

  test('settings that look like the tenant decide nothing', async () => {
    for (const name of [
      'app.tenant',
      'app.tenant_id',
      'whetstone.tenant',
      'whetstone.current_tenant',
      'whetstone.role_name',
      'request.jwt.claims',
      'role.name',
    ])
      await field.attempt(b, `SELECT set_config('${name}', $1, false)`, [field.a.id])
    await ownRowsOnly(b)
  })

  test('every setting that a session may change, at every value it may have, opens nothing', async () => {
    type Setting = {
      name: string
      vartype: string
      enumvals: string[] | null
      min_val: string | null
      max_val: string | null
    }
    const { rows } = await b.query<Setting>(
      "SELECT name, vartype, enumvals, min_val, max_val FROM pg_settings WHERE context = 'user' AND name NOT LIKE 'debug_%' AND name NOT LIKE 'log_%'",
    )
    expect(rows.length).toBeGreaterThan(100)
    let tried = 0
    for (const setting of rows) {
      // These two would end the attack by themselves.
      if (
        [
          'statement_timeout',
          'transaction_timeout',
          'lock_timeout',
          'idle_in_transaction_session_timeout',
          'idle_session_timeout',
        ].includes(setting.name)
      )
        continue
      const values =
        setting.vartype === 'bool'
          ? ['on', 'off']
          : setting.vartype === 'enum'
            ? (setting.enumvals ?? [])
            : setting.vartype === 'string'
              ? ['', field.a.id]
              : [setting.min_val ?? '0', setting.max_val ?? '1']
      for (const value of values) {
        const set = await field.attempt(b, 'SELECT set_config($1, $2, false)', [setting.name, value])
        if (set.refused) continue
        tried++
        const read = await field.attempt(b, 'SELECT count(*)::int AS n FROM whetstone.users')
        // row_security = off does not lift policies: it makes the query an error.
        if (read.refused === undefined) expect(read.rows, `${setting.name} = ${value}`).toEqual([{ n: 4 }])
      }
      await field.attempt(b, `RESET ${setting.name}`)
    }
    expect(tried).toBeGreaterThan(200)
  })

  test('row_security = off is an error, not a way around', async () => {
    await b.query('SET row_security = off')
    await field.refused(b, 'SELECT * FROM whetstone.skills')
  })

  test('no role to become: owner, gate, reaper, provisioner, superuser, groups, A’s login', async () => {
    const { rows } = await b.query<{ rolname: string }>('SELECT rolname FROM pg_roles WHERE rolname <> session_user')
    expect(rows.length).toBeGreaterThan(12)
    for (const { rolname } of rows) {
      await field.refused(b, `SET ROLE "${rolname}"`)
      await field.refused(b, `SET SESSION AUTHORIZATION "${rolname}"`)
    }
    await ownRowsOnly(b)
  })

  test('errors raised inside a filter say nothing of A', async () => {
    for (const filter of [
      'name::int = 1',
      '1 / (length(name) - 10) = 0',
      'xmlparse(document description) IS NULL',
      'description::json IS NULL',
      "to_number(name, '9') > 0",
      "name ~ '['",
    ]) {
      await field.attempt(b, `SELECT * FROM whetstone.skills WHERE ${filter}`)
      await field.attempt(b, `SELECT * FROM whetstone.skills WHERE ${filter} AND tenant_id = '${field.a.id}'`)
    }
  })

  test('a function of one’s own, to print what it is shown, cannot be made', async () => {
    for (const schema of ['whetstone', 'public', 'pg_temp'])
      await field.refused(
        b,
        `CREATE FUNCTION ${schema}.spy(text) RETURNS boolean LANGUAGE plpgsql COST 0.0001 AS $$ BEGIN RAISE NOTICE '%', $1; RETURN true; END $$`,
      )
    await field.refused(b, 'CREATE OPERATOR public.~~~ (LEFTARG = text, RIGHTARG = text, FUNCTION = texteq)')
  })

  test('plans and their statistics name nothing of A, whatever the planner is told to do', async () => {
    const owner = await field.db.owner()
    await owner.query('ANALYZE')
    await b.query('SET enable_indexscan = off; SET enable_bitmapscan = off; SET enable_indexonlyscan = off')
    for (const filter of ["tenant_id > ''", `tenant_id = '${'x'.repeat(8)}'`, "name LIKE 'A%'", 'skill_id IS NOT NULL'])
      await field.attempt(b, `EXPLAIN (ANALYZE, VERBOSE) SELECT * FROM whetstone.skill_versions WHERE ${filter}`)
  })

  test('column statistics of these tables are hidden', async () => {
    expect((await field.attempt(b, "SELECT * FROM pg_stats WHERE schemaname = 'whetstone'")).rows).toEqual([])
    expect((await field.attempt(b, "SELECT * FROM pg_stats_ext WHERE schemaname = 'whetstone'")).rows).toEqual([])
    await field.refused(b, 'SELECT * FROM pg_statistic')
    await field.refused(b, 'CREATE STATISTICS whetstone.s ON tenant_id, id FROM whetstone.skills')
  })

  test('a skill’s id or slug of A’s tells nothing when used again', async () => {
    const theirs = await field.knownSkill()
    const known = await pushSkills(b, [newSkill({ id: theirs.id, slug: theirs.slug })])
    const unknown = await pushSkills(b, [newSkill({ id: v7(), slug: 'never-seen' })])
    expect(known).toMatchObject({ rows: [{ state: 'inserted', other_id: null }] })
    expect(unknown).toMatchObject({ rows: [{ state: 'inserted', other_id: null }] })
  })

  test('a reference to A’s row is refused as one to no row is', async () => {
    const skill = newSkill()
    await pushSkills(b, [skill])
    const theirs = field.versions[0]?.id ?? ''
    const refusal = async (answer: Promise<unknown>) =>
      JSON.stringify(await answer)
        .replaceAll(theirs, 'ID')
        .replaceAll(field.skill.id, 'ID')
    for (const over of [{ parent_version_id: theirs }, { merged_version_id: theirs }]) {
      const made = newVersion(skill.id, over)
      const none = v7()
      const other = { ...made, ...Object.fromEntries(Object.keys(over).map(key => [key, none])) }
      const said = await refusal(pushVersions(b, [made]))
      expect(said).toContain('WS404')
      expect(said).toBe((await refusal(pushVersions(b, [other]))).replaceAll(none, 'ID'))
    }
    for (const [table, row] of [
      ['ratings', newRating(skill.id, theirs)],
      ['feedback', newFeedback(skill.id, theirs)],
      ['feedback', newFeedback(v7(), null)],
    ] as const)
      expect(await pushRows(b, table, [row])).toMatchObject({ rows: [{ state: 'refused' }] })
  })

  test('copying a table out gives B’s rows; to a file or a program nothing', async () => {
    const copied = await new Promise<string>((resolve, reject) => {
      const chunks: string[] = []
      b.query(
        copyOut(
          'COPY whetstone.users TO STDOUT',
          chunk => chunks.push(chunk),
          error => (error ? reject(error) : resolve(chunks.join(''))),
        ),
      )
    })
    expect(copied.trimEnd().split('\n')).toHaveLength(4)
    for (const secret of field.secrets) expect(copied).not.toContain(secret)
    await field.refused(b, "COPY whetstone.users TO '/tmp/stolen'")
    await field.refused(b, "COPY (SELECT 1) TO PROGRAM 'id'")
  })

  test('who else is connected shows neither what they ask nor whose they are', async () => {
    const a = await field.db.as(field.a.author)
    await a.query(`SELECT '${[...field.secrets][0]}'`)
    const outcome = await field.attempt(b, 'SELECT * FROM pg_stat_activity')
    expect(outcome.rows.length).toBeGreaterThan(2)
    for (const row of outcome.rows)
      if (row.usename !== field.b.admin.login.user) expect([null, '<insufficient privilege>']).toContain(row.query)
    await a.end()
  })

  test('the names of roles say nothing of teams or people; passwords are not readable', async () => {
    const { rows } = await field.attempt(b, 'SELECT rolname, rolconfig FROM pg_roles')
    const text = JSON.stringify(rows)
    for (const word of ['alpha', 'Ada', 'Ben', 'Cleo', 'Dan']) expect(text).not.toContain(word)
    for (const table of ['pg_authid', 'pg_shadow', 'pg_user_mapping', 'pg_subscription'])
      await field.refused(b, `SELECT * FROM ${table}`)
    await field.refused(b, 'SELECT * FROM pg_hba_file_rules')
  })

  test('files of the server are out of reach', async () => {
    for (const call of [
      "pg_read_file('postgresql.conf')",
      "pg_read_binary_file('PG_VERSION')",
      "pg_ls_dir('.')",
      "pg_stat_file('.')",
      'pg_ls_waldir()',
      "lo_import('/etc/passwd')",
      "lo_export(1, '/tmp/x')",
    ])
      await field.refused(b, `SELECT ${call}`)
  })

  test('replication, which would carry every row, is refused', async () => {
    await field.refused(b, 'CREATE PUBLICATION leak FOR TABLE whetstone.skills')
    await field.refused(b, "SELECT pg_create_logical_replication_slot('leak', 'test_decoding')", ['42501', '55000'])
    const client = new Client({ connectionString: field.db.urlOf(field.b.admin), ...{ replication: 'database' } })
    await expect(client.connect()).rejects.toMatchObject({ code: '42501' })
  })

  test('a view that the owner made by mistake shows each tenant its own rows', async () => {
    const owner = await field.db.owner()
    await owner.query(
      'SET ROLE whetstone_owner; CREATE VIEW whetstone.leak AS SELECT * FROM whetstone.skills; GRANT SELECT ON whetstone.leak TO whetstone_reader',
    )
    const { rows } = await field.attempt(b, 'SELECT * FROM whetstone.leak')
    expect(rows.every(row => row.tenant_id === field.b.id)).toBe(true)
    await owner.query('DROP VIEW whetstone.leak')
  })

  test('A’s channel is not to be learnt; listening on guesses hears nothing', async () => {
    expect((await field.attempt(b, 'SELECT channel FROM whetstone.tenant_heads')).rows).toHaveLength(1)
    const heard: string[] = []
    b.on('notification', message => heard.push(message.channel))
    for (const guess of ['wh_', `wh_${field.a.id}`, `wh_${field.a.slug}`, 'whetstone', field.a.id])
      await b.query(`LISTEN "${guess}"`)
    await field.syncOfA()
    await b.query('SELECT 1')
    expect(heard).toEqual([])
    await b.query('UNLISTEN *')
  })

  test('a reader of B, an invite never accepted and expired, and a removed member see no more than they should', async () => {
    const owner = await field.db.owner()
    const reader = await field.db.as(field.b.reader)
    await field.refused(reader, 'SELECT * FROM whetstone.members')
    await owner.query('UPDATE whetstone.members SET expires_at = 1 WHERE role_name = $1', [field.b.reader.login.user])
    expect((await field.attempt(reader, 'SELECT * FROM whetstone.users')).rows).toEqual([])
    expect((await field.attempt(reader, 'SELECT whetstone.accept_invite() AS done')).rows).toEqual([{ done: false }])
    expect((await field.attempt(reader, 'SELECT * FROM whetstone.hello()')).rows).toEqual([])
    await owner.query('DELETE FROM whetstone.members WHERE role_name = $1', [field.b.reader.login.user])
    expect((await field.attempt(reader, 'SELECT * FROM whetstone.migrations')).rows).toEqual([])
    expect(await pushRows(reader, 'ratings', [newRating(v7(), v7())])).toMatchObject({ kind: 'denied', code: 'WS401' })
  })
})

/** A COPY … TO STDOUT as `pg` runs a query of one's own. */
function copyOut(
  text: string,
  chunk: (data: string) => void,
  done: (error?: Error) => void,
): pg.Submittable & { text: string } & Record<string, unknown> {
  return {
    text,
    submit: (connection: pg.Connection) => connection.query(text),
    handleCopyData: (message: { chunk: Buffer }) => chunk(message.chunk.toString('utf8')),
    handleCommandComplete: () => undefined,
    handleReadyForQuery: () => done(),
    handleError: (error: Error) => done(error),
  }
}
