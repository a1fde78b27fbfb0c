import { getTableColumns, getTableName } from 'drizzle-orm'
import { SYNCED_TABLES } from '../../electron/registry/pull.ts'
import { SERVER_COLUMNS } from '../../electron/registry/schema.ts'

/**
 * What the model of a registry keeps of one team: rows that are replaced and never changed in place, so that a copy of the
 * maps is a backup of it all.
 */
export type Value = string | number | null
/** The library's columns by their names. */
export type Row = Readonly<Record<string, Value>>
/** A row at its last place in the change log; 0 where its table only grows. */
export type Stored = Readonly<{ row: Row; seq: number }>
export type Table = Map<string, Stored>

export const TABLE_NAMES = [
  'tenants',
  'users',
  'skills',
  'skill_versions',
  'ratings',
  'skill_feedback',
  'token_measurements',
  'usage_events',
  'benchmark_cases',
  'benchmark_runs',
  'benchmark_results',
] as const
export type TableName = (typeof TABLE_NAMES)[number]

export const isTableName = (name: string): name is TableName => TABLE_NAMES.some(one => one === name)

type Column = { name: string; required: boolean; choices: readonly string[] | undefined }
export type Shape = {
  /** The library's, in their order. */
  columns: Column[]
  /** Whether its rows know their place: then a row is sent at its last place only. */
  placed: boolean
}

export const SHAPES: Record<TableName, Shape> = shapes()

function shapes(): Record<TableName, Shape> {
  const found = new Map<string, Shape>()
  for (const table of SYNCED_TABLES) {
    const columns = Object.values(getTableColumns(table))
    found.set(getTableName(table), {
      columns: columns
        .filter(column => !SERVER_COLUMNS.includes(column.name))
        .map(({ name, notNull, enumValues }) => ({ name, required: notNull, choices: enumValues })),
      placed: columns.some(column => column.name === 'seq'),
    })
  }
  const shape = (name: TableName): Shape => {
    const one = found.get(name)
    if (!one) throw new Error(`the registry has no table ${name}`)
    return one
  }
  return {
    tenants: shape('tenants'),
    users: shape('users'),
    skills: shape('skills'),
    skill_versions: shape('skill_versions'),
    ratings: shape('ratings'),
    skill_feedback: shape('skill_feedback'),
    token_measurements: shape('token_measurements'),
    usage_events: shape('usage_events'),
    benchmark_cases: shape('benchmark_cases'),
    benchmark_runs: shape('benchmark_runs'),
    benchmark_results: shape('benchmark_results'),
  }
}

/** One entry of the change log: an id for each number from `first` to `last`. */
export type Entry = Readonly<{
  first: number
  last: number
  entity: TableName
  operation: 'put' | 'delete'
  ids: readonly string[]
  mark: string
}>

/** What a backup holds. */
export type Kept = {
  n: number
  rowsStored: number
  bytesStored: number
  needsApproval: boolean
  tables: Record<TableName, Table>
  /** How many versions of each skill are numbered. */
  versions: Map<string, number>
  log: Entry[]
  /** `table id`. */
  tombstones: Map<string, true>
  /** `version user`. */
  approvals: Map<string, true>
  published: { skillId: string; from: string | null; to: string | null; userId: string }[]
}

export type Tenant = Kept & { id: string; epoch: string; channel: string; rowsAllowed: number; bytesAllowed: number }

export const emptyTables = (): Record<TableName, Table> => ({
  tenants: new Map(),
  users: new Map(),
  skills: new Map(),
  skill_versions: new Map(),
  ratings: new Map(),
  skill_feedback: new Map(),
  token_measurements: new Map(),
  usage_events: new Map(),
  benchmark_cases: new Map(),
  benchmark_runs: new Map(),
  benchmark_results: new Map(),
})

/** A copy that later writes do not reach. */
export function keep(tenant: Kept): Kept {
  const tables = emptyTables()
  for (const name of TABLE_NAMES) tables[name] = new Map(tenant.tables[name])
  return {
    n: tenant.n,
    rowsStored: tenant.rowsStored,
    bytesStored: tenant.bytesStored,
    needsApproval: tenant.needsApproval,
    tables,
    versions: new Map(tenant.versions),
    log: [...tenant.log],
    tombstones: new Map(tenant.tombstones),
    approvals: new Map(tenant.approvals),
    published: [...tenant.published],
  }
}

/** What Postgres would have thrown: a SQLSTATE and a message. */
export class RegistryError extends Error {
  readonly code: string
  constructor(code: string, message: string) {
    super(message)
    this.code = code
  }
}

export type Member = { tenantId: string; userId: string; role: 'reader' | 'author' | 'admin' }

/** One statement of one member: whole, or undone as if it had never been. */
export class Transaction {
  readonly tenant: Tenant
  readonly me: Member
  readonly now: number
  readonly #newId: () => string
  readonly #undo: (() => void)[] = []

  constructor(tenant: Tenant, me: Member, now: number, newId: () => string) {
    this.tenant = tenant
    this.me = me
    this.now = now
    this.#newId = newId
  }

  find(table: TableName, id: string): Row | undefined {
    return this.tenant.tables[table].get(id)?.row
  }

  put(table: TableName, id: string, row: Row, seq = 0): void {
    this.#set(this.tenant.tables[table], id, { row, seq: SHAPES[table].placed ? seq : 0 })
  }

  delete(table: TableName, id: string): void {
    this.#set(this.tenant.tables[table], id, undefined)
  }

  bury(table: TableName, id: string): void {
    this.#set(this.tenant.tombstones, `${table} ${id}`, true)
  }

  isBuried(table: TableName, id: string): boolean {
    return this.tenant.tombstones.has(`${table} ${id}`)
  }

  versionsOf(skillId: string): number {
    return this.tenant.versions.get(skillId) ?? 0
  }

  countVersions(skillId: string, versions: number): void {
    this.#set(this.tenant.versions, skillId, versions)
  }

  notePublished(entry: Kept['published'][number]): void {
    this.tenant.published.push(entry)
    this.#undo.push(() => this.tenant.published.pop())
  }

  /** Takes the next numbers for these ids and answers the first; refuses what does not fit into the team's space. */
  log(entity: TableName, operation: 'put' | 'delete', ids: readonly string[], rows: number, bytes: number): number {
    const { tenant } = this
    const { n, rowsStored, bytesStored } = tenant
    this.#undo.push(() => Object.assign(tenant, { n, rowsStored, bytesStored }))
    tenant.n += ids.length
    // The entry counts as well. Deletions pass, and so does the registry's owner.
    tenant.rowsStored = rowsStored + rows + 1
    tenant.bytesStored = bytesStored + bytes + 200 + 68 * ids.length
    const full = tenant.rowsStored > tenant.rowsAllowed || tenant.bytesStored > tenant.bytesAllowed
    if (full && operation === 'put' && this.me.userId !== '')
      throw new RegistryError('WS507', 'this team has used up its space in the registry')
    tenant.log.push({ first: n + 1, last: tenant.n, entity, operation, ids: [...ids], mark: this.#newId() })
    this.#undo.push(() => tenant.log.pop())
    return n + 1
  }

  get changed(): boolean {
    return this.#undo.length > 0
  }

  rollback(): void {
    for (const undo of this.#undo.splice(0).reverse()) undo()
  }

  #set<V>(map: Map<string, V>, key: string, value: V | undefined): void {
    const was = map.get(key)
    const set = (to: V | undefined) => (to === undefined ? map.delete(key) : map.set(key, to))
    set(value)
    this.#undo.push(() => set(was))
  }
}

export const bytesOf = (value: Value | undefined): number => (typeof value === 'string' ? Buffer.byteLength(value) : 0)
