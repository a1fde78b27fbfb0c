import type { Library } from './library.ts'
import type { RemoteRow } from './mirror.ts'

/** A row of the registry that could not be taken yet, and why: what it refers to ('skills 0192…'), or what does not fit. */
export type WaitingRow = { entity: string; id: string; seq: number; row: RemoteRow; reason: string }

export function keepWaiting(library: Library, tenantId: string, waiting: WaitingRow): void {
  library.run(
    'INSERT OR REPLACE INTO waiting_rows (tenant_id, entity, id, seq, row, reason) VALUES (?, ?, ?, ?, ?, ?)',
    tenantId,
    waiting.entity,
    waiting.id,
    waiting.seq,
    JSON.stringify(waiting.row),
    waiting.reason,
  )
}

export function dropWaiting(library: Library, tenantId: string, entity: string, id: string): void {
  library.run('DELETE FROM waiting_rows WHERE tenant_id = ? AND entity = ? AND id = ?', tenantId, entity, id)
}

/** What they waited for was deleted, and they with it. */
export function dropWaitingFor(library: Library, tenantId: string, table: string, id: string): void {
  library.run('DELETE FROM waiting_rows WHERE tenant_id = ? AND reason = ?', tenantId, `${table} ${id}`)
}

export const hasWaiting = (library: Library, tenantId: string): boolean =>
  library.find('SELECT 1 FROM waiting_rows WHERE tenant_id = ?', tenantId) !== undefined

/** Those that wait although everything was read, and not for something whose deletion of ours is on its way. */
export const countWaitingRows = (library: Library, tenantId: string): number =>
  library.get<{ n: number }>(
    `SELECT count(*) AS n FROM waiting_rows w WHERE w.tenant_id = ? AND NOT EXISTS (SELECT 1 FROM outbox o
       WHERE o.operation = 'delete' AND o.entity_id = substr(w.reason, instr(w.reason, ' ') + 1))`,
    tenantId,
  ).n

/** Those whose reason is gone: the row that they waited for is here. Oldest first, at most 1,000. */
export function listWaiting(library: Library, tenantId: string): WaitingRow[] {
  const reasons = library
    .all<{ reason: string }>('SELECT DISTINCT reason FROM waiting_rows WHERE tenant_id = ?', tenantId)
    .map(row => row.reason)
    .filter(reason => isHere(library, tenantId, reason))
  return library
    .all<Omit<WaitingRow, 'row'> & { row: string }>(
      `SELECT * FROM waiting_rows WHERE tenant_id = ? AND reason IN (SELECT value FROM json_each(?)) ORDER BY seq LIMIT 1000`,
      tenantId,
      JSON.stringify(reasons),
    )
    .map(row => ({ ...row, row: JSON.parse(row.row) }))
}

const REFERENCE = /^(skills|skill_versions|users|skill_feedback|benchmark_runs|benchmark_cases) (\S+)$/

function isHere(library: Library, tenantId: string, reason: string): boolean {
  const [, table, id] = REFERENCE.exec(reason) ?? []
  if (table === undefined || id === undefined) return false
  return library.find(`SELECT 1 FROM ${table} WHERE id = ? AND tenant_id = ?`, id, tenantId) !== undefined
}
