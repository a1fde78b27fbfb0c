import type { Library, SqlValue } from './library.ts'
import { listOfEntity, type QueuedEntity } from './outbox.ts'

/** A row as the registry sends it: the library's own columns. */
export type RemoteRow = { readonly [column: string]: string | number | null }

/** The synced tables by name, parents first: what a row of it must find here before it, what it may find later, how it is queued. */
type Mirrored = {
  /** Column → table that must have that row (NULL is fine where the column may be). */
  needs: Record<string, string>
  /** References that it can do without until they are here (`missingLater`). */
  later: Record<string, string>
  entity: QueuedEntity | null
}

export const MIRRORED = {
  tenants: { needs: {}, later: {}, entity: null },
  users: { needs: {}, later: {}, entity: null },
  skills: {
    needs: { author_id: 'users' },
    later: { forked_from_id: 'skills' },
    entity: 'skill',
  },
  skill_versions: {
    needs: {
      skill_id: 'skills',
      created_by: 'users',
      parent_version_id: 'skill_versions',
      merged_version_id: 'skill_versions',
    },
    later: {},
    entity: 'version',
  },
  ratings: {
    needs: { skill_id: 'skills', skill_version_id: 'skill_versions', user_id: 'users' },
    later: {},
    entity: 'rating',
  },
  skill_feedback: {
    needs: { skill_id: 'skills', skill_version_id: 'skill_versions', user_id: 'users' },
    later: { reviewed_by: 'users', implemented_by_version_id: 'skill_versions' },
    entity: 'feedback',
  },
  token_measurements: {
    needs: { skill_id: 'skills', skill_version_id: 'skill_versions', user_id: 'users' },
    later: {},
    entity: 'measurement',
  },
  usage_events: {
    needs: { skill_id: 'skills', skill_version_id: 'skill_versions', user_id: 'users' },
    later: {},
    entity: 'usage_event',
  },
  benchmark_cases: {
    needs: { skill_id: 'skills' },
    later: { source_feedback_id: 'skill_feedback' },
    entity: 'benchmark_case',
  },
  benchmark_runs: {
    needs: { skill_id: 'skills', skill_version_id: 'skill_versions', triggered_by: 'users' },
    later: {},
    entity: 'benchmark_run',
  },
  benchmark_results: {
    needs: { run_id: 'benchmark_runs', case_id: 'benchmark_cases' },
    later: {},
    entity: 'benchmark_result',
  },
} as const satisfies Record<string, Mirrored>

export type MirroredName = keyof typeof MIRRORED
export const isMirrored = (name: string): name is MirroredName => Object.hasOwn(MIRRORED, name)
/** Parents first. */
export const MIRRORED_NAMES: readonly MirroredName[] = Object.keys(MIRRORED).filter(isMirrored)

/** Kept by triggers here, from the rows themselves. */
const AGGREGATES: readonly string[] = [
  'hours_saved',
  'total_uses',
  'average_rating',
  'total_ratings',
  'total_feedback',
  'positive_feedback_pct',
  'avg_token_cost_microcents',
]

const columnsOf = new Map<MirroredName, readonly string[]>()
/** The columns of a table that the registry says, as the library's own migrations made them: the same in every library. */
export function mirroredColumns(library: Library, name: MirroredName): readonly string[] {
  let columns = columnsOf.get(name)
  if (columns === undefined) {
    columns = library
      .all<{ name: string }>('SELECT name FROM pragma_table_info(?)', name)
      .map(column => column.name)
      .filter(column => !AGGREGATES.includes(column))
    columnsOf.set(name, columns)
  }
  return columns
}

const hasRow = (library: Library, table: string, id: string | number, tenantId: string): boolean =>
  library.find(`SELECT 1 FROM ${table} WHERE id = ? AND tenant_id = ?`, id, tenantId) !== undefined

/** References of a row to what is not here: the column and 'skills 0192…'. */
function* dangling(
  library: Library,
  references: Mirrored['needs'],
  row: RemoteRow,
  tenantId: string,
): Generator<{ column: string; to: string }> {
  for (const [column, table] of Object.entries(references)) {
    const id = row[column]
    if (id !== null && id !== undefined && !hasRow(library, table, id, tenantId)) yield { column, to: `${table} ${id}` }
  }
}

const firstDangling = (library: Library, references: Mirrored['needs'], row: RemoteRow, tenantId: string) =>
  dangling(library, references, row, tenantId).next().value?.to

/** What this row refers to and is not here: 'skills 0192…'; undefined where all of it is. */
export const missingReference = (
  library: Library,
  name: MirroredName,
  row: RemoteRow,
  tenantId: string,
): string | undefined => firstDangling(library, MIRRORED[name].needs, row, tenantId)

/** What this row may do without, refers to, and is not here yet: it is put again when that has come. */
export const missingLater = (
  library: Library,
  name: MirroredName,
  row: RemoteRow,
  tenantId: string,
): string | undefined => firstDangling(library, MIRRORED[name].later, row, tenantId)

/** The row without references to what is not here yet. */
function withoutLater(library: Library, name: MirroredName, row: RemoteRow, tenantId: string): RemoteRow {
  let cut = row
  for (const { column } of dangling(library, MIRRORED[name].later, row, tenantId)) cut = { ...cut, [column]: null }
  return cut
}

/**
 * Puts a row of the registry in the library's place of the same id, but for the columns in `keep`, where a change of our
 * own is on its way. False: an id of another space, so the row is not believed.
 */
export function putRow(
  library: Library,
  name: MirroredName,
  row: RemoteRow,
  tenantId: string,
  keep: readonly string[] = [],
): boolean {
  const columns = mirroredColumns(library, name)
  const said = withoutLater(library, name, row, tenantId)
  const values = columns.map((column): SqlValue => said[column] ?? null)
  if (library.run(putSql(name, columns, keep), ...values) !== 1) return false
  if (columns.includes('updated_at')) forgetRemoteTime(library, name, row.id ?? null)
  return true
}

const putSqls = new Map<string, string>()
/** One text for each table and each set of kept columns: pages of thousands of rows go through it. */
function putSql(name: MirroredName, columns: readonly string[], keep: readonly string[]): string {
  const key = `${name} ${keep.join(' ')}`
  let sql = putSqls.get(key)
  if (sql === undefined) {
    const changing = columns.filter(column => column !== 'id' && column !== 'tenant_id' && !keep.includes(column))
    sql = `INSERT INTO ${name} (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})
    ON CONFLICT (id) DO UPDATE SET ${changing.map(column => `${column} = excluded.${column}`).join(', ')}
    ${name === 'tenants' ? '' : `WHERE ${name}.tenant_id = excluded.tenant_id`}`
    putSqls.set(key, sql)
  }
  return sql
}

const forgetRemoteTime = (library: Library, name: MirroredName, id: SqlValue): number =>
  library.run('DELETE FROM remote_times WHERE entity = ? AND id = ?', name, id)

/** What we said of a row is what the registry had already: so is the time of its last change (migrations/sqlite/0070). */
export function takeRemoteTime(library: Library, name: MirroredName, id: string): void {
  if (!mirroredColumns(library, name).includes('updated_at')) return
  library.run(
    `UPDATE ${name} SET updated_at = (SELECT t.updated_at FROM remote_times t WHERE t.entity = @name AND t.id = @id)
     WHERE id = @id AND EXISTS (SELECT 1 FROM remote_times t WHERE t.entity = @name AND t.id = @id)`,
    { name, id },
  )
  forgetRemoteTime(library, name, id)
}

/** The row of that id here, whatever its table. */
export const findRow = (library: Library, name: MirroredName, id: string): RemoteRow | undefined =>
  library.find<RemoteRow>(`SELECT * FROM ${name} WHERE id = ?`, id)

export function deleteRow(library: Library, name: MirroredName, id: string, tenantId: string): boolean {
  return library.run(`DELETE FROM ${name} WHERE id = ? AND tenant_id = ?`, id, tenantId) === 1
}

/** Changes of our own to one row that the registry has not taken yet. */
export type Pending = {
  put: boolean
  /** It was made here and never acknowledged. */
  insert: boolean
  /** Columns that changed, where the queue says so (skills). */
  columns: ReadonlySet<string>
  publish: boolean
  /** The pointer that the first publish of ours was made from. */
  publishedFrom: string | null | undefined
  review: boolean
  /** The status that the first review of ours was made from. */
  reviewedFrom: string | undefined
  delete: boolean
}

const NOTHING: Pending = {
  put: false,
  insert: false,
  columns: new Set(),
  publish: false,
  publishedFrom: undefined,
  review: false,
  reviewedFrom: undefined,
  delete: false,
}

export function pendingOf(library: Library, entity: QueuedEntity | null, id: string): Pending {
  const rows = entity === null ? [] : listOfEntity(library, entity, id)
  if (rows.length === 0) return NOTHING
  const columns = new Set<string>()
  for (const row of rows) {
    const payload: unknown = row.operation === 'update' ? JSON.parse(row.payload) : {}
    if (typeof payload === 'object' && payload !== null) for (const key of Object.keys(payload)) columns.add(key)
  }
  const firstReview = rows.find(row => row.operation === 'review')
  const firstPublish = rows.find(row => row.operation === 'publish')
  const has = (operation: string) => rows.some(row => row.operation === operation)
  return {
    put: has('insert') || has('update'),
    insert: has('insert'),
    columns,
    publish: firstPublish !== undefined,
    publishedFrom: firstPublish && expectedBy(firstPublish.payload),
    review: firstReview !== undefined,
    reviewedFrom: (firstReview && expectedBy(firstReview.payload)) ?? undefined,
    delete: has('delete'),
  }
}

function expectedBy(payload: string): string | null | undefined {
  const read: unknown = JSON.parse(payload)
  const expected = typeof read === 'object' && read !== null && 'expected' in read ? read.expected : undefined
  return typeof expected === 'string' || expected === null ? expected : undefined
}
