import fs from 'node:fs'
import path from 'node:path'
import type { ClientBase } from 'pg'
import { z } from 'zod'
import { manifestEntry } from '../../shared/domain/manifest.ts'
import { ARCHIVED_TABLES, type Archive, parseJson, readArchive, readPlain } from './archive.ts'
import { type BlobStore, blobKey, hashOfKey, isBlobFailure, sha256 } from './blobs.ts'
import { secureDatabase } from './harden.ts'
import { listMended, type MendedRow } from './mended.ts'
import { type MigrateResult, type Migration, migrateRegistry } from './migrate.ts'
import { inParallel } from './parallel.ts'
import { listTenants } from './provision.ts'
import { neededByVersions, type RowAside, restoreTable } from './restore-rows.ts'
import { inTransaction } from './transaction.ts'

export type RestoreResult =
  /** A new epoch, so that every client compares everything once. Logins are made anew: invite each user by their id. */
  | {
      kind: 'restored'
      tenant: Archive['tenant']
      epoch: string
      users: { id: string; name: string; role: string }[]
      /** Rows that went in with other values than they had. */
      mended: MendedRow[]
      /** Rows that did not go in. */
      aside: RowAside[]
    }
  | { kind: 'refused'; reason: string }
  | Exclude<MigrateResult, { kind: 'ready' }>

export type RestoreOptions = {
  folder: string
  store: BlobStore | null
  migrations: readonly Migration[]
  now: number
  progress?: (what: string, done: number) => void
}

const BLOBS_AT_ONCE = 16

/** Puts an exported tenant into an empty registry, which it makes if need be. Its rows go in at once or not at all, but for those that no registry takes. */
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
  const restored = await inTransaction(
    client,
    async () => {
      await client.query('SET LOCAL statement_timeout = 0')
      const rows = { ...options, tenantId: archive.tenant.id, there: neededByVersions() }
      const aside: RowAside[] = []
      for (const table of ARCHIVED_TABLES) aside.push(...(await restoreTable(client, table, rows)))
      await putPointersRight(client, options, archive.tenant.id)
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
      return { kind: 'restored' as const, tenant: archive.tenant, epoch: heads[0]?.epoch ?? '', users, aside }
    },
    'whetstone_provisioner',
  )
  // The database was empty before.
  return { ...restored, mended: await listMended(client) }
}

/**
 * Pointers of skills to versions that were set aside: to the newest that is there, and to none published. And the text of a
 * published version is proven by its manifest in the export, as a member has to (0240), or left out.
 */
async function putPointersRight(client: ClientBase, { folder }: RestoreOptions, tenantId: string): Promise<void> {
  await client.query(
    `UPDATE whetstone.skills s SET draft_version_id = (SELECT v.id FROM whetstone.skill_versions v
       WHERE v.tenant_id = s.tenant_id AND v.skill_id = s.id ORDER BY v.version DESC LIMIT 1)
     WHERE s.tenant_id = $1 AND s.draft_version_id IS NOT NULL AND NOT EXISTS (SELECT FROM whetstone.skill_versions v
       WHERE v.tenant_id = s.tenant_id AND v.skill_id = s.id AND v.id = s.draft_version_id)`,
    [tenantId],
  )
  await client.query(
    `UPDATE whetstone.skills s SET published_version_id = NULL, content = NULL,
       status = CASE WHEN s.status = 'archived' THEN s.status ELSE 'draft' END
     WHERE s.tenant_id = $1 AND s.published_version_id IS NOT NULL AND NOT EXISTS (SELECT FROM whetstone.skill_versions v
       WHERE v.tenant_id = s.tenant_id AND v.skill_id = s.id AND v.id = s.published_version_id)`,
    [tenantId],
  )
  const { rows } = await client.query<{ id: string; content: string; hash: string | null }>(
    `SELECT s.id, s.content, v.content_hash AS hash FROM whetstone.skills s LEFT JOIN whetstone.skill_versions v
       ON v.tenant_id = s.tenant_id AND v.id = s.published_version_id WHERE s.tenant_id = $1 AND s.content IS NOT NULL`,
    [tenantId],
  )
  const unproven = rows.filter(row => row.hash === null || !isProven(folder, row.hash, row.content)).map(row => row.id)
  await client.query('UPDATE whetstone.skills SET content = NULL WHERE tenant_id = $1 AND id = ANY ($2)', [
    tenantId,
    unproven,
  ])
}

function isProven(folder: string, hash: string, content: string): boolean {
  const manifest = readPlain(path.join(folder, ...blobKey(hash).split('/')), MANIFEST_BYTES)
  if (manifest === undefined || sha256(manifest) !== hash) return false
  const entries = z.array(manifestEntry).safeParse(parseJson(manifest.toString('utf8'))).data ?? []
  return entries.some(entry => entry.path === 'SKILL.md' && entry.sha256 === sha256(Buffer.from(content)))
}
const MANIFEST_BYTES = 16 * 1024 * 1024

async function restoreBlobs(store: BlobStore, { folder, progress }: RestoreOptions): Promise<void> {
  const root = path.join(folder, 'blobs')
  if (!fs.lstatSync(root, { throwIfNoEntry: false })?.isDirectory()) return
  const files = fs
    .readdirSync(root, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => path.join(entry.parentPath, entry.name))
  let done = 0
  await inParallel(files, BLOBS_AT_ONCE, async file => {
    const hash = hashOfKey(path.relative(folder, file).split(path.sep).join('/'))
    if (hash === undefined) return
    const bytes = readPlain(file)
    if (bytes === undefined) return
    const put = await store.put(hash, bytes)
    if (isBlobFailure(put) || put.kind === 'damaged') throw new Error(put.message)
    progress?.('blobs', ++done)
  })
}
