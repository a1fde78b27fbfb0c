import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import {
  type BlobEntry,
  type BlobFailure,
  type BlobStore,
  type ByteRange,
  blobKey,
  CANCELLED,
  type CallOptions,
  type ChunkSink,
  type GetResult,
  type HasOptions,
  type HasResult,
  hashOfKey,
  isBlobFailure,
  joined,
  type ListOptions,
  type ListResult,
  MAX_BLOB_BYTES,
  type PutOptions,
  type PutResult,
  type RangeResult,
  type ReadOptions,
  RunningHash,
  refuseBytes,
  refuseSize,
  type StreamResult,
} from './blobs.ts'
import { codeOf, folderFailure, readFileError } from './folder-failures.ts'
import {
  checkFolders,
  findEntry,
  giveName,
  INCOMING,
  makeFolder,
  openFile,
  replaceFile,
  writeIncoming,
} from './folder-files.ts'
import { readMark } from './folder-mark.ts'
import { inParallel } from './parallel.ts'

/** One opened; `id` is its mark's. */
type Folder = { root: string; id: string }

const CHUNK_BYTES = 1024 * 1024
const LOOKS_AT_ONCE = 16
/** A share that says nothing for so long, in milliseconds, is taken for gone. */
const WAIT_MS = 60_000
/** A share slower than this, in bytes per millisecond, is as good as gone. */
const SLOWEST = 16

/** `id`: the one that the folder must have, as the invite says. */
export type FolderOptions = { id?: string; waitMs?: number }

/**
 * Blobs in a folder or on a network share, for teams without a bucket. Several programs and computers may use it at
 * once. Names are lowercase hex and hold on every file system; a link in it is never followed.
 */
export async function openFolderBlobs(
  root: string,
  { id, waitMs = WAIT_MS }: FolderOptions = {},
): Promise<{ kind: 'open'; store: BlobStore; id: string } | BlobFailure> {
  const read = await bounded(waitMs, {}, async () => ({ kind: 'ok' as const, mark: await readMark(root) }))
  if (read.kind !== 'ok') return read
  if (typeof read.mark !== 'string') return read.mark
  if (id !== undefined && read.mark !== id) return folderFailure('missing-bucket', 'its id is another')
  const folder = { root, id: read.mark }
  const store: BlobStore = {
    put: (hash, bytes, options = {}) =>
      bounded(waitMs + 2 * Math.ceil(bytes.length / SLOWEST), options, () => put(folder, hash, bytes, options)),
    get: (hash, options = {}) => get(folder, hash, waitMs, options),
    readRange: (hash, range, options = {}) =>
      bounded(waitMs + Math.ceil(range.length / SLOWEST), options, () => readRange(folder, hash, range)),
    stream: (hash, write, options = {}) => stream(folder, hash, write, waitMs, options),
    has: (hashes, options = {}) => has(folder, hashes, waitMs, options),
    list: (options = {}) => bounded(waitMs, options, () => list(root, options)),
    repair: (hash, bytes, options = {}) =>
      bounded(waitMs + 2 * Math.ceil(bytes.length / SLOWEST), options, () => repair(folder, hash, bytes, options)),
    close: () => {},
  }
  return { kind: 'open', store, id: read.mark }
}

/**
 * Does one thing on the disk, and turns what the disk says into a value. A share that is gone can hold a call for ever:
 * the wait ends then, though the disk may still do what it was asked, which does no harm.
 */
async function bounded<Result>(
  ms: number,
  { signal }: CallOptions,
  work: () => Promise<Result>,
): Promise<Result | BlobFailure> {
  if (signal?.aborted) return CANCELLED
  const late = Promise.withResolvers<BlobFailure>()
  const timer = setTimeout(() => late.resolve(folderFailure('retry', 'no answer in time')), ms)
  const done = work().catch((error: unknown) => (signal?.aborted ? CANCELLED : readFileError(error)))
  try {
    return await Promise.race([done, late.promise])
  } finally {
    clearTimeout(timer)
  }
}

const partsOf = (hash: string): string[] => blobKey(hash).split('/')
const pathOf = (root: string, hash: string): string => join(root, ...partsOf(hash))

/** Missing is an answer only where the store itself is there, and not another that was connected in its place. */
async function missing({ root, id }: Folder): Promise<{ kind: 'missing' } | BlobFailure> {
  const read = await readMark(root)
  if (typeof read !== 'string') return read
  return read === id ? { kind: 'missing' } : folderFailure('missing-bucket', 'its id is another')
}

async function openBlob(root: string, hash: string): ReturnType<typeof openFile> {
  try {
    await checkFolders(root, partsOf(hash).slice(0, -1))
    return await openFile(pathOf(root, hash))
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw error
  }
}

async function put(folder: Folder, hash: string, bytes: Uint8Array, options: PutOptions): Promise<PutResult> {
  const refused = refuseBytes(hash, bytes)
  if (refused) return refused
  const path = pathOf(folder.root, hash)
  await makePrefix(folder.root, hash)
  if ((await findEntry(path)) !== undefined) return confirm(folder, hash, bytes.length, options)
  const part = await writeIncoming(folder.root, bytes, options.signal)
  const given = await giveName(part, path)
  return given === 'created' ? { kind: 'stored' } : confirm(folder, hash, bytes.length, options)
}

async function makePrefix(root: string, hash: string): Promise<void> {
  const [blobs = '', sha256 = '', prefix = ''] = partsOf(hash)
  await checkFolders(root, [blobs, sha256])
  await makeFolder(join(root, blobs, sha256), prefix)
}

async function confirm(
  folder: Folder,
  hash: string,
  size: number,
  { verify = 'hash', signal }: PutOptions,
): Promise<PutResult> {
  if (verify === 'none') return { kind: 'present' }
  if (verify === 'size') {
    const there = await findEntry(pathOf(folder.root, hash))
    if (there === undefined) return folderFailure('retry', 'it was there and is gone')
    if (!there.isFile()) return folderFailure('refused', 'not a file')
    return refuseSize(there.size, size) ?? { kind: 'present' }
  }
  const read = await readAll(folder, hash, () => {}, { size, signal })
  if (read.kind === 'missing') return folderFailure('retry', 'it was there and is gone')
  return read.kind === 'found' ? { kind: 'present' } : read
}

async function get(folder: Folder, hash: string, waitMs: number, options: ReadOptions): Promise<GetResult> {
  const chunks: Uint8Array[] = []
  const read = await stream(folder, hash, chunk => void chunks.push(chunk), waitMs, options)
  return read.kind === 'found' ? { kind: 'found', bytes: joined(chunks) } : read
}

async function stream(
  folder: Folder,
  hash: string,
  write: ChunkSink,
  waitMs: number,
  options: ReadOptions,
): Promise<StreamResult> {
  // A sink that fails is its owner's trouble and is thrown on as it is: it must not pass for a failure of the folder.
  let broken: { error: unknown } | undefined
  const sink: ChunkSink = async chunk => {
    try {
      await write(chunk)
    } catch (error) {
      broken = { error }
      throw error
    }
  }
  const ms = waitMs + Math.ceil((options.size ?? MAX_BLOB_BYTES) / SLOWEST)
  const read = await bounded(ms, options, () =>
    readAll(folder, hash, sink, options).catch((error: unknown) => {
      if (broken) return CANCELLED
      throw error
    }),
  )
  if (broken) throw broken.error
  return read
}

async function readAll(folder: Folder, hash: string, write: ChunkSink, options: ReadOptions): Promise<StreamResult> {
  const opened = await openBlob(folder.root, hash)
  if (opened === undefined) return missing(folder)
  const { file, stat } = opened
  try {
    const wrong = refuseSize(stat.size, options.size)
    if (wrong) return wrong
    const running = new RunningHash()
    while (running.size < stat.size) {
      options.signal?.throwIfAborted()
      // A buffer for each chunk: its taker may keep it.
      const chunk = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, stat.size - running.size))
      const { bytesRead } = await file.read(chunk)
      if (bytesRead === 0) return folderFailure('retry', 'it shrank while it was read')
      running.add(chunk.subarray(0, bytesRead))
      await write(chunk.subarray(0, bytesRead))
    }
    options.signal?.throwIfAborted()
    return running.verdict(hash)
  } finally {
    await file.close()
  }
}

async function readRange(folder: Folder, hash: string, { start, length }: ByteRange): Promise<RangeResult> {
  const opened = await openBlob(folder.root, hash)
  if (opened === undefined) return missing(folder)
  const { file, stat } = opened
  try {
    const bytes = Buffer.alloc(Math.max(0, Math.min(length, stat.size - start)))
    let filled = 0
    while (filled < bytes.length) {
      const { bytesRead } = await file.read(bytes, filled, bytes.length - filled, start + filled)
      if (bytesRead === 0) return folderFailure('retry', 'it shrank while it was read')
      filled += bytesRead
    }
    return { kind: 'part', bytes, size: stat.size }
  } finally {
    await file.close()
  }
}

async function has(folder: Folder, hashes: readonly string[], waitMs: number, options: HasOptions): Promise<HasResult> {
  const present = new Map<string, number>()
  const paths = hashes.map(hash => ({ hash, path: pathOf(folder.root, hash) }))
  const failed = await inParallel(
    paths,
    options.concurrency ?? LOOKS_AT_ONCE,
    ({ hash, path }) =>
      bounded(waitMs, options, async () => {
        const entry = await findEntry(path)
        if (entry?.isFile()) present.set(hash, entry.size)
        return { kind: 'looked' as const }
      }),
    isBlobFailure,
  )
  if (failed !== undefined && isBlobFailure(failed)) return failed
  if (present.size === hashes.length) return { kind: 'answer', present }
  const there = await bounded(waitMs, options, () => missing(folder))
  return there.kind === 'missing' ? { kind: 'answer', present } : there
}

/** A page is the folder of one prefix; the first has what came in and was never finished as well. */
async function list(root: string, { after, signal }: ListOptions): Promise<ListResult> {
  const top = ['blobs', 'sha256']
  await checkFolders(root, top)
  const prefixes = (await readdir(join(root, ...top))).sort()
  const prefix = after === undefined ? prefixes[0] : prefixes.find(name => name > after)
  const entries = after === undefined ? await entriesIn(root, [INCOMING], signal) : []
  if (prefix === undefined) return { kind: 'page', entries }
  entries.push(...(await entriesIn(root, [...top, prefix], signal)))
  const last = prefix === prefixes.at(-1)
  return { kind: 'page', entries, ...(last ? {} : { next: prefix }) }
}

async function entriesIn(
  root: string,
  parts: readonly string[],
  signal: AbortSignal | undefined,
): Promise<BlobEntry[]> {
  const folder = join(root, ...parts)
  const own = await findEntry(folder)
  if (own === undefined) return []
  if (!own.isDirectory()) return [{ key: parts.join('/'), size: own.size, modifiedAt: own.mtimeMs }]
  const entries: BlobEntry[] = []
  await inParallel(await readdir(folder), LOOKS_AT_ONCE, async name => {
    signal?.throwIfAborted()
    const entry = await findEntry(join(folder, name))
    if (entry === undefined) return
    const key = [...parts, name].join('/')
    const hash = entry.isFile() ? hashOfKey(key) : undefined
    entries.push({ key, size: entry.size, modifiedAt: entry.mtimeMs, ...(hash ? { hash } : {}) })
  })
  return entries.sort((a, b) => (a.key < b.key ? -1 : 1))
}

async function repair(folder: Folder, hash: string, bytes: Uint8Array, options: CallOptions): Promise<PutResult> {
  const refused = refuseBytes(hash, bytes)
  if (refused) return refused
  const stored = await put(folder, hash, bytes, options)
  if (stored.kind !== 'damaged') return stored
  await replaceFile(await writeIncoming(folder.root, bytes, options.signal), pathOf(folder.root, hash))
  return { kind: 'stored' }
}
