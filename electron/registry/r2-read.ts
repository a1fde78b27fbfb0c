import type { IncomingMessage } from 'node:http'
import { buffer } from 'node:stream/consumers'
import {
  type BlobFailure,
  type ByteRange,
  blobKey,
  type ChunkSink,
  type Damaged,
  MAX_BLOB_BYTES,
  type RangeResult,
  type ReadOptions,
  RunningHash,
  refuseSize,
  type StreamResult,
} from './blobs.ts'
import { headObject, type R2Connection } from './r2-client.ts'
import { failure, NOT_A_STORE, orFailure } from './r2-failures.ts'

/** How often in a row a stream is taken up again after a cut without having got any further. */
const RESUMES = 3

/** What one stream knows across its requests. */
type Reading = {
  key: string
  write: ChunkSink
  running: RunningHash
  options: ReadOptions
  /** Of the object as it was first seen: another one is not read on with. */
  seen?: { etag: string; size: number }
}
/** How one request ended. `cut`: it may be taken up where it ended. */
type Step = { kind: 'end' | 'changed' | 'missing' } | { kind: 'cut'; why: BlobFailure } | Damaged | BlobFailure

/** Streams one object; a cut is resumed at its byte, as long as each attempt, or one of the next few, gets further. */
export async function streamObject(
  connection: R2Connection,
  hash: string,
  write: ChunkSink,
  options: ReadOptions,
): Promise<StreamResult> {
  const reading: Reading = { key: blobKey(hash), write, running: new RunningHash(), options }
  let stalled = 0
  for (;;) {
    const before = reading.running.size
    const step = await readOn(connection, reading)
    switch (step.kind) {
      case 'end':
        return reading.running.verdict(hash)
      case 'changed':
        return failure('retry', 'the object was replaced while it was read')
      case 'cut':
        stalled = reading.running.size > before ? 0 : stalled + 1
        if (stalled > RESUMES) return step.why
        break
      case 'missing':
        return { kind: 'missing' }
      default:
        return step
    }
  }
}

async function readOn(connection: R2Connection, reading: Reading): Promise<Step> {
  const { key, running, options, seen } = reading
  const headers = {
    ...(seen && { 'if-match': seen.etag }),
    ...(running.size > 0 && { range: `bytes=${running.size}-` }),
  }
  // A sink that fails is its owner's trouble and is thrown on as it is: it must not pass for a failure of the network.
  let broken: { error: unknown } | undefined
  const bytes = options.size ?? MAX_BLOB_BYTES
  const asked = await connection.askObject(options.signal, bytes, { method: 'GET', key, headers }, async answer => {
    const { start, size } = rangeOf(answer)
    const wrong = refuseHead(answer) ?? refuseSize(size, options.size)
    if (wrong !== undefined || start !== running.size) {
      answer.destroy()
      return wrong ?? failure('refused', 'a range was asked for and another came')
    }
    reading.seen ??= { etag: answer.headers.etag ?? '', size }
    for await (const chunk of answer) {
      running.add(chunk)
      if (running.size > size) return failure('refused', 'more came than was announced')
      try {
        await reading.write(chunk)
      } catch (error) {
        broken = { error }
        return undefined
      }
    }
    return undefined
  })
  if (broken) throw broken.error
  if (reading.seen?.size === running.size && asked.kind !== 'cancelled') return { kind: 'end' }
  if (asked.kind === 'ok') return asked.output ?? { kind: 'cut', why: failure('retry', 'less came than was announced') }
  if (asked.kind === 'exists' || asked.kind === 'beyond') return { kind: 'changed' }
  if (asked.kind === 'retry' && asked.retryAfterMs === undefined && reading.seen !== undefined)
    return { kind: 'cut', why: asked }
  return orFailure(asked)
}

/** One part of an object, as it came. */
export async function readObjectRange(
  connection: R2Connection,
  hash: string,
  { start, length }: ByteRange,
  signal: AbortSignal | undefined,
): Promise<RangeResult> {
  const key = blobKey(hash)
  // HTTP has no empty range: one byte is asked for, and left out.
  const headers = { range: `bytes=${start}-${start + Math.max(1, length) - 1}` }
  const asked = await connection.askObject(signal, length, { method: 'GET', key, headers }, async answer => {
    const range = rangeOf(answer)
    const wrong = refuseHead(answer)
    if (wrong !== undefined || range.start !== start || lengthOf(answer) > Math.max(1, length)) {
      answer.destroy()
      return wrong ?? failure('refused', 'a range was asked for and another came')
    }
    const bytes = new Uint8Array(await buffer(answer))
    return { kind: 'part' as const, bytes: bytes.subarray(0, length), size: range.size }
  })
  if (asked.kind === 'ok') return asked.output
  if (asked.kind !== 'beyond') return orFailure(asked)
  const head = await headObject(connection, key, signal)
  return head.kind === 'object' ? { kind: 'part', bytes: new Uint8Array(), size: head.size } : orFailure(head)
}

const refuseHead = ({ headers }: IncomingMessage): BlobFailure | undefined =>
  headers.etag ? undefined : failure('retry', NOT_A_STORE)

const lengthOf = ({ headers }: IncomingMessage): number => Number(headers['content-length'] ?? 0)

/** Where an answer's bytes begin, and how many the whole object has. RFC 9110, 14.4: `bytes 5-9/100`. */
function rangeOf(answer: IncomingMessage): { start: number; size: number } {
  const [, start, size] = /^bytes (\d+)-\d+\/(\d+)$/.exec(answer.headers['content-range'] ?? '') ?? []
  if (start === undefined) return { start: 0, size: lengthOf(answer) }
  return { start: Number(start), size: Number(size) }
}
