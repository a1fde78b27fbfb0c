import type { Library, SqlValue } from './library.ts'

/** One row as column → value, into a synced table. For bulk loads whose rows are built from one file: the sample. */
export function insertRow(library: Library, table: SyncedTable, row: Record<string, SqlValue>): void {
  const columns = Object.keys(row)
  library.run(
    `INSERT INTO ${table} (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`,
    ...Object.values(row),
  )
}

export type SyncedTable =
  | 'ratings'
  | 'skill_feedback'
  | 'token_measurements'
  | 'usage_events'
  | 'benchmark_cases'
  | 'benchmark_runs'
  | 'benchmark_results'
