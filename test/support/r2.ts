import { randomBytes } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import { DeleteObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { type BlobStore, blobKey } from '../../electron/registry/blobs.ts'
import { openR2 } from '../../electron/registry/r2.ts'
import type { R2Settings, R2Timeouts } from '../../electron/registry/r2-client.ts'
import { type SimulatedBucket, startR2Simulator } from '../../electron/registry/r2-simulator.ts'
import { temporaryFolder } from './temporary.ts'

/** R2's simulator in a folder of its own, removed with it: `await using r2 = await testR2()`. */
export type TestR2 = {
  port: number
  /** One for each bucket, in the order asked for. */
  settings: R2Settings[]
  [Symbol.asyncDispose]: () => Promise<void>
}

export const newBucket = (bucket: string): SimulatedBucket => ({
  bucket,
  accessKeyId: randomBytes(16).toString('hex'),
  secretAccessKey: randomBytes(32).toString('hex'),
})

export async function testR2(...names: string[]): Promise<TestR2> {
  const folder = temporaryFolder()
  const buckets = (names.length > 0 ? names : ['team-registry']).map(newBucket)
  const started = await startR2Simulator({ folder: path.join(folder, 'r2'), buckets })
  if (started.kind !== 'started') throw new Error(started.reason)
  const { simulator } = started
  return {
    port: simulator.port,
    settings: buckets.map(bucket => simulator.settingsOf(bucket)),
    [Symbol.asyncDispose]: async () => {
      await simulator.stop()
      fs.rmSync(folder, { recursive: true, force: true })
    },
  }
}

export function r2Store(settings: R2Settings, timeouts?: R2Timeouts): BlobStore {
  const opened = openR2(settings, timeouts)
  if (opened.kind !== 'open') throw new Error(opened.message)
  return opened.store
}

/** Direct hold of a bucket, past the store's rules: what a member with another program could do. */
export function bareBucket(settings: R2Settings) {
  const { endpoint, bucket: Bucket, accessKeyId, secretAccessKey, region = 'auto' } = settings
  const client = new S3Client({
    region,
    endpoint,
    forcePathStyle: true,
    credentials: { accessKeyId, secretAccessKey },
    expectContinueHeader: false,
    requestChecksumCalculation: 'WHEN_REQUIRED',
  })
  return {
    putKey: async (Key: string, bytes: Uint8Array) => {
      await client.send(new PutObjectCommand({ Bucket, Key, Body: Buffer.from(bytes) }))
    },
    remove: async (hash: string) => {
      await client.send(new DeleteObjectCommand({ Bucket, Key: blobKey(hash) }))
    },
    close: () => client.destroy(),
  }
}
