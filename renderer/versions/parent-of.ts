import type { VersionRow } from '../../shared/contract/versions.ts'

/** The version it was made from; where that is not in the list (newest first), the one before it. */
export function parentOf(rows: readonly VersionRow[], row: VersionRow): VersionRow | undefined {
  return rows.find(other => other.id === row.parentId) ?? rows[rows.indexOf(row) + 1]
}
