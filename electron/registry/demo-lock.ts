import Database from 'better-sqlite3'
import { openDatabase } from '../sqlite.ts'

/**
 * One demo a folder. The lock is the operating system's, held on a file through SQLite: it goes with the process that
 * holds it, however that ends, so there is no such thing as a stale one.
 *
 * @returns gives the lock back; undefined where another process, or this one, has it already.
 */
export function lockFile(path: string): (() => void) | undefined {
  const file = openDatabase(path, { timeout: 0 })
  try {
    file.exec('BEGIN EXCLUSIVE')
  } catch (error) {
    file.close()
    if (error instanceof Database.SqliteError && error.code.startsWith('SQLITE_BUSY')) return undefined
    throw error
  }
  return () => file.close()
}
