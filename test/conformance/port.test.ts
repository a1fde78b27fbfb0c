import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import fs from 'node:fs'
import path from 'node:path'
import { createORPCClient, isDefinedError, ORPCError, safe } from '@orpc/client'
import { RPCLink as PortLink } from '@orpc/client/message-port'
import { RPCLink as SocketLink } from '@orpc/client/websocket'
import type { ContractRouterClient } from '@orpc/contract'
import { RPCHandler } from '@orpc/server/bun-ws'
import { RPCHandler as PortHandler } from '@orpc/server/message-port'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { openHost } from '../../electron/browser/host.ts'
import { createSessions } from '../../electron/browser/session.ts'
import { forkNodeBackend } from '../../electron/node-backend.ts'
import { APP_LIMITS, createWireServer } from '../../electron/serve-wire.ts'
import { createWire, type FedWire } from '../../electron/wire.ts'
import type { AppContract } from '../../shared/contract/index.ts'
import { projectDir, temporaryFolder, testBackend } from '../support/backend.ts'

/**
 * What the page may rely on, whatever lies between it and the backend: one suite over memory, a WebSocket through the
 * browser host, and the pipe to a child process. Electron's own MessagePort is under the same page in the e2e tests.
 */
type Client = ContractRouterClient<AppContract>
type Connection = {
  api: Client
  /** Cuts it as a crash would, with calls in flight. */
  cut: () => void
  close: () => Promise<void>
}

async function overMemory(): Promise<Connection> {
  const test = await testBackend()
  const { port1, port2 } = new MessageChannel()
  new PortHandler(test.backend.router).upgrade(port1)
  const api: Client = createORPCClient(new PortLink({ port: port2 }))
  for (const port of [port1, port2]) port.start()
  return {
    api,
    cut: () => port1.close(),
    close: async () => {
      port1.close()
      await test[Symbol.asyncDispose]()
    },
  }
}

async function overSocket(): Promise<Connection> {
  const test = await testBackend()
  const serve = createWireServer(new RPCHandler(test.backend.router), { limits: APP_LIMITS, log: () => {} })
  const sessions = createSessions({ random: randomBytes, clock: () => performance.now() })
  const host = await openHost({
    port: 0,
    sessions,
    assets: undefined,
    random: randomBytes,
    ready: () => Promise.resolve(),
    attach: (_service, wire) => serve(wire, {}),
  })
  const address = `127.0.0.1:${host.port}`
  const headers = { origin: `http://${address}` }
  const socket = new WebSocket(`ws://${address}/rpc/app`, { headers })
  // As a browser hands bytes over.
  Object.assign(socket, { binaryType: 'blob' })
  await once(socket, 'open')
  socket.send(JSON.stringify({ secret: randomBytes(32).toString('base64url'), token: sessions.token() }))
  await once(socket, 'message')
  const api: Client = createORPCClient(new SocketLink({ websocket: socket }))
  return {
    api,
    cut: () => socket.terminate(),
    close: async () => {
      socket.terminate()
      await host.close()
      await test[Symbol.asyncDispose]()
    },
  }
}

async function overPipe(): Promise<Connection> {
  const dataDir = temporaryFolder()
  const ready = Promise.withResolvers<void>()
  const gone = Promise.withResolvers<string>()
  const backend = forkNodeBackend(
    {
      module: path.join(projectDir, 'electron', 'entry', 'child.ts'),
      args: [dataDir],
      node: process.execPath,
      env: process.env,
      log: () => {},
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
  const api: Client = createORPCClient(new PortLink({ port: here.wire }))
  return {
    api,
    cut: () => process.kill(backend.pid ?? 0, 'SIGKILL'),
    close: async () => {
      await backend.stop()
      await gone.promise
      fs.rmSync(dataDir, { recursive: true, force: true })
    },
  }
}

/** A folder of so many skills, which takes an import a while. */
function writeSkills(folder: string, prefix: string, count: number): string {
  for (let number = 0; number < count; number++) {
    const skill = path.join(folder, `${prefix}-${number}`)
    fs.mkdirSync(skill, { recursive: true })
    const text = `---\nname: ${prefix}-${number}\ndescription: Number ${number}.\n---\n\n# ${number}\n`
    fs.writeFileSync(path.join(skill, 'SKILL.md'), text)
  }
  return folder
}

const MANY = 1_000

describe.each([
  ['memory', overMemory],
  ['a WebSocket', overSocket],
  ['the pipe to a child process', overPipe],
] as const)('the contract over %s', (_name, open) => {
  const folder = temporaryFolder()
  let connection: Connection
  let api: Client
  let tenantId = ''
  let many = ''

  beforeAll(async () => {
    connection = await open()
    api = connection.api
    tenantId = (await api.spaces.list())[0]?.tenantId ?? ''
    many = writeSkills(path.join(folder, 'many'), 'many', MANY)
  })
  afterAll(async () => {
    await connection.close()
    fs.rmSync(folder, { recursive: true, force: true })
  })

  const countSkills = async () => (await api.skills.list({ tenantId, limit: 1 })).total
  const importFolder = async (prefix: string, count: number) => {
    const source = writeSkills(path.join(folder, prefix), prefix, count)
    for await (const _ of await api.imports.run({ tenantId, source: { kind: 'folder', path: source } }));
  }

  test('answers', async () => {
    const { app, library } = await api.system.info()
    expect(app).not.toBe('')
    expect(library).toEqual({ state: 'ready' })
  })

  test('an expected failure arrives as its code and data', async () => {
    const { error } = await safe(api.skills.get({ id: 'nobody' }))
    expect(isDefinedError(error) && error.code).toBe('NOT_FOUND')
    expect(error).toMatchObject({ data: { id: 'nobody' } })
  })

  test('an input outside the contract is refused', async () => {
    const { error } = await safe(api.skills.list({ tenantId, limit: 100_000 }))
    expect(error).toBeInstanceOf(ORPCError)
    expect(error).toMatchObject({ code: 'BAD_REQUEST' })
    const untyped: Promise<unknown> = Reflect.apply(api.skills.get, undefined, [{ id: 7 }])
    await expect(untyped).rejects.toMatchObject({ code: 'BAD_REQUEST' })
  })

  test('many calls at once each get their own answer', async () => {
    const ids = Array.from({ length: 500 }, (_, number) => `none-${number}`)
    const errors = await Promise.all(ids.map(async id => (await safe(api.skills.get({ id }))).error))
    expect(errors.map(error => (isDefinedError(error) && error.code === 'NOT_FOUND' ? error.data.id : error))).toEqual(
      ids,
    )
  })

  test('a large file goes in and comes out', async () => {
    const { id } = await api.skills.create({ tenantId, slug: 'large' })
    const bytes = randomBytes(3_000_000)
    const { sha256 } = await api.workingCopies.write({
      skillId: id,
      path: 'assets/large.bin',
      content: { kind: 'base64', base64: bytes.toString('base64') },
      expected: null,
    })
    const page = await api.files.bytes({ of: { kind: 'working', skillId: id }, path: 'assets/large.bin' })
    expect(Buffer.from(page.base64, 'base64').equals(bytes)).toBe(true)
    expect(sha256).toMatch(/^[0-9a-f]{64}$/)
  })

  test('changes are told as they happen', async () => {
    const changes = await api.system.changes()
    const { id } = await api.skills.create({ tenantId, slug: 'told' })
    for await (const { nouns, skillIds } of changes) {
      if (!skillIds.includes(id)) continue
      expect(nouns).toContain('skills')
      break
    }
  })

  test('progress streams, and its last word is the report', async () => {
    const source = writeSkills(path.join(folder, 'few'), 'few', 20)
    const run = await api.imports.run({ tenantId, source: { kind: 'folder', path: source } })
    const phases = new Set<string>()
    let next = await run.next()
    for (; !next.done; next = await run.next()) phases.add(next.value.phase)
    expect(phases.size).toBeGreaterThan(0)
    expect(next.value).toMatchObject({ skillsAdded: 20, cancelled: false })
  })

  test('a cancelled call stops the work behind it', async () => {
    const before = await countSkills()
    const stop = new AbortController()
    const source = { kind: 'folder', path: many } as const
    const run = await api.imports.run({ tenantId, source }, { signal: stop.signal })
    await run.next()
    stop.abort()
    await expect(async () => {
      for await (const _ of run);
    }).rejects.toThrow()
    // Another import and then another: what comes between them would be the stopped one's.
    await importFolder('barrier', 3)
    const stopped = await countSkills()
    await importFolder('after', 3)
    expect(await countSkills()).toBe(stopped + 3)
    expect(stopped).toBeLessThan(before + MANY)
  })

  test('leaving a stream stops it too', async () => {
    const before = await countSkills()
    for await (const _ of await api.imports.run({ tenantId, source: { kind: 'folder', path: many } })) break
    await importFolder('left', 3)
    const stopped = await countSkills()
    await importFolder('later', 3)
    expect(await countSkills()).toBe(stopped + 3)
    expect(stopped).toBeLessThan(before + MANY)
  })

  test('a connection that is cut rejects what is in flight', async () => {
    const changes = await api.system.changes()
    const run = await api.imports.run({ tenantId, source: { kind: 'folder', path: many } })
    await run.next()
    const inFlight = [drain(changes), drain(run), ...Array.from({ length: 20 }, () => api.skills.list({ tenantId }))]
    connection.cut()
    const outcomes = await Promise.allSettled(inFlight)
    expect(outcomes.slice(0, 2).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    // An answer may have been on its way; nothing is left hanging.
    expect(outcomes).toHaveLength(22)
  })
})

async function drain(run: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of run);
}
