import type { QueuedChange } from '../../shared/contract/sync.ts'
import type { Library } from '../library/library.ts'
import { dropParked, unpark } from '../library/outbox.ts'
import type { OutboxRecord } from '../library/schema-local.ts'
import { readAgain } from '../library/sync-states.ts'
import type { Context } from './context.ts'
import { nameOfSkill, sayChange } from './sync-words.ts'

/** More than this nobody reads; the status has the whole count. */
const LISTED = 500

/** What waits for a team's registry, in the order in which it will be sent: the first of it, and all that was refused. */
export function listQueue({ library }: Context, tenantId: string): QueuedChange[] {
  const rows = library.all<OutboxRecord>(
    `SELECT * FROM outbox WHERE tenant_id = @tenantId AND (parked_reason IS NOT NULL OR seq IN (
       SELECT seq FROM outbox WHERE tenant_id = @tenantId AND parked_reason IS NULL ORDER BY seq LIMIT ${LISTED})) ORDER BY seq`,
    { tenantId },
  )
  const parked = rows.filter(row => row.parked_reason !== null)
  return rows.map(row => {
    // What was deleted there is decided as one conflict, not change by change.
    const state = row.parked_code === 'deleted' ? 'held' : row.parked_reason !== null ? 'parked' : stateOf(row, parked)
    return {
      seq: row.seq,
      skillId: row.skill_id,
      skillName: row.skill_id === null ? null : nameOfSkill(library, row.skill_id),
      what: sayChange(library, row),
      state,
      attempts: row.attempts,
      dueAt: state === 'parked' || state === 'held' ? null : row.due_at,
      reason: row.parked_reason,
      todo: row.parked_todo,
      approve: row.parked_code === 'needs_approval' ? mayApprove(library, row) : null,
      createdAt: row.created_at,
    }
  })
}

/** The version that this would publish, where the reader may approve it: as an admin or the skill's author, of what others saved. */
function mayApprove(library: Library, row: OutboxRecord): string | null {
  const version = library.find<{ id: string }>(
    `SELECT v.id FROM skill_versions v JOIN skills s ON s.id = v.skill_id JOIN users me ON me.tenant_id = v.tenant_id
     WHERE v.id = json_extract(?, '$.versionId') AND me.id = (SELECT user_id FROM spaces WHERE tenant_id = v.tenant_id)
       AND v.created_by <> me.id AND (me.role = 'admin' OR s.author_id = me.id)`,
    row.payload,
  )
  return version?.id ?? null
}

/** What waited for this approval goes on; how many did. */
export const retryApproved = ({ library, clock }: Context, tenantId: string, versionId: string): number =>
  library.write(() => {
    const waiting = library.all<{ seq: number }>(
      `SELECT seq FROM outbox WHERE tenant_id = ? AND parked_code = 'needs_approval'
         AND json_extract(payload, '$.versionId') = ?`,
      tenantId,
      versionId,
    )
    return waiting.filter(({ seq }) => unpark(library, tenantId, seq, clock())).length
  })

const stateOf = (row: OutboxRecord, parked: readonly OutboxRecord[]): 'held' | 'retrying' | 'waiting' =>
  parked.some(other => holds(other, row)) ? 'held' : row.attempts > 0 ? 'retrying' : 'waiting'

/** As the outbox itself decides what may go (library/outbox.ts). */
function holds(parked: OutboxRecord, row: OutboxRecord): boolean {
  if (parked.entity_id === row.entity_id)
    return (
      parked.entity === row.entity &&
      parked.operation === row.operation &&
      (row.operation === 'publish' || row.operation === 'review') &&
      parked.seq < row.seq
    )
  const whole =
    parked.entity === 'version' ||
    (parked.entity === 'skill' && parked.operation === 'insert') ||
    parked.parked_code === 'deleted'
  return whole && parked.skill_id !== null && parked.skill_id === row.skill_id
}

/**
 * False where that change is no longer parked. Let go, what is here stays as it is until the registry's row is read again,
 * which puts it right.
 */
export function decideChange(
  { library, clock }: Context,
  { tenantId, seq, decision }: { tenantId: string; seq: number; decision: 'retry' | 'drop' },
): boolean {
  if (decision === 'retry') return unpark(library, tenantId, seq, clock())
  return library.write(() => {
    const dropped = dropParked(library, tenantId, seq)
    if (dropped) readAgain(library, tenantId)
    return dropped
  })
}
