import fs from 'node:fs'
import path from 'node:path'
import { type Manifest, manifestEntry } from '../../shared/domain/manifest.ts'
import { partialOf, writeBeside } from './beside.ts'
import { findBlob, sha256 } from './blobs.ts'
import type { Library, SqlValue } from './library.ts'
import { PRIVATE_FILE } from './private-folder.ts'
import type { VersionRecord } from './schema.ts'
import type { OutboxRecord } from './schema-local.ts'

/**
 * The outbox, once more, outside library.db: what is queued for a team and not acknowledged, complete enough to be queued
 * again in a library that had to be rebuilt. Lines of JSON, each after the first 16 digits of its SHA-256; a torn or
 * damaged line costs only itself.
 *
 *   op    an outbox row with the rows it is about      blob   content of a version that the registry may not have
 *   done  outbox rows that are gone: acknowledged, or let go
 *
 * Written a moment after the commit, from what the library says: a power cut or kill within those milliseconds leaves the
 * change in library.db alone, which has it anyway; only a broken library *and* that moment lose it. No secret is ever in it:
 * passwords and keys are not in the library.
 */
type Entry =
  | { kind: 'op'; op: OutboxRecord; rows: JournalRow[] }
  | { kind: 'blob'; sha256: string; base64: string }
  | { kind: 'done'; seqs: number[] }
export type JournalRow = { table: string; row: Record<string, SqlValue> }
export type JournalContent = {
  ops: { op: OutboxRecord; rows: JournalRow[] }[]
  /** Names of the content in it; the bytes go to `onBlob`. */
  blobs: Set<string>
  /** Of every line that was ever written here and can be read, acknowledged ones too. */
  highestSeq: number
  damagedLines: number
}

const FILE = 'outbox-journal.jsonl'
const SPACES = 'teams.json'
/** How much is read from the library in one go. */
const SLICE = { ops: 50, bytes: 4 * 1024 * 1024 }
const COMPACT_BYTES = 4 * 1024 * 1024

type Slice = { lines: string[]; bytes: number }
function add(slice: Slice, text: string): void {
  slice.lines.push(text)
  slice.bytes += text.length
}

/** What an operation is about, by its entity. */
const TABLES: Record<string, string> = {
  skill: 'skills',
  version: 'skill_versions',
  rating: 'ratings',
  feedback: 'skill_feedback',
  measurement: 'token_measurements',
  usage_event: 'usage_events',
  benchmark_case: 'benchmark_cases',
  benchmark_run: 'benchmark_runs',
  benchmark_result: 'benchmark_results',
}

export class OutboxJournal {
  readonly #library: Library
  readonly #dataDir: string
  readonly #log: (line: string) => void
  /** The outbox rows that the file holds, with the bytes each took. */
  readonly #live = new Map<number, number>()
  readonly #blobs = new Set<string>()
  #last = 0
  /** Bytes of the row after `#last` that are in the file already. */
  #begun = 0
  #bytes = 0
  #spaces = ''
  #loaded = false
  #scheduled = false
  #stopped = false
  #writing: Promise<void> = Promise.resolve()

  constructor(library: Library, dataDir: string, log: (line: string) => void) {
    this.#library = library
    this.#dataDir = dataDir
    this.#log = log
  }

  /** Called after each commit; cheap. */
  wake(): void {
    if (this.#scheduled || this.#stopped) return
    this.#scheduled = true
    setImmediate(() => {
      this.#writing = this.#writing.then(async () => {
        this.#scheduled = false
        try {
          await this.#catchUp()
        } catch (error) {
          // The library has the change; the next commit tries again.
          this.#log(`outbox journal: ${error instanceof Error ? error.message : String(error)}`)
        }
      })
    })
  }

  /** Resolves when everything committed before is in the file. */
  async settled(): Promise<void> {
    this.wake()
    await new Promise<void>(resolve => setImmediate(resolve))
    await this.#writing
  }

  async stop(): Promise<void> {
    this.#stopped = true
    await this.#writing
  }

  async #catchUp(): Promise<void> {
    if (this.#stopped) return
    if (!this.#loaded) await this.#load()
    await this.#keepSpaces()
    for (let more = true; more && !this.#stopped; ) {
      const lines: string[] = []
      more = this.#collect(lines)
      if (lines.length > 0) await this.#append(lines.join(''))
    }
    if (this.#stopped) return
    const done = this.#gone()
    if (done.length === 0) return
    const live = [...this.#live.values()].reduce((sum, bytes) => sum + bytes, 0)
    // Only where most of it says nothing any more: else every acknowledgement would write all that waits once more.
    if (this.#live.size === 0 || this.#bytes > Math.max(COMPACT_BYTES, 2 * live)) await this.#compact()
    else await this.#append(line({ kind: 'done', seqs: done }))
  }

  async #load(): Promise<void> {
    const read = readJournal(this.#dataDir)
    for (const { op } of read.ops) this.#live.set(op.seq, 0)
    for (const name of read.blobs) this.#blobs.add(name)
    this.#bytes = sizeOf(this.#file)
    // A line that was torn must not swallow the next one.
    if (read.damagedLines > 0) await this.#append('\n')
    this.#loaded = true
  }

  /** The next outbox rows that the file does not hold; true where there are more. */
  #collect(lines: string[]): boolean {
    const library = this.#library
    const rows = library.all<OutboxRecord>(
      'SELECT * FROM outbox WHERE seq > ? ORDER BY seq LIMIT ?',
      this.#last,
      SLICE.ops,
    )
    const slice: Slice = { lines, bytes: 0 }
    for (const op of rows) {
      if (this.#live.has(op.seq)) {
        this.#last = op.seq
        continue
      }
      const before = slice.bytes
      const whole = op.entity !== 'version' || this.#collectContent(op.entity_id, slice)
      if (whole) add(slice, line({ kind: 'op', op, rows: rowsOf(library, op) }))
      this.#begun += slice.bytes - before
      // The rest of its content comes with the next slice, and the row that needs it after that.
      if (!whole) return true
      this.#live.set(op.seq, this.#begun)
      this.#begun = 0
      this.#last = op.seq
      if (slice.bytes > SLICE.bytes) return true
    }
    return rows.length === SLICE.ops
  }

  /**
   * The manifest and the files of a version that are not known to be in the registry: those of a numbered parent are. False
   * where there is more of them than goes into one slice.
   */
  #collectContent(versionId: string, slice: Slice): boolean {
    const library = this.#library
    const version = library.find<VersionRecord>('SELECT * FROM skill_versions WHERE id = ?', versionId)
    if (!version || version.version !== null) return true
    const there = new Set<string>()
    for (const id of [version.parent_version_id, version.merged_version_id]) {
      const parent =
        id === null ? undefined : library.find<VersionRecord>('SELECT * FROM skill_versions WHERE id = ?', id)
      if (!parent || parent.version === null) continue
      for (const file of manifestOf(library, parent.content_hash)) there.add(file.sha256)
    }
    const files = manifestOf(library, version.content_hash).map(file => file.sha256)
    for (const name of [version.content_hash, ...files]) {
      if (there.has(name) || this.#blobs.has(name)) continue
      if (slice.bytes > SLICE.bytes) return false
      const found = findBlob(library, name)
      if (found.kind !== 'found') continue
      this.#blobs.add(name)
      add(slice, line({ kind: 'blob', sha256: name, base64: found.bytes.toString('base64') }))
    }
    return true
  }

  /** Outbox rows that the file holds and the library no longer does. */
  #gone(): number[] {
    const { n } = this.#library.get<{ n: number }>('SELECT count(*) AS n FROM outbox WHERE seq <= ?', this.#last)
    if (n >= this.#live.size) return []
    const here = new Set(this.#library.all<{ seq: number }>('SELECT seq FROM outbox').map(row => row.seq))
    const gone = [...this.#live.keys()].filter(seq => !here.has(seq))
    for (const seq of gone) this.#live.delete(seq)
    return gone
  }

  /** Begins the file anew with what still waits. */
  async #compact(): Promise<void> {
    const partial = partialOf(this.#file)
    this.#live.clear()
    this.#blobs.clear()
    this.#last = 0
    this.#begun = 0
    this.#bytes = 0
    const file = await fs.promises.open(partial, 'w', PRIVATE_FILE)
    try {
      for (let more = true; more; ) {
        const lines: string[] = []
        more = this.#collect(lines)
        await file.appendFile(lines.join(''))
      }
      await file.datasync()
    } finally {
      await file.close()
    }
    await fs.promises.rename(partial, this.#file)
    this.#bytes = sizeOf(this.#file)
  }

  async #append(text: string): Promise<void> {
    const file = await fs.promises.open(this.#file, 'a', PRIVATE_FILE)
    try {
      await file.appendFile(text)
      await file.datasync()
    } finally {
      await file.close()
    }
    this.#bytes += text.length
  }

  /** Whose library this is: the spaces, and how far each team was read, for a rebuild to join them again by. */
  async #keepSpaces(): Promise<void> {
    const text = JSON.stringify(keptSpaces(this.#library))
    if (text === this.#spaces) return
    this.#spaces = text
    await writeBeside(path.join(this.#dataDir, SPACES), `${text}\n`)
  }

  get #file(): string {
    return path.join(this.#dataDir, FILE)
  }
}

/** What the journal beside a library says; empty where there is none. `onBlob` is given content that hashes to its name. */
export function readJournal(dataDir: string, onBlob?: (name: string, bytes: Buffer) => void): JournalContent {
  const content: JournalContent = { ops: [], blobs: new Set(), highestSeq: 0, damagedLines: 0 }
  const ops = new Map<number, JournalContent['ops'][number]>()
  for (const text of linesOf(path.join(dataDir, FILE))) {
    const entry = parse(text)
    switch (entry?.kind) {
      case undefined:
        content.damagedLines++
        break
      case 'op':
        ops.set(entry.op.seq, entry)
        content.highestSeq = Math.max(content.highestSeq, entry.op.seq)
        break
      case 'blob': {
        content.blobs.add(entry.sha256)
        const bytes = onBlob && Buffer.from(entry.base64, 'base64')
        if (bytes && sha256(bytes) === entry.sha256) onBlob(entry.sha256, bytes)
        break
      }
      case 'done':
        for (const seq of entry.seqs) ops.delete(seq)
        break
      default:
        entry satisfies never
    }
  }
  content.ops = [...ops.values()].sort((a, b) => a.op.seq - b.op.seq)
  return content
}

/** Line by line: a journal may be larger than a string can be. */
function* linesOf(file: string): Generator<Buffer> {
  if (!fs.existsSync(file)) return
  const fd = fs.openSync(file, 'r')
  try {
    const chunk = Buffer.alloc(1024 * 1024)
    let rest: Buffer[] = []
    for (let n = fs.readSync(fd, chunk); n > 0; n = fs.readSync(fd, chunk)) {
      let start = 0
      for (let end = chunk.indexOf(10); end !== -1 && end < n; end = chunk.indexOf(10, start)) {
        const text = Buffer.concat([...rest, chunk.subarray(start, end)])
        rest = []
        start = end + 1
        if (text.length > 0) yield text
      }
      rest.push(Buffer.from(chunk.subarray(start, n)))
    }
    const torn = Buffer.concat(rest)
    if (torn.length > 0) yield torn
  } finally {
    fs.closeSync(fd)
  }
}

export const journalBytes = (dataDir: string): number => sizeOf(path.join(dataDir, FILE))

/** The rows that say whose library this is; empty where nothing was kept. */
export function readKeptSpaces(dataDir: string): JournalRow[] {
  try {
    const rows: unknown = JSON.parse(fs.readFileSync(path.join(dataDir, SPACES), 'utf8'))
    return Array.isArray(rows) ? rows : []
  } catch {
    return []
  }
}

function keptSpaces(library: Library): JournalRow[] {
  const rows = (table: string, sql: string): JournalRow[] =>
    library.all<Record<string, SqlValue>>(sql).map(row => ({ table, row }))
  return [
    ...rows('tenants', 'SELECT tenants.* FROM tenants JOIN spaces ON spaces.tenant_id = tenants.id ORDER BY id'),
    ...rows('users', 'SELECT * FROM users WHERE id IN (SELECT user_id FROM spaces) ORDER BY id'),
    ...rows('spaces', 'SELECT * FROM spaces ORDER BY tenant_id'),
    // Not how far each was read: a rebuilt library asks for everything.
    ...rows(
      'sync_states',
      `SELECT tenant_id, host, settings, epoch, role, schema_version, content, paused, has_left, created_at
       FROM sync_states ORDER BY tenant_id`,
    ),
  ]
}

/** The row an operation is about, its skill, and what belongs to it. Nothing where it was deleted. */
function rowsOf(library: Library, op: OutboxRecord): JournalRow[] {
  const table = TABLES[op.entity]
  const rows = (name: string, column: string, id: string): JournalRow[] =>
    library
      .all<Record<string, SqlValue>>(`SELECT * FROM ${name} WHERE ${column} = ?`, id)
      .map(row => ({ table: name, row }))
  return [
    ...(op.skill_id === null || op.entity === 'skill' ? [] : rows('skills', 'id', op.skill_id)),
    ...(table === undefined ? [] : rows(table, 'id', op.entity_id)),
  ]
}

function manifestOf(library: Library, name: string): Manifest {
  const found = findBlob(library, name)
  if (found.kind !== 'found') return []
  return manifestEntry.array().parse(JSON.parse(found.bytes.toString('utf8')))
}

function line(entry: Entry): string {
  const json = JSON.stringify(entry)
  return `${sha256(json).slice(0, 16)} ${json}\n`
}

function parse(text: Buffer): Entry | undefined {
  const json = text.subarray(17)
  return sha256(json).slice(0, 16) === text.toString('latin1', 0, 16) ? JSON.parse(json.toString('utf8')) : undefined
}

const sizeOf = (file: string): number => (fs.existsSync(file) ? fs.statSync(file).size : 0)
