import { isUtf8 } from 'node:buffer'
import { BUNDLE_LIMITS } from '../../shared/domain/bundle.ts'
import { type Git, type GitEnd, GitProcess } from './git-process.ts'
import type { Sink } from './source.ts'

/** One git blob, filled in when it has been read. `size` is in bytes, -1 while unknown. */
export type GitBlob = {
  readonly oid: string
  wanted: boolean
  size: number
  state: 'unread' | 'read' | 'too-large' | 'missing'
  sha256: string
  /** Whether it may be text; told of every blob that was read. */
  utf8: boolean
  /** Set when it is a SKILL.md: its first bytes are kept to look at the frontmatter. */
  keepStart: boolean
  start: Buffer | undefined
}

export const newBlob = (oid: string): GitBlob => ({
  oid,
  wanted: false,
  size: -1,
  state: 'unread',
  sha256: '',
  utf8: false,
  keepStart: false,
  start: undefined,
})

const LINE_END = 0x0a
/** Object names are sent in batches: each write wakes a process. A few hundred keep it busy until the next. */
const BATCH = 256
/** Longer frontmatter is not looked at. */
const START_BYTES = 16 * 1024
const CLOSING = Buffer.from('\n---')

/**
 * Reads blobs through two git processes that stay open, each blob once: the first tells sizes, so that a huge blob is
 * refused unread; the second tells contents, which go straight to the sink. Both answer in the order they are asked,
 * and both buffer: the last answers come after `end`.
 */
export class BlobReader {
  readonly #sizes: GitProcess
  readonly #contents: GitProcess
  readonly #sink: Sink
  readonly #onRead: () => void
  #asked: GitBlob[] = []
  #unsent: string[] = []
  #sized = 0
  #fetch: string[] = []
  #awaited: GitBlob[] = []
  #received = 0
  #line: Buffer = Buffer.alloc(0)
  #head: Buffer = Buffer.alloc(0)
  #body: { bytes: Buffer; filled: number; blob: GitBlob } | undefined
  /** How the first process that failed ended; `onFailure` is called when it is set. */
  failure: GitEnd | undefined
  /** How many blobs have been asked for, and how many are done with. */
  wanted = 0
  done = 0

  constructor(git: Git, sink: Sink, onRead: () => void, onFailure: () => void) {
    this.#sink = sink
    this.#onRead = onRead
    this.#sizes = new GitProcess(git, ['cat-file', '--batch-check=%(objectname) %(objectsize)', '--buffer'], chunk =>
      this.#onSizes(chunk),
    )
    this.#contents = new GitProcess(git, ['cat-file', '--batch', '--buffer'], chunk => this.#onContents(chunk))
    for (const process of [this.#sizes, this.#contents])
      process.closed.then(end => {
        if (end.code === 0 || this.failure) return
        this.failure = end
        onFailure()
      })
  }

  want(blob: GitBlob): void {
    if (blob.wanted) return
    blob.wanted = true
    this.wanted += 1
    this.#asked.push(blob)
    this.#unsent.push(blob.oid)
    if (this.#unsent.length >= BATCH) this.#flush()
  }

  #flush(): void {
    send(this.#sizes, this.#unsent)
    this.#unsent = []
  }

  /** Nothing more is wanted; resolves when everything has been read, or gives how a process failed. */
  async end(): Promise<GitEnd | undefined> {
    this.#flush()
    this.#sizes.end()
    await this.#sizes.closed
    send(this.#contents, this.#fetch)
    this.#contents.end()
    await this.#contents.closed
    if (this.failure || this.done === this.wanted) return this.failure
    return { code: null, stderr: 'git cat-file ended early' }
  }

  kill(): void {
    this.#sizes.kill()
    this.#contents.kill()
  }

  get closed(): Promise<unknown> {
    return Promise.all([this.#sizes.closed, this.#contents.closed])
  }

  /** `<oid> <size>` or `<oid> missing`, a line each. */
  #onSizes(chunk: Buffer): void {
    const bytes = this.#line.length > 0 ? Buffer.concat([this.#line, chunk]) : chunk
    const lines = bytes.toString('latin1', 0, bytes.length).split('\n')
    this.#line = Buffer.from(lines.pop() ?? '', 'latin1')
    for (const line of lines) {
      const blob = this.#asked[this.#sized++]
      if (!blob) throw new Error('git cat-file answered more than it was asked')
      const size = Number(line.slice(line.indexOf(' ') + 1))
      if (!Number.isSafeInteger(size)) this.#finish(blob, 'missing')
      else {
        blob.size = size
        if (size > BUNDLE_LIMITS.fileBytes) this.#finish(blob, 'too-large')
        else {
          this.#fetch.push(blob.oid)
          this.#awaited.push(blob)
        }
      }
    }
    if (this.#sized > 10_000) {
      this.#asked = this.#asked.slice(this.#sized)
      this.#sized = 0
    }
    if (this.#fetch.length >= BATCH) {
      send(this.#contents, this.#fetch)
      this.#fetch = []
    }
  }

  /** `<oid> blob <size>`, a line's end, the bytes, a line's end. */
  #onContents(chunk: Buffer): void {
    let at = 0
    while (at < chunk.length) {
      if (this.#body) at = this.#fill(this.#body, chunk, at)
      else at = this.#startBlob(chunk, at)
    }
    this.#onRead()
  }

  #startBlob(chunk: Buffer, at: number): number {
    const end = chunk.indexOf(LINE_END, at)
    if (end === -1) {
      this.#head = Buffer.concat([this.#head, chunk.subarray(at)])
      return chunk.length
    }
    const head = this.#head.toString('latin1', 0, this.#head.length) + chunk.toString('latin1', at, end)
    this.#head = Buffer.alloc(0)
    const blob = this.#awaited[this.#received++]
    if (!blob) throw new Error('git cat-file answered more than it was asked')
    if (this.#received > 10_000) {
      this.#awaited = this.#awaited.slice(this.#received)
      this.#received = 0
    }
    const size = Number(head.slice(head.lastIndexOf(' ') + 1))
    if (!Number.isSafeInteger(size)) {
      this.#finish(blob, 'missing')
      return end + 1
    }
    const from = end + 1
    if (from + size + 1 <= chunk.length) {
      this.#deliver(blob, chunk.subarray(from, from + size))
      return from + size + 1
    }
    this.#body = { bytes: Buffer.allocUnsafeSlow(size + 1), filled: 0, blob }
    return from
  }

  #fill(body: { bytes: Buffer; filled: number; blob: GitBlob }, chunk: Buffer, at: number): number {
    const copied = chunk.copy(body.bytes, body.filled, at)
    body.filled += copied
    if (body.filled === body.bytes.length) {
      this.#body = undefined
      this.#deliver(body.blob, body.bytes.subarray(0, body.bytes.length - 1))
    }
    return at + copied
  }

  #deliver(blob: GitBlob, bytes: Buffer): void {
    blob.utf8 = isUtf8(bytes)
    blob.size = bytes.length
    blob.sha256 = this.#sink.blob(bytes)
    if (blob.keepStart) {
      const closing = bytes.subarray(0, START_BYTES).indexOf(CLOSING, 3)
      if (closing !== -1) blob.start = Buffer.from(bytes.subarray(0, closing + CLOSING.length))
    }
    this.#finish(blob, 'read')
  }

  #finish(blob: GitBlob, state: GitBlob['state']): void {
    blob.state = state
    this.done += 1
  }
}

const send = (process: GitProcess, oids: readonly string[]): void => {
  if (oids.length > 0) process.write(`${oids.join('\n')}\n`)
}
