import { S3ServiceException } from '@aws-sdk/client-s3'
import { type BlobFailure, CANCELLED } from './blobs.ts'

/** What a request to the bucket came to when it did not succeed. */
export type R2Refusal =
  | { kind: 'missing' } // no such object
  | { kind: 'exists' } // a condition did not hold, or a lock forbids to overwrite: the object is there already
  | { kind: 'beyond' } // the range begins behind the object's end
  | { kind: 'no-upload' } // the multipart upload is over, one way or the other
  | BlobFailure

type Known = R2Refusal['kind']

/**
 * Error codes, by what they mean to us: Amazon's 'Error responses' for S3, R2's 'Error codes' for its own, and what
 * MinIO and Ceph add. A code decides before the status does.
 */
const CODES: Readonly<Record<string, Known>> = {
  NoSuchKey: 'missing',
  NotFound: 'missing',
  PreconditionFailed: 'exists',
  ObjectLockedByBucketPolicy: 'exists',
  InvalidRange: 'beyond',
  NoSuchUpload: 'no-upload',
  NoSuchBucket: 'missing-bucket',
  RequestTimeTooSkewed: 'clock',
  RequestExpired: 'clock',
  ExpiredToken: 'expired',
  ExpiredTokenException: 'expired',
  TokenRefreshRequired: 'expired',
  AccessDenied: 'denied',
  AccountProblem: 'denied',
  AllAccessDisabled: 'denied',
  InvalidAccessKeyId: 'denied',
  SignatureDoesNotMatch: 'denied',
  Unauthorized: 'denied',
  QuotaExceeded: 'quota',
  StorageLimitExceeded: 'quota',
  StorageFull: 'quota',
  XMinioStorageFull: 'quota',
  BadDigest: 'retry',
  ConditionalRequestConflict: 'retry',
  IncompleteBody: 'retry',
  InternalError: 'retry',
  OperationAborted: 'retry',
  RequestTimeout: 'retry',
  ServiceUnavailable: 'retry',
  SlowDown: 'retry',
  TooManyRequests: 'retry',
  XAmzContentSHA256Mismatch: 'retry',
  NotImplemented: 'refused',
}

function byStatus(status: number): Known {
  if (status === 401 || status === 403) return 'denied'
  if (status === 402 || status === 507) return 'quota'
  if (status === 404) return 'missing'
  if (status === 412) return 'exists'
  if (status === 416) return 'beyond'
  if (status === 501) return 'refused'
  if (status === 408 || status === 409 || status === 425 || status === 429 || status >= 500) return 'retry'
  // A success that the client could not read did not come from a bucket, but from something in between.
  return status < 400 ? 'retry' : 'refused'
}

const SENTENCES: Readonly<Record<BlobFailure['kind'], string>> = {
  retry: 'The team’s storage is busy or cannot be reached just now. It will be tried again.',
  denied: 'The team’s storage does not accept this key. Ask an admin of the team for a new invite.',
  expired: 'The key for the team’s storage has expired. Ask an admin of the team for a new invite.',
  quota: 'The team’s storage is full. Nothing is lost: it is sent when there is room again.',
  'missing-bucket': 'The team’s storage has no such bucket. An admin of the team can check the registry’s settings.',
  clock: 'This computer’s clock is wrong by so much that the team’s storage refuses it. Set the clock and try again.',
  tls: 'The connection to the team’s storage is not secure, so nothing was sent. A proxy, or a wrong certificate or clock, can be the cause.',
  refused: 'The team’s storage refused this request, and trying again would not help.',
  cancelled: CANCELLED.message,
}

export const failure = (kind: BlobFailure['kind'], detail: string, retryAfterMs?: number): BlobFailure => ({
  kind,
  message: SENTENCES[kind],
  detail,
  ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
})

/**
 * A store names each object that it stores, sends or tells of by an ETag. A success without is of something in between,
 * such as a sign-in page, and nothing is to be believed of it.
 */
export const NOT_A_STORE = 'a success that is not a store’s'

/** Node's and OpenSSL's codes for a certificate or a handshake that is not to be trusted. */
const TLS =
  /^(ERR_TLS_|ERR_SSL_|CERT_|CRL_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|HOSTNAME_MISMATCH|INVALID_CA|INVALID_PURPOSE|PATH_LENGTH_EXCEEDED|EPROTO$)/
/** A failure on the way, before a server answered or after it stopped to. */
const NETWORK = /^(E[A-Z_]+|ERR_STREAM_PREMATURE_CLOSE|ERR_HTTP_[A-Z_]+|HPE_[A-Z_]+|ERR_SOCKET_[A-Z_]+)$/

/** A server's answer to one of our own requests (r2-request.ts) that is no success. */
export class RefusedAnswer extends Error {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** The store's own word; none where the answer has no text. */
  readonly code: string | undefined
  /** A text that is no store's: a proxy's page, or an answer cut off. */
  readonly unreadable: boolean

  constructor(status: number, headers: Readonly<Record<string, string>>, text: string) {
    super(`refused with ${status}`)
    this.name = 'RefusedAnswer'
    this.status = status
    this.headers = headers
    this.code = /<Error>[\s\S]*?<Code>(\w+)<\/Code>[\s\S]*<\/Error>/.exec(text)?.[1]
    this.unreadable = text !== '' && this.code === undefined
  }

  get isClock(): boolean {
    return this.code !== undefined && CODES[this.code] === 'clock'
  }
}

/**
 * Reads what the client threw. What is neither a server's answer nor a failure of the network is a bug, and thrown on.
 *
 * @param signal the caller's: once it is aborted, whatever went wrong went wrong because of that.
 */
export function readRefusal(error: unknown, signal?: AbortSignal): R2Refusal {
  if (signal?.aborted) return CANCELLED
  if (error instanceof S3ServiceException)
    return readAnswer(error.name, error.$metadata.httpStatusCode ?? 0, error.$response?.headers ?? {})
  if (error instanceof RefusedAnswer) {
    if (error.unreadable) return failure('retry', `unreadable answer (${error.status})`)
    return readAnswer(error.code ?? 'no code', error.status, error.headers)
  }
  if (!(error instanceof Error)) throw error
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  if (TLS.test(code)) return failure('tls', code)
  if (error.name === 'TimeoutError' || error.name === 'AbortError') return failure('retry', 'no answer in time')
  if (NETWORK.test(code)) return failure('retry', code)
  // An answer that is no XML: a proxy's page, or an answer cut off. The client hangs the response on its error.
  if ('$response' in error || '$metadata' in error) return failure('retry', `unreadable answer: ${error.name}`)
  throw error
}

function readAnswer(code: string, status: number, headers: Readonly<Record<string, string>>): R2Refusal {
  const kind = CODES[code] ?? byStatus(status)
  if (kind === 'missing' || kind === 'exists' || kind === 'beyond' || kind === 'no-upload') return { kind }
  return failure(kind, `${code} (${status})`, retryAfter(headers))
}

/**
 * RFC 9110, 10.2.3: seconds, or a date. A date counts from the server's own `Date`, so that no clock of ours matters.
 *
 * @returns milliseconds
 */
export function retryAfter(headers: Readonly<Record<string, string>>): number | undefined {
  const header = headers['retry-after']?.trim()
  if (header === undefined) return undefined
  if (/^\d{1,7}$/.test(header)) return Number(header) * 1000
  const wait = Date.parse(header) - Date.parse(headers.date ?? '')
  return Number.isNaN(wait) ? undefined : Math.max(0, wait)
}

/** A refusal that makes no sense in answer to what was asked is the store's fault, and said so. */
export function orFailure(refusal: R2Refusal): { kind: 'missing' } | BlobFailure {
  if (refusal.kind === 'exists' || refusal.kind === 'beyond' || refusal.kind === 'no-upload')
    return failure('refused', `unexpected answer: ${refusal.kind}`)
  return refusal
}

/** The same, where nothing but the bucket could be missing. */
export function orBucketFailure(refusal: R2Refusal): BlobFailure {
  const plain = orFailure(refusal)
  return plain.kind === 'missing' ? failure('missing-bucket', 'no such bucket (404)') : plain
}
