import type { Library } from './library.ts'
import { findRow, MIRRORED, type MirroredName } from './mirror.ts'
import { enqueue } from './outbox.ts'
import type { AwaitedRecord } from './schema-local.ts'

/** The registry took it; its log will say so. In the transaction of the acknowledgement. */
export function awaitEcho(
  library: Library,
  tenantId: string,
  entity: MirroredName,
  id: string,
  operation: AwaitedRecord['operation'] = 'put',
): void {
  library.run(
    'INSERT OR REPLACE INTO awaited_rows (tenant_id, entity, id, operation) VALUES (?, ?, ?, ?)',
    tenantId,
    entity,
    id,
    operation,
  )
}

export const isAwaiting = (library: Library, tenantId: string): boolean =>
  library.find('SELECT 1 FROM awaited_rows WHERE tenant_id = ?', tenantId) !== undefined

/** The log named it. True where that was awaited. */
export const echoed = (library: Library, tenantId: string, entity: string, id: string): boolean =>
  library.run('DELETE FROM awaited_rows WHERE tenant_id = ? AND entity = ? AND id = ?', tenantId, entity, id) === 1

export const isAwaited = (library: Library, tenantId: string, entity: MirroredName, id: string): boolean =>
  library.find('SELECT 1 FROM awaited_rows WHERE tenant_id = ? AND entity = ? AND id = ?', tenantId, entity, id) !==
  undefined

/**
 * Once everything was read: how many acknowledged changes the log does not name. Deletes among them are queued again; rows
 * are found by comparing everything. What went with something else that was deleted is not lost.
 */
export function takeLost(library: Library, tenantId: string, now: number): number {
  let lost = 0
  for (const row of library.all<AwaitedRecord & { entity: MirroredName }>(
    'SELECT * FROM awaited_rows WHERE tenant_id = ?',
    tenantId,
  )) {
    const entity = MIRRORED[row.entity].entity
    const here = findRow(library, row.entity, row.id) !== undefined
    if (here === (row.operation === 'put')) lost += 1
    if (!here && row.operation === 'delete' && entity !== null)
      enqueue(library, { tenantId, skillId: null, entity, entityId: row.id, operation: 'delete', now })
  }
  library.run('DELETE FROM awaited_rows WHERE tenant_id = ?', tenantId)
  return lost
}
