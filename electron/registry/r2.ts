import { ListObjectsV2Command } from '@aws-sdk/client-s3'
import {
  type BlobEntry,
  type BlobFailure,
  type BlobStore,
  blobKey,
  type CallOptions,
  type GetResult,
  type HasOptions,
  type HasResult,
  hashOfKey,
  isBlobFailure,
  joined,
  type ListOptions,
  type ListResult,
  type PutOptions,
  type PutResult,
  type ReadOptions,
  refuseBytes,
  refuseSize,
} from './blobs.ts'
import { inParallel } from './parallel.ts'
import {
  connectR2,
  headBucket,
  headObject,
  R2_TIMEOUTS,
  type R2Connection,
  type R2Settings,
  type R2Timeouts,
  refuseEndpoint,
} from './r2-client.ts'
import { failure, NOT_A_STORE, orBucketFailure, orFailure } from './r2-failures.ts'
import { type CreateOnce, PART_BYTES, putInParts } from './r2-multipart.ts'
import { readObjectRange, streamObject } from './r2-read.ts'

const LIST_PAGE = 1_000
const HEADS_AT_ONCE = 32

/**
 * The blobs of one bucket of R2, or of any store that speaks S3 and honours `If-None-Match: *`.
 *
 * @returns the store, or why this address may not be used. No request is made yet.
 */
export function openR2(
  settings: R2Settings,
  timeouts: R2Timeouts = R2_TIMEOUTS,
): { kind: 'open'; store: BlobStore } | BlobFailure {
  const refused = refuseEndpoint(settings.endpoint)
  if (refused) return refused
  const connection = connectR2(settings, timeouts)
  const store: BlobStore = {
    put: (hash, bytes, options = {}) => put(connection, hash, bytes, options),
    get: (hash, options = {}) => get(connection, hash, options),
    readRange: (hash, range, options = {}) => readObjectRange(connection, hash, range, options.signal),
    stream: (hash, write, options = {}) => streamObject(connection, hash, write, options),
    has: (hashes, options = {}) => has(connection, hashes, options),
    list: (options = {}) => list(connection, options),
    repair: (hash, bytes, options = {}) => repair(connection, hash, bytes, options),
    close: connection.close,
  }
  return { kind: 'open', store }
}

async function put(connection: R2Connection, hash: string, bytes: Uint8Array, options: PutOptions): Promise<PutResult> {
  const key = blobKey(hash)
  const refused = refuseBytes(hash, bytes)
  if (refused) return refused
  const created =
    bytes.length > PART_BYTES
      ? await putInParts(connection, key, bytes, options.signal)
      : await putWhole(connection, hash, bytes, { 'if-none-match': '*' }, options.signal)
  return created.kind === 'exists' ? confirm(connection, hash, bytes.length, options) : created
}

async function putWhole(
  connection: R2Connection,
  hash: string,
  bytes: Uint8Array,
  condition: { 'if-none-match': '*' } | { 'if-match': string },
  signal: AbortSignal | undefined,
): Promise<CreateOnce> {
  const headers = { 'content-type': 'application/octet-stream', ...condition }
  const request = { method: 'PUT', key: blobKey(hash), headers, body: { bytes, sha256: hash } } as const
  const asked = await connection.askObject(signal, bytes.length, request, answer => {
    answer.resume()
    return answer.headers.etag
  })
  if (asked.kind === 'ok') return asked.output ? { kind: 'stored' } : failure('retry', NOT_A_STORE)
  if (asked.kind === 'exists') return asked
  return orBucketFailure(asked)
}

/** Is what is there already under this name what would have been stored? */
async function confirm(
  connection: R2Connection,
  hash: string,
  size: number,
  { verify = 'hash', signal }: PutOptions,
): Promise<PutResult> {
  if (verify === 'none') return { kind: 'present' }
  if (verify === 'hash') {
    const read = await streamObject(connection, hash, () => {}, { size, signal })
    if (read.kind === 'missing') return failure('retry', 'it was there and is gone')
    return read.kind === 'found' ? { kind: 'present' } : read
  }
  const head = await headObject(connection, blobKey(hash), signal)
  if (head.kind === 'object') return refuseSize(head.size, size) ?? { kind: 'present' }
  const refusal = orFailure(head)
  return refusal.kind === 'missing' ? failure('retry', 'it was there and is gone') : refusal
}

async function get(connection: R2Connection, hash: string, options: ReadOptions): Promise<GetResult> {
  const chunks: Uint8Array[] = []
  const read = await streamObject(connection, hash, chunk => void chunks.push(chunk), options)
  return read.kind === 'found' ? { kind: 'found', bytes: joined(chunks) } : read
}

async function has(connection: R2Connection, hashes: readonly string[], options: HasOptions): Promise<HasResult> {
  const present = new Map<string, number>()
  const failed = await inParallel(
    hashes.map(hash => ({ hash, key: blobKey(hash) })),
    options.concurrency ?? HEADS_AT_ONCE,
    async ({ hash, key }) => {
      const head = await headObject(connection, key, options.signal)
      if (head.kind !== 'object') return orFailure(head)
      present.set(hash, head.size)
      return { kind: 'object' as const }
    },
    isBlobFailure,
  )
  if (failed !== undefined && isBlobFailure(failed)) return failed
  if (present.size > 0 || hashes.length === 0) return { kind: 'answer', present }
  // Nothing at all is there: is the bucket?
  const bucket = await headBucket(connection, options.signal)
  // A key may be allowed to ask for objects and not for the bucket.
  return bucket.kind === 'ok' || bucket.kind === 'denied' ? { kind: 'answer', present } : orBucketFailure(bucket)
}

async function list(connection: R2Connection, options: ListOptions): Promise<ListResult> {
  const input = {
    Bucket: connection.bucket,
    MaxKeys: LIST_PAGE,
    ...(options.after === undefined ? {} : { ContinuationToken: options.after }),
  }
  const asked = await connection.ask(options.signal, 0, (client, abortSignal) =>
    client.send(new ListObjectsV2Command(input), { abortSignal }),
  )
  if (asked.kind !== 'ok') return orBucketFailure(asked)
  const { Name, Contents = [], NextContinuationToken: next, IsTruncated } = asked.output
  if (Name === undefined) return failure('retry', NOT_A_STORE)
  const entries = Contents.map(({ Key: key = '', Size: size = 0, LastModified }): BlobEntry => {
    const hash = hashOfKey(key)
    return { key, size, modifiedAt: LastModified?.getTime() ?? 0, ...(hash ? { hash } : {}) }
  })
  return { kind: 'page', entries, ...(IsTruncated && next ? { next } : {}) }
}

async function repair(
  connection: R2Connection,
  hash: string,
  bytes: Uint8Array,
  options: CallOptions,
): Promise<PutResult> {
  const key = blobKey(hash)
  const refused = refuseBytes(hash, bytes)
  if (refused) return refused
  const there = await headObject(connection, key, options.signal)
  if (there.kind !== 'object') {
    const refusal = orFailure(there)
    return refusal.kind === 'missing' ? put(connection, hash, bytes, options) : refusal
  }
  const read = await streamObject(connection, hash, () => {}, { ...options, size: bytes.length })
  if (read.kind === 'found') return { kind: 'present' }
  if (read.kind === 'missing') return put(connection, hash, bytes, options)
  if (read.kind !== 'damaged') return read
  // Only what was just seen to be wrong is replaced; in one piece also where it is large, which S3 takes up to 5 GB.
  const replaced = await putWhole(connection, hash, bytes, { 'if-match': there.etag }, options.signal)
  if (replaced.kind !== 'exists') return replaced
  // Ceph compares the tag without its quotes (16.2: 412 with them). It names the same object, so asking so is as safe;
  // stores that take no such tag say so in ways of their own, which tell nothing.
  const bare = await putWhole(connection, hash, bytes, { 'if-match': there.etag.replaceAll('"', '') }, options.signal)
  if (bare.kind === 'stored' || bare.kind === 'cancelled') return bare
  const message = 'The damaged file in the team’s storage is locked against changes, or somebody else is mending it.'
  return { ...failure('refused', 'replacing a damaged object'), message }
}
