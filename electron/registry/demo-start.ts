import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { lockFile } from './demo-lock.ts'
import { type DemoState, makeDemoFolder, newDemoState, readDemoState, writeDemoState } from './demo-state.ts'
import { type EmbeddedPostgres, startEmbeddedPostgres } from './embedded-postgres.ts'
import { codeOf } from './folder-failures.ts'
import type { R2Settings } from './r2-client.ts'
import { type R2Simulator, startR2Simulator } from './r2-simulator.ts'

/**
 * A whole team registry on this computer, without an account: a real Postgres and R2's simulator, with what they keep,
 * their ports and their passwords in one folder.
 *
 *   demo.lock   held while it runs        demo.json   ports, the bucket's key, the invite (0600)
 *   postgres/   cluster and password      r2/         the bucket
 *
 * Both servers end with this process: in order by `stop`, and by a guard of their own where this process is killed.
 */
export type Demo = {
  invite: string
  /** The servers' programs. One that is gone means that the demo does not work any more. */
  pids(): number[]
  /** Ends both servers; what they keep stays. Can be called twice. */
  stop(): Promise<void>
}

export type DemoProgress = {
  step: 'database' | 'storage' | 'registry' | 'ready'
  /** For a person. */
  message: string
}

/** Superuser's connection to the database, and the key to the bucket. */
export type DemoServers = { databaseUrl: string; storage: R2Settings }

/** Makes the registry on two servers, where it is not there yet, and a member's invite. */
export type DemoProvision = (
  servers: DemoServers,
  /** `invite`: an earlier run's; it may have been used, or have expired. `moved`: it leads to other addresses. */
  earlier: { invite?: string; moved: boolean },
) => Promise<{ kind: 'ready'; invite: string } | { kind: 'failed'; message: string }>

export type DemoOptions = {
  /** The demo's own folder. */
  dataDir: string
  provision: DemoProvision
  onProgress?: (progress: DemoProgress) => void
  /** Ends the demo whenever it is aborted, also while it starts. */
  signal?: AbortSignal
  /** Does not wait for the disk: for tests only. */
  fast?: boolean
}

export type DemoResult =
  | { kind: 'started'; demo: Demo }
  /** Another process has it; the invite is the one to use. */
  | { kind: 'already-running'; message: string; pid?: number; invite?: string }
  /** A part of it cannot be had on this computer. */
  | { kind: 'unavailable'; message: string }
  | { kind: 'failed'; message: string }
  | { kind: 'cancelled'; message: string }

type Started = { database: EmbeddedPostgres; storage: R2Simulator }
type Problem = Exclude<DemoResult, { kind: 'started' }>

export async function startDemo(options: DemoOptions): Promise<DemoResult> {
  const { dataDir, signal } = options
  const claimed = claim(dataDir)
  if (claimed.kind !== 'claimed') return claimed
  const { state, unlock } = claimed
  const servers = await startServers(options, state)
  if ('kind' in servers) {
    unlock()
    return servers
  }
  let stopping: Promise<void> | undefined
  const stop = () => {
    stopping ??= stopServers(servers).then(unlock)
    return stopping
  }
  let invite: string | undefined
  try {
    const made = signal?.aborted ? CANCELLED : await makeInvite(options, state, servers)
    if (made.kind !== 'ready') return made
    if (signal?.aborted) return CANCELLED
    invite = made.invite
  } finally {
    if (invite === undefined) await stop()
  }
  signal?.addEventListener('abort', () => void stop(), { once: true })
  options.onProgress?.({ step: 'ready', message: 'The demo registry is running.' })
  const pids = () => [servers.database.pid, ...servers.storage.pids()]
  return { kind: 'started', demo: { invite, pids, stop } }
}

const CANCELLED: Problem = { kind: 'cancelled', message: 'The demo registry was stopped before it was ready.' }

/** Takes the folder for this process, or says who has it. */
function claim(dataDir: string): { kind: 'claimed'; state: DemoState; unlock: () => void } | Problem {
  let unlock: (() => void) | undefined
  try {
    makeDemoFolder(dataDir)
    unlock = lockFile(join(dataDir, 'demo.lock'))
    const state = readDemoState(dataDir)
    if (unlock === undefined) return alreadyRunning(state === 'unreadable' ? undefined : state)
    if (state === 'unreadable') {
      unlock()
      return { kind: 'failed', message: `The demo registry’s settings in ${dataDir} cannot be read. ${ANEW}` }
    }
    const own = { ...(state ?? newDemoState()), pid: process.pid }
    writeDemoState(dataDir, own)
    return { kind: 'claimed', state: own, unlock }
  } catch (error) {
    unlock?.()
    if (codeOf(error) === undefined) throw error
    return { kind: 'failed', message: `The demo registry’s folder ${dataDir} cannot be used (${codeOf(error)}).` }
  }
}

const ANEW = 'Nothing was changed; move that folder away to begin anew.'

function alreadyRunning(state: DemoState | undefined): Problem {
  const { pid, invite } = state ?? {}
  const process = pid === undefined ? '' : ` (process ${pid})`
  return { kind: 'already-running', message: `The demo registry is running already${process}.`, pid, invite }
}

/** Both at once; where one does not start, the other one is ended again. */
async function startServers({ dataDir, onProgress, fast }: DemoOptions, state: DemoState): Promise<Started | Problem> {
  const says = {
    copying: 'Copying the database server to where it may run…',
    creating: 'Creating the database…',
    starting: 'Starting the database…',
    ready: 'The database is ready.',
  }
  const [database, storage] = await Promise.all([
    startEmbeddedPostgres({
      folder: join(dataDir, 'postgres'),
      port: state.ports?.database,
      fast,
      progress: step => onProgress?.({ step: 'database', message: says[step] }),
    }),
    startStorage(dataDir, onProgress, state),
  ])
  if (database.kind === 'started' && storage.kind === 'started')
    return { database: database.server, storage: storage.simulator }
  if (database.kind === 'started') await database.server.stop()
  if (storage.kind === 'started') await storage.simulator.stop()
  if (database.kind === 'busy') return { kind: 'already-running', message: database.reason, pid: database.pid }
  if (database.kind !== 'started') return { kind: database.kind, message: database.reason }
  if (storage.kind !== 'started') return { kind: storage.kind, message: storage.reason }
  throw new Error('Both servers started and one did not.')
}

async function startStorage(dataDir: string, onProgress: DemoOptions['onProgress'], state: DemoState) {
  onProgress?.({ step: 'storage', message: 'Starting the storage…' })
  const folder = join(dataDir, 'r2')
  const started = await startR2Simulator({ folder, buckets: [state.bucket], port: state.ports?.storage })
  if (started.kind === 'started') onProgress?.({ step: 'storage', message: 'The storage is ready.' })
  return started
}

async function stopServers({ database, storage }: Started): Promise<void> {
  await Promise.all([database.stop(), storage.stop()])
}

/** The invite, kept for the next run; where the addresses changed, the earlier one is good for nothing. */
async function makeInvite(
  { dataDir, onProgress, provision }: DemoOptions,
  state: DemoState,
  { database, storage }: Started,
): ReturnType<DemoProvision> {
  const ports = { database: database.port, storage: storage.port }
  const moved = state.ports !== undefined && !isDeepStrictEqual(state.ports, ports)
  onProgress?.({ step: 'registry', message: 'Preparing the registry…' })
  const servers = { databaseUrl: database.url, storage: storage.settingsOf(state.bucket) }
  const made = await provision(servers, { invite: state.invite, moved })
  // The ports are kept either way: what is in the database may name them by now.
  writeDemoState(dataDir, { ...state, ports, ...(made.kind === 'ready' ? { invite: made.invite } : {}) })
  return made
}
