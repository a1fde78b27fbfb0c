import { createHash, type Hash } from 'node:crypto'
import { BUNDLE_LIMITS } from '../../shared/domain/bundle.ts'

/**
 * Where a team's content lives: bytes named by their own SHA-256, under `blobs/sha256/ab/abcdef…`.
 *
 * What every store promises, and the conformance suite in test/registry-blobs holds each of them to:
 *  - a blob is created once: a second `put` of the same name changes nothing and says so;
 *  - nothing is handed over by `get` or `stream` as found whose bytes do not hash to its name;
 *  - a call ends: with an answer, or with a failure as a value, within bounded time, or when its signal is aborted;
 *  - nothing is ever deleted.
 */
export type BlobStore = {
  /** Stores bytes under their name, unless they are there already: then what is there is checked (`verify`). */
  put(hash: string, bytes: Uint8Array, options?: PutOptions): Promise<PutResult>
  /** The whole blob in memory, hashed before it is handed over. */
  get(hash: string, options?: ReadOptions): Promise<GetResult>
  /** A part of a blob, **not verified**: whoever puts parts together hashes the whole. */
  readRange(hash: string, range: ByteRange, options?: CallOptions): Promise<RangeResult>
  /**
   * Hands the bytes to `write` as they come, one chunk at a time, each awaited. What was written may be believed only
   * when the answer is `found`: the hash is known at the end. A cut is resumed where it happened.
   */
  stream(hash: string, write: ChunkSink, options?: ReadOptions): Promise<StreamResult>
  /** Which of these are there, and how many bytes each has. Existence only: nothing is hashed. */
  has(hashes: readonly string[], options?: HasOptions): Promise<HasResult>
  /** One page of everything that is stored, for a report. `after` is the page before's `next`. */
  list(options?: ListOptions): Promise<ListResult>
  /** Puts right a blob that is there with wrong bytes. A sound one is left as it is, a missing one is stored. */
  repair(hash: string, bytes: Uint8Array, options?: CallOptions): Promise<PutResult>
  /** Lets go of connections. Calls under way may fail. */
  close(): void
}

export type CallOptions = { signal?: AbortSignal }
/** `verify`: how far a blob that is already there is checked. `hash` reads it back (the default), `size` asks for its size. */
export type PutOptions = CallOptions & { verify?: 'none' | 'size' | 'hash' }
/** `size`: the bytes it should have, where that is known: another size is damage without a download. */
export type ReadOptions = CallOptions & { size?: number }
export type HasOptions = CallOptions & { concurrency?: number }
export type ListOptions = CallOptions & { after?: string }
/** From `start`, at most `length` bytes. */
export type ByteRange = { start: number; length: number }
export type ChunkSink = (chunk: Uint8Array) => void | Promise<void>

/** Why a call has no answer. What to do about each is the sync policy's business. */
export type BlobFailure = {
  kind:
    | 'retry' // passing: network, time-out, an overloaded or failing server
    | 'denied' // the key is wrong, revoked or may not do this
    | 'expired' // the key was good and is no longer
    | 'quota' // the store is full, or unpaid
    | 'missing-bucket' // there is no such bucket; the folder is not there or is another one
    | 'clock' // this computer's clock is too far off for the store to accept its requests
    | 'tls' // the connection is not to be trusted
    | 'refused' // the store will not do this, and trying again does not help
    | 'cancelled' // the caller's signal was aborted
  /** A sentence or two for a person: what happened, what to do. */
  message: string
  /** How long the store asks us to wait, in milliseconds. */
  retryAfterMs?: number
  /** For the log: the store's own code and status. Never a key or an address. */
  detail?: string
}

/** The bytes are not what the name says. `sha256` is what they hash to, where they were read to the end. */
export type Damaged = { kind: 'damaged'; message: string; size?: number; sha256?: string }
export type PutResult = { kind: 'stored' } | { kind: 'present' } | Damaged | BlobFailure
export type GetResult = { kind: 'found'; bytes: Uint8Array } | { kind: 'missing' } | Damaged | BlobFailure
export type StreamResult = { kind: 'found'; size: number } | { kind: 'missing' } | Damaged | BlobFailure
/** `size` is the whole blob's; `bytes` is shorter than asked for where the blob ends. */
export type RangeResult = { kind: 'part'; bytes: Uint8Array; size: number } | { kind: 'missing' } | BlobFailure
/** By hash, the bytes that each has. A hash that is not in it is not there. */
export type HasResult = { kind: 'answer'; present: ReadonlyMap<string, number> } | BlobFailure
/** `hash` is absent where something lies in the store that is no blob. `modifiedAt` is the store's time, in ms. */
export type BlobEntry = { key: string; hash?: string; size: number; modifiedAt: number }
export type ListResult = { kind: 'page'; entries: BlobEntry[]; next?: string } | BlobFailure

const FAILURES = {
  retry: true,
  denied: true,
  expired: true,
  quota: true,
  'missing-bucket': true,
  clock: true,
  tls: true,
  refused: true,
  cancelled: true,
} as const satisfies Record<BlobFailure['kind'], true>

export const isBlobFailure = (result: { kind: string }): result is BlobFailure => Object.hasOwn(FAILURES, result.kind)

/** No blob may be larger, in bytes: the largest file of a bundle, with room for a manifest of the largest bundle. */
export const MAX_BLOB_BYTES = BUNDLE_LIMITS.fileBytes

const HASH = /^[0-9a-f]{64}$/
const KEY = /^blobs\/sha256\/([0-9a-f]{2})\/([0-9a-f]{64})$/
export const isHash = (text: string): boolean => HASH.test(text)

/** The name under which a blob is stored, with `/` between its parts. Anything but a lowercase SHA-256 is a bug. */
export function blobKey(hash: string): string {
  if (!isHash(hash)) throw new Error(`Not a SHA-256 in lowercase hex: ${JSON.stringify(hash.slice(0, 80))}`)
  return `blobs/sha256/${hash.slice(0, 2)}/${hash}`
}

/** The hash in a stored name, or undefined where the name is no blob's. */
export function hashOfKey(key: string): string | undefined {
  const [, prefix, hash] = KEY.exec(key) ?? []
  return hash !== undefined && prefix === hash.slice(0, 2) ? hash : undefined
}

export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

/** What bytes that came back are worth. */
export function checkBytes(hash: string, bytes: Uint8Array): GetResult {
  const actual = sha256(bytes)
  return actual === hash ? { kind: 'found', bytes } : hashDiffers(bytes.length, actual)
}

/** Why these bytes may not be stored under this name; undefined when they may. */
export function refuseBytes(hash: string, bytes: Uint8Array): Damaged | BlobFailure | undefined {
  blobKey(hash)
  if (bytes.length > MAX_BLOB_BYTES)
    return {
      kind: 'refused',
      message: `A file of ${Math.ceil(bytes.length / 1024 / 1024)} MB is too large; it may have ${MAX_BLOB_BYTES / 1024 / 1024} MB.`,
    }
  const actual = sha256(bytes)
  if (actual === hash) return undefined
  return {
    kind: 'damaged',
    message: 'The content on this computer is not what its name says, so it was not sent.',
    size: bytes.length,
    sha256: actual,
  }
}

export const hashDiffers = (size: number, actual: string): Damaged => ({
  kind: 'damaged',
  message: 'What the store holds is not what its name says. It is not shown.',
  size,
  sha256: actual,
})

/** A blob whose size alone says that it is not the one asked for; undefined where the size may be right. */
export function refuseSize(size: number, expected: number | undefined): Damaged | undefined {
  if (size === expected || (expected === undefined && size <= MAX_BLOB_BYTES)) return undefined
  return { kind: 'damaged', message: `What the store holds has ${size} bytes, which is not its size.`, size }
}

/** Hashes a stream as it passes. */
export class RunningHash {
  readonly #hash: Hash = createHash('sha256')
  #size = 0

  get size(): number {
    return this.#size
  }

  add(chunk: Uint8Array): void {
    this.#hash.update(chunk)
    this.#size += chunk.length
  }

  /** Once, at the end. */
  verdict(hash: string): { kind: 'found'; size: number } | Damaged {
    const actual = this.#hash.digest('hex')
    return actual === hash ? { kind: 'found', size: this.#size } : hashDiffers(this.#size, actual)
  }
}

/** The chunks of a whole blob as one; a single one as it is. */
export function joined(chunks: readonly Uint8Array[]): Uint8Array {
  const [only] = chunks
  return only !== undefined && chunks.length === 1 ? only : Buffer.concat(chunks)
}

export const CANCELLED: BlobFailure = { kind: 'cancelled', message: 'Stopped, as asked.' }
