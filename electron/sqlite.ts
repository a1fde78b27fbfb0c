/** Opens SQLite files, everywhere the same way. */
import Database from 'better-sqlite3'

/**
 * `WHETSTONE_SQLITE_BINDING` names another build of better-sqlite3's native part than the packaged one, for an Electron older
 * than 35, which lacks the Node-API that the packaged one needs. Plain Node always takes the packaged one.
 */
export const sqliteBinding = (env: NodeJS.ProcessEnv): string | undefined =>
  process.versions.electron === undefined ? undefined : env.WHETSTONE_SQLITE_BINDING || undefined

export function openDatabase(file: string | Buffer, options: Database.Options = {}): Database.Database {
  const nativeBinding = sqliteBinding(process.env)
  return new Database(file, nativeBinding === undefined ? options : { ...options, nativeBinding })
}
