import type { Library } from './library.ts'
import type { TriggerResultRecord } from './schema-benchmark.ts'

export type TriggerCaseRecord = { id: string; skill_id: string; prompt: string; should: number; place: number }

export const listTriggerCases = (library: Library, skillId: string): TriggerCaseRecord[] =>
  library.all<TriggerCaseRecord>('SELECT * FROM trigger_cases WHERE skill_id = ? ORDER BY place', skillId)

export function replaceTriggerCases(library: Library, skillId: string, rows: readonly TriggerCaseRecord[]): void {
  library.run('DELETE FROM trigger_cases WHERE skill_id = ?', skillId)
  for (const row of rows)
    library.run(
      'INSERT INTO trigger_cases (id, skill_id, prompt, should, place) VALUES (@id, @skill_id, @prompt, @should, @place)',
      row,
    )
}

export const insertTriggerResult = (library: Library, row: TriggerResultRecord): number =>
  library.run(
    `INSERT INTO trigger_results (id, skill_id, run, description_hash, description, among_hash, model, prompt, should, repeat, chosen,
       error, created_at)
     VALUES (@id, @skill_id, @run, @description_hash, @description, @among_hash, @model, @prompt, @should, @repeat, @chosen, @error, @created_at)`,
    row,
  )

/** Newest run first. */
export const listTriggerResults = (library: Library, skillId: string): TriggerResultRecord[] =>
  library.all<TriggerResultRecord>(
    'SELECT * FROM trigger_results WHERE skill_id = ? ORDER BY created_at DESC, id DESC',
    skillId,
  )

/** How the skills of a space are called and described now, for being chosen among; archived ones are not offered. */
export const listDescribed = (
  library: Library,
  tenantId: string,
): { id: string; name: string; description: string }[] =>
  library.all(
    "SELECT id, slug AS name, description FROM skills WHERE tenant_id = ? AND status <> 'archived' ORDER BY slug",
    tenantId,
  )
