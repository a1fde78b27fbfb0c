import {
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetBucketAclCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  PutBucketLifecycleConfigurationCommand,
  PutBucketPolicyCommand,
  PutObjectCommand,
  S3Client,
  S3ServiceException,
  UploadPartCommand,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { type BlobStore, blobKey, sha256 } from '../../electron/registry/blobs.ts'
import { pushSkills, pushVersions } from '../../electron/registry/postgres.ts'
import type { R2Settings } from '../../electron/registry/r2-client.ts'
import { encodeManifest } from '../../shared/domain/bundle.ts'
import { noPostgres } from '../support/postgres.ts'
import { r2Store, type TestR2, testR2 } from '../support/r2.ts'
import { AttackField, MARKER } from './attack-field.ts'
import { newSkill, newVersion } from './registry.ts'

const MB = 1024 * 1024

/** What an answer came to: its status, and everything that was in it. */
type Answer = { status: number; seen: string }

/**
 * What a member of tenant B tries on content, with the key of B's bucket, any S3 client, and A's bucket name and hashes
 * known. After each attack A stores content, sends a version that names it, and reads both back.
 */
describe.skipIf(noPostgres !== undefined)(`attacks: content${noPostgres ? `: ${noPostgres}` : ''}`, () => {
  let field: AttackField
  let r2: TestR2
  let ofA: R2Settings
  let ofB: R2Settings
  let storeOfA: BlobStore
  /** B's key, in B's hands. */
  let s3: S3Client
  const secret = Buffer.from(`${MARKER}: the content of a file of A’s`)
  const secretKey = blobKey(sha256(secret))
  const big = Buffer.alloc(9 * MB, MARKER)

  beforeAll(async () => {
    field = await AttackField.open()
    r2 = await testR2('team-alpha', 'team-beta')
    const [first, second] = r2.settings
    if (!first || !second) throw new Error('There are no buckets.')
    ofA = first
    ofB = second
    storeOfA = r2Store(ofA)
    s3 = clientOf(ofB)
    expect(await storeOfA.put(sha256(secret), secret)).toEqual({ kind: 'stored' })
    expect(await storeOfA.put(sha256(big), big)).toEqual({ kind: 'stored' })
  })
  afterEach(async () => {
    expect(await storeOfA.get(sha256(secret))).toMatchObject({ kind: 'found' })
    // It is large: that it is as it was is seen once, at the end.
    expect(await storeOfA.has([sha256(big)])).toMatchObject({ present: new Map([[sha256(big), big.length]]) })
    await syncContentOfA()
  })
  afterAll(async () => {
    expect(await storeOfA.get(sha256(big))).toMatchObject({ kind: 'found' })
    s3.destroy()
    storeOfA.close()
    await r2[Symbol.asyncDispose]()
    await field.close()
  })

  const clientOf = (settings: R2Settings) =>
    new S3Client({
      region: 'auto',
      endpoint: settings.endpoint,
      forcePathStyle: true,
      credentials: { accessKeyId: settings.accessKeyId, secretAccessKey: settings.secretAccessKey },
      expectContinueHeader: false,
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
      maxAttempts: 1,
    })

  let syncs = 0
  async function syncContentOfA(): Promise<void> {
    const bytes = Buffer.from(`${MARKER} ${++syncs}`)
    const file = { path: 'SKILL.md', sha256: sha256(bytes), size: bytes.length, executable: false }
    const manifest = Buffer.from(encodeManifest([file]))
    for (const one of [bytes, manifest]) {
      expect(await storeOfA.put(sha256(one), one)).toEqual({ kind: 'stored' })
      expect(await storeOfA.get(sha256(one))).toMatchObject({ kind: 'found' })
    }
    await field.syncOfA()
  }

  /** Nothing of A's may be in what comes back, whatever the answer. */
  async function ask(work: () => Promise<{ $metadata: { httpStatusCode?: number | undefined }; Body?: unknown }>) {
    const answered = await work().then(
      async ({ $metadata, Body, ...rest }) => ({
        status: $metadata.httpStatusCode ?? 0,
        seen: JSON.stringify(rest) + (await textOf(Body)),
      }),
      (error: unknown): Answer => {
        if (error instanceof S3ServiceException)
          return { status: error.$metadata.httpStatusCode ?? 0, seen: `${error.name} ${error.message}` }
        // What answers outside of the S3 paths does not speak its language.
        const status = foreignStatus(error)
        if (status === undefined) throw error
        return { status, seen: '' }
      },
    )
    expect(answered.seen).not.toContain(MARKER)
    return answered
  }

  const refused = (status: number) => status >= 400 && status < 500

  test('A’s objects are not read, listed or asked for with B’s key; what is there answers as what is not', async () => {
    const Bucket = ofA.bucket
    const there = { Bucket, Key: secretKey }
    const not = { Bucket, Key: blobKey('0'.repeat(64)) }
    const pairs = [
      [await ask(() => s3.send(new GetObjectCommand(there))), await ask(() => s3.send(new GetObjectCommand(not)))],
      [await ask(() => s3.send(new HeadObjectCommand(there))), await ask(() => s3.send(new HeadObjectCommand(not)))],
      [
        await ask(() => s3.send(new GetObjectCommand({ ...there, Range: 'bytes=0-3' }))),
        await ask(() => s3.send(new GetObjectCommand({ ...not, Range: 'bytes=0-3' }))),
      ],
      [
        await ask(() => s3.send(new GetObjectCommand({ ...there, IfNoneMatch: '*' }))),
        await ask(() => s3.send(new GetObjectCommand({ ...not, IfNoneMatch: '*' }))),
      ],
      [
        await ask(() => s3.send(new PutObjectCommand({ ...there, Body: 'x', IfNoneMatch: '*' }))),
        await ask(() => s3.send(new PutObjectCommand({ ...not, Body: 'x', IfNoneMatch: '*' }))),
      ],
    ]
    for (const [one, other] of pairs) {
      expect(one).toEqual(other)
      expect(refused(one?.status ?? 0)).toBe(true)
    }
    for (const asked of [
      new ListObjectsV2Command({ Bucket }),
      new ListObjectsV2Command({ Bucket, Prefix: secretKey.slice(0, -2) }),
    ])
      expect(refused((await ask(() => s3.send(asked))).status)).toBe(true)
    expect(refused((await ask(() => s3.send(new ListMultipartUploadsCommand({ Bucket })))).status)).toBe(true)
    const buckets = await ask(() => s3.send(new ListBucketsCommand({})))
    expect(buckets.seen).not.toContain(ofA.bucket)
  })

  test('A’s objects are neither overwritten, deleted nor added to with B’s key', async () => {
    const Bucket = ofA.bucket
    const wrong = Buffer.from('not what the name says')
    const tries = [
      () => s3.send(new PutObjectCommand({ Bucket, Key: secretKey, Body: wrong })),
      () => s3.send(new PutObjectCommand({ Bucket, Key: blobKey(sha256(wrong)), Body: wrong })),
      () => s3.send(new PutObjectCommand({ Bucket, Key: 'blobs', Body: wrong })),
      () => s3.send(new DeleteObjectCommand({ Bucket, Key: secretKey })),
      () => s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key: secretKey }] } })),
      () => s3.send(new CreateMultipartUploadCommand({ Bucket, Key: secretKey })),
      () => s3.send(new UploadPartCommand({ Bucket, Key: secretKey, UploadId: 'x', PartNumber: 1, Body: wrong })),
      () => s3.send(new CopyObjectCommand({ Bucket, Key: secretKey, CopySource: `${ofB.bucket}/x` })),
    ]
    for (const [n, one] of tries.entries()) expect([n, refused((await ask(one)).status)]).toEqual([n, true])
    expect(await storeOfA.has([sha256(wrong)])).toEqual({ kind: 'answer', present: new Map() })
  })

  test('A’s objects are not copied into B’s bucket', async () => {
    const into = { Bucket: ofB.bucket, Key: 'stolen' }
    const sources = [`${ofA.bucket}/${secretKey}`, `/${ofA.bucket}/${secretKey}`, `../${ofA.bucket}/${secretKey}`]
    for (const CopySource of sources) {
      expect(refused((await ask(() => s3.send(new CopyObjectCommand({ ...into, CopySource })))).status)).toBe(true)
      const upload = await s3.send(new CreateMultipartUploadCommand(into))
      const part = { ...into, CopySource, UploadId: upload.UploadId, PartNumber: 1 }
      expect((await ask(() => s3.send(new UploadPartCopyCommand(part)))).status).toBeGreaterThanOrEqual(400)
    }
    const listed = await s3.send(new ListObjectsV2Command({ Bucket: ofB.bucket, Prefix: 'stolen' }))
    expect(listed.KeyCount).toBe(0)
  })

  test('a request signed for B’s bucket is worth nothing at A’s, however its path is written', async () => {
    const at = new URL(ofB.endpoint).pathname.replace(/\/$/, '')
    const to = (path: string) => {
      const moved = clientOf(ofB)
      // After it was signed: the last step before it is sent.
      moved.middlewareStack.add(
        next => args => {
          const { request } = args
          if (typeof request === 'object' && request !== null && 'path' in request) request.path = path
          return next(args)
        },
        { step: 'finalizeRequest', priority: 'low', name: 'moved' },
      )
      return moved
    }
    for (const path of [
      `${at}/${ofA.bucket}/${secretKey}`,
      `${at}/${ofB.bucket}/../${ofA.bucket}/${secretKey}`,
      `${at}/${ofB.bucket}/%2e%2e/${ofA.bucket}/${secretKey}`,
      `${at}/${ofB.bucket}/..%2f${ofA.bucket}/${secretKey}`,
      `${at}//${ofA.bucket}/${secretKey}`,
      `${at}/${ofB.bucket}%00/../${ofA.bucket}/${secretKey}`,
    ]) {
      const moved = to(path)
      const mine = { Bucket: ofB.bucket, Key: secretKey }
      expect([path, refused((await ask(() => moved.send(new GetObjectCommand(mine)))).status)]).toEqual([path, true])
      expect(refused((await ask(() => moved.send(new PutObjectCommand({ ...mine, Body: 'x' })))).status)).toBe(true)
      moved.destroy()
    }
    // Signed, path and all, by an honest client that is given such a name.
    for (const Key of [`../${ofA.bucket}/${secretKey}`, `x/../../${ofA.bucket}/${secretKey}`])
      expect((await ask(() => s3.send(new GetObjectCommand({ Bucket: ofB.bucket, Key })))).status).not.toBe(200)
  })

  test('without a signature, or with half of A’s key, nothing is answered', async () => {
    const url = `${ofA.endpoint.replace(/\/$/, '')}/${ofA.bucket}/${secretKey}`
    for (const init of [
      { method: 'GET' },
      { method: 'HEAD' },
      { method: 'PUT', body: 'x' },
      { method: 'DELETE' },
      { method: 'GET', headers: { authorization: 'AWS4-HMAC-SHA256 Credential=x, SignedHeaders=host, Signature=00' } },
      { method: 'GET', headers: { authorization: 'Bearer x' } },
    ]) {
      const response = await fetch(url, init)
      expect([init, refused(response.status)]).toEqual([init, true])
      expect(await response.text()).not.toContain(MARKER)
    }
    const query = 'X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Expires=999999&X-Amz-SignedHeaders=host&X-Amz-Signature=00'
    const presigned = await fetch(`${url}?${query}&X-Amz-Credential=${ofA.accessKeyId}&X-Amz-Date=20260101T000000Z`)
    expect(refused(presigned.status)).toBe(true)
    // A key's id is no secret: invites of A's carry it beside the secret, and logs may.
    for (const half of [
      { ...ofA, secretAccessKey: ofB.secretAccessKey },
      { ...ofA, accessKeyId: ofB.accessKeyId },
    ]) {
      const client = clientOf(half)
      const there = { Bucket: ofA.bucket, Key: secretKey }
      expect(refused((await ask(() => client.send(new GetObjectCommand(there)))).status)).toBe(true)
      expect(refused((await ask(() => client.send(new DeleteObjectCommand(there)))).status)).toBe(true)
      client.destroy()
    }
  })

  test('A’s bucket itself is not removed, opened to everybody or set to forget', async () => {
    const Bucket = ofA.bucket
    const everybody = JSON.stringify({
      Statement: [{ Effect: 'Allow', Principal: '*', Action: 's3:*', Resource: `arn:aws:s3:::${Bucket}/*` }],
    })
    const Rules = [{ ID: 'x', Status: 'Enabled' as const, Filter: { Prefix: '' }, Expiration: { Days: 1 } }]
    const tries = [
      () => s3.send(new DeleteBucketCommand({ Bucket })),
      () => s3.send(new PutBucketPolicyCommand({ Bucket, Policy: everybody })),
      () => s3.send(new PutBucketLifecycleConfigurationCommand({ Bucket, LifecycleConfiguration: { Rules } })),
      () => s3.send(new GetBucketAclCommand({ Bucket })),
    ]
    for (const [n, one] of tries.entries())
      expect([n, (await ask(one)).status]).toEqual([n, expect.toSatisfy(status => status >= 400)])
  })

  test('a hash of A’s that has become known gets nothing: a row of B’s that names it finds no content', async () => {
    const author = await field.db.as(field.b.author)
    const storeOfB = r2Store(ofB)
    const skill = newSkill()
    await pushSkills(author, [skill])
    const named = newVersion(skill.id, { content_hash: sha256(secret) })
    expect(await pushVersions(author, [named])).toMatchObject({ rows: [{ state: 'inserted' }] })
    const { rows } = await author.query('SELECT content_url FROM whetstone.skill_versions WHERE id = $1', [named.id])
    expect(rows).toEqual([{ content_url: secretKey }])
    expect(await storeOfB.get(sha256(secret))).toEqual({ kind: 'missing' })
    expect(await storeOfB.has([sha256(secret)])).toEqual({ kind: 'answer', present: new Map() })
    // Nor does it tell B whether A has it: storing it is answered as for content that nobody has.
    expect(await storeOfB.put(sha256(secret), secret)).toEqual({ kind: 'stored' })
    storeOfB.close()
  })

  test('in the own bucket: blobs under a wrong hash are never shown, what was damaged or deleted is put right', async () => {
    const honest = r2Store(ofB)
    const bytes = Buffer.from('what the colleagues of B’s wrote')
    const hash = sha256(bytes)
    const Bucket = ofB.bucket
    const own = { Bucket, Key: blobKey(hash) }
    expect(await honest.put(hash, bytes)).toEqual({ kind: 'stored' })
    // R2's lock rules keep these from happening; where there are none, they are noticed.
    for (const Body of [Buffer.from('another text of the same kind…'), bytes.subarray(1), Buffer.alloc(0), big]) {
      await s3.send(new PutObjectCommand({ ...own, Body }))
      expect(await honest.get(hash)).toMatchObject({ kind: 'damaged' })
      expect(await honest.stream(hash, () => {})).toMatchObject({ kind: 'damaged' })
      expect(await honest.put(hash, bytes)).toMatchObject({ kind: 'damaged' })
      expect(await honest.repair(hash, bytes)).toEqual({ kind: 'stored' })
      expect(await honest.get(hash)).toMatchObject({ kind: 'found' })
    }
    await s3.send(new DeleteObjectCommand(own))
    expect(await honest.get(hash)).toEqual({ kind: 'missing' })
    expect(await honest.put(hash, bytes)).toEqual({ kind: 'stored' })
    // Another name for the same bytes is no blob, and stands in nobody's way.
    await s3.send(new PutObjectCommand({ Bucket, Key: blobKey(hash).toUpperCase(), Body: 'x' }))
    await s3.send(new PutObjectCommand({ Bucket, Key: `${blobKey(hash)}/x`, Body: 'x' }))
    expect(await honest.get(hash)).toMatchObject({ kind: 'found' })
    honest.close()
  })

  test('uploads begun and never ended, and a stream of requests, do not keep A from storing', async () => {
    const begun = await Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        s3.send(new CreateMultipartUploadCommand({ Bucket: ofB.bucket, Key: blobKey(sha256(Buffer.of(n))) })),
      ),
    )
    expect(begun).toHaveLength(20)
    const noise = Array.from({ length: 200 }, (_, n) =>
      ask(() => s3.send(new PutObjectCommand({ Bucket: n % 2 ? ofA.bucket : ofB.bucket, Key: `x${n}`, Body: 'x' }))),
    )
    await syncContentOfA()
    const statuses = (await Promise.all(noise)).map(answer => answer.status)
    expect(statuses.filter((_, n) => n % 2).every(refused)).toBe(true)
  })
})

/** The status of an answer that the S3 client could not read. */
function foreignStatus(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('$response' in error)) return undefined
  const { $response: response } = error
  if (typeof response !== 'object' || response === null || !('statusCode' in response)) return undefined
  return typeof response.statusCode === 'number' ? response.statusCode : undefined
}

async function textOf(body: unknown): Promise<string> {
  if (typeof body !== 'object' || body === null || !('transformToString' in body)) return ''
  const read = body.transformToString
  return typeof read === 'function' ? String(await read.call(body)) : ''
}
