import type { Library } from './library.ts'
import { missingReference, type RemoteRow } from './mirror.ts'
import type { VersionRecord } from './schema.ts'
import { contentUrl, findVersion } from './versions.ts'

export type PutVersion =
  | {
      kind: 'put'
      fresh: boolean
      renumbered: { from: number; to: number } | undefined
      /** While reconciling: who had its number until now. */
      displaced: VersionRecord | undefined
    }
  | { kind: 'waits'; for: string }
  | { kind: 'foreign' }
  /** It is here with other content, history or author, or under another number: ours is kept. */
  | { kind: 'rewritten'; differs: string[] }
  /** Another version has this number here. */
  | { kind: 'taken'; by: VersionRecord }

/** `content_url` is made from the hash here as there, and number and time are the registry's to give. */
const FIXED = [
  'skill_id',
  'parent_version_id',
  'merged_version_id',
  'content_hash',
  'content_type',
  'name',
  'description',
  'message',
  'metadata',
  'created_by',
] as const satisfies (keyof VersionRecord)[]

/** A version never changes, so one that is here must be the one that comes; only its number and time may be news. */
export function putVersion(library: Library, row: RemoteRow, tenantId: string, reconciling: boolean): PutVersion {
  const waits = missingReference(library, 'skill_versions', row, tenantId)
  if (waits !== undefined) return { kind: 'waits', for: waits }
  const local = findVersion(library, String(row.id))
  if (local && local.tenant_id !== tenantId) return { kind: 'foreign' }
  const number = Number(row.version)
  const differs = local ? FIXED.filter(column => local[column] !== row[column]) : []
  if (differs.length > 0) return { kind: 'rewritten', differs }
  if (local && local.version === number && local.created_at === row.created_at) {
    return { kind: 'put', fresh: false, renumbered: undefined, displaced: undefined }
  }
  const changes = local !== undefined && local.version !== null
  if (changes && !reconciling) return { kind: 'rewritten', differs: ['version'] }
  const holder = findNumbered(library, String(row.skill_id), number)
  if (holder && holder.id !== row.id) {
    if (!reconciling) return { kind: 'taken', by: holder }
    unnumberVersion(library, holder.id)
  }
  if (!local) insertRemote(library, row, tenantId)
  else numberVersion(library, local.id, number, Number(row.created_at))
  const from = local?.version ?? null
  return {
    kind: 'put',
    fresh: local === undefined,
    renumbered: from !== null && from !== number ? { from, to: number } : undefined,
    displaced: holder && holder.id !== row.id ? holder : undefined,
  }
}

const findNumbered = (library: Library, skillId: string, number: number): VersionRecord | undefined =>
  library.find<VersionRecord>('SELECT * FROM skill_versions WHERE skill_id = ? AND version = ?', skillId, number)

/** What the registry says of a version of ours, once. */
export function numberVersion(library: Library, id: string, version: number, createdAt: number): void {
  library.run('UPDATE skill_versions SET version = ?, created_at = ? WHERE id = ?', version, createdAt, id)
}

/** The same, where it has no number yet. */
export function numberFirst(library: Library, id: string, version: number, createdAt: number): void {
  library.run(
    'UPDATE skill_versions SET version = ?, created_at = ? WHERE id = ? AND version IS NULL',
    version,
    createdAt,
    id,
  )
}

/** While reconciling: the registry has to number it again. */
export function unnumberVersion(library: Library, id: string): void {
  library.run('UPDATE skill_versions SET version = NULL WHERE id = ?', id)
}

function insertRemote(library: Library, row: RemoteRow, tenantId: string): void {
  library.run(
    `INSERT INTO skill_versions (id, tenant_id, skill_id, version, parent_version_id, merged_version_id, content_url,
       content_hash, content_type, name, description, message, metadata, created_by, created_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    row.id ?? null,
    tenantId,
    row.skill_id ?? null,
    row.version ?? null,
    row.parent_version_id ?? null,
    row.merged_version_id ?? null,
    contentUrl(String(row.content_hash)),
    row.content_hash ?? null,
    row.content_type ?? null,
    row.name ?? null,
    row.description ?? null,
    row.message ?? null,
    row.metadata ?? null,
    row.created_by ?? null,
    row.created_at ?? null,
  )
}
