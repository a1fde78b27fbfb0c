/**
 * Blobs a second, put and got (each hashed), by R2's simulator and by a folder, against the bare S3 client and a bare
 * durable write in the same run. `node test/bench/blobs.ts` runs it alone. Best of three.
 */

import { randomBytes } from 'node:crypto'
import { mkdirSync, rmSync } from 'node:fs'
import { open, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { type BlobStore, isBlobFailure, sha256 } from '../../electron/registry/blobs.ts'
import { inParallel } from '../../electron/registry/parallel.ts'
import type { R2Settings } from '../../electron/registry/r2-client.ts'
import { newFolderStore } from '../registry-blobs/stores.ts'
import { r2Store, testR2 } from '../support/r2.ts'
import { temporaryFolder } from '../support/temporary.ts'

type Blob = { hash: string; bytes: Buffer }
type Case = { name: string; size: number; count: number; atOnce: number }
/** Seconds for all blobs of a case. */
type Measured = { put: number; again: number; has: number; get: number }

const CASES: Case[] = [
  { name: '8 KB', size: 8_000, count: 300, atOnce: 32 },
  { name: '8 KB, one at a time', size: 8_000, count: 100, atOnce: 1 },
  { name: '1 MB', size: 1_000_000, count: 24, atOnce: 8 },
  { name: '20 MB, in parts', size: 20_000_000, count: 2, atOnce: 1 },
]

const ROUNDS = 3

/** Prints the tables. */
export async function benchBlobs(print: (line: string) => void): Promise<void> {
  const folder = temporaryFolder()
  await using r2 = await testR2()
  const [settings] = r2.settings
  if (settings === undefined) throw new Error('There is no bucket.')
  const root = join(folder, 'team')
  mkdirSync(root)
  try {
    await benchStore('R2’s simulator', print, r2Store(settings), bareS3(settings))
    await benchStore('a folder', print, await newFolderStore(root), bareFiles(folder))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** The same bytes without a rule, and hashed only when they come back: what any client of that store could do at best. */
type Bare = { put: (key: string, bytes: Buffer) => Promise<unknown>; get: (key: string) => Promise<unknown> }

async function benchStore(name: string, print: (line: string) => void, store: BlobStore, bare: Bare): Promise<void> {
  print(`${name}: blobs/s (MB/s), and ÷ the bare client's in the same run`)
  print(row(['', 'put', '÷ bare', 'put again', 'has', 'get', '÷ bare']))
  for (const one of CASES) {
    const warmUp = newBlobs({ ...one, count: one.atOnce })
    await measure(warmUp, one.atOnce, store)
    await measureBare(warmUp, one.atOnce, bare)
    const base = { put: Infinity, get: Infinity }
    const own = { put: Infinity, again: Infinity, has: Infinity, get: Infinity }
    // In turns, and the best of each, for this machine may be busy.
    for (let round = 0; round < ROUNDS; round++) {
      keepBest(base, await measureBare(newBlobs(one), one.atOnce, bare))
      keepBest(own, await measure(newBlobs(one), one.atOnce, store))
    }
    const rate = (seconds: number) => one.count / seconds
    const shown = (seconds: number) =>
      `${rate(seconds).toFixed(rate(seconds) < 10 ? 1 : 0)} (${((rate(seconds) * one.size) / 1e6).toFixed(1)})`
    const ratio = (bareSeconds: number, seconds: number) => (bareSeconds / seconds).toFixed(2)
    const cells = [shown(own.put), ratio(base.put, own.put), shown(own.again), rate(own.has).toFixed(0)]
    print(row([`${one.name}, ${one.atOnce} at once`, ...cells, shown(own.get), ratio(base.get, own.get)]))
  }
  store.close()
}

function keepBest<Name extends string>(best: Record<Name, number>, measured: Record<Name, number>): void {
  for (const name in best) best[name] = Math.min(best[name], measured[name])
}

const newBlobs = ({ size, count }: Case): Blob[] =>
  Array.from({ length: count }, () => {
    const bytes = randomBytes(size)
    return { hash: sha256(bytes), bytes }
  })

async function measure(blobs: readonly Blob[], atOnce: number, store: BlobStore): Promise<Measured> {
  const expected = async (call: Promise<{ kind: string }>, kind: string) => {
    const answer = await call
    if (answer.kind !== kind) throw new Error(isBlobFailure(answer) ? answer.message : answer.kind)
  }
  const seconds = (work: (blob: Blob) => Promise<unknown>) => timed(() => inParallel(blobs, atOnce, work))
  const put = await seconds(({ hash, bytes }) => expected(store.put(hash, bytes), 'stored'))
  const again = await seconds(({ hash, bytes }) => expected(store.put(hash, bytes), 'present'))
  const hashes = blobs.map(({ hash }) => hash)
  const has = await timed(() => expected(store.has(hashes, { concurrency: atOnce }), 'answer'))
  const get = await seconds(({ hash }) => expected(store.get(hash), 'found'))
  return { put, again, has, get }
}

async function measureBare(blobs: readonly Blob[], atOnce: number, bare: Bare): Promise<{ put: number; get: number }> {
  const put = await timed(() => inParallel(blobs, atOnce, ({ hash, bytes }) => bare.put(`bare/${hash}`, bytes)))
  const get = await timed(() => inParallel(blobs, atOnce, ({ hash }) => bare.get(`bare/${hash}`)))
  return { put, get }
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now()
  await work()
  return (performance.now() - began) / 1000
}

function bareS3({ endpoint, bucket: Bucket, accessKeyId, secretAccessKey }: R2Settings): Bare {
  const client = new S3Client({
    region: 'auto',
    endpoint,
    forcePathStyle: true,
    credentials: { accessKeyId, secretAccessKey },
    expectContinueHeader: false,
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  })
  return {
    put: (Key, Body) => client.send(new PutObjectCommand({ Bucket, Key, Body })),
    get: async Key => {
      const answer = await client.send(new GetObjectCommand({ Bucket, Key }))
      sha256((await answer.Body?.transformToByteArray()) ?? new Uint8Array())
    },
  }
}

/** A file written and synced in its place, which a crash may leave half; and read as it is. */
function bareFiles(folder: string): Bare {
  mkdirSync(join(folder, 'bare'))
  return {
    put: async (key, bytes) => {
      const file = await open(join(folder, key), 'w')
      await file.writeFile(bytes)
      await file.sync()
      await file.close()
    },
    get: async key => sha256(await readFile(join(folder, key))),
  }
}

const row = (cells: string[]): string =>
  cells.map((cell, index) => (index === 0 ? cell.padEnd(34) : cell.padStart(16))).join('')

if (import.meta.filename === process.argv[1]) await benchBlobs(line => console.log(line))
