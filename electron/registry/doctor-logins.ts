import type { Check } from './doctor.ts'
import { MEMBER_SETTINGS, SUPERUSER_SETTINGS } from './members.ts'

/** Rules about roles: the registry's own, and the members' logins. */
const LOGINS = "pg_roles r WHERE r.rolcanlogin AND pg_has_role(r.oid, 'whetstone_reader', 'MEMBER') AND NOT r.rolsuper"
const POWERS = `concat_ws(', ', CASE WHEN r.rolsuper THEN 'SUPERUSER' END, CASE WHEN r.rolbypassrls THEN 'BYPASSRLS' END,
  CASE WHEN r.rolcreaterole THEN 'CREATEROLE' END, CASE WHEN r.rolcreatedb THEN 'CREATEDB' END, CASE WHEN r.rolreplication THEN 'REPLICATION' END)`
const OURS =
  "('whetstone_owner', 'whetstone_gate', 'whetstone_reaper', 'whetstone_provisioner', 'whetstone_reader', 'whetstone_author', 'whetstone_admin')"

export const LOGIN_CHECKS: readonly Check[] = [
  {
    id: 'own-roles',
    title: 'The registry’s own roles can neither log in nor pass by policies',
    mend: 'ALTER ROLE … NOLOGIN NOSUPERUSER NOBYPASSRLS NOCREATEROLE NOCREATEDB NOREPLICATION',
    who: 'member',
    find: `
      SELECT concat_ws(': ', r.rolname, concat_ws(', ', CASE WHEN r.rolcanlogin THEN 'LOGIN' END, nullif(${POWERS}, ''))) AS name
      FROM pg_roles r WHERE r.rolname IN ${OURS} AND (r.rolcanlogin OR ${POWERS} <> '')`,
  },
  {
    id: 'member-powers',
    title: 'No member’s login has powers over the server',
    mend: 'ALTER ROLE … NOSUPERUSER NOBYPASSRLS NOCREATEROLE NOCREATEDB NOREPLICATION',
    who: 'owner',
    as: 'whetstone_provisioner',
    find: `
      SELECT format('%s: %s', r.rolname, ${POWERS}) AS name FROM pg_roles r
      WHERE r.rolname IN (SELECT role_name FROM whetstone.members) AND ${POWERS} <> ''`,
  },
  {
    id: 'my-powers',
    title: 'This login has no powers over the server',
    mend: 'Ask for an invite of your own: this login is not one of a member.',
    level: 'advice',
    who: 'member',
    find: `SELECT format('%s: %s', r.rolname, ${POWERS}) AS name FROM pg_roles r
      WHERE r.rolname = session_user AND ${POWERS} <> '' AND EXISTS (SELECT FROM whetstone.current_member() m WHERE m.tenant_id IS NOT NULL)`,
  },
  {
    id: 'inner-roles',
    title: 'Nobody but who provisions may act as the registry’s inner roles',
    mend: 'REVOKE whetstone_… FROM …',
    who: 'member',
    find: `
      SELECT format('%s may act as %s', pg_get_userbyid(m.member), pg_get_userbyid(m.roleid)) AS name
      FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.member
      WHERE pg_get_userbyid(m.roleid) IN ('whetstone_owner', 'whetstone_gate', 'whetstone_reaper', 'whetstone_provisioner')
        AND NOT (r.rolcanlogin AND (r.rolsuper OR r.rolcreaterole))`,
  },
  {
    id: 'group-roles',
    title: 'The three groups contain each other and members, nothing else',
    mend: 'REVOKE … FROM …',
    who: 'owner',
    as: 'whetstone_provisioner',
    find: `
      SELECT format('%s is in %s', pg_get_userbyid(m.member), pg_get_userbyid(m.roleid)) AS name FROM pg_auth_members m
      JOIN pg_roles r ON r.oid = m.member
      WHERE pg_get_userbyid(m.roleid) IN ('whetstone_reader', 'whetstone_author', 'whetstone_admin')
        AND pg_get_userbyid(m.member) NOT IN ('whetstone_author', 'whetstone_admin')
        AND NOT (r.rolcanlogin AND (r.rolsuper OR r.rolcreaterole))
        -- Logins are the whole server's: another registry's members are no strangers, and see nothing here.
        AND r.rolname NOT IN (SELECT role_name FROM whetstone.members) AND r.rolname NOT LIKE 'whm\\_%'
      UNION ALL
      SELECT format('%s is in %s', pg_get_userbyid(m.member), pg_get_userbyid(m.roleid)) FROM pg_auth_members m
      WHERE pg_get_userbyid(m.member) IN (SELECT role_name FROM whetstone.members)
        AND pg_get_userbyid(m.roleid) NOT IN ('whetstone_reader', 'whetstone_author', 'whetstone_admin')`,
  },
  {
    id: 'member-roles',
    title: 'Each member may what their role says, and is shown as that',
    mend: '`registry member role USER ROLE` sets all three',
    who: 'owner',
    as: 'whetstone_provisioner',
    find: `
      SELECT format('%s is %s, shown as %s, in the groups %s', m.role_name, m.role, u.role, coalesce(g.groups, 'none')) AS name
      FROM whetstone.members m JOIN whetstone.users u ON u.tenant_id = m.tenant_id AND u.id = m.user_id
      LEFT JOIN pg_roles r ON r.rolname = m.role_name
      LEFT JOIN LATERAL (SELECT string_agg(pg_get_userbyid(a.roleid)::text, ', ') AS groups FROM pg_auth_members a WHERE a.member = r.oid) g ON true
      WHERE m.role <> u.role OR g.groups IS DISTINCT FROM 'whetstone_' || m.role`,
  },
  {
    id: 'logins',
    title: 'Every member has a login, and every login is a member',
    mend: 'DROP ROLE …, or `registry member remove USER`',
    who: 'owner',
    as: 'whetstone_provisioner',
    find: `
      SELECT format('%s is a member without a login', m.role_name) AS name FROM whetstone.members m
      WHERE NOT EXISTS (SELECT FROM pg_roles r WHERE r.rolname = m.role_name AND r.rolcanlogin)
      UNION ALL
      SELECT format('%s may log in and is no member', r.rolname) FROM ${LOGINS}
        AND NOT r.rolcreaterole AND r.rolname NOT LIKE 'whm\\_%' AND r.rolname NOT IN (SELECT role_name FROM whetstone.members)`,
  },
  {
    id: 'member-limits',
    title: 'Members’ logins have time-outs and a limit of connections, and those who overstay can be ended',
    mend: "ALTER ROLE … CONNECTION LIMIT 8; ALTER ROLE … SET statement_timeout = '60s'; GRANT … TO whetstone_reaper",
    who: 'owner',
    as: 'whetstone_provisioner',
    find: `
      SELECT format('%s has no %s', m.role_name, s.name) AS name FROM whetstone.members m JOIN pg_roles r ON r.rolname = m.role_name
      CROSS JOIN unnest(ARRAY[${Object.keys(MEMBER_SETTINGS)
        .map(name => `'${name}'`)
        .join(', ')}]) s (name)
      WHERE NOT EXISTS (SELECT FROM unnest(r.rolconfig) c WHERE c LIKE s.name || '=%' AND c NOT LIKE '%=0')
      UNION ALL
      SELECT format('%s may open %s connections', m.role_name, CASE WHEN r.rolconnlimit < 0 THEN 'any number of' ELSE r.rolconnlimit::text END)
      FROM whetstone.members m JOIN pg_roles r ON r.rolname = m.role_name WHERE r.rolconnlimit NOT BETWEEN 1 AND 20
      UNION ALL
      SELECT format('%s cannot be ended by the others', m.role_name) FROM whetstone.members m JOIN pg_roles r ON r.rolname = m.role_name
      WHERE NOT pg_has_role('whetstone_reaper', r.oid, 'USAGE')`,
  },
  {
    id: 'member-disk',
    title: 'What one member’s sorts may take of the server’s disk is bounded',
    mend: `As superuser, for each login: ALTER ROLE … SET temp_file_limit = '${SUPERUSER_SETTINGS.temp_file_limit}'. work_mem is everybody’s own to set, so bound the server’s memory where it runs (container or cgroup), and keep each team that you do not trust on a server of its own.`,
    level: 'advice',
    who: 'owner',
    as: 'whetstone_provisioner',
    find: `
      SELECT format('%s has no temp_file_limit', m.role_name) AS name FROM whetstone.members m JOIN pg_roles r ON r.rolname = m.role_name
      WHERE current_setting('temp_file_limit') = '-1'
        AND NOT EXISTS (SELECT FROM unnest(r.rolconfig) c WHERE c LIKE 'temp_file_limit=%' AND c NOT LIKE '%=-1')`,
  },
  {
    id: 'stale-invites',
    title: 'No expired invite lies about',
    mend: '`registry member remove USER`, or `registry rotate USER` for a new one',
    level: 'advice',
    who: 'owner',
    as: 'whetstone_provisioner',
    find: `
      SELECT format('%s was invited and never came', u.name) AS name FROM whetstone.members m
      JOIN whetstone.users u ON u.tenant_id = m.tenant_id AND u.id = m.user_id
      WHERE m.accepted_at IS NULL AND m.expires_at < extract(epoch FROM now()) * 1000`,
  },
]
