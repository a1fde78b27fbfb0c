import { createHmac, createSecretKey, type KeyObject } from 'node:crypto'
import http, { type IncomingMessage } from 'node:http'
import https from 'node:https'
import { rootCertificates } from 'node:tls'
import aws4 from 'aws4'
import { RefusedAnswer } from './r2-failures.ts'

/**
 * A request about a single object: the S3 protocol's plainest part, signed (AWS Signature Version 4) and sent by Node. There
 * are two for each version of a skill, and through the SDK each takes 0.9 ms of the processor, in its forty layers; here it
 * is 0.12 ms. The SDK does the rest: buckets, lists, uploads in parts.
 */
export type ObjectRequest = {
  method: 'GET' | 'HEAD' | 'PUT'
  key: string
  /** Lowercase names. */
  headers?: Readonly<Record<string, string>>
  /** What is put, and the SHA-256 of it in lowercase hex, which the signature covers. */
  body?: { bytes: Uint8Array; sha256: string }
}

/** Where and as whom; times in milliseconds. */
export type SenderSettings = {
  endpoint: string
  bucket: string
  accessKeyId: string
  secretAccessKey: string
  region: string
  ca?: string
  sockets: number
  timeouts: { connect: number; idle: number }
}

export type Sender = {
  /**
   * The answer, where it is a success; its body is the caller's to read or to let go of. Rejects with a `RefusedAnswer`, or
   * with what Node says of the connection.
   */
  send(request: ObjectRequest, signal: AbortSignal): Promise<IncomingMessage>
  close(): void
}

/** SHA-256 of nothing. */
const NO_BODY = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'
/** An error's text is short; what is longer is none. */
const MOST_ERROR_BYTES = 64 * 1024

export function openSender(settings: SenderSettings): Sender {
  const url = new URL(settings.endpoint)
  const secure = url.protocol === 'https:'
  const pooled = { keepAlive: true, maxSockets: settings.sockets }
  const agent = secure
    ? new https.Agent({ ...pooled, ...(settings.ca ? { ca: [...rootCertificates, settings.ca] } : {}) })
    : new http.Agent(pooled)
  const { request: open } = secure ? https : http
  const { accessKeyId, secretAccessKey } = settings
  const prefix = `${url.pathname.replace(/\/$/, '')}/${encodeURIComponent(settings.bucket)}/`
  /** How far the server's clock is ahead of ours; known once it refused a request for it. */
  let ahead = 0

  const keyOf = dayKeys(secretAccessKey, settings.region)
  const signed = ({ method, key, headers, body }: ObjectRequest) =>
    new Signer(
      {
        ...{ method, service: 's3', region: settings.region, host: url.host, path: prefix + key },
        headers: {
          ...headers,
          ...(body && { 'content-length': body.bytes.length }),
          'x-amz-content-sha256': body?.sha256 ?? NO_BODY,
          'x-amz-date': new Date(Date.now() + ahead).toISOString().replace(/[-:]|\.\d{3}/g, ''),
        },
      },
      { accessKeyId, secretAccessKey },
      keyOf,
    ).sign()

  const send = (request: ObjectRequest, signal: AbortSignal): Promise<IncomingMessage> =>
    new Promise((resolve, reject) => {
      const { method, path, headers } = signed(request)
      const { hostname, port } = url
      const host = hostname.replace(/^\[|\]$/g, '')
      const asked = open({ method, path, headers, host, port, agent, signal, timeout: settings.timeouts.idle })
      asked.on('error', reject)
      asked.on('timeout', () => asked.destroy(tooLate('no byte in time')))
      asked.on('socket', socket => {
        if (!socket.connecting) return
        const timer = setTimeout(() => asked.destroy(tooLate('no connection in time')), settings.timeouts.connect)
        const stands = () => clearTimeout(timer)
        socket.once(secure ? 'secureConnect' : 'connect', stands).once('close', stands)
      })
      asked.on('response', answer => {
        const { statusCode: status = 0 } = answer
        if (status >= 200 && status < 300) return resolve(answer)
        refusalOf(answer, status).then(refused => {
          const served = Date.parse(answer.headers.date ?? '')
          if (refused.isClock && !Number.isNaN(served)) ahead = served - Date.now()
          reject(refused)
        }, reject)
      })
      asked.end(request.body?.bytes)
    })
  return { send, close: () => agent.destroy() }
}

/** Of a day as the signature names it, 20261120. */
type DayKeys = (day: string) => KeyObject

/** The keys that a secret stands for: one for each day, region and service. */
function dayKeys(secret: string, region: string): DayKeys {
  let made: { day: string; key: KeyObject } | undefined
  return day => {
    if (made?.day !== day) {
      const words = [day, region, 's3', 'aws4_request']
      const bytes = words.reduce<Buffer>(
        (key, word) => createHmac('sha256', key).update(word).digest(),
        Buffer.from(`AWS4${secret}`),
      )
      made = { day, key: createSecretKey(bytes) }
    }
    return made.key
  }
}

/** Signs with the day’s key as Node keeps it: made of bytes for every request anew, it took as long as all the rest. */
class Signer extends aws4.RequestSigner {
  readonly #keyOf: DayKeys

  constructor(request: aws4.Request, credentials: aws4.Credentials, keyOf: DayKeys) {
    super(request, credentials)
    this.#keyOf = keyOf
  }

  override signature(): string {
    return createHmac('sha256', this.#keyOf(this.getDate())).update(this.stringToSign()).digest('hex')
  }
}

const tooLate = (message: string) => Object.assign(new Error(message), { code: 'ETIMEDOUT' })

async function refusalOf(answer: IncomingMessage, status: number): Promise<RefusedAnswer> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of answer) {
    size += chunk.length
    if (size > MOST_ERROR_BYTES) break
    chunks.push(chunk)
  }
  return new RefusedAnswer(status, headersOf(answer), Buffer.concat(chunks).toString())
}

/** Each header once, as text. */
export const headersOf = ({ headers }: IncomingMessage): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]))
