import { randomUUID } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import { z } from 'zod'
import { type BlobStore, blobKey } from '../../electron/registry/blobs.ts'
import { openFolderBlobs } from '../../electron/registry/folder-blobs.ts'
import { initFolderBlobs } from '../../electron/registry/folder-mark.ts'
import type { R2Settings } from '../../electron/registry/r2-client.ts'
import { type MemoryObjects, memoryBlobs } from '../support/memory-blobs.ts'
import { bareBucket, r2Store, testR2 } from '../support/r2.ts'
import { temporaryFolder } from '../support/temporary.ts'

/** A store under test, with direct hold of what it keeps: what a fault or a stranger does. */
export type StoreUnderTest = {
  store: BlobStore
  /** Another client's view of the same blobs. */
  another: BlobStore
  /** Puts anything under any key, over what is there. */
  putKey(key: string, bytes: Uint8Array): Promise<void>
  plant(hash: string, bytes: Uint8Array): Promise<void>
  remove(hash: string): Promise<void>
  [Symbol.asyncDispose]: () => Promise<void>
}

/**
 * A bucket of any other store that speaks S3 can be held to the same suite: an empty one, of which the suite fills and
 * leaves some. `WHETSTONE_TEST_S3='{"endpoint":…,"bucket":…,"accessKeyId":…,"secretAccessKey":…,"region":…}'`
 */
const OTHER = process.env.WHETSTONE_TEST_S3
const otherSettings = z.object({
  endpoint: z.string(),
  bucket: z.string(),
  accessKeyId: z.string(),
  secretAccessKey: z.string(),
  region: z.string().optional(),
})

export const STORES: readonly { name: string; start: () => Promise<StoreUnderTest> }[] = [
  { name: 'in memory', start: inMemory },
  { name: 'a folder', start: inFolder },
  { name: 'R2’s simulator', start: inSimulator },
  ...(OTHER ? [{ name: 'another S3 store', start: async () => inBucket(otherSettings.parse(JSON.parse(OTHER))) }] : []),
]

async function inMemory(): Promise<StoreUnderTest> {
  const objects: MemoryObjects = new Map()
  const putKey = async (key: string, bytes: Uint8Array) => void objects.set(key, { bytes, modifiedAt: 1 })
  return {
    store: memoryBlobs(objects, () => 1),
    another: memoryBlobs(objects, () => 1),
    putKey,
    plant: (hash, bytes) => putKey(blobKey(hash), bytes),
    remove: async hash => void objects.delete(blobKey(hash)),
    [Symbol.asyncDispose]: async () => {},
  }
}

export async function newFolderStore(root: string): Promise<BlobStore> {
  const made = await initFolderBlobs(root, randomUUID)
  if (made.kind !== 'ready') throw new Error(made.message)
  const opened = await openFolderBlobs(root)
  if (opened.kind !== 'open') throw new Error(opened.message)
  return opened.store
}

async function inFolder(): Promise<StoreUnderTest> {
  const root = temporaryFolder()
  const putKey = async (key: string, bytes: Uint8Array) => {
    const file = path.join(root, key)
    fs.mkdirSync(path.dirname(file), { recursive: true })
    fs.writeFileSync(file, bytes)
  }
  return {
    store: await newFolderStore(root),
    another: await newFolderStore(root),
    putKey,
    plant: (hash, bytes) => putKey(blobKey(hash), bytes),
    remove: async hash => fs.rmSync(path.join(root, blobKey(hash))),
    [Symbol.asyncDispose]: async () => fs.rmSync(root, { recursive: true, force: true }),
  }
}

async function inSimulator(): Promise<StoreUnderTest> {
  const r2 = await testR2()
  const [settings] = r2.settings
  if (settings === undefined) throw new Error('There is no bucket.')
  const under = inBucket(settings)
  return {
    ...under,
    [Symbol.asyncDispose]: async () => {
      await under[Symbol.asyncDispose]()
      await r2[Symbol.asyncDispose]()
    },
  }
}

function inBucket(settings: R2Settings): StoreUnderTest {
  const bare = bareBucket(settings)
  const store = r2Store(settings)
  const another = r2Store(settings)
  return {
    store,
    another,
    putKey: bare.putKey,
    plant: (hash, bytes) => bare.putKey(blobKey(hash), bytes),
    remove: bare.remove,
    [Symbol.asyncDispose]: async () => {
      bare.close()
      store.close()
      another.close()
    },
  }
}
