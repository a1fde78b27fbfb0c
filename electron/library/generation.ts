import fs from 'node:fs'
import path from 'node:path'
import type Database from 'better-sqlite3'
import { writeBeside } from './beside.ts'
import type { Library } from './library.ts'

/**
 * How one sees that a library is older than it was: SQLite opens a `library.db` whose `-wal` was deleted, or a copy put in
 * its place, as if nothing were missing.
 *
 * A while after a commit a number is counted up in the library (`user_version`, in a transaction of its own, durable like
 * any other) and only then in a file beside it. As commits become durable in their order, a library that says at least
 * the file's number has every commit before it. What was committed within `DELAY_MS` before is not vouched for.
 */
const DELAY_MS = 250

export class Generation {
  readonly #library: Library
  readonly #dataDir: string
  readonly #log: (line: string) => void
  #timer: NodeJS.Timeout | undefined
  #writing: Promise<void> = Promise.resolve()

  constructor(library: Library, dataDir: string, log: (line: string) => void) {
    this.#library = library
    this.#dataDir = dataDir
    this.#log = log
  }

  /** Called after each commit; cheap. */
  wake(): void {
    if (this.#timer !== undefined) return
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      this.mark()
    }, DELAY_MS)
    this.#timer.unref()
  }

  /** Vouches for everything committed so far; resolves when the file says so. */
  mark(): Promise<void> {
    try {
      const n = readGeneration(this.#library.db) + 1
      this.#library.db.pragma(`user_version = ${n}`)
      this.#writing = this.#writing.then(() => writeMark(this.#dataDir, n)).catch(error => this.#log(`mark: ${error}`))
    } catch (error) {
      // Another process writes, or the disk is full: the next commit tries again.
      this.#log(`mark: ${error instanceof Error ? error.message : String(error)}`)
    }
    return this.#writing
  }

  stop(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
  }
}

export const readGeneration = (db: Database.Database): number => Number(db.pragma('user_version', { simple: true }))

/** The number that was vouched for; 0 where there is no mark, or one that cannot be read. */
export function readMark(dataDir: string): number {
  try {
    const n = Number(fs.readFileSync(markFile(dataDir), 'utf8').trim())
    return Number.isSafeInteger(n) && n > 0 ? n : 0
  } catch {
    return 0
  }
}

/** Takes a library as it is: an older copy was put here on purpose. */
export function acceptGeneration(db: Database.Database, dataDir: string): void {
  db.pragma(`user_version = ${Math.max(readGeneration(db), readMark(dataDir))}`)
}

const writeMark = (dataDir: string, n: number): Promise<void> => writeBeside(markFile(dataDir), `${n}\n`)

const markFile = (dataDir: string): string => path.join(dataDir, 'library.mark')
