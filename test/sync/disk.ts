import Database from 'better-sqlite3'
import { Library } from '../../electron/library/library.ts'
import { applyMigrations, readMigrations } from '../../electron/library/migrate.ts'
import { configure } from '../../electron/library/open.ts'
import { SQLITE_MIGRATIONS } from './places.ts'

/** A migrated, empty library.db as bytes: a copy of it is open in half a millisecond. */
export function migratedLibrary(): Buffer {
  const db = new Database(':memory:')
  configure(db)
  applyMigrations(db, readMigrations(SQLITE_MIGRATIONS), 0)
  const bytes = db.serialize()
  db.close()
  return bytes
}

/** What the power cut or the disk does at a commit; `undefined` lets it pass. */
export type AtCommit = (place: 'before' | 'inside' | 'after') => 'crash' | 'full' | undefined

/** Thrown where a process ends in the middle: nothing may catch it and go on, for its library is gone. */
export class Crash extends Error {
  override name = 'Crash'
}

/** A real library on a disk that can fail at every commit. After a crash, what it held is what was committed. */
export class CrashingLibrary extends Library {
  readonly #atCommit: AtCommit
  readonly #crashed: (bytes: Buffer) => void

  constructor(atCommit: AtCommit, crashed: (bytes: Buffer) => void) {
    super()
    this.#atCommit = atCommit
    this.#crashed = crashed
  }

  override write<T>(work: () => T extends Promise<unknown> ? never : T): T {
    if (this.db.inTransaction) return work()
    this.#pass('before')
    const result = super.write<T>(() => {
      const made = work()
      this.#pass('inside')
      return made
    })
    this.#pass('after')
    return result
  }

  /** Ends it as a power cut would, wherever it is. */
  crash(): Buffer {
    const { db } = this
    if (db.inTransaction) db.exec('ROLLBACK')
    const bytes = db.serialize()
    this.close()
    this.#crashed(bytes)
    return bytes
  }

  #pass(place: 'before' | 'inside' | 'after'): void {
    const fate = this.#atCommit(place)
    if (fate === 'full' && place === 'inside') throw new Database.SqliteError('database or disk is full', 'SQLITE_FULL')
    if (fate !== 'crash') return
    this.crash()
    throw new Crash(`at a commit: ${place}`)
  }
}

/** Opens a copy of these bytes as a library. */
export function openOn(library: Library, bytes: Buffer): void {
  const db = new Database(bytes)
  db.pragma('foreign_keys = ON')
  db.pragma('recursive_triggers = ON')
  db.pragma('trusted_schema = OFF')
  library.open(db)
}
