import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import fs from 'node:fs'
import net from 'node:net'
import path from 'node:path'
import { createInterface } from 'node:readline'
import pg from 'pg'
import { v7 } from 'uuid'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { sha256 } from '../../electron/registry/blobs.ts'
import { provisionDemo } from '../../electron/registry/demo-provision.ts'
import { type Demo, type DemoProvision, type DemoServers, startDemo } from '../../electron/registry/demo-start.ts'
import { decodeInvite, type Invite } from '../../electron/registry/invite.ts'
import { readMigrations } from '../../electron/registry/migrate.ts'
import { openBlobs } from '../../electron/registry/open-blobs.ts'
import { findPostgres } from '../../electron/registry/postgres-binaries.ts'
import { portOf } from '../support/http-faults.ts'
import { r2Store } from '../support/r2.ts'
import { temporaryFolder } from '../support/temporary.ts'

const found = findPostgres()
const skipped = found.kind === 'missing' ? ` (skipped: ${found.reason})` : ''

let outer: string
let dataDir: string
beforeEach(() => {
  outer = temporaryFolder()
  dataDir = path.join(outer, 'demo-registry')
})
afterEach(() => fs.rmSync(outer, { recursive: true, force: true }))

/** Notes what it was given, and answers with the addresses as an invite. */
function provisionNoting() {
  const given: { servers: DemoServers; earlier: { invite?: string; moved: boolean } }[] = []
  const provision: DemoProvision = async (servers, earlier) => {
    given.push({ servers, earlier })
    return { kind: 'ready', invite: `${servers.databaseUrl} ${servers.storage.endpoint}` }
  }
  return { given, provision }
}

async function start(provision: DemoProvision): Promise<Demo> {
  const started = await startDemo({ fast: true, dataDir, provision })
  if (started.kind !== 'started') throw new Error(started.message)
  return started.demo
}

function read(text: string): Invite {
  const decoded = decodeInvite(text)
  if (decoded.kind !== 'invite') throw new Error(decoded.reason)
  return decoded.invite
}

async function ask(url: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query({ text: sql, rowMode: 'array' })).rows.flat()
  } finally {
    await client.end()
  }
}

/** Ended; one that nobody has buried yet (a zombie) is. */
function isGone(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return process.platform === 'linux' && / Z /.test(fs.readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return true
  }
}
const untilGone = (pids: number[]) =>
  vi.waitFor(() => expect(pids.filter(pid => !isGone(pid))).toEqual([]), { timeout: 30_000, interval: 20 })

/** The verb in a process of its own; below a shell; or below a shell below another program, as npm runs it. */
async function runVerb(
  starter: 'us' | 'a shell' | 'npm' = 'us',
): Promise<{ child: ChildProcess; lines: string[]; invite: string; node: number }> {
  const file = JSON.stringify(path.join(import.meta.dirname, '../../electron/registry/demo.ts'))
  const script = `
    const { runDemo } = await import(${file})
    const provision = async ({ databaseUrl, storage }) => ({ kind: 'ready', invite: databaseUrl + ' ' + storage.endpoint })
    process.exitCode = await runDemo({
      dataDir: ${JSON.stringify(dataDir)}, provision, fast: true,
      print: line => console.log('invite', process.pid, line), remark: line => console.log('remark', line),
    })`
  const program = path.join(outer, 'demo.mjs')
  fs.writeFileSync(program, script)
  // 'wait' keeps a shell from putting the program in its own place.
  const shell = '"$0" "$@" & wait'
  const commands = {
    us: [process.execPath, program],
    'a shell': ['/bin/sh', '-c', shell, process.execPath, program],
    npm: ['/bin/sh', '-c', shell, '/bin/sh', '-c', shell, process.execPath, program],
  }
  const [command = '', ...args] = commands[starter]
  const env = { ...process.env, npm_lifecycle_event: starter === 'npm' ? 'registry' : undefined }
  const child = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'inherit'] })
  const lines: string[] = []
  const invite = await new Promise<string>((resolve, reject) => {
    createInterface(child.stdout)
      .on('line', line => {
        lines.push(line)
        if (line.startsWith('invite ')) resolve(line)
      })
      .once('close', () => reject(new Error(`It ended without an invite:\n${lines.join('\n')}`)))
  })
  const [, pid = '', ...rest] = invite.split(' ')
  return { child, lines, invite: rest.join(' '), node: Number(pid) }
}

/** The programs below a process: children of children too. Linux tells; elsewhere there is nothing to look at. */
function below(pid: number): number[] {
  const parents = fs.readdirSync('/proc').flatMap(name => {
    if (!/^\d+$/.test(name)) return []
    try {
      // After the name, which may hold anything, come the state and the parent.
      const [, parent] = fs
        .readFileSync(`/proc/${name}/stat`, 'utf8')
        .replace(/^.*\) /s, '')
        .split(' ')
      return [[Number(name), Number(parent)] as const]
    } catch {
      return []
    }
  })
  const children = parents.filter(([, parent]) => parent === pid).map(([child]) => child)
  return children.flatMap(child => [child, ...below(child)])
}

describe.skipIf(found.kind === 'missing')(`the demo registry${skipped}`, () => {
  test('keeps its data, addresses and keys between runs, in a folder closed to others', async () => {
    const { given, provision } = provisionNoting()
    const steps = new Set<string>()
    const first = await startDemo({ fast: true, dataDir, provision, onProgress: ({ step }) => steps.add(step) })
    if (first.kind !== 'started' || given[0] === undefined) throw new Error('It did not start.')
    expect([...steps]).toEqual(expect.arrayContaining(['database', 'storage', 'registry', 'ready']))
    const { servers } = given[0]
    await ask(servers.databaseUrl, 'CREATE TABLE kept AS SELECT 42 AS n')
    const bytes = Buffer.from('kept')
    const store = r2Store(servers.storage)
    expect(await store.put(sha256(bytes), bytes)).toEqual({ kind: 'stored' })
    store.close()
    expect(fs.statSync(dataDir).mode & 0o777).toBe(0o700)
    expect(fs.statSync(path.join(dataDir, 'demo.json')).mode & 0o777).toBe(0o600)
    const pids = first.demo.pids()
    expect(pids.length).toBeGreaterThanOrEqual(2)
    await first.demo.stop()
    await first.demo.stop()
    expect(pids.every(isGone)).toBe(true)

    const second = await start(provision)
    expect(given[0].earlier).toEqual({ invite: undefined, moved: false })
    expect(given[1]).toEqual({ servers, earlier: { invite: first.demo.invite, moved: false } })
    expect(await ask(servers.databaseUrl, 'SELECT n FROM kept')).toEqual([42])
    const again = r2Store(servers.storage)
    expect(await again.get(sha256(bytes))).toMatchObject({ kind: 'found' })
    again.close()
    // Where a port is taken meanwhile another one is used, and the invite to the old one is not offered.
    await second.stop()
    const squatter = net.createServer().listen(Number(new URL(servers.storage.endpoint).port), '127.0.0.1')
    await once(squatter, 'listening')
    const third = await start(provision)
    expect(given[2]?.servers.databaseUrl).toBe(servers.databaseUrl)
    expect(given[2]?.servers.storage.endpoint).not.toBe(servers.storage.endpoint)
    expect(given[2]?.servers.storage).toMatchObject({ bucket: servers.storage.bucket })
    expect(given[2]?.earlier.moved).toBe(true)
    expect(portOf(squatter.address())).toBe(Number(new URL(servers.storage.endpoint).port))
    await third.stop()
    squatter.close()
  })

  test('two of them share no port, password, key or bucket, and neither lets the other’s in', async () => {
    const { given, provision } = provisionNoting()
    const demos = [await start(provision)]
    const elsewhere = await startDemo({ fast: true, dataDir: path.join(outer, 'another'), provision })
    if (elsewhere.kind !== 'started') throw new Error(elsewhere.message)
    demos.push(elsewhere.demo)
    const secrets = given.map(({ servers: { databaseUrl, storage } }) => {
      const { port, password } = new URL(databaseUrl)
      const { bucket, accessKeyId, secretAccessKey, endpoint } = storage
      return [port, password, bucket, accessKeyId, secretAccessKey, new URL(endpoint).port]
    })
    const [one = [], other = []] = secrets
    expect(one.filter(secret => other.includes(secret))).toEqual([])
    for (const secret of [one[1], one[2], one[4]]) expect(secret?.length).toBeGreaterThanOrEqual(32)
    const [first, second] = given.map(({ servers }) => servers)
    if (!first || !second) throw new Error('Two were started.')
    const swapped = Object.assign(new URL(first.databaseUrl), { password: new URL(second.databaseUrl).password })
    await expect(ask(swapped.href, 'SELECT 1')).rejects.toMatchObject({ code: '28P01' })
    const stranger = r2Store({ ...second.storage, endpoint: first.storage.endpoint, bucket: first.storage.bucket })
    expect(await stranger.list()).toMatchObject({ kind: 'denied' })
    stranger.close()
    for (const demo of demos) await demo.stop()
  })

  test('has a team, and an invite to it that can be used', async () => {
    const migrations = readMigrations(path.join(import.meta.dirname, '../../migrations/postgres'))
    const provision = provisionDemo({ migrations, clock: Date.now, newId: v7 })
    const first = await start(provision)
    const invite = read(first.invite)
    expect(invite).toMatchObject({ tenant: { name: 'Demo team' }, user: { name: 'You' }, role: 'admin' })
    if (invite.storage === null) throw new Error('The invite names no storage.')
    const opened = await openBlobs(invite.storage)
    if (opened.kind !== 'open') throw new Error(opened.message)
    const bytes = Buffer.from('from a member')
    expect(await opened.store.put(sha256(bytes), bytes)).toEqual({ kind: 'stored' })
    opened.store.close()
    expect(await ask(invite.database, 'SELECT name FROM whetstone.tenants')).toEqual(['Demo team'])
    await first.stop()
    // Nobody took it, so it is still the one.
    const second = await start(provision)
    expect(second.invite).toBe(first.invite)
    expect(await ask(invite.database, 'SELECT whetstone.accept_invite()')).toEqual([true])
    await second.stop()
    // It was taken: the next one is for somebody else, in the same team.
    const third = await start(provision)
    const another = read(third.invite)
    expect(another).toMatchObject({ tenant: invite.tenant, user: { name: 'Member 2' }, role: 'author' })
    expect(await ask(invite.database, 'SELECT name FROM whetstone.tenants')).toEqual(['Demo team'])
    await third.stop()
    // The servers had to move: whoever was first is invited anew, for their app knows the old address.
    const squatter = net.createServer().listen(Number(new URL(invite.database).port), '127.0.0.1')
    await once(squatter, 'listening')
    const fourth = await start(provision)
    const moved = read(fourth.invite)
    expect(moved.user).toEqual(invite.user)
    expect(new URL(moved.database).port).not.toBe(new URL(invite.database).port)
    expect(await ask(moved.database, 'SELECT whetstone.accept_invite()')).toEqual([true])
    await fourth.stop()
    squatter.close()
  })

  test('with settings that cannot be read changes nothing', async () => {
    const { provision } = provisionNoting()
    fs.mkdirSync(dataDir)
    fs.writeFileSync(path.join(dataDir, 'demo.json'), '{"format":1')
    const refused = await startDemo({ fast: true, dataDir, provision })
    expect(refused).toMatchObject({ kind: 'failed', message: expect.stringContaining('Nothing was changed') })
    expect(fs.readFileSync(path.join(dataDir, 'demo.json'), 'utf8')).toBe('{"format":1')
    fs.rmSync(dataDir, { recursive: true })
    fs.writeFileSync(dataDir, 'a file in its place')
    expect(await startDemo({ fast: true, dataDir, provision })).toMatchObject({ kind: 'failed' })
  })

  describe('one after the other in one folder', () => {
    let shared: string
    beforeAll(() => {
      shared = temporaryFolder()
    })
    beforeEach(() => {
      dataDir = path.join(shared, 'demo-registry')
    })
    afterAll(() => fs.rmSync(shared, { recursive: true, force: true }))

    test('is not started twice, and the first goes on', async () => {
      const { given, provision } = provisionNoting()
      const demo = await start(provision)
      const again = await startDemo({ fast: true, dataDir, provision })
      expect(again).toMatchObject({ kind: 'already-running', pid: process.pid, invite: demo.invite })
      expect(await ask(given[0]?.servers.databaseUrl ?? '', 'SELECT 1')).toEqual([1])
      expect(demo.pids().some(isGone)).toBe(false)
      await demo.stop()
    })

    test('called off while it starts, or refused its registry, leaves nothing running', async () => {
      const stop = new AbortController()
      const { provision } = provisionNoting()
      const onProgress = () => stop.abort()
      expect(await startDemo({ fast: true, dataDir, provision, onProgress, signal: stop.signal })).toMatchObject({
        kind: 'cancelled',
      })
      const refused: DemoProvision = async () => ({ kind: 'failed', message: 'No.' })
      expect(await startDemo({ fast: true, dataDir, provision: refused })).toEqual({ kind: 'failed', message: 'No.' })
      if (process.platform === 'linux') await untilGone(below(process.pid))
    })

    test('as a program ends in order on Ctrl-C, SIGTERM and SIGHUP', async () => {
      for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
        const { child, lines, node } = await runVerb()
        const programs = process.platform === 'linux' ? below(node) : []
        if (process.platform === 'linux') expect(programs.length).toBeGreaterThan(3)
        const exit = once(child, 'exit')
        child.kill(signal)
        expect(await exit).toEqual([0, null])
        expect(lines.at(-1)).toBe('remark The demo registry has stopped. What was stored is kept.')
        await untilGone(programs)
        expect(fs.existsSync(path.join(dataDir, 'postgres', 'pgdata', 'postmaster.pid'))).toBe(false)
      }
    })

    test.each(['a shell', 'npm'] as const)('ends in order when %s that started it is killed', async starter => {
      const { child, lines, node } = await runVerb(starter)
      const programs = process.platform === 'linux' ? below(node) : []
      child.kill('SIGKILL')
      await once(child, 'close')
      expect(lines.at(-1)).toBe('remark The demo registry has stopped. What was stored is kept.')
      await untilGone([node, ...programs])
    })

    test('killed outright leaves nothing running, and starts again where it was', async () => {
      const { child, invite, node } = await runVerb()
      const [databaseUrl = ''] = invite.split(' ')
      const programs = process.platform === 'linux' ? below(node) : []
      await ask(databaseUrl, 'CREATE TABLE kept AS SELECT 42 AS n')
      child.kill('SIGKILL')
      await once(child, 'exit')
      await untilGone(programs)
      const demo = await start(provisionNoting().provision)
      expect(demo.invite).toBe(invite)
      expect(await ask(databaseUrl, 'SELECT n FROM kept')).toEqual([42])
      await demo.stop()
    })

    test('says so when one of its servers ends by itself', async () => {
      const { child, lines } = await runVerb()
      const postmaster = fs.readFileSync(path.join(dataDir, 'postgres', 'pgdata', 'postmaster.pid'), 'utf8')
      const exit = once(child, 'exit')
      process.kill(Number.parseInt(postmaster, 10), 'SIGQUIT')
      expect(await exit).toEqual([2, null])
      expect(lines.join('\n')).toContain('ended unexpectedly')
    })
  })
})
