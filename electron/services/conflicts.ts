import type { Conflict } from '../../shared/contract/sync.ts'
import type { Context } from './context.ts'

export type Decided =
  | { kind: 'done'; skillId: string | null }
  | { kind: 'gone' }
  | { kind: 'taken' }
  | { kind: 'unnamed'; reason: string }

export function listConflicts(_context: Context, _tenantId: string): Conflict[] {
  return []
}
export const countConflicts = (context: Context, tenantId: string): number => listConflicts(context, tenantId).length

export function decideConflict(
  _context: Context,
  _decision: { id: string; choice: string; name?: string | undefined },
): Decided {
  return { kind: 'gone' }
}
