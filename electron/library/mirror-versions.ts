import { rowProblems } from '../../shared/domain/rows/gate.ts'
import { keepInvalid } from './invalid-rows.ts'
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
      /** Columns that broke the rules here and do not any more. */
      corrected?: string[]
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
  if (local && differs.length > 0) {
    if (!isCorrection(local, differs)) return { kind: 'rewritten', differs }
    correct(library, local, row)
    const put = putVersion(library, row, tenantId, reconciling)
    return put.kind === 'put' ? { ...put, corrected: differs } : put
  }
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

/** What says how a version is called and described; never what it holds, who made it, or from what. */
const CORRECTABLE: readonly string[] = ['content_type', 'name', 'description', 'message', 'metadata']

/** The registry once took what its rules now refuse, and has put something else there: every column that differs was such. */
function isCorrection(local: VersionRecord, differs: readonly string[]): boolean {
  const broken = rowProblems('skill_versions', local).map(({ column }) => column)
  return differs.every(column => CORRECTABLE.includes(column) && broken.includes(column))
}

/** What was here stays in invalid_rows, whose row is what lets a version be corrected. */
function correct(library: Library, local: VersionRecord, row: RemoteRow): void {
  const { id, tenant_id, skill_id: about, created_by: by } = local
  const problem = rowProblems('skill_versions', local)
    .map(({ column, rule }) => `${column} ${rule}`)
    .join('; ')
  keepInvalid(library, tenant_id, { entity: 'skill_versions', id, seq: 0, about, by, row: local, problem }, 1)
  library.run(
    'UPDATE skill_versions SET content_type = ?, name = ?, description = ?, message = ?, metadata = ? WHERE id = ?',
    row.content_type ?? '',
    row.name ?? '',
    row.description ?? '',
    row.message ?? '',
    row.metadata ?? '{}',
    id,
  )
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
