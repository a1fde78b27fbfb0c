import { useCallback, useState } from 'react'
import type { SkillRow } from '../../../shared/contract/skills.ts'

/** The selected skills by id, with what bulk actions need of them, and where a range would start. */
export type Selection = { rows: ReadonlyMap<string, SkillRow>; anchor: number | undefined }
export const NOTHING: Selection = { rows: new Map(), anchor: undefined }

/** One row in or out; a range starts there. */
export function toggled(selection: Selection, row: SkillRow, index: number): Selection {
  const rows = new Map(selection.rows)
  if (!rows.delete(row.id)) rows.set(row.id, row)
  return { rows, anchor: index }
}

/** The rows of a range that starts at `from`, and nothing else. */
export const ranged = (rows: readonly SkillRow[], from: number): Selection => ({
  rows: new Map(rows.map(row => [row.id, row])),
  anchor: from,
})

/** A selection that is dropped when `scope` (what is listed) changes, so that nothing unseen is acted on. */
export function useSelection(scope: unknown) {
  const [state, setState] = useState({ scope, selection: NOTHING })
  const selection = state.scope === scope ? state.selection : NOTHING
  const change = useCallback(
    (next: (selection: Selection) => Selection) =>
      setState(was => ({ scope, selection: next(was.scope === scope ? was.selection : NOTHING) })),
    [scope],
  )
  return [selection, change] as const
}
