import type pg from 'pg'
import { v7 } from 'uuid'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  publish,
  pushRows,
  pushSkills,
  pushVersions,
  removeRows,
  reviewFeedback,
} from '../../electron/registry/postgres.ts'
import { noPostgres } from '../support/postgres.ts'
import { AttackField, TABLES } from './attack-field.ts'
import { newFeedback, newRating, newSkill, newVersion } from './registry.ts'

/** What a member of tenant B tries, with own credentials and raw SQL, to change of tenant A and beyond B's own role. */
describe.skipIf(noPostgres !== undefined)(`attacks: writing${noPostgres ? `: ${noPostgres}` : ''}`, () => {
  let field: AttackField
  let b: pg.Client
  let author: pg.Client
  let other: pg.Client
  let before: Record<string, unknown>
  const mine = newSkill()
  const version = newVersion(mine.id)
  beforeAll(async () => {
    field = await AttackField.open()
    b = await field.db.as(field.b.admin)
    author = await field.db.as(field.b.author)
    other = await field.db.as(field.b.other)
    await pushSkills(author, [mine])
    await pushVersions(author, [version])
    before = await field.stateOfA()
  })
  afterAll(async () => {
    // Nothing of A was changed by anything below; and A goes on.
    const after = await field.stateOfA()
    await field.syncOfA()
    await field.close()
    expect(after).toEqual(before)
  })

  test('no table takes an insert, an update, a delete, a truncate or a merge from a member', async () => {
    for (const table of TABLES) {
      const key = table === 'tenants' ? 'id' : 'tenant_id'
      await field.refused(b, `INSERT INTO whetstone.${table} (${key}) VALUES ('${field.a.id}')`)
      await field.refused(b, `INSERT INTO whetstone.${table} (${key}) VALUES ('${field.a.id}') ON CONFLICT DO NOTHING`)
      await field.refused(b, `UPDATE whetstone.${table} SET ${key} = '${field.b.id}'`)
      await field.refused(b, `DELETE FROM whetstone.${table}`)
      await field.refused(b, `TRUNCATE whetstone.${table} CASCADE`)
      await field.refused(
        b,
        `MERGE INTO whetstone.${table} t USING (SELECT '${field.a.id}' AS x) s ON t.${key} = s.x WHEN MATCHED THEN DELETE`,
      )
      await field.refused(b, `COPY whetstone.${table} FROM STDIN`, ['42501', '0A000'])
    }
  })

  test('rows may not be locked for writing, and no table beyond reading', async () => {
    for (const table of ['skills', 'tenant_heads', 'skill_versions']) {
      for (const strength of ['UPDATE', 'NO KEY UPDATE', 'SHARE', 'KEY SHARE'])
        await field.refused(b, `SELECT 1 FROM whetstone.${table} FOR ${strength}`)
      for (const mode of [
        'ROW SHARE',
        'ROW EXCLUSIVE',
        'SHARE UPDATE EXCLUSIVE',
        'SHARE',
        'SHARE ROW EXCLUSIVE',
        'EXCLUSIVE',
        'ACCESS EXCLUSIVE',
      ])
        await field.refused(b, `BEGIN; LOCK TABLE whetstone.${table} IN ${mode} MODE`)
      await b.query('ROLLBACK')
    }
  })

  test('an id of B’s own choosing does not keep A from using it', async () => {
    const skill = newSkill()
    const squatted = newVersion(skill.id)
    expect(await pushSkills(author, [skill])).toMatchObject({ rows: [{ state: 'inserted' }] })
    expect(await pushVersions(author, [squatted])).toMatchObject({ rows: [{ state: 'inserted' }] })
    const a = await field.db.as(field.a.reader)
    expect((await field.attempt(a, 'SELECT 1 FROM whetstone.skills WHERE id = $1', [skill.id])).rows).toEqual([])
    const ofA = await field.db.as(field.a.other)
    expect(await pushSkills(ofA, [skill])).toMatchObject({ rows: [{ state: 'inserted' }] })
    expect(await pushVersions(ofA, [squatted])).toMatchObject({ rows: [{ state: 'inserted', version: 1 }] })
    before = await field.stateOfA()
  })

  test('what the registry decides cannot be sent: author, tenant, times, number, place, aggregates', async () => {
    const skill = newSkill()
    const lies = {
      tenant_id: field.a.id,
      user_id: field.b.admin.userId,
      author_id: field.b.admin.userId,
      triggered_by: field.b.admin.userId,
      created_at: 32_503_680_000_000,
      updated_at: 32_503_680_000_000,
      seq: 999_999,
      version: 77,
      versions: 77,
      total_ratings: 9,
      average_rating: 500,
      published_version_id: version.id,
      status: 'published',
    }
    const now = Date.now()
    expect(await pushSkills(author, [{ ...skill, ...lies }])).toMatchObject({ rows: [{ state: 'inserted' }] })
    const sent = newVersion(skill.id)
    expect(await pushVersions(author, [{ ...sent, ...lies }])).toMatchObject({
      rows: [{ state: 'inserted', version: 1 }],
    })
    const rating = newRating(skill.id, sent.id, lies)
    expect(await pushRows(author, 'ratings', [rating])).toMatchObject({ rows: [{ state: 'inserted' }] })
    const feedback = newFeedback(skill.id, null, {
      ...lies,
      status: 'accepted',
      reviewed_by: field.b.author.userId,
      review_notes: 'well done',
    })
    expect(await pushRows(author, 'feedback', [feedback])).toMatchObject({ rows: [{ state: 'inserted' }] })
    const me = field.b.author.userId
    const stored = async (table: string, id: string) =>
      (await field.attempt(b, `SELECT * FROM whetstone.${table} WHERE id = $1`, [id])).rows[0]
    expect(await stored('skills', skill.id)).toMatchObject({
      author_id: me,
      tenant_id: field.b.id,
      published_version_id: null,
      status: 'draft',
      total_ratings: '1',
      average_rating: 400,
      versions: 1,
    })
    expect(await stored('skill_versions', sent.id)).toMatchObject({
      created_by: me,
      version: 1,
      content_url: `blobs/sha256/${sent.content_hash.slice(0, 2)}/${sent.content_hash}`,
    })
    expect(await stored('ratings', rating.id)).toMatchObject({ user_id: me, tenant_id: field.b.id })
    expect(await stored('skill_feedback', feedback.id)).toMatchObject({
      user_id: me,
      status: 'pending',
      reviewed_by: null,
      review_notes: null,
    })
    for (const [table, id] of [
      ['skills', skill.id],
      ['skill_versions', sent.id],
      ['ratings', rating.id],
      ['skill_feedback', feedback.id],
    ] as const) {
      const row = await stored(table, id)
      expect(Math.abs(Number(row?.created_at) - now)).toBeLessThan(3_600_000)
      if (row?.seq !== undefined) expect(Number(row.seq)).toBeLessThan(999_999)
    }
  })

  test('a version is not rewritten by sending it again with other content, by anybody', async () => {
    for (const over of [
      { content_hash: 'f'.repeat(64) },
      { message: 'other' },
      { name: 'other' },
      { metadata: '{"a":1}' },
      { skill_id: field.skill.id },
    ]) {
      const answer = await pushVersions(author, [{ ...version, ...over }])
      expect(answer).toMatchObject({
        rows: [{ state: 'conflict', content_hash: version.content_hash }],
      })
    }
    expect(await pushVersions(other, [version])).toMatchObject({ rows: [{ state: 'conflict' }] })
    expect(await pushVersions(author, [version])).toMatchObject({ rows: [{ state: 'identical' }] })
  })

  test('the owner, and a superuser acting as owner, neither update, delete nor truncate versions and logs', async () => {
    const owner = await field.db.owner()
    for (const role of ['whetstone_owner', 'whetstone_provisioner', 'NONE']) {
      await owner.query(`SET ROLE ${role}`)
      for (const table of ['skill_versions', 'change_log', 'publish_log', 'tombstones', 'version_approvals']) {
        // The owner sees no tenant's rows at all; who sees them is stopped by the trigger.
        for (const change of [
          `UPDATE whetstone.${table} SET tenant_id = tenant_id`,
          `DELETE FROM whetstone.${table}`,
        ]) {
          const outcome = await owner.query(change).then(
            result => result.rowCount,
            error => error.code,
          )
          expect([0, 'WS405']).toContain(outcome)
        }
        const cut = await owner.query(`TRUNCATE whetstone.${table} CASCADE`).then(
          () => 'cut',
          error => error.code,
        )
        expect(['WS405', '42501']).toContain(cut)
      }
      const all = await owner.query('TRUNCATE whetstone.tenants CASCADE').then(
        () => 'cut',
        error => error.code,
      )
      expect(['WS405', '42501']).toContain(all)
    }
    await owner.query('RESET ROLE')
  })

  test('content under a wrong hash, or none: not stored as a version', async () => {
    for (const content_hash of ['', 'x', 'F'.repeat(64), 'g'.repeat(64), 'a'.repeat(63), `${'../'.repeat(21)}a`])
      expect(await pushVersions(author, [newVersion(mine.id, { content_hash })])).toMatchObject({
        rows: [{ state: 'refused' }],
      })
  })

  test('a history that runs in a circle is refused', async () => {
    const [x, y] = [newVersion(mine.id), newVersion(mine.id)]
    const own = newVersion(mine.id)
    const circle = [
      { ...x, parent_version_id: y.id },
      { ...y, merged_version_id: x.id },
    ]
    expect(await pushVersions(author, circle)).toMatchObject({ rows: [{ state: 'refused' }, { state: 'refused' }] })
    expect(await pushVersions(author, [{ ...own, parent_version_id: own.id }])).toMatchObject({
      rows: [{ state: 'refused', code: 'WS404' }],
    })
  })

  test('somebody else’s rating or feedback is neither edited, deleted nor taken over', async () => {
    const rating = newRating(mine.id, version.id)
    const feedback = newFeedback(mine.id, null, { comment: 'mine' })
    await pushRows(author, 'ratings', [rating])
    await pushRows(author, 'feedback', [feedback])
    expect(await pushRows(other, 'ratings', [{ ...rating, rating: 1 }])).toMatchObject({
      rows: [{ state: 'conflict' }],
    })
    expect(await pushRows(other, 'feedback', [{ ...feedback, comment: 'theirs' }])).toMatchObject({
      rows: [{ state: 'conflict' }],
    })
    expect(await removeRows(other, 'ratings', [rating.id])).toMatchObject({ rows: [{ state: 'forbidden' }] })
    expect(await removeRows(b, 'skill_feedback', [feedback.id])).toMatchObject({ rows: [{ state: 'forbidden' }] })
    expect((await field.attempt(b, 'SELECT rating FROM whetstone.ratings WHERE id = $1', [rating.id])).rows).toEqual([
      { rating: 4 },
    ])
  })

  test('reviewing and publishing what is not one’s own, or past the arrows', async () => {
    const feedback = newFeedback(mine.id, null)
    await pushRows(other, 'feedback', [feedback])
    const review = (client: pg.Client, id: string, status: string) =>
      reviewFeedback(client, { id, expected: 'pending', status, notes: null, implementedBy: null })
    expect(await review(other, feedback.id, 'accepted')).toMatchObject({ kind: 'forbidden' })
    expect(await review(author, feedback.id, 'implemented')).toMatchObject({ kind: 'refused', code: 'WS409' })
    expect(await review(author, feedback.id, 'finished')).toMatchObject({ kind: 'refused' })
    expect(await review(b, v7(), 'accepted')).toMatchObject({ kind: 'missing' })
    const move = (client: pg.Client, skillId: string, versionId: string) =>
      publish(client, { skillId, versionId, expected: null, content: null })
    expect(await move(other, mine.id, version.id)).toMatchObject({ kind: 'forbidden' })
    expect(await move(b, field.skill.id, field.versions[0]?.id ?? '')).toMatchObject({ kind: 'missing' })
    expect(await move(author, mine.id, field.versions[0]?.id ?? '')).toMatchObject({ kind: 'missing' })
    const second = newSkill()
    await pushSkills(author, [second])
    expect(await move(author, second.id, version.id)).toMatchObject({ kind: 'missing' })
  })

  test('a reader writes no skill, no version, no case; an author changes no settings of the team', async () => {
    const reader = await field.db.as(field.b.reader)
    expect(await pushSkills(reader, [newSkill()])).toMatchObject({ kind: 'denied', code: '42501' })
    expect(await pushVersions(reader, [newVersion(mine.id)])).toMatchObject({ kind: 'denied' })
    expect(await pushRows(reader, 'benchmark_cases', [{ id: v7(), skill_id: mine.id }])).toMatchObject({
      kind: 'denied',
    })
    expect(await publish(reader, { skillId: mine.id, versionId: null, expected: null, content: null })).toMatchObject({
      kind: 'denied',
    })
    expect(await removeRows(reader, 'skills', [mine.id])).toMatchObject({ kind: 'denied', code: 'WS403' })
    await field.refused(author, 'SELECT whetstone.require_approval(true)')
  })

  test('an approval of one’s own, and one put in by hand, count for nothing', async () => {
    await b.query('SELECT whetstone.require_approval(true)')
    const made = newVersion(mine.id)
    await pushVersions(author, [made])
    expect((await field.attempt(author, 'SELECT whetstone.approve_version($1) AS said', [made.id])).rows).toEqual([
      { said: 'forbidden' },
    ])
    await field.refused(
      author,
      `INSERT INTO whetstone.version_approvals VALUES ('${field.b.id}', '${made.id}', '${field.b.admin.userId}', 1)`,
    )
    expect(
      await publish(author, { skillId: mine.id, versionId: made.id, expected: null, content: null }),
    ).toMatchObject({ kind: 'needs_approval' })
    await b.query('SELECT whetstone.require_approval(false)')
  })

  test('the functions behind the functions are not for calling', async () => {
    const calls = [
      `whetstone.log_change('${field.a.id}', 'skills', 'put', ARRAY['x'], NULL, 1, 1)`,
      `whetstone.lock_head('${field.a.id}')`,
      `whetstone.lock_skills('${field.a.id}', ARRAY['x'])`,
      "whetstone.acting('reader')",
      "whetstone.check_page(ARRAY['x'])",
      "whetstone.put_page('members', '[]', 'reader', '{}', '{}', NULL, 'true', 'true')",
      'whetstone.recount()',
      'whetstone.refuse_change()',
    ]
    for (const call of calls) await field.refused(b, `SELECT ${call}`)
  })

  test('names that become SQL are not taken from the client', async () => {
    for (const entity of [
      'members',
      'skill_versions',
      'tenant_heads',
      'users',
      'change_log',
      'ratings; DROP TABLE whetstone.skills',
      'ratings x',
      '"ratings"',
      "ratings' OR true --",
    ])
      await field.refused(b, 'SELECT * FROM whetstone.remove_rows($1, $2)', ['WS405'], [entity, [field.skill.id]])
    expect(await removeRows(b, 'skills', [field.skill.id])).toMatchObject({ rows: [{ state: 'missing' }] })
    for (const page of [
      '{}',
      '[1]',
      '[[]]',
      'null',
      '[null]',
      '[{"id":{"a":1}}]',
      `${'['.repeat(20_000)}${']'.repeat(20_000)}`,
    ])
      expect((await field.attempt(b, 'SELECT * FROM whetstone.push_ratings($1)', [page])).rows).toEqual([])
  })

  test('objects of one’s own: no table, view, function, type, schema, trigger, rule or temporary table', async () => {
    for (const what of [
      'TABLE whetstone.x (a int)',
      'TABLE public.x (a int)',
      'TEMP TABLE skills (a int)',
      'TEMP VIEW v AS SELECT 1',
      'VIEW public.v AS SELECT * FROM whetstone.skills',
      'MATERIALIZED VIEW public.m AS SELECT 1',
      'SCHEMA mine',
      'TYPE public.t AS (a int)',
      'SEQUENCE public.s',
      'FUNCTION whetstone.current_tenant() RETURNS text LANGUAGE sql AS $$ SELECT 1::text $$',
      'FUNCTION pg_temp.now_ms() RETURNS bigint LANGUAGE sql AS $$ SELECT 0::bigint $$',
      'RULE r AS ON SELECT TO whetstone.skills DO INSTEAD NOTHING',
      'TRIGGER t AFTER INSERT ON whetstone.skills EXECUTE FUNCTION whetstone.refuse_change()',
      'POLICY p ON whetstone.skills USING (true)',
      'EXTENSION dblink',
      'EXTENSION pgcrypto',
      'LANGUAGE plperlu',
      'FOREIGN DATA WRAPPER w',
      "SUBSCRIPTION s CONNECTION '' PUBLICATION p",
      'DATABASE mine',
      "TABLESPACE t LOCATION '/tmp'",
      'EVENT TRIGGER e ON ddl_command_start EXECUTE FUNCTION whetstone.refuse_change()',
    ])
      await field.refused(b, `CREATE ${what}`, ['42501', '42P17', '0A000', '58P01', '42809'])
    await field.refused(b, "BEGIN; PREPARE TRANSACTION 'x'", ['55000'])
  })

  test('the definition of what is there: not altered, dropped, disabled, commented on or labelled', async () => {
    for (const what of [
      'TABLE whetstone.skills DISABLE ROW LEVEL SECURITY',
      'TABLE whetstone.skills NO FORCE ROW LEVEL SECURITY',
      'TABLE whetstone.skills DISABLE TRIGGER ALL',
      'TABLE whetstone.skills OWNER TO CURRENT_USER',
      'POLICY tenant_isolation ON whetstone.skills USING (true)',
      'FUNCTION whetstone.current_tenant() SECURITY INVOKER',
      'SCHEMA whetstone OWNER TO CURRENT_USER',
      "SYSTEM SET work_mem = '1GB'",
      'DATABASE postgres SET search_path = x',
      'DEFAULT PRIVILEGES FOR ROLE whetstone_owner GRANT ALL ON TABLES TO PUBLIC',
    ])
      await field.refused(b, `ALTER ${what}`)
    for (const what of [
      'POLICY tenant_isolation ON whetstone.skills',
      'TABLE whetstone.skills CASCADE',
      'TRIGGER never_changed ON whetstone.skill_versions',
      'SCHEMA whetstone CASCADE',
      'FUNCTION whetstone.hello()',
      'OWNED BY whetstone_owner',
      'ROLE whetstone_owner',
    ])
      await field.refused(b, `DROP ${what}`)
    await field.refused(b, "COMMENT ON TABLE whetstone.skills IS 'x'")
    await field.refused(b, 'REASSIGN OWNED BY whetstone_owner TO CURRENT_USER')
    await field.refused(b, 'REINDEX TABLE whetstone.skills')
    for (const command of ['VACUUM FULL', 'CLUSTER', 'ANALYZE']) await field.attempt(b, `${command} whetstone.skills`)
    await field.refused(b, "SET session_replication_role = 'replica'")
    await field.refused(b, "LOAD 'test_decoding'", ['42501', '58P01'])
  })

  test('rights: none to give, none to take, no role to make or to change but one’s own password', async () => {
    const me = field.b.admin.login.user
    for (const grant of [
      'SELECT ON whetstone.members TO PUBLIC',
      'ALL ON whetstone.skills TO CURRENT_USER',
      'USAGE ON SCHEMA whetstone TO PUBLIC',
      'EXECUTE ON FUNCTION whetstone.lock_head(text) TO CURRENT_USER',
    ]) {
      const outcome = await field.attempt(b, `GRANT ${grant}`)
      // Postgres answers a grant of nothing with a warning.
      expect(outcome.refused === '42501' || outcome.seen.includes('no privileges were granted'), grant).toBe(true)
    }
    for (const role of [
      'whetstone_admin',
      'whetstone_owner',
      'whetstone_provisioner',
      'whetstone_reaper',
      'whetstone_gate',
      'pg_read_all_data',
      'pg_write_all_data',
      'pg_monitor',
      'pg_signal_backend',
      field.a.author.login.user,
    ])
      await field.refused(b, `GRANT "${role}" TO "${me}"`)
    for (const change of [
      'SUPERUSER',
      'BYPASSRLS',
      'CREATEROLE',
      'CREATEDB',
      'REPLICATION',
      'CONNECTION LIMIT -1',
      "VALID UNTIL 'infinity'",
      'RENAME TO mallory',
    ])
      await field.refused(b, `ALTER ROLE "${me}" ${change}`, ['42501', '0A000'])
    for (const other of [field.a.author.login.user, 'whetstone_owner', 'registry_owner']) {
      await field.refused(b, `ALTER ROLE "${other}" PASSWORD 'guess'`)
      await field.refused(b, `ALTER ROLE "${other}" SET search_path = x`)
      await field.refused(b, `DROP ROLE "${other}"`)
    }
    await field.refused(b, 'CREATE ROLE mallory SUPERUSER LOGIN')
    await field.refused(b, "ALTER ROLE ALL SET search_path = 'x'")
    expect(
      (await field.attempt(b, `ALTER ROLE "${me}" PASSWORD '${field.b.admin.login.password}'`)).refused,
    ).toBeUndefined()
  })

  test('a search_path of the attacker’s changes nothing about what the functions call', async () => {
    await other.query('SET search_path = pg_temp, public, whetstone')
    const made = newVersion(mine.id)
    expect(await pushVersions(other, [made])).toMatchObject({ rows: [{ state: 'inserted' }] })
    await other.query('RESET search_path')
  })

  test('sessions of others are neither cancelled nor ended', async () => {
    const a = await field.db.as(field.a.author)
    const { rows } = await a.query('SELECT pg_backend_pid() AS pid')
    for (const call of ['pg_terminate_backend', 'pg_cancel_backend', 'pg_log_backend_memory_contexts'])
      await field.refused(b, `SELECT ${call}($1)`, ['42501'], [rows[0].pid])
    for (const call of [
      'pg_reload_conf()',
      'pg_rotate_logfile()',
      'pg_switch_wal()',
      "pg_create_restore_point('x')",
      'pg_promote()',
      'pg_stat_reset()',
    ])
      await field.refused(b, `SELECT ${call}`)
    expect((await a.query('SELECT 1 AS n')).rows).toEqual([{ n: 1 }])
    await a.end()
  })
})
