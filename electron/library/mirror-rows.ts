import type { Library } from './library.ts'
import {
  deleteRow,
  findRow,
  MIRRORED,
  type MirroredName,
  mirroredColumns,
  missingReference,
  type Pending,
  pendingOf,
  putRow,
  type RemoteRow,
} from './mirror.ts'

export type PutRow =
  | { kind: 'put'; fresh: boolean; overruled: RemoteRow | undefined }
  | { kind: 'waits'; for: string }
  | { kind: 'foreign' }
  /** It was deleted here, and that is on its way. */
  | { kind: 'deleted' }

const REVIEW: readonly string[] = ['status', 'reviewed_by', 'reviewed_at', 'review_notes', 'implemented_by_version_id']

/**
 * A row of one of the tables without rules of their own. Where a change of ours is queued, ours stays; `overruled` is then
 * what the registry has instead, as far as it differs.
 */
export function putPlainRow(library: Library, name: MirroredName, row: RemoteRow, tenantId: string): PutRow {
  const waits = missingReference(library, name, row, tenantId)
  if (waits !== undefined) return { kind: 'waits', for: waits }
  const id = String(row.id)
  const { entity } = MIRRORED[name]
  // Taken back here, and perhaps given anew: that one goes once this one is gone there.
  if (pendingOf(library, entity, id).delete) return { kind: 'deleted' }
  if (name === 'ratings') takeRatingId(library, row, tenantId)
  const pending = pendingOf(library, entity, id)
  const local = findRow(library, name, id)
  const keep = keptColumns(library, name, pending, row)
  const differs = (columns: readonly string[]) => columns.some(column => local?.[column] !== row[column])
  if (!putRow(library, name, row, tenantId, local ? keep : [])) return { kind: 'foreign' }
  return {
    kind: 'put',
    fresh: local === undefined,
    overruled: local && pending.put && differs(keep) ? row : undefined,
  }
}

const TIMES: readonly string[] = ['created_at', 'updated_at']

/** Times are always the registry's. A review of ours stays as long as nobody else has moved what it was made from. */
function keptColumns(library: Library, name: MirroredName, pending: Pending, row: RemoteRow): readonly string[] {
  const review = pending.review && row.status === pending.reviewedFrom ? REVIEW : []
  if (!pending.put) return review
  const notOurs = name === 'skill_feedback' ? [...NEVER_OURS, ...REVIEW] : NEVER_OURS
  return [...mirroredColumns(library, name).filter(column => !notOurs.includes(column)), ...review]
}

const NEVER_OURS: readonly string[] = ['id', 'tenant_id', 'skill_id', 'skill_version_id', 'user_id', ...TIMES]

/** One rating a user and version: where both sides made one, the registry's id is the one that stays. */
function takeRatingId(library: Library, row: RemoteRow, tenantId: string): void {
  const id = String(row.id)
  const ours = library.find<{ id: string }>(
    'SELECT id FROM ratings WHERE skill_version_id = ? AND user_id = ? AND tenant_id = ? AND id <> ?',
    row.skill_version_id ?? null,
    row.user_id ?? null,
    tenantId,
    id,
  )
  if (ours) renameRating(library, ours.id, id)
}

export function renameRating(library: Library, from: string, to: string): void {
  library.run('UPDATE ratings SET id = ? WHERE id = ?', to, from)
  library.run("UPDATE outbox SET entity_id = ? WHERE entity = 'rating' AND entity_id = ?", to, from)
}

export type Deleted = { kind: 'deleted' | 'unknown' } | { kind: 'edited'; row: RemoteRow }

/** A tombstone. What was edited here meanwhile stays, for its author to decide. */
export function deletePlainRow(library: Library, name: MirroredName, id: string, tenantId: string): Deleted {
  const row = findRow(library, name, id)
  if (!row) return { kind: 'unknown' }
  const pending = pendingOf(library, MIRRORED[name].entity, id)
  if (pending.put || pending.review) return { kind: 'edited', row }
  return { kind: deleteRow(library, name, id, tenantId) ? 'deleted' : 'unknown' }
}

/** The team itself. Two may be called alike; here the names in addresses are unique. */
export function putTenant(library: Library, row: RemoteRow, tenantId: string): void {
  library.run('UPDATE tenants SET name = ? WHERE id = ?', row.name ?? '', tenantId)
  library.run(
    'UPDATE tenants SET slug = ? WHERE id = ? AND NOT EXISTS (SELECT 1 FROM tenants WHERE slug = ? AND id <> ?)',
    row.slug ?? '',
    tenantId,
    row.slug ?? '',
    tenantId,
  )
}
