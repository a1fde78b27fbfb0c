import { Agent as HttpAgent, type IncomingMessage } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import { rootCertificates } from 'node:tls'
import { HeadBucketCommand, S3Client } from '@aws-sdk/client-s3'
import { type BlobFailure, CANCELLED } from './blobs.ts'
import { isLoopback } from './connection.ts'
import { failure, NOT_A_STORE, type R2Refusal, readRefusal } from './r2-failures.ts'
import { type ObjectRequest, openSender } from './r2-request.ts'
import { Stopping } from './stopping.ts'

/** A bucket and the key to it, as an invite carries them. */
export type R2Settings = {
  /** `https://<account>.r2.cloudflarestorage.com`, or any S3-compatible service's address. */
  endpoint: string
  bucket: string
  accessKeyId: string
  secretAccessKey: string
  /** R2 has one, `auto`; others name theirs. */
  region?: string
  /** A certificate authority's certificate (PEM) to trust beside the well-known ones. */
  ca?: string
}

/** How long a request may take, in milliseconds. Every wait is bounded by one of them. */
export type R2Timeouts = {
  /** Until a connection stands. */
  connect: number
  /** Without a byte in either direction. */
  idle: number
  /** Of a whole request, before what its size adds (`SLOWEST`). */
  total: number
}
export const R2_TIMEOUTS: R2Timeouts = { connect: 10_000, idle: 30_000, total: 60_000 }
/** A line slower than this, in bytes per millisecond, is as good as cut. */
const SLOWEST = 16
const timeFor = (timeouts: R2Timeouts, bytes: number): number => timeouts.total + Math.ceil(bytes / SLOWEST)

/** Connections kept to one bucket for single objects. More requests at once than that wait for one another. */
export const R2_SOCKETS = 256
/** Beside them for lists and parts. */
const SDK_SOCKETS = 16

/** Why this address may not be used; undefined when it may. A plain connection carries content for all to read. */
export function refuseEndpoint(endpoint: string): BlobFailure | undefined {
  const url = URL.parse(endpoint)
  if (url === null || (url.protocol !== 'https:' && url.protocol !== 'http:') || url.username !== '')
    return { kind: 'refused', message: 'The address of the team’s storage is not one: it begins with https://.' }
  if (url.protocol === 'https:' || isLoopback(url.hostname.replace(/^\[|\]$/g, ''))) return undefined
  return {
    kind: 'tls',
    message: `The team’s storage at ${url.host} is given by http://, which anybody on the way could read and change. Nothing was sent; an https:// address is needed.`,
  }
}

/** One request's answer, or why there is none. */
export type Asked<Output> = { kind: 'ok'; output: Output } | R2Refusal
/** Makes one request. Give it the signal, and nothing else may end it. */
export type Send<Output> = (client: S3Client, signal: AbortSignal) => Promise<Output>

/** A bucket with a key to it, and one way to ask it anything: within bounded time, answered by a value. */
export type R2Connection = {
  readonly bucket: string
  /** @param bytes how many the request moves; each adds to the time it may take. */
  ask<Output>(signal: AbortSignal | undefined, bytes: number, send: Send<Output>): Promise<Asked<Output>>
  /** The same about a single object, without the SDK. `read` makes of the answer what is wanted of it, its body included. */
  askObject<Output>(
    signal: AbortSignal | undefined,
    bytes: number,
    request: ObjectRequest,
    read: (answer: IncomingMessage) => Output | Promise<Output>,
  ): Promise<Asked<Output>>
  close(): void
}

export function connectR2(settings: R2Settings, timeouts: R2Timeouts = R2_TIMEOUTS): R2Connection {
  const { endpoint, bucket, accessKeyId, secretAccessKey, region = 'auto', ca } = settings
  const client = createClient(settings, timeouts)
  const sender = openSender({
    ...{ endpoint, bucket, accessKeyId, secretAccessKey, region, ca, timeouts },
    sockets: R2_SOCKETS,
  })
  const stopping = new Stopping()
  type Work<Output> = (signal: AbortSignal) => Promise<Output>
  const once = async <Output>(signal: AbortSignal | undefined, bytes: number, work: Work<Output>) => {
    const late = new AbortController()
    const timer = setTimeout(() => late.abort(), timeFor(timeouts, bytes))
    const leave = stopping.follow(signal, late)
    try {
      return { kind: 'ok' as const, output: await work(late.signal) }
    } catch (error) {
      return readRefusal(error, signal)
    } finally {
      clearTimeout(timer)
      leave()
    }
  }
  const ask = async <Output>(signal: AbortSignal | undefined, bytes: number, work: Work<Output>) => {
    if (signal?.aborted) return CANCELLED
    const asked = await once(signal, bytes, work)
    // The server's time is taken over from such an answer, so a wrong clock here costs one request.
    return asked.kind === 'clock' ? once(signal, bytes, work) : asked
  }
  return {
    bucket,
    ask: (signal, bytes, send) => ask(signal, bytes, stop => send(client, stop)),
    askObject: (signal, bytes, request, read) =>
      ask(signal, bytes, async stop => await read(await sender.send(request, stop))),
    close: () => {
      client.destroy()
      sender.close()
    },
  }
}

/**
 * With every setting that the environment or `~/.aws` could change set here instead.
 * `expectContinueHeader`: with it a large put waits seconds for an answer that does not come. Checksums only where the
 * protocol demands them: the signature covers the body's SHA-256 already, and not every store knows the others.
 * One attempt: whether and when to try again is the sync policy's to say.
 */
function createClient(settings: R2Settings, timeouts: R2Timeouts): S3Client {
  const agent = { keepAlive: true, maxSockets: SDK_SOCKETS }
  return new S3Client({
    region: settings.region ?? 'auto',
    endpoint: settings.endpoint,
    forcePathStyle: true,
    credentials: { accessKeyId: settings.accessKeyId, secretAccessKey: settings.secretAccessKey },
    expectContinueHeader: false,
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    maxAttempts: 1,
    retryMode: 'standard',
    useFipsEndpoint: false,
    useDualstackEndpoint: false,
    useArnRegion: false,
    disableMultiregionAccessPoints: true,
    disableS3ExpressSessionAuth: true,
    requestHandler: {
      connectionTimeout: timeouts.connect,
      socketTimeout: timeouts.idle,
      httpAgent: new HttpAgent(agent),
      httpsAgent: new HttpsAgent({ ...agent, ...(settings.ca ? { ca: [...rootCertificates, settings.ca] } : {}) }),
    },
  })
}

/** One object as the bucket has it. */
export type R2Object = { kind: 'object'; size: number; etag: string }

export async function headObject(
  connection: R2Connection,
  key: string,
  signal: AbortSignal | undefined,
): Promise<R2Object | R2Refusal> {
  const asked = await connection.askObject(signal, 0, { method: 'HEAD', key }, answer => {
    answer.resume()
    return { size: Number(answer.headers['content-length'] ?? 0), etag: answer.headers.etag }
  })
  if (asked.kind !== 'ok') return asked
  const { size, etag } = asked.output
  return etag ? { kind: 'object', size, etag } : failure('retry', NOT_A_STORE)
}

/** Whether the bucket is there; the answer to a HEAD for an object does not tell. */
export async function headBucket(connection: R2Connection, signal?: AbortSignal): Promise<{ kind: 'ok' } | R2Refusal> {
  const asked = await connection.ask(signal, 0, (client, abortSignal) =>
    client.send(new HeadBucketCommand({ Bucket: connection.bucket }), { abortSignal }),
  )
  return asked.kind === 'ok' ? { kind: 'ok' } : asked
}
