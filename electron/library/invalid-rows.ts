import type { Library } from './library.ts'

/** A row of the registry that breaks the rules (shared/domain/rows), kept aside by name (migrations/sqlite/0120). */
export type InvalidRow = {
  entity: string
  id: string
  seq: number
  /** The skill it belongs to; '' where it is of none. */
  about: string
  by: string | null
  /** What is kept of it; undefined where nothing is. */
  row: unknown
  /** 'tags must be a list …'. */
  problem: string
}

/** Of a row that is longer, in characters of JSON, nothing is kept but its name and what is wrong with it. */
const LONGEST = 65_536
const LONGEST_ID = 200

export function keepInvalid(library: Library, tenantId: string, invalid: InvalidRow, replaced: 0 | 1 = 0): void {
  library.run(
    `INSERT OR REPLACE INTO invalid_rows (tenant_id, entity, id, seq, about, by_user, row, problem, replaced)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    tenantId,
    invalid.entity,
    nameOf(invalid.id),
    Number.isSafeInteger(invalid.seq) ? invalid.seq : 0,
    invalid.about,
    invalid.by,
    kept(invalid.row),
    invalid.problem,
    replaced,
  )
}

const nameOf = (id: string): string => id.slice(0, LONGEST_ID).toWellFormed()

/** A row of hundreds of megabytes is not even written down as JSON. */
function kept(row: unknown): string {
  if (typeof row !== 'object' || row === null) return '{}'
  const size = Object.values(row).reduce<number>(
    (sum, value) => sum + (typeof value === 'string' ? value.length : 8),
    0,
  )
  const text = size <= LONGEST ? JSON.stringify(row) : '{}'
  return text.length <= LONGEST ? text : '{}'
}

/** It came in, or was deleted. Answers which skill it was about; undefined where it was not kept aside. */
export function dropInvalid(library: Library, tenantId: string, entity: string, id: string): string | undefined {
  const row = library.find<{ about: string }>(
    'SELECT about FROM invalid_rows WHERE tenant_id = ? AND entity = ? AND id = ? AND replaced = 0',
    tenantId,
    entity,
    nameOf(id),
  )
  if (!row) return undefined
  library.run('DELETE FROM invalid_rows WHERE tenant_id = ? AND entity = ? AND id = ?', tenantId, entity, nameOf(id))
  return row.about
}

export const hasInvalid = (library: Library, tenantId: string): boolean =>
  library.find('SELECT 1 FROM invalid_rows WHERE tenant_id = ? AND replaced = 0', tenantId) !== undefined

export type InvalidSummary = {
  rows: number
  entity: string
  id: string
  by_user: string | null
  /** JSON; '{}' where nothing of it is kept. */
  row: string
  problem: string
}

/** How many of one skill are kept aside, and the first of them; undefined where none is. */
export const summariseInvalid = (library: Library, tenantId: string, about: string): InvalidSummary | undefined =>
  library.find<InvalidSummary>(
    `SELECT count(*) OVER () AS rows, entity, id, by_user, row, problem FROM invalid_rows
     WHERE tenant_id = ? AND about = ? AND replaced = 0 ORDER BY seq, entity, id LIMIT 1`,
    tenantId,
    about,
  )
