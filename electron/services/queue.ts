import type { QueuedChange } from '../../shared/contract/sync.ts'
import type { OutboxRecord } from '../library/schema-local.ts'
import type { Context } from './context.ts'
import { nameOfSkill, sayChange } from './sync-words.ts'

/** What waits for a team's registry, in the order in which it will be sent. */
export function listQueue({ library }: Context, tenantId: string): QueuedChange[] {
  const rows = library.all<OutboxRecord>('SELECT * FROM outbox WHERE tenant_id = ? ORDER BY seq', tenantId)
  const parkedSkills = new Set<string>()
  return rows.map(row => {
    const parked = row.parked_reason !== null
    const held = !parked && row.skill_id !== null && parkedSkills.has(row.skill_id)
    if (parked && row.skill_id !== null) parkedSkills.add(row.skill_id)
    return {
      seq: row.seq,
      skillId: row.skill_id,
      skillName: row.skill_id === null ? null : nameOfSkill(library, row.skill_id),
      what: sayChange(library, row),
      state: parked ? 'parked' : held ? 'held' : row.attempts > 0 ? 'retrying' : 'waiting',
      attempts: row.attempts,
      dueAt: parked || held ? null : row.due_at,
      reason: row.parked_reason,
      todo: null,
      createdAt: row.created_at,
    }
  })
}

/** False where that change is no longer parked. `drop` lets the queued change go; what is here stays as it is. */
export function decideChange(
  { library, clock }: Context,
  change: { tenantId: string; seq: number; decision: 'retry' | 'drop' },
): boolean {
  const { tenantId, seq } = change
  const changed = library.write(() =>
    change.decision === 'drop'
      ? library.run('DELETE FROM outbox WHERE tenant_id = ? AND seq = ? AND parked_reason IS NOT NULL', tenantId, seq)
      : library.run(
          'UPDATE outbox SET parked_reason = NULL, attempts = 0, due_at = ? WHERE tenant_id = ? AND seq = ? AND parked_reason IS NOT NULL',
          clock(),
          tenantId,
          seq,
        ),
  )
  return changed === 1
}

export function readLog(
  _context: Context,
  _tenantId: string,
): { at: number; level: 'info' | 'warning' | 'error'; text: string }[] {
  return []
}
