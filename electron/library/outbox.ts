import type { Library } from './library.ts'
import type { OutboxRecord } from './schema-local.ts'

export type QueuedEntity =
  | 'skill'
  | 'version'
  | 'rating'
  | 'feedback'
  | 'measurement'
  | 'usage_event'
  | 'benchmark_case'
  | 'benchmark_run'
  | 'benchmark_result'

/**
 * What a payload says, by entity and operation; everything else is read from the row itself when it is sent.
 *  - skill update: the columns that changed (`status`, `category`, `tags`, `slug`), so that others stay the registry's;
 *  - skill publish: `versionId`, and `expected`, the pointer that the author saw;
 *  - feedback review: `expected` (the status that was seen), `status`, `notes`, `implementedBy`.
 */
export type Operation = {
  tenantId: string
  skillId: string | null
  entity: QueuedEntity
  entityId: string
  operation: 'insert' | 'update' | 'delete' | 'publish' | 'review'
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

/** How many will be sent, and how many wait for the reader. */
export const countQueue = (library: Library, tenantId: string): { waiting: number; parked: number } =>
  library.get(
    `SELECT count(*) FILTER (WHERE parked_reason IS NULL) AS waiting, count(parked_reason) AS parked
     FROM outbox WHERE tenant_id = ?`,
    tenantId,
  )

/** The newest change of a team; 0 where nothing waits. Another one than before: something was queued. */
export const lastQueued = (library: Library, tenantId: string): number =>
  library.get<{ n: number | null }>('SELECT max(seq) AS n FROM outbox WHERE tenant_id = ?', tenantId).n ?? 0

/** Rows that say what a row of a table is now (`put`) are sent as one; each of the others is a step of its own. */
export type OperationClass = 'put' | 'publish' | 'review' | 'delete'
const CLASS: Record<OperationClass, string> = {
  put: "operation IN ('insert', 'update')",
  publish: "operation = 'publish'",
  review: "operation = 'review'",
  delete: "operation = 'delete'",
}

/**
 * What was set aside holds its own skill, and of that what hangs on it: a version holds the skill's other versions, one that
 * was deleted there holds everything; a publish or review holds what was put on top of it. (What refers to a version or a
 * skill that is not there waits by itself: see `prepare` in sync/push-….ts.)
 */
const NOT_HELD = `NOT EXISTS (SELECT 1 FROM outbox p WHERE p.tenant_id = o.tenant_id AND p.skill_id = o.skill_id
    AND p.parked_reason IS NOT NULL AND p.entity_id <> o.entity_id
    AND ((p.entity = 'version' AND o.entity = 'version') OR (p.entity = 'skill' AND p.parked_code = 'deleted')))
  AND NOT EXISTS (SELECT 1 FROM outbox q WHERE q.entity_id = o.entity_id AND q.entity = o.entity AND q.operation = o.operation
    AND q.operation IN ('publish', 'review') AND q.parked_reason IS NOT NULL AND q.seq < o.seq)`

/** Changes of one kind that may go now, in the order in which they were made, after `seq`. */
export const listDue = (
  library: Library,
  tenantId: string,
  entity: QueuedEntity,
  of: OperationClass,
  after: number,
  limit: number,
): OutboxRecord[] =>
  library.all<OutboxRecord>(
    `SELECT o.* FROM outbox o WHERE o.tenant_id = ? AND o.entity = ? AND o.seq > ? AND o.${CLASS[of]}
       AND o.parked_reason IS NULL AND ${NOT_HELD} ORDER BY o.seq LIMIT ?`,
    tenantId,
    entity,
    after,
    limit,
  )

/** Whether anything of a team could be sent. */
export const hasDue = (library: Library, tenantId: string): boolean =>
  library.find(`SELECT 1 FROM outbox o WHERE o.tenant_id = ? AND o.parked_reason IS NULL AND ${NOT_HELD}`, tenantId) !==
  undefined

/** How many were set aside and wait for the reader; where a conflict asks about the same, that one counts. */
export const countNeedsYou = (library: Library, tenantId: string): number =>
  library.get<{ n: number }>(
    `SELECT count(*) AS n FROM outbox WHERE tenant_id = ? AND parked_reason IS NOT NULL AND parked_code IS NOT 'deleted'`,
    tenantId,
  ).n

/** How many of a team's changes will be sent, without those that are set aside and what they hold. */
export const countDue = (library: Library, tenantId: string): number => {
  const { waiting, parked } = countQueue(library, tenantId)
  // Looking at each is dear, and what is not set aside holds nothing.
  if (parked === 0) return waiting
  return library.get<{ n: number }>(
    `SELECT count(*) AS n FROM outbox o WHERE o.tenant_id = ? AND o.parked_reason IS NULL AND ${NOT_HELD}`,
    tenantId,
  ).n
}

/** When those that were tried are tried again. */
export function setDue(library: Library, tenantId: string, dueAt: number): void {
  library.run(
    'UPDATE outbox SET due_at = ? WHERE tenant_id = ? AND attempts > 0 AND parked_reason IS NULL',
    dueAt,
    tenantId,
  )
}

/** Everything queued of one row, oldest first. */
export const listOfEntity = (library: Library, entity: QueuedEntity, entityId: string): OutboxRecord[] =>
  library.all<OutboxRecord>('SELECT * FROM outbox WHERE entity_id = ? AND entity = ? ORDER BY seq', entityId, entity)

/** The registry has it: whatever was queued of this row up to what was read for sending. */
export function acknowledge(
  library: Library,
  entity: QueuedEntity,
  entityId: string,
  of: OperationClass,
  seq: number,
): void {
  library.run(
    `DELETE FROM outbox WHERE entity_id = ? AND entity = ? AND seq <= ? AND ${CLASS[of]}`,
    entityId,
    entity,
    seq,
  )
}

export type Parked = { code: string; reason: string; todo: string }

/** Sets it aside with the reason, until the reader says what to do. */
export function park(
  library: Library,
  entity: QueuedEntity,
  entityId: string,
  of: OperationClass,
  seq: number,
  parked: Parked,
): void {
  library.run(
    `UPDATE outbox SET parked_code = ?, parked_reason = ?, parked_todo = ?, attempts = attempts + 1
     WHERE entity_id = ? AND entity = ? AND seq <= ? AND ${CLASS[of]}`,
    parked.code,
    parked.reason,
    parked.todo,
    entityId,
    entity,
    seq,
  )
}

/** Sets everything of one row aside, whatever it is. */
export function parkRow(library: Library, entity: QueuedEntity | null, entityId: string, parked: Parked): void {
  library.run(
    'UPDATE outbox SET parked_code = ?, parked_reason = ?, parked_todo = ? WHERE entity_id = ? AND entity = ?',
    parked.code,
    parked.reason,
    parked.todo,
    entityId,
    entity,
  )
}

/** Sets everything of a skill aside. */
export function parkSkill(library: Library, skillId: string, parked: Parked): void {
  library.run(
    'UPDATE outbox SET parked_code = ?, parked_reason = ?, parked_todo = ? WHERE skill_id = ? AND parked_reason IS NULL',
    parked.code,
    parked.reason,
    parked.todo,
    skillId,
  )
}

/** These were tried and will be again. */
export function postpone(library: Library, seqs: readonly number[], dueAt: number): void {
  library.run(
    'UPDATE outbox SET attempts = attempts + 1, due_at = ? WHERE seq IN (SELECT value FROM json_each(?))',
    dueAt,
    JSON.stringify(seqs),
  )
}

/** What these refer to was not there, though we knew it to be: read first. `parked_code` remembers it, without a reason. */
export function markStale(library: Library, seqs: readonly number[]): void {
  library.run(
    `UPDATE outbox SET parked_code = '${STALE}' WHERE parked_reason IS NULL AND seq IN (SELECT value FROM json_each(?))`,
    JSON.stringify(seqs),
  )
}
const STALE = 'stale'
/** Read again since, and refused again: then it is so. */
export const isStale = (change: Pick<OutboxRecord, 'parked_code'>): boolean => change.parked_code === STALE

/** Try again: a parked change goes back to where it was in the queue. */
export const unpark = (library: Library, tenantId: string, seq: number, now: number): boolean =>
  library.run(
    `UPDATE outbox SET parked_code = NULL, parked_reason = NULL, parked_todo = NULL, attempts = 0, due_at = ?
     WHERE tenant_id = ? AND seq = ? AND parked_reason IS NOT NULL`,
    now,
    tenantId,
    seq,
  ) === 1

/** It was queued because the registry had lost it, could not go for want of its files, and is there again: that one counts. */
export function dropUnsendable(library: Library, entity: QueuedEntity, entityId: string): void {
  library.run(
    "DELETE FROM outbox WHERE entity_id = ? AND entity = ? AND operation = 'insert' AND parked_code = 'damaged'",
    entityId,
    entity,
  )
}

/** Feedback is there (again): cases made from it that were refused for want of it have another try. */
export function retryCasesOf(library: Library, tenantId: string, feedbackId: string): void {
  library.run(
    `UPDATE outbox INDEXED BY outbox_parked SET parked_code = NULL, parked_reason = NULL, parked_todo = NULL, attempts = 0
     WHERE tenant_id = ? AND parked_reason IS NOT NULL AND parked_code = 'refused' AND entity = 'benchmark_case'
       AND EXISTS (SELECT 1 FROM benchmark_cases c WHERE c.id = outbox.entity_id AND c.source_feedback_id = ?)`,
    tenantId,
    feedbackId,
  )
}

/** Content has come that was not here: what could not go for want of such has another try. */
export const retryDamaged = (library: Library, tenantId: string): number =>
  library.run(
    `UPDATE outbox INDEXED BY outbox_parked SET parked_code = NULL, parked_reason = NULL, parked_todo = NULL, attempts = 0
     WHERE tenant_id = ? AND parked_reason IS NOT NULL AND parked_code = 'damaged'`,
    tenantId,
  )

/** Lets a parked change go. What is here stays, until the registry's row is read again (`readAgain` in sync-states.ts). */
export function dropParked(library: Library, tenantId: string, seq: number): boolean {
  // A publish that was put on top of it is put on what it was put on: the registry never had it.
  library.run(
    `UPDATE outbox SET payload = json_set(outbox.payload, '$.expected', json_extract(gone.payload, '$.expected'))
     FROM outbox gone WHERE gone.tenant_id = ? AND gone.seq = ? AND gone.parked_reason IS NOT NULL AND gone.operation = 'publish'
       AND outbox.operation = 'publish' AND outbox.entity_id = gone.entity_id AND outbox.seq > gone.seq
       AND json_extract(outbox.payload, '$.expected') IS json_extract(gone.payload, '$.versionId')`,
    tenantId,
    seq,
  )
  return (
    library.run('DELETE FROM outbox WHERE tenant_id = ? AND seq = ? AND parked_reason IS NOT NULL', tenantId, seq) === 1
  )
}
