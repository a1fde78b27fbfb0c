import fs from 'node:fs'
import path from 'node:path'
import Database from 'better-sqlite3'
import { openDatabase } from '../sqlite.ts'
import { acceptGeneration, readGeneration, readMark } from './generation.ts'
import { journalBytes, readJournal } from './journal.ts'
import { Library } from './library.ts'
import { applyMigrations, planMigrations, readMigrations } from './migrate.ts'
import { keepPrivate, makePrivateFile, makePrivateFolder, PRIVATE_FILE } from './private-folder.ts'

/** Why a library cannot be opened; the file was left as it is. Each sentence is for a person. */
export type LibraryProblem = {
  code: 'NEWER' | 'BROKEN' | 'OLDER' | 'IN_USE' | 'UNWRITABLE' | 'MIGRATION_FAILED'
  happened: string
  kept: string
  todo: string
  path: string
  backups: string[]
}
export type OpenResult = { library: Library } | { problem: LibraryProblem }
export type OpenOptions = {
  dataDir: string
  migrations: string
  now: () => number
  /** Opens a library that is older than it was: the reader said so. */
  asItIs?: boolean
}

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
    makePrivateFolder(options.dataDir)
    keepPrivate(options.dataDir)
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
      'Rebuild it: whatever can still be read comes back, and the broken file is kept beside it.',
    )
  finishRebuild(options.dataDir, options.now())
  if (isEmpty(file) && (listBackups(options.dataDir).length > 0 || readMark(options.dataDir) > 0))
    return broken(fs.existsSync(file) ? 'it is empty, but it was not before' : 'it is gone, but it was here before')
  if (isCutOff(file)) return broken('the end of it is missing')

  let db: Database.Database | undefined
  try {
    makePrivateFile(file)
    db = openDatabase(file)
    // First of all, so that every later statement waits for another process rather than failing at once.
    db.pragma('busy_timeout = 5000')
    const objects = db.prepare<[], { n: number }>('SELECT count(*) AS n FROM sqlite_schema').get()?.n ?? 0
    if (objects > 0 && db.pragma('application_id', { simple: true }) !== APPLICATION_ID) {
      db.close()
      return broken('it is a database of another program')
    }
    if (objects > 0 && (fs.statSync(file).size <= QUICK_CHECK_BYTES || isSuspected(options.dataDir))) {
      const found = db.pragma('quick_check(1)', { simple: true })
      if (found !== 'ok') {
        db.close()
        return broken(String(found))
      }
      fs.rmSync(suspectFile(options.dataDir), { force: true })
    }
    if (objects === 0) db.pragma(`application_id = ${APPLICATION_ID}`)
    configure(db)
    if (objects > 0 && isOlder(db, options.dataDir)) {
      if (options.asItIs !== true) {
        db.close()
        return problem(
          'OLDER',
          'The library is older than what was saved in it before: a part of it (library.db-wal) was deleted, or an older copy was put in its place.',
          'The file was left exactly as it is.',
          'Rebuild it, which adds what a backup, the team registries and the journal of unsent changes still have, or open it as it is.',
        )
      }
      takeAsItIs(db, options.dataDir)
    }
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

/** A journal larger than this is not read at each start; the mark tells of a lost -wal without it. */
const JOURNAL_CHECK_BYTES = 16 * 1024 * 1024

/** Whether what was vouched for, or queued, is not in the library: see generation.ts. */
function isOlder(db: Database.Database, dataDir: string): boolean {
  if (readGeneration(db) < readMark(dataDir)) return true
  const bytes = journalBytes(dataDir)
  return bytes > 0 && bytes <= JOURNAL_CHECK_BYTES && outboxSequence(db) < readJournal(dataDir).highestSeq
}

const outboxSequence = (db: Database.Database): number =>
  db.prepare<[], { seq: number }>("SELECT seq FROM sqlite_sequence WHERE name = 'outbox'").get()?.seq ?? 0

/** From here on this is the newest: neither the mark nor the journal are beyond it, and no number is given twice. */
export function takeAsItIs(db: Database.Database, dataDir: string): void {
  acceptGeneration(db, dataDir)
  const highest = Math.max(outboxSequence(db), readJournal(dataDir).highestSeq)
  db.exec("DELETE FROM sqlite_sequence WHERE name = 'outbox'")
  db.prepare("INSERT INTO sqlite_sequence (name, seq) VALUES ('outbox', ?)").run(highest)
}

/** Asks for every page to be checked at the next start, however large the library is. */
export function suspect(dataDir: string): void {
  fs.writeFileSync(suspectFile(dataDir), '', { flush: true, mode: PRIVATE_FILE })
}

const isSuspected = (dataDir: string): boolean => fs.existsSync(suspectFile(dataDir))
const suspectFile = (dataDir: string): string => path.join(dataDir, 'library.suspect')

const isEmpty = (file: string): boolean => !fs.existsSync(file) || fs.statSync(file).size === 0

/**
 * A file shorter than its header says, with no log that could have the rest: SQLite itself sees that only once it needs
 * a page that is not there.
 */
function isCutOff(file: string): boolean {
  if (isEmpty(file) || !isEmpty(`${file}-wal`)) return false
  const header = Buffer.alloc(100)
  const fd = fs.openSync(file, 'r')
  try {
    if (fs.readSync(fd, header) < header.length) return true
    if (header.toString('latin1', 0, 15) !== 'SQLite format 3') return false
    const pageSize = header.readUInt16BE(16) === 1 ? 65_536 : header.readUInt16BE(16)
    // Only where the count is that of the last change (https://sqlite.org/fileformat2.html#in_header_database_size).
    const counted = header.readUInt32BE(24) === header.readUInt32BE(92)
    return counted && fs.fstatSync(fd).size < header.readUInt32BE(28) * pageSize
  } finally {
    fs.closeSync(fd)
  }
}

/** Where a rebuilt library waits, whole, for the broken one to make way. */
export const REBUILT = 'rebuilt'

/** Puts a rebuilt library in its place, also after a kill in between. Answers where the broken one is now. */
export function finishRebuild(dataDir: string, now: number): string | null {
  const ready = path.join(dataDir, REBUILT, 'library.db')
  if (!fs.existsSync(ready)) return null
  const broken = ['', '-wal', '-shm'].some(suffix => fs.existsSync(path.join(dataDir, `library.db${suffix}`)))
  const movedTo = broken ? moveLibrary(dataDir, now) : null
  fs.renameSync(ready, path.join(dataDir, 'library.db'))
  fs.rmSync(path.join(dataDir, REBUILT), { recursive: true, force: true })
  return movedTo
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
  // Mapped pages count as this process's memory: enough for what is read again and again. scrub.ts maps more for its while.
  db.pragma('mmap_size = 33554432')
}

/**
 * Renames the library's files and what is kept beside them, so that nothing of a broken one is lost and nothing of it speaks
 * about the next. Answers the new name of library.db.
 */
export function setAside(dataDir: string, now: number): string {
  const movedTo = moveLibrary(dataDir, now)
  for (const name of ['library.mark', 'outbox-journal.jsonl', 'teams.json']) {
    const from = path.join(dataDir, name)
    if (fs.existsSync(from)) fs.renameSync(from, `${movedTo}.${name}`)
  }
  return movedTo
}

function moveLibrary(dataDir: string, now: number): string {
  let movedTo = path.join(dataDir, `library-set-aside-${stampOf(now)}.db`)
  for (let n = 2; fs.existsSync(movedTo); n++) movedTo = path.join(dataDir, `library-set-aside-${stampOf(now)}-${n}.db`)
  fs.rmSync(suspectFile(dataDir), { force: true })
  // The journal first: a library.db without its -wal would be an older state that looks whole.
  for (const suffix of ['-wal', '-shm', '']) {
    const from = path.join(dataDir, `library.db${suffix}`)
    if (fs.existsSync(from)) fs.renameSync(from, `${movedTo}${suffix}`)
  }
  return movedTo
}

function backup(db: Database.Database, options: OpenOptions, before: string): void {
  const folder = path.join(options.dataDir, 'backups')
  makePrivateFolder(folder)
  const target = path.join(folder, `library-${stampOf(options.now())}-before-${before.replace(/\.sql$/, '')}.db`)
  const partial = `${target}.partial`
  fs.rmSync(partial, { force: true })
  makePrivateFile(partial)
  db.prepare('VACUUM INTO ?').run(partial)
  fs.renameSync(partial, target)
  for (const old of listBackups(options.dataDir).slice(BACKUPS_KEPT)) fs.rmSync(old, { force: true })
}

export function listBackups(dataDir: string): string[] {
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
