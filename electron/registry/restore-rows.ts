import type { ClientBase } from 'pg'
import { rowProblems } from '../../shared/domain/rows/gate.ts'
import { isSyncedName } from '../../shared/domain/rows/synced.ts'
import { plainLine } from '../../shared/domain/rows/text.ts'
import { type ArchivedTable, parseJson, readRows } from './archive.ts'
import { reasonOf } from './errors.ts'
import { isAboutARow } from './failure.ts'
import { type Check, checksOf } from './row-checks.ts'

/** A row of an export that could not go in, and why; it stays in the export. */
export type RowAside = { table: ArchivedTable; id: string; why: string }

export type RowsToRestore = {
  folder: string
  tenantId: string
  now: number
  /** Ids that are in the registry by now, of tables that `VERSIONS_NEED` names. */
  there: ReadonlyMap<string, Set<string>>
  progress?: (what: string, done: number) => void
}

const PAGE = 500

/** Columns of its own table that a row may refer to. */
const REFERS: Partial<Record<ArchivedTable, readonly string[]>> = {
  skills: ['forked_from_id'],
  skill_versions: ['parent_version_id', 'merged_version_id'],
}

/** What a version needs, which Postgres does not look at: it has no foreign keys (0020), for what they cost. */
const VERSIONS_NEED = { skill_id: 'skills', created_by: 'users' } as const
export const neededByVersions = (): ReadonlyMap<string, Set<string>> =>
  new Map(Object.values(VERSIONS_NEED).map(table => [table, new Set()]))

/** Without any row of these there is no team, or no telling what its apps have read: one that is broken ends the restore. */
const NEEDED: ReadonlySet<ArchivedTable> = new Set(['tenants', 'tenant_settings', 'tenant_heads', 'change_log'])

/** `line` goes back as it came, so that no number is read and written again on the way. */
type Row = {
  line: string
  id: string
  refers: string[]
  /** Columns that break their rules, each with what it had; another value is put in their place. */
  broken: Map<string, unknown>
}

/**
 * Puts a table's rows back, inside a transaction, as whoever provisions. A value that breaks a rule is corrected as the
 * migration that made the rules did (0170) and kept in quarantined_rows; a row that cannot be corrected, or needs one that is
 * not there, is set aside; everything else goes in.
 */
export async function restoreTable(
  client: ClientBase,
  table: ArchivedTable,
  options: RowsToRestore,
): Promise<RowAside[]> {
  const names = await namesOf(client, table)
  const keys = REFERS[table] ?? []
  const aside: RowAside[] = []
  const setAside = (id: string, why: string): void => {
    if (NEEDED.has(table)) throw new Error(`tables/${table}.jsonl: ${why}`)
    aside.push({ table, id: shown(id), why })
  }
  const placed = new Set<string>()
  let waiting: Row[] = []
  let done = 0
  const place = async (page: readonly Row[]) => {
    // What it refers to is in the registry, or in this page.
    let ready = page
    for (;;) {
      const here = new Set(ready.map(row => row.id))
      const kept = ready.filter(row => row.refers.every(id => placed.has(id) || here.has(id)))
      if (kept.length === ready.length) break
      ready = kept
    }
    const inserted = await insert(client, { table, names, rows: ready, setAside })
    await noteCorrected(client, table, inserted, options)
    if (keys.length > 0) for (const row of inserted) placed.add(row.id)
    for (const row of inserted) options.there.get(table)?.add(row.id)
    const tried = new Set(ready)
    waiting = page.filter(row => !tried.has(row))
    done += inserted.length
    options.progress?.(table, done)
  }
  for await (const lines of readRows(options.folder, table, PAGE)) {
    const read = lines.map(line => readRow(line, table, keys, options))
    for (const one of read) if ('why' in one) setAside(one.id, one.why)
    await place([...waiting, ...read.filter((one): one is Row => !('why' in one))])
  }
  while (waiting.length > 0) {
    const before = waiting.length
    await place(waiting)
    if (waiting.length < before) continue
    for (const row of waiting) setAside(row.id, 'it refers to a row that is not in the registry')
    break
  }
  return aside
}

/** An id for a person, and for quarantined_rows: short, in one line, and storable. */
const shown = (id: string): string => plainLine(id.slice(0, 64).replaceAll('\0', '').toWellFormed()) || '?'

function readRow(
  line: string | undefined,
  table: ArchivedTable,
  keys: readonly string[],
  { tenantId, there }: RowsToRestore,
): Row | { id: string; why: string } {
  const values = line === undefined ? undefined : parseJson(line)
  if (line === undefined) return { id: '', why: 'its line is too long' }
  if (typeof values !== 'object' || values === null || Array.isArray(values))
    return { id: '', why: 'its line is no row' }
  const row: { readonly [column: string]: unknown } = { ...values }
  const id = typeof row.id === 'string' ? row.id : ''
  const ofTeam = table === 'tenants' ? row.id : row.tenant_id
  if (ofTeam !== tenantId) return { id, why: 'it is another team’s' }
  if (table === 'skill_versions')
    for (const [column, of] of Object.entries(VERSIONS_NEED))
      if (!there.get(of)?.has(String(row[column]))) return { id, why: `its ${column} is not in the registry` }
  const broken = new Map<string, unknown>()
  for (const { column, rule } of problemsOf(table, row)) {
    if (checkOf(table, column)?.instead === undefined) return { id, why: `${column} ${rule}` }
    broken.set(column, row[column])
  }
  const refers = keys.flatMap(key => (row[key] === null || row[key] === undefined ? [] : [String(row[key])]))
  return { line, id, refers, broken }
}

/** Of columns that the export has: what an older registry did not have yet is Postgres's to fill in or to refuse. */
function problemsOf(table: ArchivedTable, row: { readonly [column: string]: unknown }) {
  if (!isSyncedName(table)) return []
  const plain = Object.fromEntries(
    Object.entries(row).map(([column, value]) => [column, isPlain(value) ? value : String(value)]),
  )
  // References are Postgres's to look at.
  return rowProblems(table, plain).filter(
    ({ column }) => Object.hasOwn(row, column) && checkOf(table, column) !== undefined,
  )
}

const isPlain = (value: unknown): value is string | number | null =>
  value === null || typeof value === 'string' || typeof value === 'number'

function checkOf(table: ArchivedTable, column: string): Check | undefined {
  return isSyncedName(table) ? checksOf(table).find(check => check.column === column) : undefined
}

type Page = {
  table: ArchivedTable
  /** All columns of the table's row type, in its order. */
  names: readonly string[]
  rows: readonly Row[]
  setAside: (id: string, why: string) => void
}

/** What of a page went in. One that a row spoils is cut in two until that row stands alone. */
async function insert(client: ClientBase, page: Page): Promise<Row[]> {
  const { rows, setAside } = page
  const [first] = rows
  if (!first) return []
  await client.query('SAVEPOINT page')
  try {
    await insertPage(client, page)
    await client.query('RELEASE SAVEPOINT page')
    return [...rows]
  } catch (error) {
    await client.query('ROLLBACK TO SAVEPOINT page')
    if (!isAboutARow(error)) throw error
    if (rows.length === 1) {
      setAside(first.id, reasonOf(error))
      return []
    }
    const half = rows.length >> 1
    const before = await insert(client, { ...page, rows: rows.slice(0, half) })
    return [...before, ...(await insert(client, { ...page, rows: rows.slice(half) }))]
  }
}

async function insertPage(client: ClientBase, { table, names, rows }: Page): Promise<void> {
  // A head's epoch and channel are new ones.
  const columns = names.filter(name => !(table === 'tenant_heads' && (name === 'epoch' || name === 'channel')))
  const broken = new Set(rows.flatMap(row => [...row.broken.keys()]))
  // By place: what an id is, is the row's to say.
  const places = (column: string) => rows.flatMap((row, at) => (row.broken.has(column) ? [at + 1] : []))
  const values = columns.map(column => {
    const instead = broken.has(column) ? checkOf(table, column)?.instead : undefined
    return instead === undefined
      ? column
      : `CASE WHEN place = ANY ('{${places(column).join(',')}}'::bigint[]) THEN ${instead} ELSE ${column} END`
  })
  await client.query(
    `INSERT INTO whetstone.${table} (${columns.join(', ')}) SELECT ${values.join(', ')}
     FROM ROWS FROM (json_populate_recordset(NULL::whetstone.${table}, $1)) WITH ORDINALITY AS sent (${names.join(', ')}, place)`,
    [`[${rows.map(row => row.line).join(',')}]`],
  )
}

async function namesOf(client: ClientBase, table: ArchivedTable): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT attname AS name FROM pg_attribute WHERE attrelid = ('whetstone.' || $1)::regclass AND attnum > 0 AND NOT attisdropped
     ORDER BY attnum`,
    [table],
  )
  return rows.map(row => row.name)
}

/** As the migration notes what it corrects. */
async function noteCorrected(
  client: ClientBase,
  table: ArchivedTable,
  rows: readonly Row[],
  { tenantId, now }: RowsToRestore,
): Promise<void> {
  const corrected = rows.filter(row => row.broken.size > 0)
  if (corrected.length === 0) return
  const noted = corrected.map(row => ({
    id: row.id,
    columns: [...row.broken.keys()],
    original: JSON.stringify(
      Object.fromEntries([...row.broken].map(([column, value]) => [column, String(value).slice(0, 100_000)])),
    ),
  }))
  await client.query(
    `INSERT INTO whetstone.quarantined_rows (tenant_id, entity, id, at, columns, original, outcome)
     SELECT $1, $2, x.id, $3, x.columns, x.original, 'corrected'
     FROM json_to_recordset($4) AS x (id text, columns text[], original text) ON CONFLICT DO NOTHING`,
    [tenantId, table, now, JSON.stringify(noted)],
  )
}
