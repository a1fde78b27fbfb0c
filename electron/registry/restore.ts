import fs from 'node:fs'
import path from 'node:path'
import type { ClientBase } from 'pg'
import { ARCHIVED_TABLES, type Archive, type ArchivedTable, readArchive, readRows } from './archive.ts'
import { type BlobStore, hashOfKey, isBlobFailure } from './blobs.ts'
import { secureDatabase } from './harden.ts'
import { type MigrateResult, type Migration, migrateRegistry } from './migrate.ts'
import { inParallel } from './parallel.ts'
import { listTenants } from './provision.ts'
import { inTransaction } from './transaction.ts'

export type RestoreResult =
  /** A new epoch, so that every client compares everything once. Logins are made anew: invite each user by their id. */
  | { kind: 'restored'; tenant: Archive['tenant']; epoch: string; users: { id: string; name: string; role: string }[] }
  | { kind: 'refused'; reason: string }
  | Exclude<MigrateResult, { kind: 'ready' }>

export type RestoreOptions = {
  folder: string
  store: BlobStore | null
  migrations: readonly Migration[]
  now: number
  progress?: (what: string, done: number) => void
}

const PAGE = 500
const BLOBS_AT_ONCE = 16

/** Puts an exported tenant into an empty registry, which it makes if need be. Rows go in whole or not at all. */
export async function restoreTenant(client: ClientBase, options: RestoreOptions): Promise<RestoreResult> {
  const read = await readArchive(options.folder)
  if (read.kind === 'invalid') return { kind: 'refused', reason: read.reason }
  const { archive } = read
  const newest = Math.max(...options.migrations.map(migration => migration.id))
  if (archive.schemaVersion > newest)
    return { kind: 'refused', reason: 'This export is of a newer registry. Update the app; nothing was changed.' }
  const migrated = await migrateRegistry(client, options.migrations, options.now)
  if (migrated.kind !== 'ready') return migrated
  await secureDatabase(client)
  const [other] = await listTenants(client)
  if (other)
    return {
      kind: 'refused',
      reason: `This registry holds the team ${other.name} already. Restore into an empty one; nothing was changed.`,
    }
  if (options.store) await restoreBlobs(options.store, options)
  return await inTransaction(
    client,
    async () => {
      await client.query('SET LOCAL statement_timeout = 0')
      for (const table of ARCHIVED_TABLES) await restoreTable(client, table, options)
      // The archive's own count is believed no more than anything else of it.
      await client.query('SELECT whetstone.count_stored($1)', [archive.tenant.id])
      const { rows: heads } = await client.query<{ epoch: string }>(
        'SELECT epoch FROM whetstone.tenant_heads WHERE tenant_id = $1',
        [archive.tenant.id],
      )
      const { rows: users } = await client.query<{ id: string; name: string; role: string }>(
        'SELECT id, name, role FROM whetstone.users WHERE tenant_id = $1 ORDER BY created_at, id',
        [archive.tenant.id],
      )
      return { kind: 'restored' as const, tenant: archive.tenant, epoch: heads[0]?.epoch ?? '', users }
    },
    'whetstone_provisioner',
  )
}

/** Columns of its own table that a row may refer to. */
const REFERS: Partial<Record<ArchivedTable, readonly string[]>> = {
  skills: ['forked_from_id'],
  skill_versions: ['parent_version_id', 'merged_version_id'],
}

/** `line` goes back as it came, so that no number is read and written again on the way. */
type Row = { line: string; id: unknown; refers: unknown[] }

async function restoreTable(client: ClientBase, table: ArchivedTable, options: RestoreOptions): Promise<void> {
  const columns = await columnsOf(client, table)
  const insert = async (page: readonly Row[]) => {
    if (page.length === 0) return
    await client.query(
      `INSERT INTO whetstone.${table} (${columns}) SELECT ${columns} FROM json_populate_recordset(NULL::whetstone.${table}, $1)`,
      [`[${page.map(row => row.line).join(',')}]`],
    )
  }
  const keys = REFERS[table] ?? []
  const placed = new Set<unknown>()
  let waiting: Row[] = []
  let done = 0
  const place = async (page: readonly Row[]) => {
    // What it refers to is in the registry, or in this page.
    let ready = page
    for (;;) {
      const here = new Set(ready.map(row => row.id))
      const kept = ready.filter(row => row.refers.every(id => id === null || placed.has(id) || here.has(id)))
      if (kept.length === ready.length) break
      ready = kept
    }
    await insert(ready)
    if (keys.length > 0) for (const row of ready) placed.add(row.id)
    const inserted = new Set(ready)
    waiting = page.filter(row => !inserted.has(row))
    done += ready.length
    options.progress?.(table, done)
  }
  for await (const lines of readRows(options.folder, table, PAGE))
    await place([...waiting, ...lines.map(line => rowOf(line, keys))])
  while (waiting.length > 0) {
    const before = waiting.length
    await place(waiting)
    if (waiting.length === before)
      throw new Error(`${before} rows of ${table} refer to rows that are not in the export`)
  }
}

/** All but a head's epoch and channel, which are new ones. */
async function columnsOf(client: ClientBase, table: ArchivedTable): Promise<string> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT attname AS name FROM pg_attribute WHERE attrelid = ('whetstone.' || $1)::regclass AND attnum > 0 AND NOT attisdropped
       AND NOT ($1 = 'tenant_heads' AND attname IN ('epoch', 'channel')) ORDER BY attnum`,
    [table],
  )
  return rows.map(row => row.name).join(', ')
}

function rowOf(line: string, keys: readonly string[]): Row {
  if (keys.length === 0) return { line, id: null, refers: [] }
  const row: Record<string, unknown> = JSON.parse(line)
  return { line, id: row.id, refers: keys.map(key => row[key]) }
}

async function restoreBlobs(store: BlobStore, { folder, progress }: RestoreOptions): Promise<void> {
  const root = path.join(folder, 'blobs')
  if (!fs.existsSync(root)) return
  const files = fs
    .readdirSync(root, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => path.join(entry.parentPath, entry.name))
  let done = 0
  await inParallel(files, BLOBS_AT_ONCE, async file => {
    const hash = hashOfKey(path.relative(folder, file).split(path.sep).join('/'))
    if (hash === undefined) return
    const put = await store.put(hash, fs.readFileSync(file))
    if (isBlobFailure(put) || put.kind === 'damaged') throw new Error(put.message)
    progress?.('blobs', ++done)
  })
}
