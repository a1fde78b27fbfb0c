import fs from 'node:fs'
import path from 'node:path'
import type { ClientBase } from 'pg'
import { z } from 'zod'
import { manifestEntry } from '../../shared/domain/manifest.ts'
import { ARCHIVED_TABLES, type Archive, parseJson, writeArchive, writeTable } from './archive.ts'
import { type BlobStore, blobKey, isBlobFailure } from './blobs.ts'
import { inParallel } from './parallel.ts'
import { hashesInRows } from './storage-report.ts'

export type ExportResult =
  /** `archive.blobs.missing`: content that the store did not have, or not as its name says. All else is there. */
  { kind: 'exported'; archive: Archive } | { kind: 'refused'; reason: string }

export type ExportOptions = {
  tenantId: string
  /** New or empty. */
  folder: string
  /** Null: rows alone. */
  store: BlobStore | null
  now: number
  progress?: (what: string, done: number, of?: number) => void
}

const PAGE = 2_000
const BLOBS_AT_ONCE = 16

/** Writes a tenant to a folder, from one snapshot: as whoever provisions. Members' logins and keys are not in it. */
export async function exportTenant(client: ClientBase, options: ExportOptions): Promise<ExportResult> {
  const { folder, tenantId, store } = options
  if (fs.existsSync(folder) && fs.readdirSync(folder).length > 0)
    return {
      kind: 'refused',
      reason: `${folder} is not empty. An export needs a folder of its own; nothing was written.`,
    }
  await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY')
  try {
    await client.query('SET LOCAL ROLE whetstone_provisioner; SET LOCAL statement_timeout = 0')
    const { rows } = await client.query<Archive['tenant'] & { version: number }>(
      'SELECT t.id, t.name, t.slug, (SELECT max(id) FROM whetstone.migrations) AS version FROM whetstone.tenants t WHERE t.id = $1',
      [tenantId],
    )
    const [row] = rows
    if (!row) return { kind: 'refused', reason: `There is no tenant ${tenantId}.` }
    const { version, ...tenant } = row
    fs.mkdirSync(folder, { recursive: true })
    const tables = await exportTables(client, options)
    const hashes = await hashesInRows(client, tenantId)
    await client.query('COMMIT')
    const blobs = store ? await exportBlobs(store, hashes, options) : { stored: 0, missing: [] }
    const archive: Archive = { format: 1, exportedAt: options.now, tenant, schemaVersion: version, tables, blobs }
    writeArchive(folder, archive)
    return { kind: 'exported', archive }
  } finally {
    await client.query('ROLLBACK').catch(() => undefined)
  }
}

async function exportTables(
  client: ClientBase,
  { folder, tenantId, progress }: ExportOptions,
): Promise<Archive['tables']> {
  const tables: Archive['tables'] = {}
  for (const table of ARCHIVED_TABLES) {
    const file = writeTable(folder, table)
    const key = table === 'tenants' ? 'id' : 'tenant_id'
    // Oldest first, so that what a row refers to mostly comes before it; and the same file from the same rows.
    const order = ORDER[table] ?? 'created_at, id'
    await client.query(
      `DECLARE export_rows NO SCROLL CURSOR FOR SELECT row_to_json(t)::text AS line FROM whetstone.${table} t WHERE ${key} = $1 ORDER BY ${order}`,
      [tenantId],
    )
    for (;;) {
      const { rows } = await client.query<{ line: string }>(`FETCH ${PAGE} FROM export_rows`)
      if (rows.length === 0) break
      file.add(rows.map(row => row.line))
    }
    await client.query('CLOSE export_rows')
    tables[table] = file.finish()
    progress?.(table, tables[table].rows)
  }
  return tables
}

const ORDER: Partial<Record<(typeof ARCHIVED_TABLES)[number], string>> = {
  tenants: 'id',
  tenant_settings: 'tenant_id',
  tenant_heads: 'tenant_id',
  change_log: 'last_seq',
  tombstones: 'entity, id',
  publish_log: 'at, id',
  version_approvals: 'skill_version_id, user_id',
}

/** Manifests, then the files they name and those of benchmark cases; each checked against its name before it is kept. */
async function exportBlobs(
  store: BlobStore,
  { manifests, ofCases }: { manifests: readonly string[]; ofCases: ReadonlySet<string> },
  options: ExportOptions,
): Promise<Archive['blobs']> {
  const missing: string[] = []
  const there = new Set(manifests)
  const files = new Set(ofCases)
  let stored = 0
  const keep = async (hash: string): Promise<Uint8Array | undefined> => {
    const got = await store.get(hash)
    if (isBlobFailure(got)) throw new Error(got.message)
    if (got.kind !== 'found') {
      missing.push(hash)
      return undefined
    }
    const file = path.join(options.folder, ...blobKey(hash).split('/'))
    fs.mkdirSync(path.dirname(file), { recursive: true })
    fs.writeFileSync(`${file}.partial`, got.bytes)
    fs.renameSync(`${file}.partial`, file)
    stored++
    options.progress?.('blobs', stored)
    return got.bytes
  }
  await inParallel(manifests, BLOBS_AT_ONCE, async hash => {
    const bytes = await keep(hash)
    const manifest = z.array(manifestEntry).safeParse(parseJson(Buffer.from(bytes ?? []).toString('utf8')))
    for (const entry of manifest.data ?? []) files.add(entry.sha256)
  })
  await inParallel(
    [...files].filter(hash => !there.has(hash)),
    BLOBS_AT_ONCE,
    keep,
  )
  return { stored, missing: missing.sort() }
}
