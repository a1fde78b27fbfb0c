import {
  AbortMultipartUploadCommand,
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import type { BlobFailure } from './blobs.ts'
import { inParallel } from './parallel.ts'
import { headObject, type R2Connection } from './r2-client.ts'
import { failure, orBucketFailure, orFailure } from './r2-failures.ts'

/**
 * What is larger goes in parts of this size, in bytes. R2 wants all parts but the last of one size, of at least 5 MiB;
 * a cut then costs a part instead of the whole.
 */
export const PART_BYTES = 8 * 1024 * 1024
const PARTS_AT_ONCE = 3

export type CreateOnce = { kind: 'stored' } | { kind: 'exists' } | BlobFailure
type Upload = { key: string; id: string; bytes: Uint8Array; signal: AbortSignal | undefined }

/**
 * Creates an object in parts, once. `If-None-Match` on completing is sent, but not every store heeds it there (R2's
 * simulator does not): so it is asked for before the first part and again before the last step. Should two still
 * complete at once, both bring the bytes that the name stands for. An upload that does not complete is taken back.
 */
export async function putInParts(
  connection: R2Connection,
  key: string,
  bytes: Uint8Array,
  signal: AbortSignal | undefined,
): Promise<CreateOnce> {
  const before = await isThere(connection, key, signal)
  if (before !== undefined) return before
  const input = { Bucket: connection.bucket, Key: key, ContentType: 'application/octet-stream' }
  const begun = await connection.ask(signal, 0, (client, abortSignal) =>
    client.send(new CreateMultipartUploadCommand(input), { abortSignal }),
  )
  if (begun.kind !== 'ok') return orBucketFailure(begun)
  const id = begun.output.UploadId
  if (id === undefined) return failure('retry', 'an upload without an id')
  const upload = { key, id, bytes, signal }
  const done = await uploadAndComplete(connection, upload)
  if (done.kind !== 'stored') await takeBack(connection, upload)
  return done
}

async function uploadAndComplete(connection: R2Connection, upload: Upload): Promise<CreateOnce> {
  const { key, bytes, signal } = upload
  const starts = Array.from({ length: Math.ceil(bytes.length / PART_BYTES) }, (_, index) => index * PART_BYTES)
  const parts: CompletedPart[] = []
  const failed = await inParallel(
    starts,
    PARTS_AT_ONCE,
    async (start, index) => {
      const part = await putPart(connection, upload, index + 1, bytes.subarray(start, start + PART_BYTES))
      if (!('kind' in part)) parts[index] = part
      return part
    },
    part => 'kind' in part,
  )
  if (failed !== undefined && 'kind' in failed) return failed
  const meanwhile = await isThere(connection, key, signal)
  return meanwhile ?? complete(connection, upload, parts)
}

async function putPart(
  connection: R2Connection,
  { key, id, signal }: Upload,
  number: number,
  part: Uint8Array,
): Promise<CompletedPart | BlobFailure> {
  const Body = Buffer.from(part.buffer, part.byteOffset, part.byteLength)
  const input = { Bucket: connection.bucket, Key: key, UploadId: id, PartNumber: number, Body }
  const asked = await connection.ask(signal, part.length, (client, abortSignal) =>
    client.send(new UploadPartCommand(input), { abortSignal }),
  )
  if (asked.kind === 'no-upload') return failure('retry', 'the upload was ended by somebody else')
  if (asked.kind !== 'ok') return orBucketFailure(asked)
  const { ETag } = asked.output
  return ETag ? { ETag, PartNumber: number } : failure('retry', 'a part was not acknowledged')
}

async function complete(connection: R2Connection, upload: Upload, parts: CompletedPart[]): Promise<CreateOnce> {
  const { key, id, bytes, signal } = upload
  const input = {
    Bucket: connection.bucket,
    Key: key,
    UploadId: id,
    IfNoneMatch: '*',
    MultipartUpload: { Parts: parts },
  }
  const asked = await connection.ask(signal, 0, (client, abortSignal) =>
    client.send(new CompleteMultipartUploadCommand(input), { abortSignal }),
  )
  if (asked.kind === 'exists') return asked
  // Also after an acknowledgement: it is the object that counts. After a lost one it tells what happened.
  const head = await headObject(connection, key, signal)
  if (head.kind === 'object')
    return asked.kind === 'ok' && head.size === bytes.length ? { kind: 'stored' } : { kind: 'exists' }
  if (asked.kind === 'ok') return orBucketFailure(head)
  return asked.kind === 'no-upload' ? failure('retry', 'the upload was ended by somebody else') : orBucketFailure(asked)
}

async function isThere(
  connection: R2Connection,
  key: string,
  signal: AbortSignal | undefined,
): Promise<{ kind: 'exists' } | BlobFailure | undefined> {
  const head = await headObject(connection, key, signal)
  if (head.kind === 'object') return { kind: 'exists' }
  const refusal = orFailure(head)
  return refusal.kind === 'missing' ? undefined : refusal
}

/** Parts of an upload that is not completed cost storage and are seen by nobody. R2 drops them after 7 days anyway. */
async function takeBack(connection: R2Connection, { key, id }: Upload): Promise<void> {
  const input = { Bucket: connection.bucket, Key: key, UploadId: id }
  // Not under the caller's signal: that may be why there is something to take back.
  await connection.ask(undefined, 0, (client, abortSignal) =>
    client.send(new AbortMultipartUploadCommand(input), { abortSignal }),
  )
}
