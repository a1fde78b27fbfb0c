import { readMigrations } from '../../electron/registry/migrate.ts'
import type {
  FeedbackReview,
  PushableTable,
  PushedRow,
  RemovableTable,
  Removed,
  Reviewed,
  RowToPush,
} from '../../electron/sync/remote.ts'
import { checkRow } from './memory-checks.ts'
import {
  type Member,
  RegistryError,
  type Row,
  SHAPES,
  type TableName,
  type Transaction,
  type Value,
} from './memory-state.ts'
import { checkPage, needs } from './memory-writing.ts'
import { POSTGRES_MIGRATIONS } from './places.ts'

/** migrations/postgres/0080, said once more in memory: the tables that put_page fills, reviews and removals. */
type Rule = {
  table: TableName
  needed: Member['role']
  /** Taken from the client's row; everything else is the registry's. */
  given: string[]
  /** Those that may change later. None: the table only grows. */
  changing: string[]
  /** The column that says whose it is. */
  mine?: string
  mayChange?: (was: Row, me: Member) => boolean
}

const words = (text: string): string[] => text.split(/[ ,]/).filter(word => word !== '')

/** What a client may say of a row, and change of it later, as the registry's own SQL says it: so the two cannot drift. */
function columnsOf(table: TableName): Pick<Rule, 'given' | 'changing'> {
  const calls = new RegExp(`put_page\\('${table}',\\s*p_page,\\s*'\\w+',\\s*'\\{([^}]*)\\}',\\s*'\\{([^}]*)\\}'`, 'g')
  const last = readMigrations(POSTGRES_MIGRATIONS)
    .flatMap(({ sql }) => [...sql.matchAll(calls)])
    .at(-1)
  if (!last) throw new Error(`no migration says what may be pushed of ${table}`)
  return { given: words(last[1] ?? ''), changing: words(last[2] ?? '') }
}

const RULES: Record<PushableTable, Rule> = {
  ratings: { table: 'ratings', needed: 'reader', mine: 'user_id', ...columnsOf('ratings') },
  feedback: {
    table: 'skill_feedback',
    needed: 'reader',
    mine: 'user_id',
    mayChange: (was, me) => was.user_id === me.userId && was.status === 'pending',
    ...columnsOf('skill_feedback'),
  },
  measurements: { table: 'token_measurements', needed: 'reader', mine: 'user_id', ...columnsOf('token_measurements') },
  usage_events: { table: 'usage_events', needed: 'reader', mine: 'user_id', ...columnsOf('usage_events') },
  benchmark_cases: { table: 'benchmark_cases', needed: 'author', ...columnsOf('benchmark_cases') },
  benchmark_runs: {
    table: 'benchmark_runs',
    needed: 'author',
    mine: 'triggered_by',
    mayChange: (was, me) => was.triggered_by === me.userId,
    ...columnsOf('benchmark_runs'),
  },
  benchmark_results: { table: 'benchmark_results', needed: 'author', ...columnsOf('benchmark_results') },
}

export function pushRows(tx: Transaction, name: PushableTable, page: readonly RowToPush[]): PushedRow[] {
  const rule = RULES[name]
  const { table } = rule
  needs(tx, rule.needed)
  if (name === 'benchmark_results') {
    const runs = page.map(row => tx.find('benchmark_runs', String(row.run_id)))
    if (runs.some(run => run && run.triggered_by !== tx.me.userId))
      throw new RegistryError('WS403', 'results belong to a run of one’s own')
    if (runs.includes(undefined)) throw new RegistryError('WS404', 'a result’s run is not there')
  }
  checkPage(page.map(row => row.id))
  for (const row of page) {
    const version = row.skill_version_id ?? null
    if (rule.given.includes('skill_version_id') && version !== null)
      if (tx.find('skill_versions', String(version))?.skill_id !== row.skill_id)
        throw new RegistryError('WS404', 'a version is not one of that skill')
  }
  const decided = page.map(row => decide(tx, rule, row))
  const changed = decided.filter(one => one.state === 'inserted' || one.state === 'updated')
  const inserts = changed.filter(one => one.state === 'inserted').length
  const first =
    changed.length === 0
      ? 0
      : tx.log(
          table,
          'put',
          changed.map(one => one.storedId),
          inserts,
          inserts > 0 ? Buffer.byteLength(JSON.stringify(page)) : 0,
        )
  changed.forEach((one, n) => {
    write(tx, rule, one, first + n)
  })
  return decided.map(one => {
    const at = changed.indexOf(one)
    return { id: one.row.id, state: one.state, seq: at < 0 ? null : first + at, stored_id: one.storedId }
  })
}

type Decided = {
  row: RowToPush
  was: Row | undefined
  state: 'inserted' | 'updated' | 'identical' | 'conflict' | 'deleted'
  storedId: string
}

function decide(tx: Transaction, rule: Rule, row: RowToPush): Decided {
  const { table, given, changing, mine } = rule
  const was = table === 'ratings' ? findRating(tx, row) : tx.find(table, row.id)
  const same = (columns: readonly string[]) =>
    columns.every(column => column === 'id' || was?.[column] === (row[column] ?? null))
  const storedId = was ? String(was.id) : row.id
  const decided = (state: Decided['state']): Decided => ({ row, was, state, storedId })
  if (!was) {
    if (tx.find(table, row.id)) return decided('conflict')
    return decided(tx.isBuried(table, row.id) ? 'deleted' : 'inserted')
  }
  if (same(given) && (mine === undefined || was[mine] === tx.me.userId)) return decided('identical')
  const fixed = given.filter(column => !changing.includes(column))
  const may = changing.length > 0 && same(fixed) && (rule.mayChange?.(was, tx.me) ?? true)
  return decided(may ? 'updated' : 'conflict')
}

const findRating = (tx: Transaction, row: RowToPush): Row | undefined =>
  [...tx.tenant.tables.ratings.values()].find(
    ({ row: was }) => was.skill_version_id === row.skill_version_id && was.user_id === tx.me.userId,
  )?.row

function write(tx: Transaction, rule: Rule, { row, was, state, storedId }: Decided, seq: number): void {
  const { table, given, changing, mine } = rule
  const sent = (columns: readonly string[]) => Object.fromEntries(columns.map(column => [column, row[column] ?? null]))
  const known = SHAPES[table].columns.map(column => column.name)
  const stamp: Row = known.includes('updated_at') ? { updated_at: tx.now } : {}
  let next: Row
  if (state === 'updated') {
    next = { ...was, ...sent(changing), ...stamp }
    const [from, to] = [was?.status, next.status]
    const ended = from === 'completed' || from === 'failed' || from === 'cancelled'
    if (table === 'benchmark_runs' && from !== to && (ended || (from === 'running' && to === 'pending')))
      throw new RegistryError('WS409', `a run does not go from ${from} to ${to}`)
  } else {
    const empty: Record<string, Value> = Object.fromEntries(known.map(name => [name, null]))
    const whose: Row = mine === undefined ? {} : { [mine]: tx.me.userId }
    const start: Row = table === 'skill_feedback' ? { status: 'pending' } : {}
    next = { ...empty, ...start, ...sent(given), ...whose, tenant_id: tx.tenant.id, created_at: tx.now, ...stamp }
    refuseTwins(tx, table, next)
  }
  checkRow(tx, table, next)
  tx.put(table, storedId, next, seq)
}

/** The unique keys beside the primary one. */
function refuseTwins(tx: Transaction, table: TableName, row: Row): void {
  const keys = {
    ratings: words('skill_version_id user_id'),
    benchmark_results: words('run_id case_id model_name repeat'),
  }
  if (table !== 'ratings' && table !== 'benchmark_results') return
  for (const { row: other } of tx.tenant.tables[table].values())
    if (keys[table].every(key => other[key] === row[key]))
      throw new RegistryError('23505', `duplicate key value violates unique constraint of ${table}`)
}

const ARROWS: Record<string, readonly string[]> = {
  pending: ['accepted', 'dismissed'],
  accepted: ['implemented', 'dismissed'],
  dismissed: ['pending'],
  implemented: [],
}

export function reviewFeedback(tx: Transaction, review: FeedbackReview): Reviewed {
  needs(tx, 'author')
  const was = tx.find('skill_feedback', review.id)
  const skill = was && tx.find('skills', String(was.skill_id))
  const status = was ? String(was.status) : null
  const by = review.implementedBy === null ? undefined : tx.find('skill_versions', review.implementedBy)
  if (!was || !skill || (review.implementedBy !== null && by?.skill_id !== was.skill_id))
    return { kind: 'missing', status }
  if (skill.author_id !== tx.me.userId && tx.me.role !== 'admin') return { kind: 'forbidden', status }
  const wanted = {
    status: review.status,
    review_notes: review.notes,
    implemented_by_version_id: review.implementedBy,
    reviewed_by: tx.me.userId,
  }
  if (Object.entries(wanted).every(([column, value]) => was[column] === value)) return { kind: 'identical', status }
  if (was.status !== review.expected) return { kind: 'moved', status }
  const seq = tx.log('skill_feedback', 'put', [review.id], 0, 0)
  if (was.status !== review.status && !ARROWS[String(was.status)]?.includes(review.status))
    throw new RegistryError('WS409', `feedback does not go from ${was.status} to ${review.status}`)
  const next = { ...was, ...wanted, reviewed_at: tx.now, updated_at: tx.now }
  checkRow(tx, 'skill_feedback', next)
  tx.put('skill_feedback', review.id, next, seq)
  return { kind: 'updated', status: review.status }
}

const isAdmin = (tx: Transaction) => tx.me.role === 'admin'
const REMOVABLE: Record<RemovableTable, (tx: Transaction, row: Row) => boolean> = {
  ratings: (tx, row) => row.user_id === tx.me.userId,
  skill_feedback: (tx, row) => row.user_id === tx.me.userId,
  token_measurements: (tx, row) => row.user_id === tx.me.userId || isAdmin(tx),
  usage_events: (tx, row) => row.user_id === tx.me.userId || isAdmin(tx),
  benchmark_cases: () => true,
  benchmark_runs: (tx, row) => row.triggered_by === tx.me.userId || isAdmin(tx),
  skills: (tx, row) => (row.author_id === tx.me.userId || isAdmin(tx)) && tx.versionsOf(String(row.id)) === 0,
}

const OF_READERS: ReadonlySet<string> = new Set(['ratings', 'skill_feedback', 'token_measurements', 'usage_events'])

export function removeRows(tx: Transaction, entity: RemovableTable, ids: readonly string[]): Removed[] {
  needs(tx, OF_READERS.has(entity) ? 'reader' : 'author')
  checkPage(ids)
  const mine = ids.filter(id => {
    const row = tx.find(entity, id)
    return row !== undefined && REMOVABLE[entity](tx, row)
  })
  const there = new Set(ids.filter(id => tx.find(entity, id)))
  // As many tombstones come as rows go.
  const first = mine.length > 0 ? tx.log(entity, 'delete', mine, 0, 0) : 0
  for (const id of mine) {
    cascade(tx, entity, id)
    tx.delete(entity, id)
    tx.bury(entity, id)
  }
  return ids.map(id => {
    const at = mine.indexOf(id)
    const state = at >= 0 || tx.isBuried(entity, id) ? 'deleted' : there.has(id) ? 'forbidden' : 'missing'
    return { id, state, seq: at < 0 ? null : first + at }
  })
}

/** What the foreign keys take along, or empty; none of it moves in the log. */
function cascade(tx: Transaction, table: TableName, id: string): void {
  const rowsWith = (name: TableName, column: string): [string, Row, number][] =>
    [...tx.tenant.tables[name]].flatMap(([key, { row, seq }]) => (row[column] === id ? [[key, row, seq]] : []))
  const drop = (name: TableName, column: string) => {
    for (const [key] of rowsWith(name, column)) {
      cascade(tx, name, key)
      tx.delete(name, key)
    }
  }
  const empty = (name: TableName, column: string) => {
    for (const [key, row, seq] of rowsWith(name, column)) tx.put(name, key, { ...row, [column]: null }, seq)
  }
  if (table === 'skills') {
    empty('skills', 'forked_from_id')
    for (const name of SHAPED_BY_SKILL) drop(name, 'skill_id')
  } else if (table === 'skill_feedback') empty('benchmark_cases', 'source_feedback_id')
  else if (table === 'benchmark_cases') drop('benchmark_results', 'case_id')
  else if (table === 'benchmark_runs') drop('benchmark_results', 'run_id')
}

const SHAPED_BY_SKILL: TableName[] = [
  'ratings',
  'skill_feedback',
  'token_measurements',
  'usage_events',
  'benchmark_cases',
  'benchmark_runs',
]
