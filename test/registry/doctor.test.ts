import type pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CHECKS, examine, isSound } from '../../electron/registry/doctor.ts'
import { pushRows, pushSkills, pushVersions } from '../../electron/registry/postgres.ts'
import { noPostgres } from '../support/postgres.ts'
import {
  migrations,
  newRating,
  newSkill,
  newVersion,
  startTestRegistry,
  type TestDatabase,
  type TestRegistry,
} from './registry.ts'

describe.skipIf(noPostgres !== undefined)(`doctor${noPostgres ? `: ${noPostgres}` : ''}`, () => {
  let registry: TestRegistry
  let db: TestDatabase
  let owner: pg.Client
  beforeAll(async () => {
    registry = await startTestRegistry()
    db = await registry.database()
    owner = await db.owner()
    const author = await db.as(registry.a.author)
    const skill = newSkill()
    const version = newVersion(skill.id)
    await pushSkills(author, [skill])
    await pushVersions(author, [version, newVersion(skill.id)])
    await pushRows(author, 'ratings', [newRating(skill.id, version.id)])
  })
  afterAll(async () => {
    await db.close()
    await registry.stop()
  })

  const context = { migrations }
  const sickOf = async (client: pg.Client, who: 'owner' | 'member') =>
    (await examine(client, who, context)).filter(finding => finding.state !== 'pass').map(finding => finding.id)

  test('a registry as it was made passes every rule, asked by the owner and by a member', async () => {
    const findings = await examine(owner, 'owner', context)
    expect(findings.filter(finding => finding.state !== 'pass')).toEqual([])
    expect(findings).toHaveLength(CHECKS.length)
    expect(new Set(CHECKS.map(check => check.id)).size).toBe(CHECKS.length)
    const member = await db.as(registry.a.reader)
    const seen = await examine(member, 'member', context)
    expect(seen.filter(finding => finding.state !== 'pass')).toEqual([])
    expect(seen.length).toBeGreaterThan(15)
  })

  const login = () => registry.a.author.login.user
  /** What was done wrong, which rule says so, and whether any member sees it. */
  const PLANTED: { wrong: string; id: string; sql: () => string; memberSees?: boolean }[] = [
    {
      wrong: 'policy dropped',
      id: 'tenant-isolation',
      sql: () => 'DROP POLICY tenant_isolation ON whetstone.ratings',
      memberSees: true,
    },
    {
      wrong: 'policy by a setting',
      id: 'tenant-isolation',
      sql: () =>
        "ALTER POLICY tenant_isolation ON whetstone.skills USING (tenant_id = current_setting('app.tenant', true))",
      memberSees: true,
    },
    {
      wrong: 'policy for reading alone',
      id: 'tenant-isolation',
      sql: () =>
        'DROP POLICY tenant_isolation ON whetstone.skills; CREATE POLICY tenant_isolation ON whetstone.skills FOR SELECT USING (tenant_id = (SELECT whetstone.current_tenant()))',
      memberSees: true,
    },
    {
      wrong: 'restrictive policy alone',
      id: 'tenant-isolation',
      sql: () =>
        'DROP POLICY tenant_isolation ON whetstone.skills; CREATE POLICY tenant_isolation ON whetstone.skills AS RESTRICTIVE USING (tenant_id = (SELECT whetstone.current_tenant()))',
      memberSees: true,
    },
    {
      wrong: 'second policy, open',
      id: 'other-policies',
      sql: () => 'CREATE POLICY debugging ON whetstone.skills FOR SELECT USING (true)',
      memberSees: true,
    },
    {
      wrong: 'provisioning policy for everybody',
      id: 'other-policies',
      sql: () => 'ALTER POLICY provisioning ON whetstone.users TO PUBLIC',
      memberSees: true,
    },
    {
      wrong: 'own-name policy dropped',
      id: 'as-oneself',
      sql: () => 'DROP POLICY as_oneself ON whetstone.ratings',
      memberSees: true,
    },
    {
      wrong: 'FORCE off',
      id: 'rls-forced',
      sql: () => 'ALTER TABLE whetstone.skill_versions NO FORCE ROW LEVEL SECURITY',
      memberSees: true,
    },
    {
      wrong: 'row-level security off',
      id: 'rls-enabled',
      sql: () => 'ALTER TABLE whetstone.skill_feedback DISABLE ROW LEVEL SECURITY',
      memberSees: true,
    },
    {
      wrong: 'superuser member',
      id: 'member-powers',
      sql: () => `ALTER ROLE ${login()} SUPERUSER`,
    },
    {
      wrong: 'member past the policies',
      id: 'member-powers',
      sql: () => `ALTER ROLE ${login()} BYPASSRLS`,
    },
    {
      wrong: 'public grant on a table',
      id: 'table-rights',
      sql: () => 'GRANT SELECT ON whetstone.members TO PUBLIC',
      memberSees: true,
    },
    {
      wrong: 'members may update',
      id: 'table-rights',
      sql: () => 'GRANT UPDATE ON whetstone.skills TO whetstone_author',
      memberSees: true,
    },
    {
      wrong: 'members may set one column',
      id: 'table-rights',
      sql: () => 'GRANT UPDATE (created_at) ON whetstone.skills TO whetstone_author',
      memberSees: true,
    },
    {
      wrong: 'table of a login',
      id: 'owners',
      sql: () => 'ALTER TABLE whetstone.ratings OWNER TO registry_owner',
      memberSees: true,
    },
    {
      wrong: 'owner may log in',
      id: 'own-roles',
      sql: () => 'ALTER ROLE whetstone_owner LOGIN',
      memberSees: true,
    },
    {
      wrong: 'members may make objects',
      id: 'schema-rights',
      sql: () => 'GRANT CREATE ON SCHEMA whetstone TO whetstone_reader',
      memberSees: true,
    },
    {
      wrong: 'default privileges opened',
      id: 'schema-rights',
      sql: () =>
        'ALTER DEFAULT PRIVILEGES FOR ROLE whetstone_owner IN SCHEMA whetstone GRANT SELECT ON TABLES TO PUBLIC',
      memberSees: true,
    },
    {
      wrong: 'inner function for everybody',
      id: 'function-rights',
      sql: () => 'GRANT EXECUTE ON FUNCTION whetstone.lock_head(text) TO PUBLIC',
      memberSees: true,
    },
    {
      wrong: 'readers may publish',
      id: 'function-rights',
      sql: () => 'GRANT EXECUTE ON FUNCTION whetstone.publish(text, text, text, text, text) TO whetstone_reader',
      memberSees: true,
    },
    {
      wrong: 'function without search_path',
      id: 'search-path',
      sql: () => 'ALTER FUNCTION whetstone.current_tenant() RESET search_path',
      memberSees: true,
    },
    {
      wrong: 'function with more rights than it should',
      id: 'definers',
      sql: () =>
        'ALTER FUNCTION whetstone.put_page(text, json, text, text[], text[], text, text, text) SECURITY DEFINER',
      memberSees: true,
    },
    {
      wrong: 'trigger off',
      id: 'triggers',
      sql: () => 'ALTER TABLE whetstone.skill_versions DISABLE TRIGGER never_changed',
      memberSees: true,
    },
    {
      wrong: 'truncate allowed',
      id: 'triggers',
      sql: () => 'DROP TRIGGER never_truncated ON whetstone.skill_versions',
      memberSees: true,
    },
    {
      wrong: 'view with its owner’s rights',
      id: 'views',
      sql: () => 'CREATE VIEW public.report AS SELECT * FROM whetstone.skills',
      memberSees: true,
    },
    {
      wrong: 'unique key without the tenant',
      id: 'tenant-in-keys',
      sql: () => 'CREATE UNIQUE INDEX everywhere ON whetstone.skills (slug)',
      memberSees: true,
    },
    {
      wrong: 'function rewritten',
      id: 'unchanged',
      sql: () =>
        "CREATE OR REPLACE FUNCTION whetstone.now_ms() RETURNS bigint LANGUAGE sql VOLATILE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS 'SELECT 1::bigint'",
      memberSees: true,
    },
    {
      wrong: 'limit taken away',
      id: 'unchanged',
      sql: () => 'ALTER TABLE whetstone.skills DROP CONSTRAINT skills_content_limit',
      memberSees: true,
    },
    {
      wrong: 'everybody may connect',
      id: 'database-rights',
      sql: () =>
        `DO $$ BEGIN EXECUTE format('GRANT CONNECT, TEMPORARY ON DATABASE %I TO PUBLIC', current_database()); END $$`,
      memberSees: true,
    },
    {
      wrong: 'members may make schemas',
      id: 'database-rights',
      sql: () =>
        `DO $$ BEGIN EXECUTE format('GRANT CREATE ON DATABASE %I TO whetstone_author', current_database()); END $$`,
      memberSees: true,
    },
    {
      wrong: 'large objects for everybody',
      id: 'open-functions',
      sql: () => 'GRANT EXECUTE ON FUNCTION lo_from_bytea(oid, bytea) TO PUBLIC',
      memberSees: true,
    },
    {
      wrong: 'member acts as provisioner',
      id: 'inner-roles',
      sql: () => `GRANT whetstone_provisioner TO ${login()}`,
      memberSees: true,
    },
    {
      wrong: 'member of a server group',
      id: 'group-roles',
      sql: () => `GRANT pg_read_all_data TO ${login()}`,
    },
    {
      wrong: 'stranger in the readers’ group',
      id: 'group-roles',
      sql: () => 'CREATE ROLE stranger LOGIN; GRANT whetstone_reader TO stranger',
    },
    {
      wrong: 'author in the admins’ group',
      id: 'member-roles',
      sql: () => `GRANT whetstone_admin TO ${login()}`,
    },
    {
      wrong: 'shown as another role',
      id: 'member-roles',
      sql: () => `UPDATE whetstone.users SET role = 'admin' WHERE id = '${registry.a.author.userId}'`,
    },
    {
      wrong: 'member without time-outs',
      id: 'member-limits',
      sql: () => `ALTER ROLE ${login()} RESET statement_timeout`,
    },
    {
      wrong: 'member with any number of connections',
      id: 'member-limits',
      sql: () => `ALTER ROLE ${login()} CONNECTION LIMIT -1`,
    },
    {
      wrong: 'member nobody can end',
      id: 'member-limits',
      sql: () => `REVOKE ${login()} FROM whetstone_reaper`,
    },
    { wrong: 'migration forgotten', id: 'migrations', sql: () => 'DELETE FROM whetstone.migrations WHERE id = 60' },
    {
      wrong: 'more counted than stored',
      id: 'stored',
      sql: () => 'UPDATE whetstone.tenant_heads SET bytes_stored = bytes_stored + 1',
    },
    {
      wrong: 'deletions no longer counted',
      id: 'triggers',
      sql: () => 'ALTER TABLE whetstone.ratings DISABLE TRIGGER weighed_delete',
      memberSees: true,
    },
    {
      wrong: 'a member without a limit of disk',
      id: 'member-disk',
      sql: () => `ALTER ROLE ${registry.a.reader.login.user} RESET temp_file_limit`,
    },
    { wrong: 'head behind its log', id: 'log', sql: () => 'UPDATE whetstone.tenant_heads SET n = n - 1' },
    {
      wrong: 'gap in the log',
      id: 'log',
      sql: () =>
        'ALTER TABLE whetstone.change_log DISABLE TRIGGER never_changed; DELETE FROM whetstone.change_log WHERE first_seq = 2; ALTER TABLE whetstone.change_log ENABLE TRIGGER never_changed',
    },
    {
      wrong: 'pointer to nothing',
      id: 'pointers',
      sql: () =>
        "ALTER TABLE whetstone.skills DISABLE TRIGGER USER; UPDATE whetstone.skills SET published_version_id = 'gone'; ALTER TABLE whetstone.skills ENABLE TRIGGER USER",
    },
    {
      wrong: 'number missing',
      id: 'numbers',
      sql: () =>
        'ALTER TABLE whetstone.skill_versions DISABLE TRIGGER USER; DELETE FROM whetstone.skill_versions WHERE version = 2; ALTER TABLE whetstone.skill_versions ENABLE TRIGGER USER',
    },
    { wrong: 'sums off', id: 'aggregates', sql: () => 'UPDATE whetstone.skill_totals SET stars = stars + 1' },
  ]

  /** Looks from inside an open transaction: what a check begins and ends becomes a savepoint, rolled back with its role. */
  function nested(client: pg.Client): pg.Client {
    const query = client.query.bind(client)
    const inside: Record<string, string> = {
      BEGIN: 'SAVEPOINT looking',
      COMMIT: 'ROLLBACK TO looking',
      ROLLBACK: 'ROLLBACK TO looking',
    }
    return Object.assign(Object.create(client), {
      query: (text: string, values?: unknown[]) => query(inside[text] ?? text, values),
    })
  }

  // Nothing of it is ever committed, the server's roles included.
  test.each(PLANTED)('finds: $wrong', async ({ id, sql, memberSees }) => {
    await owner.query('BEGIN')
    try {
      await owner.query(sql())
      const findings = await examine(nested(owner), 'owner', context)
      const finding = findings.find(one => one.id === id)
      expect(finding?.state, JSON.stringify(findings.filter(one => one.state !== 'pass'))).toMatch(/fail|advice/)
      expect(finding?.found).not.toEqual([])
      expect(finding?.mend).not.toBe('')
      if (finding?.state === 'fail') expect(isSound(findings)).toBe(false)
      if (memberSees) {
        await owner.query(`SET SESSION AUTHORIZATION ${registry.a.reader.login.user}`)
        expect(await sickOf(nested(owner), 'member')).toContain(id)
      }
    } finally {
      await owner.query('ROLLBACK; RESET SESSION AUTHORIZATION')
    }
  })

  test('whoever may not look is told what is unknown', async () => {
    const member = await db.as(registry.a.reader)
    const findings = await examine(member, 'owner', context)
    expect(findings.filter(one => one.state === 'unknown').map(one => one.id)).toContain('trusted-hosts')
  })
})
