import { randomBytes } from 'node:crypto'
import http from 'node:http'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type BlobFailure, type BlobStore, blobKey, sha256 } from '../../electron/registry/blobs.ts'
import { openR2 } from '../../electron/registry/r2.ts'
import type { R2Settings } from '../../electron/registry/r2-client.ts'
import { retryAfter } from '../../electron/registry/r2-failures.ts'
import { type HttpFaults, httpFaults, portOf, type SeenRequest } from '../support/http-faults.ts'
import { LOCALHOST_CERTIFICATE, LOCALHOST_KEY } from '../support/localhost-certificate.ts'
import { bareBucket, r2Store, type TestR2, testR2 } from '../support/r2.ts'

/** The other tests of this adapter are the conformance suite's; here is what only a network can do to it. */
const MB = 1024 * 1024
const IMPATIENT = { connect: 1_000, idle: 1_000, total: 5_000 }
const fresh = (size: number) => {
  const bytes = randomBytes(size)
  return { bytes, hash: sha256(bytes) }
}

let r2: TestR2
let settings: R2Settings
/** Through the faults, and past them. */
let faults: HttpFaults
let store: BlobStore
let direct: BlobStore
/** Through the faults, and soon tired of waiting. */
let impatient: BlobStore

beforeAll(async () => {
  r2 = await testR2('team-registry', 'other-team')
  const [first] = r2.settings
  if (first === undefined) throw new Error('There is no bucket.')
  settings = first
  faults = await httpFaults(r2.port)
  store = r2Store(through(faults))
  direct = r2Store(settings)
  impatient = r2Store(through(faults), IMPATIENT)
})
afterAll(async () => {
  store.close()
  direct.close()
  impatient.close()
  await faults[Symbol.asyncDispose]()
  await r2[Symbol.asyncDispose]()
})

function through({ port }: { port: number }, scheme: 'http' | 'https' = 'http'): R2Settings {
  const endpoint = new URL(settings.endpoint)
  endpoint.port = String(port)
  return { ...settings, endpoint: endpoint.href.replace(/^http/, scheme) }
}

/** Every call that asks the bucket something, on one store. */
const calls = (asked: BlobStore): [string, () => Promise<{ kind: string }>][] => {
  const { bytes, hash } = fresh(10)
  return [
    ['put', () => asked.put(hash, bytes)],
    ['get', () => asked.get(hash)],
    ['stream', () => asked.stream(hash, () => {})],
    ['readRange', () => asked.readRange(hash, { start: 0, length: 5 })],
    ['has', () => asked.has([hash])],
    ['list', () => asked.list()],
    ['repair', () => asked.repair(hash, bytes)],
  ]
}

const error = (code: string, message = code) =>
  `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>${message}</Message></Error>`

describe('what a bucket refuses', () => {
  const wrong: [string, Partial<R2Settings>, BlobFailure['kind']][] = [
    ['a wrong secret', { secretAccessKey: 'f'.repeat(64) }, 'denied'],
    ['an unknown key', { accessKeyId: 'f'.repeat(32) }, 'denied'],
    ['another team’s bucket', { bucket: 'other-team' }, 'denied'],
    ['a bucket that is not there', { bucket: 'no-such-bucket' }, 'missing-bucket'],
  ]
  test.each(wrong)('%s', async (_, over, kind) => {
    const asked = r2Store({ ...settings, ...over })
    for (const [name, call] of calls(asked)) expect([name, (await call()).kind]).toEqual([name, kind])
    asked.close()
  })

  test('an address where nobody answers is tried again', async () => {
    const silent = http.createServer()
    await new Promise<void>(resolve => silent.listen(0, '127.0.0.1', resolve))
    const port = portOf(silent.address())
    await new Promise(resolve => silent.close(resolve))
    const asked = r2Store(through({ port }))
    for (const [name, call] of calls(asked)) expect([name, (await call()).kind]).toEqual([name, 'retry'])
    asked.close()
  })

  const answers: [number, string, Record<string, string>, Partial<BlobFailure>][] = [
    [503, 'ServiceUnavailable', { 'retry-after': '7' }, { kind: 'retry', retryAfterMs: 7_000 }],
    [429, 'TooManyRequests', {}, { kind: 'retry' }],
    [503, 'SlowDown', {}, { kind: 'retry' }],
    [500, 'InternalError', {}, { kind: 'retry' }],
    [502, '<html>Bad gateway</html>', { 'content-type': 'text/html' }, { kind: 'retry' }],
    [504, '', {}, { kind: 'retry' }],
    [409, 'ConditionalRequestConflict', {}, { kind: 'retry' }],
    [401, 'Unauthorized', {}, { kind: 'denied' }],
    [403, 'AccessDenied', {}, { kind: 'denied' }],
    [403, 'InvalidAccessKeyId', {}, { kind: 'denied' }],
    [400, 'ExpiredToken', {}, { kind: 'expired' }],
    [507, 'XMinioStorageFull', {}, { kind: 'quota' }],
    [403, 'QuotaExceeded', {}, { kind: 'quota' }],
    [402, '', {}, { kind: 'quota' }],
    [404, 'NoSuchBucket', {}, { kind: 'missing-bucket' }],
    [501, 'NotImplemented', {}, { kind: 'refused' }],
    [400, 'InvalidRequest', {}, { kind: 'refused' }],
  ]
  test.each(answers)('status %i, %s', async (status, said, headers, expected) => {
    const body = /^\w+$/.test(said) ? error(said) : said
    const { bytes, hash } = fresh(50)
    const answer = { kind: 'answer', status, body, headers } as const
    faults.next(answer)
    const put = await store.put(hash, bytes)
    expect(put).toMatchObject({ ...expected, message: expect.stringMatching(/^[A-Z].*\.$/) })
    if (expected.retryAfterMs === undefined) expect(put).not.toHaveProperty('retryAfterMs')
    faults.next(answer)
    expect(await store.get(hash)).toMatchObject(expected)
    expect(await direct.get(hash)).toEqual({ kind: 'missing' })
  })

  test('no failure tells a key', async () => {
    const asked = r2Store({ ...settings, secretAccessKey: 'f'.repeat(64) })
    const said: string[] = []
    for (const [, call] of calls(asked)) said.push(JSON.stringify(await call()))
    expect(said.join('\n')).not.toContain(settings.accessKeyId)
    expect(said.join('\n')).not.toContain('127.0.0.1')
    asked.close()
  })
})

test('a clock that is wrong costs one request, where the bucket tells the time', async () => {
  const { bytes, hash } = fresh(50)
  const skewed = {
    kind: 'answer',
    status: 403,
    body: error('RequestTimeTooSkewed'),
    headers: { date: new Date().toUTCString() },
  } as const
  faults.next(skewed)
  expect(await store.put(hash, bytes)).toEqual({ kind: 'stored' })
  faults.next(skewed)
  faults.next(skewed)
  expect(await store.get(hash)).toMatchObject({ kind: 'clock' })
})

test('Retry-After is read as seconds, and as a date by the server’s clock', () => {
  expect(retryAfter({ 'retry-after': '120' })).toBe(120_000)
  const date = 'Wed, 21 Oct 2015 07:28:00 GMT'
  expect(retryAfter({ 'retry-after': 'Wed, 21 Oct 2015 07:28:30 GMT', date })).toBe(30_000)
  expect(retryAfter({ 'retry-after': 'Wed, 21 Oct 2015 07:27:00 GMT', date })).toBe(0)
  expect(retryAfter({ 'retry-after': 'Wed, 21 Oct 2015 07:28:30 GMT' })).toBeUndefined()
  expect(retryAfter({ 'retry-after': 'soon' })).toBeUndefined()
  expect(retryAfter({})).toBeUndefined()
})

describe('a network that fails', () => {
  test('before the bucket has it: nothing is stored, and trying again does it', async () => {
    const { bytes, hash } = fresh(50)
    faults.next({ kind: 'cut-request' })
    expect(await store.put(hash, bytes)).toMatchObject({ kind: 'retry' })
    expect(await direct.get(hash)).toEqual({ kind: 'missing' })
    expect(await store.put(hash, bytes)).toEqual({ kind: 'stored' })
  })

  test('after the bucket has it: trying again finds it there', async () => {
    const { bytes, hash } = fresh(50)
    faults.next({ kind: 'lose-answer' })
    expect(await store.put(hash, bytes)).toMatchObject({ kind: 'retry' })
    expect(await store.put(hash, bytes)).toEqual({ kind: 'present' })
  })

  test('by changing what is sent: the bucket refuses it, and nothing wrong is stored', async () => {
    const { bytes, hash } = fresh(5_000)
    faults.next({ kind: 'flip-request' })
    expect(await store.put(hash, bytes)).toMatchObject({ kind: 'retry' })
    expect(await direct.get(hash)).toEqual({ kind: 'missing' })
  })

  test('by changing what comes: it is found out', async () => {
    const { bytes, hash } = fresh(5_000)
    await direct.put(hash, bytes)
    faults.next({ kind: 'flip-answer' })
    expect(await store.get(hash)).toMatchObject({ kind: 'damaged' })
    expect(await store.get(hash)).toMatchObject({ kind: 'found' })
  })

  test('by answering in the bucket’s place: that is no acknowledgement', async () => {
    const { bytes, hash } = fresh(50)
    const portal = { kind: 'answer', status: 200, body: '<html>Please sign in</html>' } as const
    faults.next(portal)
    expect(await store.put(hash, bytes)).toMatchObject({ kind: 'retry' })
    faults.next(portal)
    expect(await store.get(hash)).toMatchObject({ kind: 'retry' })
    faults.next(portal)
    expect(await store.readRange(hash, { start: 0, length: 9 })).toMatchObject({ kind: 'retry' })
    faults.next(portal)
    expect(await store.has([hash])).toMatchObject({ kind: 'retry' })
    faults.next(portal)
    expect(await store.list()).toMatchObject({ kind: 'retry' })
  })

  test('by saying nothing: the wait ends', async () => {
    const all = calls(impatient)
    for (const _ of all) faults.next({ kind: 'hang' })
    for (const result of await Promise.all(all.map(([, call]) => call()))) expect(result.kind).toBe('retry')
  })

  test('by falling silent in the middle: the wait ends, and the rest is fetched', async () => {
    const { bytes, hash } = fresh(200_000)
    await direct.put(hash, bytes)
    faults.next({ kind: 'stall-answer', after: 70_000 })
    expect(await impatient.get(hash)).toMatchObject({ kind: 'found' })
    expect(faults.seen.at(-1)?.headers.range).toMatch(/^bytes=[1-9]\d*-$/)
  })

  test('is called off while it says nothing', async () => {
    const stop = new AbortController()
    faults.next({ kind: 'first', run: async () => stop.abort() })
    expect(await store.list({ signal: stop.signal })).toMatchObject({ kind: 'cancelled' })
  })
})

describe('a stream that is cut', () => {
  test('goes on where it was cut, as often as it gets further', async () => {
    const { bytes, hash } = fresh(MB)
    await direct.put(hash, bytes)
    for (let n = 0; n < 8; n++) faults.next({ kind: 'cut-answer', after: 100_000 })
    const before = faults.seen.length
    const chunks: Uint8Array[] = []
    expect(await store.stream(hash, chunk => void chunks.push(chunk))).toEqual({ kind: 'found', size: MB })
    expect(Buffer.compare(Buffer.concat(chunks), bytes)).toBe(0)
    const ranges = faults.seen.slice(before).map(({ headers }) => headers.range)
    expect(ranges).toHaveLength(9)
    expect(ranges[0]).toBeUndefined()
    expect(new Set(ranges).size).toBe(9)
  })

  test('gives up when it gets no further', async () => {
    const { bytes, hash } = fresh(MB)
    await direct.put(hash, bytes)
    const before = faults.seen.length
    for (let n = 0; n < 4; n++) faults.next({ kind: 'cut-answer', after: 0 })
    expect(await store.get(hash)).toMatchObject({ kind: 'retry' })
    expect(faults.seen.length - before).toBe(4)
  })

  test('does not go on with another object', async () => {
    const { bytes, hash } = fresh(MB)
    await direct.put(hash, bytes)
    const bare = bareBucket(settings)
    faults.next({ kind: 'cut-answer', after: 100_000 })
    faults.next({ kind: 'first', run: () => bare.putKey(blobKey(hash), fresh(MB).bytes) })
    expect(await store.get(hash)).toMatchObject({ kind: 'retry', detail: expect.stringContaining('replaced') })
    expect(await store.get(hash)).toMatchObject({ kind: 'damaged' })
    bare.close()
  })
})

describe('an upload in parts', () => {
  const isPart = ({ method, url }: SeenRequest) => method === 'PUT' && url.includes('partNumber=2')
  const isComplete = ({ method, url }: SeenRequest) => method === 'POST' && url.includes('uploadId=')
  const wasTakenBack = (since: number) =>
    faults.seen.slice(since).some(({ method, url }) => method === 'DELETE' && url.includes('uploadId='))

  test.each([
    ['a part is cut off', 'cut-request', isPart],
    ['a part is changed on the way', 'flip-request', isPart],
    ['the last step is cut off', 'cut-request', isComplete],
  ] as const)('is taken back when %s, and done anew', async (_, kind, fits) => {
    const { bytes, hash } = fresh(9 * MB)
    const since = faults.seen.length
    faults.next({ kind }, fits)
    expect(await store.put(hash, bytes)).toMatchObject({ kind: 'retry' })
    expect(wasTakenBack(since)).toBe(true)
    expect(await direct.has([hash])).toEqual({ kind: 'answer', present: new Map() })
    expect(await store.put(hash, bytes)).toEqual({ kind: 'stored' })
    expect(await direct.get(hash)).toMatchObject({ kind: 'found' })
  })

  test('is there when only its acknowledgement was lost', async () => {
    const { bytes, hash } = fresh(9 * MB)
    faults.next({ kind: 'lose-answer' }, isComplete)
    expect(await store.put(hash, bytes)).toEqual({ kind: 'present' })
  })

  test('does not replace what came there meanwhile', async () => {
    const { bytes, hash } = fresh(9 * MB)
    const since = faults.seen.length
    const storedMeanwhile = async () => {
      expect(await direct.put(hash, bytes)).toEqual({ kind: 'stored' })
    }
    faults.next({ kind: 'first', run: storedMeanwhile }, isPart)
    expect(await store.put(hash, bytes)).toEqual({ kind: 'present' })
    expect(wasTakenBack(since)).toBe(true)
    expect(faults.seen.slice(since).some(isComplete)).toBe(false)
  })

  test('is taken back when it is called off', async () => {
    const { bytes, hash } = fresh(9 * MB)
    const stop = new AbortController()
    const since = faults.seen.length
    faults.next({ kind: 'first', run: async () => stop.abort() }, isPart)
    expect(await store.put(hash, bytes, { signal: stop.signal })).toMatchObject({ kind: 'cancelled' })
    expect(wasTakenBack(since)).toBe(true)
    expect(await direct.get(hash)).toEqual({ kind: 'missing' })
  })
})

test('a damaged object that is locked cannot be mended, and that is said', async () => {
  const { bytes, hash } = fresh(100)
  await direct.put(hash, bytes)
  faults.next({ kind: 'flip-answer' }, ({ method }) => method === 'GET')
  const locked = { kind: 'answer', status: 403, body: error('ObjectLockedByBucketPolicy') } as const
  for (let n = 0; n < 2; n++) faults.next(locked, ({ method }) => method === 'PUT')
  const mended = await store.repair(hash, bytes)
  expect(mended).toMatchObject({ kind: 'refused', message: expect.stringContaining('locked') })
})

test('a store that compares tags without their quotes, as Ceph does, is asked so; what changed meanwhile is left', async () => {
  const { bytes, hash } = fresh(100)
  const bare = bareBucket(settings)
  const quoted = ({ method, headers }: SeenRequest) => method === 'PUT' && String(headers['if-match']).startsWith('"')
  const refusal = { kind: 'answer', status: 412, body: error('PreconditionFailed') } as const
  await bare.putKey(blobKey(hash), Buffer.from('damaged'))
  faults.next(refusal, quoted)
  const since = faults.seen.length
  await store.repair(hash, bytes)
  const tags = faults.seen
    .slice(since)
    .flatMap(({ method, headers }) => (method === 'PUT' ? [headers['if-match']] : []))
  expect(tags).toEqual([expect.stringMatching(/^"\w+"$/), expect.stringMatching(/^\w+$/)])
  // Both name what was seen to be wrong: another object in its place matches neither.
  await bare.putKey(blobKey(hash), Buffer.from('damaged otherwise'))
  faults.next({ kind: 'first', run: () => bare.putKey(blobKey(hash), Buffer.from('new')) }, quoted)
  expect(await store.repair(hash, bytes)).toMatchObject({ kind: 'refused' })
  bare.close()
})

test('a bucket lock’s refusal to overwrite means that the blob is there', async () => {
  const { bytes, hash } = fresh(100)
  await direct.put(hash, bytes)
  faults.next({ kind: 'answer', status: 403, body: error('ObjectLockedByBucketPolicy') })
  expect(await store.put(hash, bytes)).toEqual({ kind: 'present' })
})

describe('the address', () => {
  const opened = (endpoint: string) => openR2({ ...settings, endpoint })
  test('is https, or this computer', () => {
    for (const endpoint of ['http://r2.example.com', 'http://10.0.0.5:9000', 'http://127.0.0.1.example.com'])
      expect(opened(endpoint)).toMatchObject({ kind: 'tls', message: expect.stringContaining('https://') })
    for (const endpoint of ['ftp://r2.example.com', 'r2.example.com', '', 'https://user:pw@r2.example.com'])
      expect(opened(endpoint)).toMatchObject({ kind: 'refused' })
    for (const endpoint of ['https://r2.example.com', 'http://localhost:9000', 'http://[::1]:9000', 'http://127.0.0.1'])
      expect(opened(endpoint)).toMatchObject({ kind: 'open' })
  })

  test('has a certificate to be trusted, by a well-known authority or the team’s own', async () => {
    await using tls = await httpFaults(r2.port, { key: LOCALHOST_KEY, cert: LOCALHOST_CERTIFICATE })
    const untrusted = r2Store(through(tls, 'https'))
    for (const [name, call] of calls(untrusted)) expect([name, (await call()).kind]).toEqual([name, 'tls'])
    expect(tls.seen).toEqual([])
    untrusted.close()
    const trusted = r2Store({ ...through(tls, 'https'), ca: LOCALHOST_CERTIFICATE })
    const { bytes, hash } = fresh(100)
    expect(await trusted.put(hash, bytes)).toEqual({ kind: 'stored' })
    expect(tls.seen[0]?.url).toContain(blobKey(hash))
    trusted.close()
  })
})
