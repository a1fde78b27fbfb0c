import type { Library } from './library.ts'

export type Operation = {
  tenantId: string
  skillId: string | null
  entity:
    | 'skill'
    | 'version'
    | 'rating'
    | 'feedback'
    | 'measurement'
    | 'usage_event'
    | 'benchmark_case'
    | 'benchmark_run'
  entityId: string
  operation: 'insert' | 'update' | 'delete' | 'publish'
  payload?: unknown
  now: number
}

/** Whether a space has a registry: only then is anything queued, and only then does somebody else number versions. */
export const isTeam = (library: Library, tenantId: string): boolean =>
  library.find<{ kind: string }>('SELECT kind FROM spaces WHERE tenant_id = ?', tenantId)?.kind === 'team'

/**
 * Queues a change for the team's registry, in the transaction of the change itself. A personal or sample space has no
 * registry, so there nothing is queued.
 */
export function enqueue(library: Library, operation: Operation): void {
  if (!isTeam(library, operation.tenantId)) return
  library.run(
    `INSERT INTO outbox (tenant_id, skill_id, entity, entity_id, operation, payload, due_at, created_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
    operation.tenantId,
    operation.skillId,
    operation.entity,
    operation.entityId,
    operation.operation,
    JSON.stringify(operation.payload ?? {}),
    operation.now,
    operation.now,
  )
}

export function countWaiting(library: Library, tenantId: string): number {
  return library.get<{ n: number }>('SELECT count(*) AS n FROM outbox WHERE tenant_id = ?', tenantId).n
}
