import fs from 'node:fs'
import path from 'node:path'
import Database from 'better-sqlite3'
import { Library } from './library.ts'
import { applyMigrations, planMigrations, readMigrations } from './migrate.ts'

/** Why a library cannot be opened; the file was left as it is. Each sentence is for a person. */
export type LibraryProblem = {
  code: 'NEWER' | 'BROKEN' | 'IN_USE' | 'UNWRITABLE' | 'MIGRATION_FAILED'
  happened: string
  kept: string
  todo: string
  path: string
  backups: string[]
}
export type OpenResult = { library: Library } | { problem: LibraryProblem }
export type OpenOptions = { dataDir: string; migrations: string; now: () => number }

/** 'WHST': tells a Whetstone library from any other SQLite file. */
const APPLICATION_ID = 0x57485354
const BACKUPS_KEPT = 5
/** Above this, checking every page at each start would take seconds; damage is then found by hash when content is read. */
const QUICK_CHECK_BYTES = 64 * 1024 * 1024

/**
 * Opens `library.db`, making or migrating it, as `library`. A library is open whole or not at all; a broken file is
 * never overwritten.
 */
export function openLibrary(options: OpenOptions, library = new Library()): OpenResult {
  const file = path.join(options.dataDir, 'library.db')
  const problem = (code: LibraryProblem['code'], happened: string, kept: string, todo: string): OpenResult => ({
    problem: { code, happened, kept, todo, path: file, backups: listBackups(options.dataDir) },
  })
  try {
    fs.mkdirSync(options.dataDir, { recursive: true })
    fs.accessSync(options.dataDir, fs.constants.W_OK)
    if (fs.existsSync(file)) fs.accessSync(file, fs.constants.R_OK | fs.constants.W_OK)
  } catch (error) {
    return problem(
      'UNWRITABLE',
      `The library’s folder cannot be written: ${reason(error)}.`,
      'Nothing was changed.',
      'Make the folder writable, or start with another one (--data FOLDER).',
    )
  }
  const broken = (why: string): OpenResult =>
    problem(
      'BROKEN',
      `The library file cannot be read: ${why}.`,
      'The file was left exactly as it is.',
      'Restore a backup over it, or set it aside and start an empty library.',
    )
  if (fs.existsSync(file) && fs.statSync(file).size === 0 && listBackups(options.dataDir).length > 0)
    return broken('it is empty, but it was not before')

  let db: Database.Database | undefined
  try {
    db = new Database(file)
    // First of all, so that every later statement waits for another process rather than failing at once.
    db.pragma('busy_timeout = 5000')
    const objects = db.prepare<[], { n: number }>('SELECT count(*) AS n FROM sqlite_schema').get()?.n ?? 0
    if (objects > 0 && db.pragma('application_id', { simple: true }) !== APPLICATION_ID) {
      db.close()
      return broken('it is a database of another program')
    }
    if (objects > 0 && fs.statSync(file).size <= QUICK_CHECK_BYTES) {
      const found = db.pragma('quick_check(1)', { simple: true })
      if (found !== 'ok') {
        db.close()
        return broken(String(found))
      }
    }
    if (objects === 0) db.pragma(`application_id = ${APPLICATION_ID}`)
    configure(db)
    const plan = planMigrations(db, readMigrations(options.migrations))
    switch (plan.kind) {
      case 'newer':
        db.close()
        return problem(
          'NEWER',
          'This library was written by a newer Whetstone.',
          'Nothing was changed.',
          'Update the app, then open it again.',
        )
      case 'rewritten':
        db.close()
        return problem(
          'MIGRATION_FAILED',
          `The step ${plan.name} differs from the one this library was made with.`,
          'Nothing was changed.',
          'Install a released version of the app.',
        )
      case 'ready':
        if (plan.pending.length > 0) {
          if (plan.applied > 0) backup(db, options, plan.pending[0]?.name ?? '')
          applyMigrations(db, plan.pending, options.now())
        }
        library.open(db)
        return { library }
      default:
        return plan satisfies never
    }
  } catch (error) {
    db?.close()
    const code = sqliteCode(error)
    if (code === 'SQLITE_BUSY' || code === 'SQLITE_LOCKED')
      return problem(
        'IN_USE',
        'Another program is using the library.',
        'Nothing was changed.',
        'Close the other Whetstone, then try again.',
      )
    if (code?.startsWith('SQLITE_CORRUPT') || code === 'SQLITE_NOTADB') return broken(reason(error))
    if (code?.startsWith('SQLITE_READONLY') || code === 'SQLITE_CANTOPEN' || code === 'SQLITE_PERM')
      return problem(
        'UNWRITABLE',
        `The library cannot be written: ${reason(error)}.`,
        'Nothing was changed.',
        'Make the folder writable, then try again.',
      )
    return problem(
      'MIGRATION_FAILED',
      `The library could not be brought up to date: ${reason(error)}.`,
      'The step was undone; the library is as it was before.',
      'Free some disk space or report this, then try again.',
    )
  }
}

/** Every connection to a library has these, the tests' too. */
export function configure(db: Database.Database): void {
  db.pragma('journal_mode = WAL')
  // WAL is compiled with NORMAL as its default, under which a power cut may lose committed transactions.
  db.pragma('synchronous = FULL')
  db.pragma('foreign_keys = ON')
  db.pragma('recursive_triggers = ON')
  db.pragma('trusted_schema = OFF')
  db.pragma('cache_size = -32000')
  // 64 MB: an import then copies its pages into the file once, rather than after every few megabytes.
  db.pragma('wal_autocheckpoint = 16000')
  db.pragma('mmap_size = 268435456')
}

/** Renames the library's files, so that nothing of a broken one is lost. Answers the new name of library.db. */
export function setAside(dataDir: string, now: number): string {
  const stamp = stampOf(now)
  const movedTo = path.join(dataDir, `library-set-aside-${stamp}.db`)
  // The journal first: a library.db without its -wal would be an older state that looks whole.
  for (const suffix of ['-wal', '-shm', '']) {
    const from = path.join(dataDir, `library.db${suffix}`)
    if (fs.existsSync(from)) fs.renameSync(from, `${movedTo}${suffix}`)
  }
  return movedTo
}

function backup(db: Database.Database, options: OpenOptions, before: string): void {
  const folder = path.join(options.dataDir, 'backups')
  fs.mkdirSync(folder, { recursive: true })
  const target = path.join(folder, `library-${stampOf(options.now())}-before-${before.replace(/\.sql$/, '')}.db`)
  const partial = `${target}.partial`
  fs.rmSync(partial, { force: true })
  db.prepare('VACUUM INTO ?').run(partial)
  fs.renameSync(partial, target)
  for (const old of listBackups(options.dataDir).slice(BACKUPS_KEPT)) fs.rmSync(old, { force: true })
}

function listBackups(dataDir: string): string[] {
  const folder = path.join(dataDir, 'backups')
  if (!fs.existsSync(folder)) return []
  return fs
    .readdirSync(folder)
    .filter(name => name.endsWith('.db'))
    .sort()
    .reverse()
    .map(name => path.join(folder, name))
}

const stampOf = (now: number): string => new Date(now).toISOString().replace(/[-:]/g, '').replace('T', '-').slice(0, 15)

/** SQLite's code of a failed statement, such as `SQLITE_FULL`; undefined for any other error. */
export function sqliteCode(error: unknown): string | undefined {
  return error instanceof Database.SqliteError ? error.code : undefined
}

const reason = (error: unknown): string => (error instanceof Error ? error.message : String(error)).replace(/\.$/, '')
