import type Database from 'better-sqlite3'

/** What a database may be given and give back as one value. */
export type SqlValue = string | number | bigint | Buffer | null
/** Values for `?` in order, or one object for `@name`. */
export type SqlValues = SqlValue[] | [Record<string, SqlValue>]

/**
 * The open library: one connection, statements prepared once, one transaction at a time. Functions of this folder take it
 * as their first argument; whether they run inside a transaction is their caller's choice (`write`).
 */
export class Library {
  #db: Database.Database | undefined
  #statements = new Map<string, Database.Statement<unknown[], unknown>>()
  /** Told after each commit of `write`; it must be quick and not throw. */
  committed: (() => void) | undefined
  /** Told when SQLite finds that the file does not make sense. */
  suspected: (() => void) | undefined

  /** The connection. A library that is not open (yet, or because its file is broken) throws `LibraryNotOpen`. */
  get db(): Database.Database {
    if (!this.#db) throw new LibraryNotOpen()
    return this.#db
  }

  open(db: Database.Database): void {
    this.close()
    this.#db = db
  }

  /** Runs a statement that answers no rows; says how many rows it changed. */
  run(sql: string, ...values: SqlValues): number {
    return this.#sound(() => this.#prepare(sql).run(...values).changes)
  }

  /** The first row, whose shape the caller states: the SQL beside it is what makes it true. */
  find<Row>(sql: string, ...values: SqlValues): Row | undefined {
    const statement: Database.Statement<unknown[], unknown> = this.#prepare(sql)
    return shaped<Row | undefined>(this.#sound(() => statement.get(...values)))
  }

  /** Like `find`, where a missing row is a bug. */
  get<Row>(sql: string, ...values: SqlValues): Row {
    const row = this.find<Row>(sql, ...values)
    if (row === undefined) throw new Error(`No row where one must be: ${sql}`)
    return row
  }

  all<Row>(sql: string, ...values: SqlValues): Row[] {
    return shaped<Row[]>(this.#sound(() => this.#prepare(sql).all(...values)))
  }

  /**
   * One transaction, taken for writing from its start, so that what it reads cannot change before it writes. Nested
   * calls join the outer one. The type refuses a promise: nothing is awaited inside a transaction.
   */
  write<T>(work: () => T extends Promise<unknown> ? never : T): T {
    if (this.db.inTransaction) return work()
    this.#prepare('BEGIN IMMEDIATE').run()
    try {
      const result = work()
      this.#prepare('COMMIT').run()
      this.committed?.()
      return result
    } catch (error) {
      // A full disk or an I/O error may have rolled back already.
      if (this.db.inTransaction) this.#prepare('ROLLBACK').run()
      throw error
    }
  }

  close(): void {
    this.#statements.clear()
    this.#db?.close()
    this.#db = undefined
  }

  #sound<T>(work: () => T): T {
    try {
      return work()
    } catch (error) {
      if (error instanceof Error && 'code' in error && String(error.code).startsWith('SQLITE_CORRUPT'))
        this.suspected?.()
      throw error
    }
  }

  #prepare(sql: string): Database.Statement<unknown[], unknown> {
    let statement = this.#statements.get(sql)
    if (statement === undefined) {
      statement = this.db.prepare<unknown[], unknown>(sql)
      this.#statements.set(sql, statement)
    }
    return statement
  }
}

/** What every method but `system.*` meets while the library is not open; a reader shows what `system.info` says instead. */
export class LibraryNotOpen extends Error {
  override name = 'LibraryNotOpen'
  override message = 'The library is not open.'
}

/** The one place where a row gets its stated type; everything else is checked by the compiler. */
function shaped<T>(value: unknown): T
function shaped(value: unknown): unknown {
  return value
}
