import { tmpdir } from 'node:os'
import path from 'node:path'
import { createORPCClient } from '@orpc/client'
import { RPCLink } from '@orpc/client/message-port'
import type { ContractRouterClient } from '@orpc/contract'
import { forkNodeBackend } from '../../electron/node-backend.ts'
import { createWire, type FedWire } from '../../electron/wire.ts'
import type { AppContract } from '../../shared/contract/index.ts'
import type { TeamStatus } from '../../shared/contract/sync.ts'
import { projectDir } from '../support/backend.ts'
import { temporaryFolder } from '../support/temporary.ts'

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

export async function startApp(dataDir: string, env: Record<string, string> = {}): Promise<App> {
  const ready = Promise.withResolvers<void>()
  const gone = Promise.withResolvers<string>()
  const backend = forkNodeBackend(
    {
      module: path.join(projectDir, 'electron', 'entry', 'child.ts'),
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

/** Asks for a round now, and waits for one that left nothing to do. */
export async function synced(app: App, tenantId: string, ms = 60_000): Promise<TeamStatus> {
  const end = performance.now() + ms
  for (;;) {
    await app.api.sync.now({ tenantId })
    await new Promise(resolve => setTimeout(resolve, 100))
    const left = end - performance.now()
    try {
      return await until(app, tenantId, 'synced', isDone, Math.max(200, Math.min(left, 3_000)))
    } catch (error) {
      if (performance.now() > end) throw error
    }
  }
}

const isDone = (status: TeamStatus): boolean =>
  status.state === 'synced' && status.waiting === 0 && status.contentElsewhere === 0 && status.progress === null

let texts = 0
/** Changes SKILL.md and saves it: what the author was told is saved. */
export async function save(app: App, skillId: string, message: string): Promise<{ id: string; contentHash: string }> {
  const { files } = await app.api.workingCopies.get({ skillId })
  const expected = files.find(file => file.path === 'SKILL.md')?.sha256 ?? null
  const text = `---\nname: s\ndescription: ${message}\n---\n${++texts} ${message} ${'words '.repeat(20)}\n`
  await app.api.workingCopies.write({ skillId, path: 'SKILL.md', content: { kind: 'text', text }, expected })
  const { id, contentHash } = await app.api.versions.save({ skillId, message })
  return { id, contentHash }
}

export const newSkill = async (app: App, tenantId: string, slug: string): Promise<string> =>
  (await app.api.skills.create({ tenantId, slug })).id
