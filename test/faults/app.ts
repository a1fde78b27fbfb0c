import { tmpdir } from 'node:os'
import path from 'node:path'
import { createORPCClient, ORPCError } from '@orpc/client'
import { RPCLink } from '@orpc/client/message-port'
import type { ContractRouterClient } from '@orpc/contract'
import Database from 'better-sqlite3'
import { forkNodeBackend } from '../../electron/node-backend.ts'
import { createWire, type FedWire } from '../../electron/wire.ts'
import type { AppContract } from '../../shared/contract/index.ts'
import type { TeamStatus } from '../../shared/contract/sync.ts'
import { projectDir } from '../support/backend.ts'
import { temporaryFolder } from '../support/temporary.ts'
import type { World } from './world.ts'

/** One start of the app's backend: a real process, driven over its port as the browser host drives it. */
export type App = {
  api: ContractRouterClient<AppContract>
  pid: number
  dataDir: string
  /** Resolves with why when the process is gone. */
  gone: Promise<string>
  /** SIGKILL, and waits until it is gone. */
  kill(): Promise<void>
  stop(): Promise<void>
}

export const newDataDir = temporaryFolder

/** The backend's entry, run from source. Built, as it is shipped, it takes less memory, and no edit reaches it meanwhile. */
export const SOURCE = path.join(projectDir, 'electron', 'entry', 'child.ts')

export async function startApp(dataDir: string, env: Record<string, string> = {}, module = SOURCE): Promise<App> {
  const ready = Promise.withResolvers<void>()
  const gone = Promise.withResolvers<string>()
  const backend = forkNodeBackend(
    {
      module,
      args: [dataDir],
      node: process.execPath,
      env: { NODE_COMPILE_CACHE: path.join(tmpdir(), 'whetstone-faults-cache'), ...process.env, ...env },
      log: () => {},
      stopMs: 20_000,
    },
    { ready: ready.resolve, exit: gone.resolve },
  )
  await Promise.race([ready.promise, gone.promise.then(reason => Promise.reject(new Error(reason)))])
  const here: FedWire = createWire(
    data => there.receive(data),
    () => there.ended(),
  )
  const there: FedWire = createWire(
    data => here.receive(data),
    () => here.ended(),
  )
  backend.attach(there.wire)
  const api: ContractRouterClient<AppContract> = createORPCClient(new RPCLink({ port: here.wire }))
  return {
    api,
    pid: backend.pid ?? 0,
    dataDir,
    gone: gone.promise,
    kill: async () => {
      process.kill(backend.pid ?? 0, 'SIGKILL')
      await gone.promise
    },
    stop: async () => {
      await backend.stop()
      await gone.promise
    },
  }
}

/** Joins by an invite and starts syncing. */
export async function join(app: App, invite: string): Promise<void> {
  const steps = await app.api.sync.join({ invite })
  for (;;) {
    const next = await steps.next()
    if (!next.done) continue
    await app.api.sync.start({ tenantId: next.value.tenantId })
    return
  }
}

/** Why its library is not open, where it is not. */
export async function problemOf(app: App): Promise<string | undefined> {
  const { library } = await app.api.system.info()
  return library.state === 'problem' ? library.code : undefined
}

export async function statusOf(app: App, tenantId: string): Promise<TeamStatus> {
  const found = (await app.api.sync.status()).find(team => team.tenantId === tenantId)
  if (!found) throw new Error('that team is not here')
  return found
}

/** Waits until what the app says of itself is so; throws with what it said last where it takes longer than `ms`. */
export async function until(
  app: App,
  tenantId: string,
  what: string,
  is: (status: TeamStatus) => boolean,
  ms = 60_000,
): Promise<TeamStatus> {
  const end = performance.now() + ms
  for (;;) {
    const status = await statusOf(app, tenantId)
    if (is(status)) return status
    if (performance.now() > end) throw new Error(`${what}: not within ${ms / 1000} s; ${JSON.stringify(status)}`)
    await new Promise(resolve => setTimeout(resolve, 50))
  }
}

/** Asks for rounds until nothing is left to do, and everything that the registry had by then is here. */
export async function synced(app: App, world: World, ms = 60_000): Promise<TeamStatus> {
  const { tenantId } = world
  const [head] = await world.sql<{ n: string }>('SELECT n FROM whetstone.tenant_heads WHERE tenant_id = $1', [tenantId])
  const end = performance.now() + ms
  for (;;) {
    await app.api.sync.now({ tenantId })
    await new Promise(resolve => setTimeout(resolve, 50))
    try {
      const status = await until(app, tenantId, 'synced', isDone, 2_000)
      const { since, wanted } = progressOf(app.dataDir, tenantId)
      if (since >= Number(head?.n) && wanted === 0) return status
    } catch (error) {
      if (performance.now() > end) throw error
    }
    if (performance.now() > end)
      throw new Error(`synced: ${JSON.stringify(progressOf(app.dataDir, tenantId))} of ${head?.n}`)
  }
}

/** How far the registry was read and how much content is still to come, as the library itself says. */
export function progressOf(dataDir: string, tenantId: string): { since: number; wanted: number } {
  const db = new Database(path.join(dataDir, 'library.db'), { readonly: true })
  try {
    const row = db
      .prepare<[string], { since: number; wanted: number }>(
        `SELECT since, (SELECT count(*) FROM content_wanted w WHERE w.tenant_id = s.tenant_id) AS wanted
         FROM sync_states s WHERE tenant_id = ?`,
      )
      .get(tenantId)
    return row ?? { since: 0, wanted: 0 }
  } finally {
    db.close()
  }
}

const isDone = (status: TeamStatus): boolean =>
  status.state === 'synced' && status.waiting === 0 && status.contentElsewhere === 0 && status.progress === null

/** The page must be served whatever the network does: every answer while `work` goes on comes within `ms`. */
export async function whileAnswering<T>(
  app: App,
  tenantId: string,
  ms: number,
  work: Promise<T>,
): Promise<{ worst: number }> {
  let worst = 0
  let done = false
  const watching = (async () => {
    while (!done) {
      const began = performance.now()
      await app.api.skills.list({ tenantId })
      worst = Math.max(worst, performance.now() - began)
      await new Promise(resolve => setTimeout(resolve, 20))
    }
  })()
  try {
    await work
  } finally {
    done = true
    await watching
  }
  if (worst > ms) throw new Error(`the page waited ${worst.toFixed(0)} ms for an answer`)
  return { worst }
}

let texts = 0
/** Changes SKILL.md and saves it: what the author was told is saved. */
export async function save(app: App, skillId: string, message: string): Promise<{ id: string; contentHash: string }> {
  const { files } = await onceHere(() => app.api.workingCopies.get({ skillId }))
  const expected = files.find(file => file.path === 'SKILL.md')?.sha256 ?? null
  const text = `---\nname: s\ndescription: ${message}\n---\n${++texts} ${message} ${'words '.repeat(20)}\n`
  await onceHere(() =>
    app.api.workingCopies.write({ skillId, path: 'SKILL.md', content: { kind: 'text', text }, expected }),
  )
  const { id, contentHash } = await app.api.versions.save({ skillId, message })
  return { id, contentHash }
}

export const newSkill = async (app: App, tenantId: string, slug: string): Promise<string> =>
  (await app.api.skills.create({ tenantId, slug })).id

/** The newest version's rows come before its content: the app says so, and an author waits a moment. */
async function onceHere<T>(work: () => Promise<T>): Promise<T> {
  const end = performance.now() + 20_000
  for (;;) {
    try {
      return await work()
    } catch (error) {
      const elsewhere = error instanceof ORPCError && error.code === 'CONTENT_ELSEWHERE'
      if (!elsewhere || performance.now() > end) throw error
      await new Promise(resolve => setTimeout(resolve, 50))
    }
  }
}
