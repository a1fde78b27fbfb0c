import { createHash } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import type { ClientBase } from 'pg'
import { errorCode, reasonOf } from './errors.ts'
import { recordFingerprint } from './fingerprint.ts'
import { listMended, type MendedRow, newlyMended } from './mended.ts'
import { inTransaction } from './transaction.ts'

/** One `NNNN_name.sql`; `hash` is the SHA-256 of its text with LF line ends. */
export type Migration = { id: number; name: string; sql: string; hash: string }

export type MigrateResult =
  /**
   * `applied`: names of what was run now; `version`: the highest number applied; `mended`: rows that broke a rule which was
   * made now.
   */
  | { kind: 'ready'; applied: string[]; version: number; mended: MendedRow[] }
  /** The registry has migrations that this app does not know. */
  | { kind: 'newer'; unknown: number[] }
  /** A migration was edited after this registry applied it. */
  | { kind: 'rewritten'; name: string }
  /** Somebody else is migrating, or holds the lock to keep us from it. */
  | { kind: 'busy'; reason: string }
  /** This server or login cannot carry a registry. */
  | { kind: 'unsuited'; reason: string }
  /** Undone; those before it stay. */
  | { kind: 'failed'; name: string; reason: string }

/** One key in every database: 'WHST'. */
const LOCK = 0x57485354
const LOCK_WAIT = '10s'
/**
 * How long a migration waits for a table, and how often it is tried: everybody who comes after it waits behind it, so it
 * waits for little, and ends the members in its way between the tries.
 */
const TABLE_WAIT = '1s'
const TABLE_TRIES = 20
/** IS JSON, and CREATEROLE that reaches only the roles it made. */
const OLDEST_SERVER = 160_000

/** Reads `0010_name.sql` files, in the order of their numbers. */
export function readMigrations(folder: string): Migration[] {
  return fs
    .readdirSync(folder)
    .flatMap(name => {
      const number = /^(\d{4})_[a-z0-9_]+\.sql$/.exec(name)?.[1]
      if (number === undefined) return []
      const sql = fs.readFileSync(path.join(folder, name), 'utf8').replaceAll('\r\n', '\n')
      return [{ id: Number(number), name, sql, hash: createHash('sha256').update(sql).digest('hex') }]
    })
    .sort((a, b) => a.id - b.id)
}

/**
 * Brings a registry up to date: one at a time under an advisory lock, each migration whole or not at all, and every unseen
 * one, whatever its number. `client` is a login that owns the database and may create roles (a superuser may).
 */
export async function migrateRegistry(
  client: ClientBase,
  known: readonly Migration[],
  now: number,
): Promise<MigrateResult> {
  const unsuited = await whyUnsuited(client)
  if (unsuited !== undefined) return { kind: 'unsuited', reason: unsuited }
  await client.query(`SET lock_timeout = '${LOCK_WAIT}'`)
  try {
    await client.query('SELECT pg_advisory_lock($1)', [LOCK])
  } catch (error) {
    if (errorCode(error) === '55P03') return { kind: 'busy', reason: await whoHoldsTheLock(client) }
    throw error
  }
  try {
    return await migrateLocked(client, known, now)
  } finally {
    await client.query('RESET lock_timeout').catch(() => undefined)
    await client.query('SELECT pg_advisory_unlock($1)', [LOCK]).catch(() => undefined)
  }
}

async function migrateLocked(client: ClientBase, known: readonly Migration[], now: number): Promise<MigrateResult> {
  const done = await listApplied(client)
  const byId = new Map(known.map(migration => [migration.id, migration]))
  const unknown = [...done.keys()].filter(id => !byId.has(id))
  if (unknown.length > 0) return { kind: 'newer', unknown }
  for (const migration of known) {
    const hash = done.get(migration.id)
    if (hash !== undefined && hash !== migration.hash) return { kind: 'rewritten', name: migration.name }
  }
  const applied: string[] = []
  const unseen = known.filter(one => !done.has(one.id))
  const before = unseen.length > 0 ? await listMended(client) : []
  for (const migration of unseen) {
    const failed = await apply(client, migration, now)
    if (failed) return failed
    applied.push(migration.name)
  }
  if (applied.length > 0) await recordFingerprint(client)
  const mended = applied.length > 0 ? newlyMended(before, await listMended(client)) : []
  return { kind: 'ready', applied, version: Math.max(0, ...known.map(migration => migration.id)), mended }
}

async function apply(client: ClientBase, migration: Migration, now: number): Promise<MigrateResult | undefined> {
  for (let tries = 1; ; tries++) {
    try {
      await client.query(`BEGIN; SET LOCAL lock_timeout = '${TABLE_WAIT}'`)
      await client.query(migration.sql)
      await record(client, migration, now)
      await client.query('COMMIT')
      return undefined
    } catch (error) {
      await client.query('ROLLBACK').catch(() => undefined)
      const heldUp = errorCode(error) === '55P03' || errorCode(error) === '40P01'
      if (!heldUp || tries === TABLE_TRIES) return { kind: 'failed', name: migration.name, reason: reasonOf(error) }
      await endWhoHolds(client)
    }
  }
}

/** Members' sessions that have held one of the registry's tables for a second or more: an app asks again. */
async function endWhoHolds(client: ClientBase): Promise<void> {
  const ended = `SELECT pg_terminate_backend(a.pid, 2000) FROM pg_stat_activity a
    WHERE a.datname = current_database() AND a.xact_start < clock_timestamp() - interval '1 second'
      AND pg_has_role('whetstone_reaper', a.usesysid, 'USAGE') AND EXISTS (
        SELECT FROM pg_locks l JOIN pg_class c ON c.oid = l.relation JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE l.pid = a.pid AND l.database = a.datid AND n.nspname = 'whetstone')`
  await inTransaction(client, () => client.query(ended), 'whetstone_reaper').catch(() => undefined)
}

/** The first migration makes the roles and the schema, so the table of applied ones comes after it. */
async function record(client: ClientBase, migration: Migration, now: number): Promise<void> {
  await client.query(`
    SET LOCAL ROLE whetstone_owner;
    CREATE TABLE IF NOT EXISTS whetstone.migrations (
      id integer PRIMARY KEY, name text NOT NULL, hash text NOT NULL, applied_at bigint NOT NULL);
    GRANT SELECT, INSERT ON whetstone.migrations TO whetstone_provisioner;
    SET LOCAL ROLE whetstone_provisioner`)
  await client.query('INSERT INTO whetstone.migrations (id, name, hash, applied_at) VALUES ($1, $2, $3, $4)', [
    migration.id,
    migration.name,
    migration.hash,
    now,
  ])
}

/** By number, the hash each migration had when it was applied. Empty where there is no registry. */
export async function listApplied(client: ClientBase): Promise<Map<number, string>> {
  const there = await client.query(
    "SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'whetstone' AND c.relname = 'migrations'",
  )
  if (there.rowCount === 0) return new Map()
  await client.query('BEGIN; SET LOCAL ROLE whetstone_provisioner')
  const { rows } = await client.query<{ id: number; hash: string }>(
    'SELECT id, hash FROM whetstone.migrations ORDER BY id',
  )
  await client.query('COMMIT')
  return new Map(rows.map(row => [row.id, row.hash]))
}

/** Why this server or login cannot carry a registry; undefined where it can. */
export async function whyUnsuited(client: ClientBase): Promise<string | undefined> {
  const { rows } = await client.query<{
    version: number
    label: string
    encoding: string
    roles: boolean
    creates: boolean
    name: string
  }>(`
    SELECT current_setting('server_version_num')::int AS version, current_setting('server_version') AS label,
      current_setting('server_encoding') AS encoding, current_database() AS name,
      (SELECT rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = current_user) AS roles,
      has_database_privilege(current_database(), 'CREATE') AS creates`)
  const row = rows[0]
  if (!row) throw new Error('the server did not say what it is')
  if (row.version < OLDEST_SERVER) return `This server is Postgres ${row.label}; a registry needs 16 or newer.`
  if (row.encoding !== 'UTF8') return `The database ${row.name} is encoded in ${row.encoding}; a registry needs UTF8.`
  if (!row.roles) return 'This login may not create roles (CREATEROLE), and every member needs one.'
  if (!row.creates) return `This login may not create a schema in the database ${row.name}.`
  return undefined
}

async function whoHoldsTheLock(client: ClientBase): Promise<string> {
  const { rows } = await client.query<{ usename: string | null; pid: number }>(
    `SELECT a.usename, l.pid FROM pg_locks l LEFT JOIN pg_stat_activity a USING (pid)
     WHERE l.locktype = 'advisory' AND l.granted AND l.objid = $1 AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
    [LOCK],
  )
  const holder = rows[0]
  return holder
    ? `The registry is being migrated by ${holder.usename ?? 'another login'} (backend ${holder.pid}).`
    : 'The registry is being migrated by somebody else.'
}
