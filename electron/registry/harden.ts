import { type ClientBase, escapeIdentifier } from 'pg'
import { limitDisk } from './members.ts'
import { inTransaction } from './transaction.ts'

/**
 * What a schema's migrations cannot say: the rights on the database itself (a copy made with CREATE DATABASE … TEMPLATE
 * does not take them along), and, where we are superuser, functions of Postgres that are everybody's by default.
 *
 * @returns what members can still do because this login may not take it from them; sentences for the person at `init`.
 */
export async function secureDatabase(client: ClientBase): Promise<{ remains: string[] }> {
  const { rows } = await client.query<{ name: string; superuser: boolean }>(
    'SELECT current_database() AS name, rolsuper AS superuser FROM pg_roles WHERE rolname = current_user',
  )
  const { name = '', superuser = false } = rows[0] ?? {}
  const database = escapeIdentifier(name)
  // TEMPORARY as well: no tables of their own to fill the disk with, no functions to put in front of ours.
  await client.query(`REVOKE ALL ON DATABASE ${database} FROM PUBLIC`)
  await client.query(`GRANT CONNECT ON DATABASE ${database} TO whetstone_reader`)
  await client.query('REVOKE CREATE ON SCHEMA public FROM PUBLIC').catch(() => undefined)
  if (superuser) {
    await client.query(HARDENING)
    await limitMembers(client)
    // Logins of other programs may need the other databases; where there are none, nobody does.
    if ((await client.query(FOREIGN_LOGINS_SQL)).rowCount === 0) await client.query(CLOSE_OTHERS)
  }
  const open = (await client.query<{ name: string }>(OPEN_DATABASES_SQL)).rows.map(row => row.name)
  const others =
    open.length === 0 ? [] : [`Members can log in to other databases of this server as well: ${open.join(', ')}.`]
  return { remains: [...(superuser ? [] : REMAINS), ...others] }
}

/** Members who were there before such limits were set. */
async function limitMembers(client: ClientBase): Promise<void> {
  await inTransaction(client, async () => {
    const { rows } = await client.query<{ role: string }>(
      'SELECT m.role_name AS role FROM whetstone.members m JOIN pg_roles r ON r.rolname = m.role_name',
    )
    for (const { role } of rows) await limitDisk(client, role)
  })
}

/** Other databases that anybody with a login may connect to. */
export const OPEN_DATABASES_SQL = `
  SELECT d.datname AS name FROM pg_database d
  WHERE d.datallowconn AND d.datname <> current_database() AND EXISTS (
    SELECT FROM aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) a WHERE a.grantee = 0 AND a.privilege_type = 'CONNECT')
  ORDER BY 1`

const FOREIGN_LOGINS_SQL = `
  SELECT FROM pg_roles r WHERE r.rolcanlogin AND NOT r.rolsuper AND NOT pg_has_role(r.oid, 'whetstone_reader', 'MEMBER')`

const CLOSE_OTHERS = `DO $$
DECLARE
  one record;
BEGIN
  FOR one IN ${OPEN_DATABASES_SQL} LOOP
    EXECUTE format('REVOKE CONNECT, TEMPORARY ON DATABASE %I FROM PUBLIC', one.name);
  END LOOP;
END $$`

/**
 * Functions that let any login fill the disk (large objects, messages in the write-ahead log) or the table of locks (advisory
 * locks). `pg_notify` is not among them: NOTIFY and LISTEN are statements, which nobody can be denied.
 */
export const OPEN_FUNCTIONS = [
  'lo_creat',
  'lo_create',
  'lo_from_bytea',
  'lo_put',
  'lowrite',
  'lo_open',
  'lo_unlink',
  'lo_truncate',
  'lo_truncate64',
  'pg_logical_emit_message',
]

const OPEN_FUNCTIONS_SQL = `
  SELECT p.oid::regprocedure AS name FROM pg_proc p
  WHERE p.pronamespace = 'pg_catalog'::regnamespace
    AND (p.proname = ANY ('{${OPEN_FUNCTIONS.join(',')}}') OR p.proname LIKE 'pg\\_advisory\\_%' OR p.proname LIKE 'pg\\_try\\_advisory\\_%')`

/**
 * What tells any login how many rows other teams have, and when they write. The counts alone: what a session itself is
 * doing stays readable, and so does pg_class.reltuples, which every client of Postgres reads.
 */
const TELLING_FUNCTIONS_SQL = `
  SELECT p.oid::regprocedure AS name FROM pg_proc p WHERE p.pronamespace = 'pg_catalog'::regnamespace
    AND ((p.proname LIKE 'pg\\_stat\\_get\\_%' AND p.proargtypes = '26')
      OR p.proname IN ('pg_relation_size', 'pg_table_size', 'pg_indexes_size', 'pg_total_relation_size', 'pg_database_size'))`

const CLOSED_FUNCTIONS_SQL = `${OPEN_FUNCTIONS_SQL} UNION ALL ${TELLING_FUNCTIONS_SQL}`

const HARDENING = `DO $$
DECLARE
  one text;
BEGIN
  FOR one IN ${CLOSED_FUNCTIONS_SQL} LOOP
    EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', one);
  END LOOP;
END $$`

/** Those of them that `login` can still call. */
export const STILL_OPEN_SQL = `
  SELECT open.name::text AS name FROM (${CLOSED_FUNCTIONS_SQL}) open WHERE has_function_privilege($1, open.name::oid, 'EXECUTE')`

const REMAINS = [
  'Members can store large objects, which fill the disk and are counted by nobody.',
  'Members can take advisory locks by the thousand, which fill the server’s table of locks.',
  'Members can write messages into the write-ahead log, which fill the disk until it is recycled.',
  'Members can see how many rows all teams of this database have together, and when one writes.',
  'Members’ sorts may take as much of the server’s disk as there is: only a superuser can set temp_file_limit for them.',
]

/** What a superuser runs, once, to close them. */
export const HARDENING_SQL = HARDENING
