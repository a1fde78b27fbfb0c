import type { Check } from './doctor.ts'
import { readFingerprint, recordedFingerprint } from './fingerprint.ts'

/** Rules about the schema's objects. Each query answers what breaks the rule, in a column `name`. */
const TABLES = `pg_class c WHERE c.relnamespace = 'whetstone'::regnamespace AND c.relkind IN ('r', 'p')`
const AGAIN = 'Run `registry init` again: it puts tables, policies, functions and grants back as they should be.'
const BY_HAND =
  'Somebody changed it by hand. Put it back as in migrations/postgres, or restore an export into an empty registry.'

const FUNCTIONS_OF: Record<string, readonly string[]> = {
  whetstone_reader: [
    'hello',
    'now_ms',
    'push_ratings',
    'push_feedback',
    'push_measurements',
    'push_usage_events',
    'remove_rows',
    'update_profile',
    'current_member',
    'current_tenant',
    'current_user_id',
    'accept_invite',
    'reap',
    'end_other_sessions',
  ],
  whetstone_author: [
    'push_versions',
    'push_skills',
    'publish',
    'approve_version',
    'review_feedback',
    'push_benchmark_cases',
    'push_benchmark_runs',
    'push_benchmark_results',
  ],
  whetstone_admin: ['require_approval'],
  whetstone_provisioner: [
    'log_change',
    'recount',
    'stored',
    'count_stored',
    'lock_head',
    'weighed_columns',
    'weight_of',
    'weight_of_entry',
    'now_ms',
    'reap',
    'current_member',
    'current_tenant',
    'current_user_id',
  ],
  whetstone_gate: ['now_ms', 'end_other_sessions'],
  whetstone_reaper: ['current_member', 'current_tenant', 'current_user_id'],
  whetstone_owner: ['current_member', 'current_tenant', 'current_user_id', 'reap'],
}
/** Run as their owner, and so are the only way past the grants. */
const DEFINERS = [
  ...(FUNCTIONS_OF.whetstone_reader ?? []).filter(name => name !== 'hello' && name !== 'now_ms'),
  ...(FUNCTIONS_OF.whetstone_author ?? []),
  ...(FUNCTIONS_OF.whetstone_admin ?? []),
]
const list = (names: readonly string[]): string => names.map(name => `'${name}'`).join(', ')
const allowed = Object.entries(FUNCTIONS_OF).map(([role, names]) => `(who = '${role}' AND proname IN (${list(names)}))`)

const LOGS = ['skill_versions', 'change_log', 'publish_log', 'tombstones', 'version_approvals']
const COUNTED = ['ratings', 'skill_feedback', 'token_measurements', 'usage_events']
const DELETED = [
  'skills',
  'ratings',
  'skill_feedback',
  'token_measurements',
  'usage_events',
  'benchmark_cases',
  'benchmark_runs',
  'benchmark_results',
]
const TRIGGERS: readonly [table: string, trigger: string][] = [
  ...DELETED.map(table => [table, 'weighed_delete'] as const),
  ...['users', 'tombstones', 'publish_log', 'version_approvals'].map(table => [table, 'weighed_insert'] as const),
  ['users', 'weighed_update'],
  ...LOGS.map(table => [table, 'never_changed'] as const),
  ...COUNTED.flatMap(table => ['insert', 'update', 'delete'].map(event => [table, `counted_${event}`] as const)),
  ['skills', 'kept'],
  ['users', 'kept'],
  ['skills', 'pointers'],
  ['skills', 'published'],
  ['skill_feedback', 'arrows'],
  ['benchmark_runs', 'arrows'],
  ['skills', 'totals'],
  ['skill_totals', 'shown'],
].map(([table, trigger]) => [table ?? '', trigger ?? ''])

export const SCHEMA_CHECKS: readonly Check[] = [
  {
    id: 'migrations',
    title: 'The schema is the one this app knows, every step applied as it was written',
    mend: 'Run `registry migrate` with the newest Whetstone; where the registry is the newer one, update the app.',
    who: 'owner',
    as: 'whetstone_provisioner',
    find: async (client, { migrations }) => {
      const { rows } = await client.query<{ id: number; name: string; hash: string }>(
        'SELECT id, name, hash FROM whetstone.migrations',
      )
      const applied = new Map(rows.map(row => [row.id, row]))
      const known = new Set(migrations.map(migration => migration.id))
      return [
        ...migrations.filter(one => !applied.has(one.id)).map(one => `${one.name} is not applied`),
        ...migrations
          .filter(one => applied.has(one.id) && applied.get(one.id)?.hash !== one.hash)
          .map(one => `${one.name} was another one when it was applied`),
        ...rows.filter(row => !known.has(row.id)).map(row => `${row.name} is not known to this app`),
      ]
    },
  },
  {
    id: 'rls-enabled',
    title: 'Row-level security is on for every table',
    mend: 'ALTER TABLE whetstone.… ENABLE ROW LEVEL SECURITY',
    who: 'member',
    find: `SELECT c.relname AS name FROM ${TABLES} AND NOT c.relrowsecurity`,
  },
  {
    id: 'rls-forced',
    title: 'Row-level security holds for the tables’ owner as well',
    mend: 'ALTER TABLE whetstone.… FORCE ROW LEVEL SECURITY',
    who: 'member',
    find: `SELECT c.relname AS name FROM ${TABLES} AND NOT c.relforcerowsecurity`,
  },
  {
    id: 'tenant-isolation',
    title: 'Every table has the permissive policy that shows a login its own tenant, from session_user’s membership',
    mend: `Drop the policy tenant_isolation of that table. ${AGAIN}`,
    who: 'member',
    find: `
      SELECT c.relname AS name FROM ${TABLES} AND NOT EXISTS (
        SELECT FROM pg_policy p WHERE p.polrelid = c.oid AND p.polname = 'tenant_isolation' AND p.polpermissive
          AND CASE c.relname
            WHEN 'migrations' THEN p.polcmd = 'r' AND pg_get_expr(p.polqual, c.oid) ~ '^\\(+ ?SELECT whetstone\\.current_tenant\\(\\) AS current_tenant\\) IS NOT NULL\\)$'
            ELSE p.polcmd = '*' AND pg_get_expr(p.polqual, c.oid) = format('(%s = ( SELECT whetstone.current_tenant() AS current_tenant))',
                CASE c.relname WHEN 'tenants' THEN 'id' ELSE 'tenant_id' END)
              AND pg_get_expr(p.polwithcheck, c.oid) = pg_get_expr(p.polqual, c.oid) END
          AND (p.polroles = '{0}' OR (c.relname = 'members' AND p.polroles <@ ARRAY['whetstone_owner'::regrole::oid, 'whetstone_reader'::regrole::oid])))`,
  },
  {
    id: 'other-policies',
    title: 'No other policy lets anybody past it',
    mend: 'DROP POLICY … ON whetstone.…',
    who: 'member',
    find: `
      SELECT format('%s: %s', c.relname, p.polname) AS name FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid
      WHERE c.relnamespace = 'whetstone'::regnamespace AND p.polpermissive AND p.polname <> 'tenant_isolation'
        AND NOT (p.polname = 'provisioning' AND p.polroles = ARRAY['whetstone_provisioner'::regrole::oid])
        AND NOT (c.relname = 'members' AND p.polname = 'gate' AND p.polroles = ARRAY['whetstone_gate'::regrole::oid]
          AND pg_get_expr(p.polqual, c.oid) ~ 'role_name = .*SESSION_USER')
        AND NOT (c.relname = 'members' AND p.polname = 'reaper' AND p.polcmd = 'r' AND p.polroles = ARRAY['whetstone_reaper'::regrole::oid])`,
  },
  {
    id: 'as-oneself',
    title: 'Rows are written under the name of who writes them',
    mend: AGAIN,
    who: 'member',
    find: `
      SELECT format('%s: %s', x.name, x.policy) AS name FROM (VALUES
        ('skills', 'as_oneself'), ('skill_versions', 'as_oneself'), ('ratings', 'as_oneself'), ('skill_feedback', 'as_oneself'),
        ('token_measurements', 'as_oneself'), ('usage_events', 'as_oneself'), ('benchmark_runs', 'as_oneself'),
        ('version_approvals', 'as_oneself'), ('ratings', 'own_rating'), ('ratings', 'own_removal'), ('skill_feedback', 'own_removal')) x (name, policy)
      WHERE NOT EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = to_regclass('whetstone.' || x.name) AND p.polname = x.policy
        AND NOT p.polpermissive AND pg_get_expr(coalesce(p.polwithcheck, p.polqual), p.polrelid) LIKE '%current_user_id()%')`,
  },
  {
    id: 'owners',
    title: 'Everything belongs to roles that cannot log in',
    mend: 'ALTER … OWNER TO whetstone_owner',
    who: 'member',
    find: `
      SELECT format('%s belongs to %s', x.name, pg_get_userbyid(x.owner)) AS name FROM (
        SELECT relname::text AS name, relowner AS owner FROM pg_class WHERE relnamespace = 'whetstone'::regnamespace AND relkind IN ('r', 'p', 'v', 'm', 'S')
        UNION ALL SELECT 'the schema', nspowner FROM pg_namespace WHERE nspname = 'whetstone') x
      WHERE x.owner <> 'whetstone_owner'::regrole
      UNION ALL
      SELECT format('%s belongs to %s', p.oid::regprocedure, pg_get_userbyid(p.proowner)) FROM pg_proc p
      WHERE p.pronamespace = 'whetstone'::regnamespace AND p.proowner <> CASE
        WHEN p.proname IN ('current_member', 'current_tenant', 'current_user_id', 'accept_invite') THEN 'whetstone_gate'::regrole
        WHEN p.proname IN ('reap', 'end_other_sessions') THEN 'whetstone_reaper'::regrole ELSE 'whetstone_owner'::regrole END`,
  },
  {
    id: 'table-rights',
    title: 'Members may read tables and write none; nobody else may anything',
    mend: 'REVOKE … ON whetstone.… FROM …',
    who: 'member',
    find: `
      SELECT format('%s may %s on %s', CASE WHEN a.grantee = 0 THEN 'PUBLIC' ELSE pg_get_userbyid(a.grantee) END, a.privilege_type, c.relname) AS name
      FROM pg_class c CROSS JOIN LATERAL aclexplode(coalesce(c.relacl, acldefault('r', c.relowner))) a
      CROSS JOIN LATERAL (SELECT CASE WHEN a.grantee = 0 THEN 'PUBLIC' ELSE pg_get_userbyid(a.grantee)::text END AS who) w
      WHERE c.relnamespace = 'whetstone'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm') AND a.grantee <> c.relowner
        AND NOT (w.who = 'whetstone_provisioner' AND a.privilege_type IN ('SELECT', 'INSERT', 'UPDATE', 'DELETE'))
        AND NOT (w.who = 'whetstone_reader' AND a.privilege_type = 'SELECT' AND c.relname NOT IN ('members', 'skill_totals', 'quarantined_rows'))
        AND NOT (w.who IN ('whetstone_admin', 'whetstone_gate', 'whetstone_reaper') AND a.privilege_type = 'SELECT' AND c.relname = 'members')
        AND NOT (w.who = 'whetstone_admin' AND a.privilege_type = 'SELECT' AND c.relname = 'quarantined_rows')
      UNION ALL
      SELECT format('%s may %s %s.%s', CASE WHEN x.grantee = 0 THEN 'PUBLIC' ELSE pg_get_userbyid(x.grantee) END, x.privilege_type, c.relname, a.attname)
      FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid CROSS JOIN LATERAL aclexplode(a.attacl) x
      WHERE c.relnamespace = 'whetstone'::regnamespace AND x.grantee <> c.relowner
        AND NOT (c.relname = 'members' AND a.attname = 'accepted_at' AND x.grantee = 'whetstone_gate'::regrole)`,
  },
  {
    id: 'schema-rights',
    title: 'Nobody may make objects in the schema, nor see into it without being a member',
    mend: 'REVOKE … ON SCHEMA whetstone FROM …',
    who: 'member',
    find: `
      SELECT format('%s may %s', CASE WHEN a.grantee = 0 THEN 'PUBLIC' ELSE pg_get_userbyid(a.grantee) END, a.privilege_type) AS name
      FROM pg_namespace n CROSS JOIN LATERAL aclexplode(n.nspacl) a WHERE n.nspname = 'whetstone' AND a.grantee <> n.nspowner
        AND NOT (a.privilege_type = 'USAGE' AND a.grantee <> 0 AND pg_get_userbyid(a.grantee)
          IN ('whetstone_reader', 'whetstone_provisioner', 'whetstone_gate', 'whetstone_reaper'))
      UNION ALL
      SELECT format('new %s of %s are open to %s', d.defaclobjtype, pg_get_userbyid(d.defaclrole), CASE WHEN a.grantee = 0 THEN 'PUBLIC' ELSE pg_get_userbyid(a.grantee) END)
      FROM pg_default_acl d CROSS JOIN LATERAL aclexplode(d.defaclacl) a
      WHERE pg_get_userbyid(d.defaclrole) LIKE 'whetstone\\_%' AND a.grantee <> d.defaclrole`,
  },
  {
    id: 'function-rights',
    title: 'Each function is for the roles it was made for',
    mend: 'REVOKE EXECUTE ON FUNCTION whetstone.… FROM …',
    who: 'member',
    find: `
      SELECT format('%s may call %s', w.who, p.oid::regprocedure) AS name FROM pg_proc p
      CROSS JOIN LATERAL aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a
      CROSS JOIN LATERAL (SELECT CASE WHEN a.grantee = 0 THEN 'PUBLIC' ELSE pg_get_userbyid(a.grantee)::text END AS who) w
      WHERE p.pronamespace = 'whetstone'::regnamespace AND a.grantee <> p.proowner AND NOT (${allowed.join(' OR ')})`,
  },
  {
    id: 'search-path',
    title: 'Every function has a fixed search_path, so that nothing can be put in front of what it calls',
    mend: "ALTER FUNCTION whetstone.… SET search_path = 'pg_catalog', 'pg_temp'",
    who: 'member',
    find: `
      SELECT p.oid::regprocedure::text AS name FROM pg_proc p WHERE p.pronamespace = 'whetstone'::regnamespace
        AND NOT coalesce(p.proconfig @> ARRAY['search_path=pg_catalog, pg_temp'], false)`,
  },
  {
    id: 'definers',
    title: 'Only the known functions run with more rights than their caller',
    mend: 'ALTER FUNCTION whetstone.… SECURITY INVOKER, or drop it',
    who: 'member',
    find: `
      SELECT format('%s runs as %s', p.oid::regprocedure, CASE WHEN p.prosecdef THEN pg_get_userbyid(p.proowner)::text ELSE 'its caller' END) AS name
      FROM pg_proc p WHERE p.pronamespace = 'whetstone'::regnamespace AND p.prosecdef <> (p.proname IN (${list(DEFINERS)}))`,
  },
  {
    id: 'triggers',
    title: 'The triggers that keep versions and logs as they are, pointers true and sums right are on',
    mend: `ALTER TABLE whetstone.… ENABLE TRIGGER …; where it is missing: ${AGAIN}`,
    who: 'member',
    find: `
      SELECT format('%s: %s', x.name, x.trigger) AS name FROM (
        VALUES ${TRIGGERS.map(([table, trigger]) => `('${table}', '${trigger}')`).join(', ')}
        UNION ALL SELECT c.relname::text, 'never_truncated' FROM ${TABLES} AND c.relname <> 'migrations') x (name, trigger)
      WHERE NOT EXISTS (SELECT FROM pg_trigger t WHERE t.tgrelid = to_regclass('whetstone.' || x.name) AND t.tgname = x.trigger AND t.tgenabled IN ('O', 'A'))`,
  },
  {
    id: 'views',
    title: 'No view shows tables with the rights of its owner',
    mend: 'ALTER VIEW … SET (security_invoker = true), or drop it',
    who: 'member',
    find: `
      SELECT DISTINCT v.oid::regclass::text AS name FROM pg_class v JOIN pg_rewrite r ON r.ev_class = v.oid
      JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = r.oid JOIN pg_class t ON t.oid = d.refobjid
      WHERE t.relnamespace = 'whetstone'::regnamespace AND t.relkind IN ('r', 'p') AND v.oid <> t.oid
        AND (v.relkind = 'm' OR NOT coalesce(v.reloptions @> ARRAY['security_invoker=true'], false))`,
  },
  {
    id: 'tenant-in-keys',
    title: 'Every key carries the tenant',
    mend: BY_HAND,
    who: 'member',
    find: `
      SELECT i.indexrelid::regclass::text AS name FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
      WHERE c.relnamespace = 'whetstone'::regnamespace AND c.relkind = 'r' AND i.indisunique AND c.relname NOT IN ('tenants', 'members', 'migrations')
        AND NOT EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'tenant_id' AND a.attnum = ANY (i.indkey))
      UNION ALL
      SELECT k.conname FROM pg_constraint k WHERE k.connamespace = 'whetstone'::regnamespace AND k.contype = 'f'
        AND NOT EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = k.conrelid AND a.attname = 'tenant_id' AND a.attnum = ANY (k.conkey))`,
  },
  {
    id: 'unchanged',
    title: 'Nothing of the schema was changed by hand since it was made',
    mend: BY_HAND,
    who: 'member',
    find: async client => {
      const recorded = await recordedFingerprint(client)
      if (!recorded) return ['what the schema was made as is no longer recorded']
      const now = await readFingerprint(client)
      return [...new Set([...Object.keys(recorded), ...Object.keys(now)])]
        .filter(name => recorded[name] !== now[name])
        .map(
          name =>
            `${name} ${now[name] === undefined ? 'is gone' : recorded[name] === undefined ? 'is new' : 'was changed'}`,
        )
    },
  },
]
