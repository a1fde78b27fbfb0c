import fs from 'node:fs'
import path from 'node:path'
import type Database from 'better-sqlite3'
import { putBlob, sha256 } from './blobs.ts'
import { type JournalRow, readJournal, readKeptSpaces } from './journal.ts'
import type { Library } from './library.ts'
import { type ContentMissing, listMissingContent } from './missing-content.ts'
import { finishRebuild, listBackups, openLibrary, REBUILT, sqliteCode, takeAsItIs } from './open.ts'
import { mendReferences } from './references.ts'
import { openSalvage, type Row, type Salvage, type Shape, shapesOf } from './salvage.ts'
import type { OutboxRecord } from './schema-local.ts'
import { listSyncStates, readAgain } from './sync-states.ts'
import { recountTotals } from './totals.ts'

export type RebuildOptions = {
  dataDir: string
  /** The folder of SQLite migrations. */
  migrations: string
  now: () => number
  newId: () => string
  onProgress: (progress: RebuildProgress) => void
  signal?: AbortSignal
}
/** `done` and `total` are pages, rows or files, whatever the step goes through. */
export type RebuildProgress = {
  step: 'reading' | 'backups' | 'journal' | 'checking'
  done: number
  total: number | null
}
export type RebuildReport = {
  /** Where the broken file is now. */
  movedTo: string | null
  skills: number
  versions: number
  files: number
  workingCopies: number
  /** Rows and files that only a backup still had. */
  fromBackups: number
  /** Unsent changes that only the journal still had. */
  requeued: number
  /** Teams whose registry is asked for everything again. */
  teams: string[]
  damagedPages: number
  /** What of personal and sample skills did not come back, by name. */
  lost: ContentMissing[]
  /** What of a team's skills is missing until its registry sends it again. */
  awaited: number
  /** What else did not come back or had to be guessed, in sentences. */
  notes: string[]
}

/** Where it is made; once whole, it is renamed to `REBUILT` and so put in its place even after a kill. */
const SCRATCH = 'rebuilding'

/** What other rows say anyway, or what is only known of a registry that is about to be asked again. */
const DERIVED =
  /^(sqlite_.*|search_.*|stale_skills|skill_totals|version_facts|migrations|remote_content|content_wanted|waiting_rows|invalid_rows|reconcile_seen|remote_times|awaited_rows)$/

/**
 * Makes a new library of everything that can still be read: the broken file page by page, backups for what it lost, what was
 * kept beside it of spaces and unsent changes. The broken file makes way (renamed) only once the new one is whole, so that
 * a rebuild that is stopped or killed leaves everything as it was.
 */
export async function rebuildLibrary(options: RebuildOptions): Promise<RebuildReport> {
  const { dataDir } = options
  const scratch = path.join(dataDir, SCRATCH)
  fs.rmSync(scratch, { recursive: true, force: true })
  const opened = openLibrary({ dataDir: scratch, migrations: options.migrations, now: options.now })
  if ('problem' in opened) throw new Error(opened.problem.happened)
  const { library } = opened
  let report: Omit<RebuildReport, 'movedTo'>
  try {
    report = await new Rebuild(options, library).run()
    takeAsItIs(library.db, dataDir)
    library.db.pragma('wal_checkpoint(TRUNCATE)')
  } catch (error) {
    library.close()
    fs.rmSync(scratch, { recursive: true, force: true })
    throw error
  }
  library.close()
  fs.rmSync(path.join(dataDir, REBUILT), { recursive: true, force: true })
  fs.renameSync(scratch, path.join(dataDir, REBUILT))
  return { ...report, movedTo: finishRebuild(dataDir, options.now()) }
}

/** How many rows one transaction takes, and so how often others get a turn. */
const SLICE_ROWS = 500

class Rebuild {
  readonly #options: RebuildOptions
  readonly #library: Library
  readonly #shapes: Map<string, Shape>
  readonly #tables: string[]
  readonly #notes: string[] = []
  readonly #refused = new Map<string, number>()
  #fromBackups = 0

  constructor(options: RebuildOptions, library: Library) {
    this.#options = options
    this.#library = library
    const shapes = shapesOf(library.db).filter(shape => !DERIVED.test(shape.name))
    this.#shapes = new Map(shapes.map(shape => [shape.name, shape]))
    this.#tables = parentsFirst(library.db, [...this.#shapes.keys()])
  }

  async run(): Promise<Omit<RebuildReport, 'movedTo'>> {
    const library = this.#library
    const { dataDir } = this.#options
    const guards = liftGuards(library.db)
    library.db.pragma('foreign_keys = OFF')
    const salvage = openSalvage(path.join(dataDir, 'library.db'), [...this.#shapes.values()])
    const lastSeq = sequenceOf(salvage)
    const whole = (table: string) => salvage.whole(table)
    const unread = salvage.damagedPages
    try {
      await this.#takeFile(salvage)
    } finally {
      salvage.close()
    }
    await this.#takeBackups(whole)
    library.write(() => this.#putAll(readKeptSpaces(dataDir), false))
    const requeued = this.#takeJournal(lastSeq, whole('outbox'))
    this.#progress('checking', 0, null)
    library.write(() => {
      this.#notes.push(...mendReferences(library, this.#options.newId, this.#options.now()))
      recountTotals(library)
      askAgain(library)
    })
    for (const sql of guards) library.db.exec(sql)
    library.db.pragma('foreign_keys = ON')
    const check = library.db.pragma('integrity_check(10)', { simple: true })
    if (check !== 'ok') throw new Error(`the rebuilt library is not sound: ${check}`)
    for (const [table, n] of this.#refused)
      this.#notes.push(`${n} ${n === 1 ? 'row' : 'rows'} of ${table} could be read but made no sense, and stayed out.`)
    return this.#report(requeued, unread)
  }

  #report(requeued: number, damagedPages: number): Omit<RebuildReport, 'movedTo'> {
    const library = this.#library
    const count = (sql: string) => library.get<{ n: number }>(`SELECT count(*) AS n FROM ${sql}`).n
    const missing = [...listMissingContent(library)]
    const want = missing.filter(item => item.team)
    library.write(() => {
      for (const item of want) wantContent(library, item)
    })
    return {
      skills: count('skills'),
      versions: count('skill_versions'),
      files: count('blobs'),
      workingCopies: count('working_copies WHERE changed = 1'),
      fromBackups: this.#fromBackups,
      requeued,
      teams: library
        .all<{ name: string }>(
          "SELECT name FROM tenants JOIN spaces ON tenant_id = id WHERE kind = 'team' ORDER BY name",
        )
        .map(row => row.name),
      damagedPages,
      lost: missing.filter(item => !item.team),
      awaited: want.length,
      notes: this.#notes,
    }
  }

  async #takeFile(salvage: Salvage): Promise<void> {
    let read = 0
    for (const table of this.#tables) {
      const shape = salvage.shapes.get(table)
      if (shape === undefined) continue
      await this.#inSlices(salvage.rows(table), rows => {
        for (const row of rows) this.#putRow(table, row)
        read += rows.length
        this.#progress('reading', read, null)
      })
    }
  }

  /** From the newest on: content that is missing, and rows of tables that could not be read whole. */
  async #takeBackups(whole: (table: string) => boolean): Promise<void> {
    const backups = listBackups(this.#options.dataDir)
    const lacking = this.#tables.filter(table => table !== 'blobs' && !whole(table))
    for (const [n, file] of backups.entries()) {
      this.#progress('backups', n, backups.length)
      const backup = openSalvage(file, [...this.#shapes.values()])
      try {
        for (const table of lacking)
          await this.#inSlices(backup.rows(table), rows => {
            for (const row of rows) this.#fromBackups += this.#putRow(table, row)
          })
        const wanted = new Set([...listMissingContent(this.#library)].map(item => item.sha256))
        // A manifest that comes back names files that may be missing too.
        for (let round = 0; round < 2 && wanted.size > 0; round++) {
          await this.#inSlices(backup.rows('blobs'), rows => {
            for (const row of rows)
              if (typeof row.sha256 === 'string' && wanted.has(row.sha256))
                this.#fromBackups += this.#putRow('blobs', row)
          })
          wanted.clear()
          for (const item of listMissingContent(this.#library)) wanted.add(item.sha256)
        }
      } finally {
        backup.close()
      }
    }
  }

  /**
   * Unsent changes that the file does not have. One that the file once had and has no longer was acknowledged: its number
   * is not beyond the highest that the file knows of, unless the file cannot be read whole.
   */
  #takeJournal(lastSeq: number, whole: boolean): number {
    const library = this.#library
    let requeued = 0
    library.write(() => {
      const journal = readJournal(this.#options.dataDir, (name, bytes) => putBlob(library, name, bytes))
      if (journal.damagedLines > 0)
        this.#notes.push(`${journal.damagedLines} lines of the journal of unsent changes could not be read.`)
      for (const { op, rows } of journal.ops) {
        this.#progress('journal', requeued, journal.ops.length)
        if (library.find('SELECT 1 FROM outbox WHERE seq = ?', op.seq) !== undefined) {
          // What it is about may have lain on a page that was lost, though the change itself did not.
          if (!isTakenBack(library, op)) this.#putAll(rows, false)
          continue
        }
        if (whole && op.seq <= lastSeq) continue
        // What it was about is at least as new as what the file has, which lost the change itself.
        this.#putAll(rows, true)
        requeued += this.#putRow('outbox', {
          ...op,
          attempts: 0,
          parked_code: null,
          parked_reason: null,
          parked_todo: null,
        })
      }
    })
    return requeued
  }

  #putAll(rows: readonly JournalRow[], newer: boolean): void {
    for (const { table, row } of rows) {
      if (!this.#shapes.has(table)) continue
      if (this.#putRow(table, row) === 1 || !newer || table === 'skill_versions') continue
      const { id, ...rest } = row
      const columns = Object.keys(rest).filter(column => this.#knows(table, column))
      try {
        this.#library.run(
          `UPDATE ${table} SET ${columns.map(column => `${column} = @${column}`).join(', ')} WHERE id = @id`,
          { id: id ?? null, ...Object.fromEntries(columns.map(column => [column, rest[column] ?? null])) },
        )
      } catch (error) {
        this.#refuse(table, error)
      }
    }
  }

  /** 1 where the row was not there; a row that the library's own rules refuse is counted and left out. */
  #putRow(table: string, row: Row): number {
    if (table === 'blobs') return this.#putBlob(row)
    const columns = Object.keys(row).filter(column => this.#knows(table, column))
    if (columns.length === 0) return 0
    try {
      return this.#library.run(
        `INSERT OR IGNORE INTO ${table} (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`,
        ...columns.map(column => row[column] ?? null),
      )
    } catch (error) {
      this.#refuse(table, error)
      return 0
    }
  }

  /** Content is believed by its hash alone: where only its name was damaged, it is stored under the right one. */
  #putBlob(row: Row): number {
    if (!Buffer.isBuffer(row.bytes) || typeof row.sha256 !== 'string') return 0
    const name = sha256(row.bytes)
    if (name !== row.sha256 && row.bytes.length !== row.size) return 0
    return this.#library.run(
      'INSERT OR IGNORE INTO blobs (sha256, size, bytes) VALUES (?, ?, ?)',
      name,
      row.bytes.length,
      row.bytes,
    )
  }

  #refuse(table: string, error: unknown): void {
    const code = sqliteCode(error)
    if (!code?.startsWith('SQLITE_CONSTRAINT') && code !== 'SQLITE_MISMATCH') throw error
    this.#refused.set(table, (this.#refused.get(table) ?? 0) + 1)
  }

  #knows(table: string, column: string): boolean {
    return this.#shapes.get(table)?.columns.some(known => known.name === column) === true
  }

  async #inSlices(rows: Iterable<Row>, take: (rows: Row[]) => void): Promise<void> {
    let slice: Row[] = []
    let bytes = 0
    const flush = async () => {
      const taken = slice
      slice = []
      bytes = 0
      if (taken.length > 0) this.#library.write(() => take(taken))
      await new Promise<void>(resolve => setImmediate(resolve))
      this.#options.signal?.throwIfAborted()
    }
    for (const row of rows) {
      slice.push(row)
      bytes += Buffer.isBuffer(row.bytes) ? row.bytes.length : 0
      if (slice.length >= SLICE_ROWS || bytes > 8 * 1024 * 1024) await flush()
    }
    await flush()
  }

  #progress(step: RebuildProgress['step'], done: number, total: number | null): void {
    this.#options.onProgress({ step, done, total })
  }
}

/** Whether what a change is about was deleted after it: then it is not missing. */
const isTakenBack = (library: Library, op: OutboxRecord): boolean =>
  library.find(
    "SELECT 1 FROM outbox WHERE entity_id = ? AND entity = ? AND operation = 'delete'",
    op.entity_id,
    op.entity,
  ) !== undefined

/**
 * Takes the triggers away that refuse what must not happen to a library in use (rows come in any order here), and answers how
 * to put them back. Those that keep totals stay.
 */
function liftGuards(db: Database.Database): string[] {
  const guards = db
    .prepare<[], { name: string; sql: string }>(
      "SELECT name, sql FROM sqlite_schema WHERE type = 'trigger' AND sql LIKE '% BEFORE %'",
    )
    .all()
  for (const { name } of guards) db.exec(`DROP TRIGGER ${name}`)
  return guards.map(guard => guard.sql)
}

function parentsFirst(db: Database.Database, tables: readonly string[]): string[] {
  const ordered: string[] = []
  const visit = (table: string, above: readonly string[]) => {
    if (ordered.includes(table) || above.includes(table)) return
    const parents = db
      .prepare<[string], { parent: string }>('SELECT DISTINCT "table" AS parent FROM pragma_foreign_key_list(?)')
      .all(table)
    for (const { parent } of parents) if (tables.includes(parent)) visit(parent, [...above, table])
    ordered.push(table)
  }
  for (const table of tables) visit(table, [])
  return ordered
}

/** The highest number an outbox row had, by the file's own account. */
function sequenceOf(salvage: Salvage): number {
  let highest = 0
  for (const row of salvage.rows('sqlite_sequence'))
    if (row.name === 'outbox') highest = Math.max(highest, Number(row.seq) || 0)
  for (const row of salvage.rows('outbox')) highest = Math.max(highest, Number(row.seq) || 0)
  return highest
}

/** Every team's registry is read from its beginning, search and figures are made anew. */
function askAgain(library: Library): void {
  for (const { tenant_id } of listSyncStates(library)) readAgain(library, tenant_id)
  library.run('INSERT OR IGNORE INTO stale_skills (skill_id) SELECT id FROM skills')
}

export function wantContent(library: Library, item: ContentMissing): void {
  library.run(
    `INSERT INTO content_wanted (tenant_id, sha256, kind, size, version_id) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT (tenant_id, sha256) DO UPDATE SET due_at = 0, attempts = 0`,
    item.tenantId,
    item.sha256,
    item.kind,
    item.size,
    item.versionId,
  )
}
