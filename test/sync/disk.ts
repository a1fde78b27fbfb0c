import Database from 'better-sqlite3'
import { Library } from '../../electron/library/library.ts'
import { applyMigrations, readMigrations } from '../../electron/library/migrate.ts'
import { configure } from '../../electron/library/open.ts'
import { SQLITE_MIGRATIONS } from './places.ts'

let template: Buffer | undefined
const emptied: Disk[] = []
let nowhere: Disk | undefined

/**
 * One computer's library.db, real SQLite in memory. It outlives the processes that have it open: one that ends in the middle
 * leaves what it had committed. Disks are emptied and used again, with the statements prepared on them: preparing those
 * afresh for each computer of each history would be most of the work.
 */
export class Disk {
  readonly #db: Database.Database
  readonly #statements = new Map<string, Database.Statement<unknown[], unknown>>()
  #emptying: Database.Statement[] = []

  /** An empty, migrated library. */
  static take(): Disk {
    return emptied.pop() ?? new Disk()
  }

  /** Takes anything, and nobody reads it. */
  static nowhere(): Disk {
    const disk = new Disk()
    disk.#db.pragma('foreign_keys = OFF')
    return disk
  }

  private constructor() {
    template ??= migrated()
    // Of its own, for SQLite may keep the bytes it was given.
    this.#db = new Database(Buffer.from(template))
    this.#db.pragma('foreign_keys = ON')
    this.#db.pragma('recursive_triggers = ON')
    this.#db.pragma('trusted_schema = OFF')
  }

  /** A process's connection. Closing it leaves the disk as it is. */
  connect(): Database.Database {
    const statements = this.#statements
    const db = this.#db
    const connection: Database.Database = Object.create(db)
    return Object.defineProperties(connection, {
      prepare: {
        value: (sql: string) => {
          let statement = statements.get(sql)
          if (statement === undefined) {
            statement = db.prepare<unknown[], unknown>(plannedOnce(sql))
            statements.set(sql, statement)
          }
          return statement
        },
      },
      close: { value: () => undefined },
    })
  }

  /** What was not committed is gone. */
  rollBack(): void {
    if (this.#db.inTransaction) this.#db.exec('ROLLBACK')
  }

  /** Empty again, for another computer. Foreign keys stay on: that pragma has every statement prepared anew. */
  release(): void {
    const db = this.#db
    this.rollBack()
    if (this.#emptying.length === 0) this.#emptying = emptyingOf(db)
    db.transaction(() => {
      for (const statement of this.#emptying) statement.run()
    })()
    emptied.push(this)
  }
}

/**
 * The same question, planned once. Where there is a JOIN, an ORDER BY or a LIMIT, SQLite (with STAT4, as it is built here) looks at
 * bound values while it plans, and therefore plans again at each run: ten times what the question itself costs, and most of
 * a simulation. A value that comes from a subquery is not looked at.
 */
const plannedOnce = (sql: string): string =>
  /\b(JOIN|ORDER BY|LIMIT|max\(|min\()/.test(sql)
    ? sql.replace(/(<=|>=|<>|[=<>]|\bLIMIT|\bIS) *(\?|@\w+)(?![\w)])/g, '$1 (SELECT $2)')
    : sql

function migrated(): Buffer {
  const db = new Database(':memory:')
  configure(db)
  applyMigrations(db, readMigrations(SQLITE_MIGRATIONS), 0)
  const bytes = db.serialize()
  db.close()
  return bytes
}

/**
 * Deletes all rows, those that refer to others first. Searching is not simulated. Totals lead, so that nothing is counted
 * down; what lets versions go (`removing`) stays until they have gone.
 */
function emptyingOf(db: Database.Database): Database.Statement[] {
  const tables = db
    .prepare<[], { name: string }>(
      `SELECT name FROM sqlite_schema WHERE type = 'table' AND sql IS NOT NULL AND name NOT LIKE 'search_%' ORDER BY rowid DESC`,
    )
    .all()
    .map(row => row.name)
    .filter(name => !name.startsWith('sqlite_') && name !== 'migrations')
  const last = ['skills', 'stale_skills', 'spaces', 'users', 'tenants', 'sqlite_sequence']
  const order = ['skill_totals', ...tables.filter(name => name !== 'skill_totals' && !last.includes(name)), ...last]
  return ['UPDATE spaces SET removing = 1', ...order.map(name => `DELETE FROM ${name}`)].map(sql => db.prepare(sql))
}

/** What the power cut or the disk does at a commit; `undefined` lets it pass. */
export type AtCommit = (place: 'before' | 'inside' | 'after') => 'crash' | 'full' | undefined

/** Thrown where a process ends in the middle: nothing may catch it and go on, for its library is gone. */
export class Crash extends Error {
  override name = 'Crash'
}

/** A real library on a disk that can fail at every commit. */
export class CrashingLibrary extends Library {
  readonly #disk: Disk
  readonly #atCommit: AtCommit
  readonly #crashed: () => void
  #ended = false

  constructor(disk: Disk, atCommit: AtCommit, crashed: () => void) {
    super()
    this.#disk = disk
    this.#atCommit = atCommit
    this.#crashed = crashed
    this.open(disk.connect())
  }

  override write<T>(work: () => T extends Promise<unknown> ? never : T): T {
    if (this.db.inTransaction) return super.write(work)
    this.#pass('before')
    const result = super.write<T>(() => {
      const made = work()
      this.#pass('inside')
      return made
    })
    this.#pass('after')
    return result
  }

  /** Ends it as a power cut would, wherever it is: whoever still has it finds it closed. */
  crash(): void {
    this.#ended = true
    this.close()
    this.#disk.rollBack()
    // Whatever of the process still unwinds writes into nothing.
    nowhere ??= Disk.nowhere()
    this.open(nowhere.connect())
    this.#crashed()
  }

  #pass(place: 'before' | 'inside' | 'after'): void {
    const fate = this.#ended ? undefined : this.#atCommit(place)
    if (fate === 'full' && place === 'inside') throw new Database.SqliteError('database or disk is full', 'SQLITE_FULL')
    if (fate !== 'crash') return
    this.crash()
    throw new Crash(`at a commit: ${place}`)
  }
}
