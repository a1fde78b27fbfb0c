import type { Check } from './doctor.ts'
import { HARDENING_SQL, OPEN_DATABASES_SQL, STILL_OPEN_SQL } from './harden.ts'

/**
 * The first release of each line in which no login without rights can read or break more than it should: CVE-2025-8713
 * (statistics past row-level security) and CVE-2026-6473 (memory corruption by any SQL user).
 */
const PATCHED: Record<number, number> = { 16: 14, 17: 10, 18: 4 }

/** Rules about the server and the database around the schema. */
export const SERVER_CHECKS: readonly Check[] = [
  {
    id: 'server-version',
    title: 'The server is a Postgres with all known holes closed',
    mend: 'Update the server to the newest release of its line (16.14, 17.10, 18.4 or newer).',
    who: 'member',
    find: async client => {
      const { rows } = await client.query<{ number: number; label: string }>(
        "SELECT current_setting('server_version_num')::int AS number, current_setting('server_version') AS label",
      )
      const { number = 0, label = '' } = rows[0] ?? {}
      const [line, release] = [Math.floor(number / 10_000), number % 10_000]
      const least = PATCHED[line]
      if (least === undefined) return line > 18 ? [] : [`Postgres ${label}: a registry needs 16 or newer`]
      return release < least ? [`Postgres ${label} is older than ${line}.${least}`] : []
    },
  },
  {
    id: 'tls',
    title: 'The connection is encrypted, unless it stays on this computer',
    mend: 'Turn TLS on at the server, and leave sslmode out of the connection string.',
    who: 'member',
    find: `
      SELECT 'this connection is not encrypted' AS name FROM pg_stat_ssl s WHERE s.pid = pg_backend_pid() AND NOT s.ssl
        AND NOT coalesce(inet_server_addr() <<= '127.0.0.0/8' OR inet_server_addr() <<= '::1/128', true)`,
  },
  {
    id: 'passwords',
    title: 'Passwords are stored and proven by SCRAM',
    mend: "ALTER SYSTEM SET password_encryption = 'scram-sha-256'; and no md5, password or trust lines for hosts in pg_hba.conf",
    who: 'member',
    find: "SELECT 'password_encryption is ' || current_setting('password_encryption') AS name WHERE current_setting('password_encryption') <> 'scram-sha-256'",
  },
  {
    id: 'trusted-hosts',
    title: 'No address may log in without a password, or with one in the clear',
    mend: 'Change these lines of pg_hba.conf to scram-sha-256, then reload.',
    level: 'advice',
    who: 'owner',
    find: `
      SELECT format('line %s: %s %s %s', line_number, type, address, auth_method) AS name FROM pg_hba_file_rules
      WHERE auth_method IN ('trust', 'password', 'md5') AND type <> 'local'`,
  },
  {
    id: 'database-rights',
    title: 'Only members may connect to the database, and nobody may make schemas or temporary tables in it',
    mend: 'REVOKE ALL ON DATABASE … FROM PUBLIC; GRANT CONNECT ON DATABASE … TO whetstone_reader',
    who: 'member',
    find: `
      SELECT format('%s may %s', CASE WHEN a.grantee = 0 THEN 'PUBLIC' ELSE pg_get_userbyid(a.grantee) END, a.privilege_type) AS name
      FROM pg_database d CROSS JOIN LATERAL aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) a
      WHERE d.datname = current_database() AND (a.grantee = 0
        OR (a.privilege_type <> 'CONNECT' AND a.grantee <> d.datdba AND (SELECT NOT (r.rolsuper OR r.rolcreaterole) FROM pg_roles r WHERE r.oid = a.grantee)))
      UNION ALL
      SELECT format('PUBLIC may CREATE in the schema %s', n.nspname) FROM pg_namespace n CROSS JOIN LATERAL aclexplode(n.nspacl) a
      WHERE a.grantee = 0 AND a.privilege_type = 'CREATE'`,
  },
  {
    id: 'notify-queue',
    title: 'The server’s queue of notifications is nearly empty',
    mend: 'A session that listens sits in a transaction or reads nothing: end it (pg_stat_activity: xact_start, wait_event ClientWrite). Members’ are ended by every sync. A smaller max_notify_queue_pages bounds the disk that the queue may take.',
    level: 'advice',
    who: 'member',
    find: `SELECT format('%s%% of it is in use', round(u * 100)) AS name FROM pg_notification_queue_usage() u WHERE u > 0.01`,
  },
  {
    id: 'open-functions',
    title:
      'Members can neither store large objects, take advisory locks, fill the write-ahead log nor see how much other teams store',
    mend: `As superuser: ${HARDENING_SQL.replace(/\s+/g, ' ')}`,
    level: 'advice',
    who: 'member',
    find: STILL_OPEN_SQL.replaceAll('$1', "'whetstone_reader'"),
  },
  {
    id: 'other-databases',
    title: 'Members cannot log in to other databases of this server',
    mend: 'REVOKE CONNECT, TEMPORARY ON DATABASE … FROM PUBLIC; and grant it to those who need it',
    level: 'advice',
    who: 'member',
    find: OPEN_DATABASES_SQL,
  },
  {
    id: 'extensions',
    title: 'No extension reaches out of the database with the server’s rights',
    mend: 'DROP EXTENSION …, or keep the registry in a database of its own',
    who: 'member',
    find: `
      SELECT extname::text AS name FROM pg_extension
      WHERE extname IN ('dblink', 'postgres_fdw', 'file_fdw', 'adminpack', 'plpython3u', 'plperlu', 'pltclu', 'http', 'pg_net', 'lo', 'pageinspect', 'pg_surgery')`,
  },
  {
    id: 'event-triggers',
    title: 'No program of others runs in between',
    mend: 'DROP EVENT TRIGGER …, DROP PUBLICATION …',
    level: 'advice',
    who: 'member',
    find: `
      SELECT format('event trigger %s', evtname) AS name FROM pg_event_trigger WHERE evtenabled <> 'D'
      UNION ALL SELECT format('publication %s', pubname) FROM pg_publication p WHERE p.puballtables OR EXISTS (
        SELECT FROM pg_publication_rel r JOIN pg_class c ON c.oid = r.prrelid WHERE r.prpubid = p.oid AND c.relnamespace = 'whetstone'::regnamespace)`,
  },
]
