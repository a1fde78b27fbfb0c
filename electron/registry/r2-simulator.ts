import { AsyncLocalStorage } from 'node:async_hooks'
import { ChildProcess } from 'node:child_process'
import diagnostics from 'node:diagnostics_channel'
import { mkdirSync } from 'node:fs'
import { createServer } from 'node:net'
import { basename } from 'node:path'
import { guardAgainstOrphans } from './orphan-guard.ts'
import type { R2Settings } from './r2-client.ts'

/**
 * Cloudflare's own simulator of R2, with R2's S3 endpoint, on 127.0.0.1: for the demo registry and for tests. It runs in
 * a program of its own (workerd), which is ended with the process that started it, however that ends.
 *
 * It also serves each bucket without a key to whoever on this computer knows the bucket's name, so a name that should
 * keep others out is a long random one.
 */
export type R2Simulator = {
  endpoint: string
  port: number
  /** What a client of one of its buckets needs. */
  settingsOf(bucket: SimulatedBucket): R2Settings
  /** The programs that run for it now. */
  pids(): number[]
  /** Ends it; what it stored stays. Can be called twice. */
  stop(): Promise<void>
}
export type SimulatedBucket = { bucket: string; accessKeyId: string; secretAccessKey: string }

export type SimulatorOptions = {
  /** Kept between runs. */
  folder: string
  /** It cannot make buckets later; there is one key to each. */
  buckets: SimulatedBucket[]
  /** Preferred, so that an address from an earlier run goes on working; another one is taken where it is in use. */
  port?: number
}
export type SimulatorResult =
  | { kind: 'started'; simulator: R2Simulator }
  /** There is none for this platform, or it was not installed. */
  | { kind: 'unavailable'; reason: string }
  | { kind: 'failed'; reason: string }

const S3_PATH = '/cdn-cgi/local/r2/s3'
const ATTEMPTS = 5

export async function startR2Simulator(options: SimulatorOptions): Promise<SimulatorResult> {
  const loaded = await loadMiniflare()
  if ('reason' in loaded) return { kind: 'unavailable', reason: loaded.reason }
  mkdirSync(options.folder, { recursive: true, mode: 0o700 })
  for (let attempt = 1; ; attempt++) {
    const port = attempt === 1 && options.port !== undefined ? options.port : await freePort()
    const result = await startOn(loaded, options, port)
    // Another program may take the port between our looking and its listening.
    if (result.kind !== 'taken') return result
    if (attempt >= ATTEMPTS) return { kind: 'failed', reason: 'No free port was found for the R2 simulator.' }
  }
}

type MiniflareModule = Pick<typeof import('miniflare'), 'Miniflare' | 'convertV4MiniflareOptions'>

/** Loaded only when it is wanted: 6 MB of code. */
async function loadMiniflare(): Promise<MiniflareModule | { reason: string }> {
  try {
    return await import('miniflare')
  } catch (error) {
    const said = error instanceof Error ? error.message.split('\n')[0] : String(error)
    return { reason: `The R2 simulator is not installed for ${process.platform} on ${process.arch} (${said}).` }
  }
}

async function startOn(
  { Miniflare, convertV4MiniflareOptions }: MiniflareModule,
  { folder, buckets }: SimulatorOptions,
  port: number,
): Promise<SimulatorResult | { kind: 'taken' }> {
  const programs = new Programs()
  const options = convertV4MiniflareOptions({
    host: '127.0.0.1',
    port,
    cf: false,
    modules: true,
    compatibilityDate: '2026-07-01',
    script: 'export default { fetch() { return new Response("This is a bucket.", { status: 404 }) } }',
    resourcePersistencePath: folder,
    handleStructuredLogs: () => {},
    r2Buckets: Object.fromEntries(
      buckets.map(({ bucket, accessKeyId, secretAccessKey }, index) => [
        `BUCKET_${index}`,
        { id: bucket, s3Credentials: { accessKeyId, secretAccessKey } },
      ]),
    ),
  })
  const miniflare = programs.track(() => leavingSignals(() => new Miniflare(options)))
  try {
    const endpoint = new URL(S3_PATH, await miniflare.ready).href
    let stopping: Promise<void> | undefined
    const stop = () => {
      stopping ??= miniflare.dispose().then(() => programs.end())
      return stopping
    }
    const settingsOf = (bucket: SimulatedBucket) => ({ endpoint, ...bucket })
    return { kind: 'started', simulator: { endpoint, port, settingsOf, pids: () => programs.pids(), stop } }
  } catch (error) {
    await miniflare.dispose().catch(() => {})
    programs.end()
    if (error instanceof Error && 'code' in error && error.code === 'ERR_ADDRESS_IN_USE') return { kind: 'taken' }
    return { kind: 'failed', reason: `The R2 simulator did not start: ${reasonOf(error)}` }
  }
}

/**
 * Miniflare ends the whole process on a signal, before anything else could be ended in order. What it does at the
 * process's end stays; when that is, is not its to say.
 */
function leavingSignals<Result>(start: () => Result): Result {
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  const before = signals.map(signal => process.listeners(signal))
  const messages = process.listeners('message')
  const result = start()
  for (const [index, signal] of signals.entries())
    for (const listener of process.listeners(signal))
      if (!before[index]?.includes(listener)) process.removeListener(signal, listener)
  for (const listener of process.listeners('message'))
    if (!messages.includes(listener)) process.removeListener('message', listener)
  return result
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/**
 * The programs that Miniflare starts, now and when it replaces one that crashed. It does not name them, so they are heard
 * of through Node's own channel; by the asynchronous context it is known whose each is.
 */
class Programs {
  static readonly #owner = new AsyncLocalStorage<Programs>()
  static #listening = false
  readonly #children = new Map<ChildProcess, () => void>()

  track<Result>(start: () => Result): Result {
    if (!Programs.#listening) {
      diagnostics.subscribe('child_process', message => Programs.#heard(message))
      Programs.#listening = true
    }
    return Programs.#owner.run(this, start)
  }

  static #heard(message: unknown): void {
    const owner = Programs.#owner.getStore()
    if (owner === undefined || typeof message !== 'object' || message === null || !('process' in message)) return
    const child = message.process
    if (child instanceof ChildProcess) child.once('spawn', () => owner.#guard(child))
  }

  #guard(child: ChildProcess): void {
    const { pid } = child
    if (pid === undefined || !basename(child.spawnfile).startsWith('workerd')) return
    const release = guardAgainstOrphans(pid)
    this.#children.set(child, release)
    child.once('exit', () => {
      release()
      this.#children.delete(child)
    })
  }

  pids(): number[] {
    return [...this.#children.keys()].flatMap(child => child.pid ?? [])
  }

  /** What a failed start or a stop left over. */
  end(): void {
    for (const child of this.#children.keys()) child.kill('SIGKILL')
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })
}
