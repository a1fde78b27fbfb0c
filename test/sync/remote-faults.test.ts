import fs from 'node:fs'
import net from 'node:net'
import path from 'node:path'
import { inspect } from 'node:util'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { initFolderBlobs } from '../../electron/registry/folder-mark.ts'
import { openRemote, type RemoteOptions } from '../../electron/registry/remote.ts'
import type { Remote, VersionToPush } from '../../electron/sync/remote.ts'
import { newSkill, newVersion } from '../registry/registry.ts'
import { noPostgres } from '../support/postgres.ts'
import { type TcpProxy, tcpProxy } from '../support/tcp-proxy.ts'
import { temporaryFolder } from '../support/temporary.ts'
import { type RealTeam, realTeam } from './real-team.ts'

/** Bounds so short that a test need not wait for the real ones. */
const SHORT: RemoteOptions = { callMs: 700, connectMs: 400, silentMs: 200 }

describe.skipIf(noPostgres !== undefined)(`a remote over a bad line${noPostgres ? `: ${noPostgres}` : ''}`, () => {
  let team: RealTeam
  let proxy: TcpProxy
  beforeAll(async () => {
    team = await realTeam()
  })
  afterAll(() => team?.[Symbol.asyncDispose]())
  beforeEach(async () => {
    proxy = await tcpProxy(team.registry.postgres.server.port)
  })
  afterEach(() => proxy[Symbol.asyncDispose]())

  const through = (options?: RemoteOptions): Remote => team.through(team.registry.a.author, proxy.port, options)
  const freshSkill = async () => {
    const skill = newSkill()
    expect(await team.author.remote.pushSkills([skill])).toMatchObject({ rows: [{ state: 'inserted' }] })
    return skill
  }
  const chain = (skillId: string, count: number): VersionToPush[] => {
    const made = Array.from({ length: count }, () => newVersion(skillId, { message: 'Say less. '.repeat(20) }))
    made.forEach((version, n) => {
      version.parent_version_id = made[n - 1]?.id ?? null
    })
    return made
  }

  /** Pushes over a line that is cut after so many bytes, then again over a sound one. */
  async function pushCut(remote: Remote, direction: 'up' | 'down', at: number) {
    const rows = chain((await freshSkill()).id, 3)
    // A fresh connection, so that the bytes are those of the call, and each time the same.
    proxy.cutAll()
    expect(await settled(() => remote.hello())).toMatchObject({ kind: 'hello' })
    const cut = proxy.cutAfter(direction, at)
    const first = await remote.pushVersions(rows)
    expect(cut.happened).toBe(true)
    // The reset may reach us only now, after a whole answer.
    const again = await settled(() => remote.pushVersions(rows))
    if (again.kind !== 'answered') throw new Error(JSON.stringify(again))
    const states = new Set(again.rows.map(row => row.state))
    expect(states.size).toBe(1)
    expect(again.rows).toMatchObject(
      rows.map((row, n) => ({ id: row.id, version: n + 1, content_hash: row.content_hash })),
    )
    return { first: first.kind, again: [...states][0] }
  }

  /** About `count` offsets from 0 to `total`, the first and the last among them. */
  const offsets = (total: number, count: number) =>
    Array.from({ length: count }, (_, n) => Math.round((total * n) / (count - 1)))

  async function bytesOfPush() {
    const remote = through()
    const rows = chain((await freshSkill()).id, 3)
    await remote.hello()
    proxy.count()
    await remote.pushVersions(rows)
    const { up, down } = proxy.count()
    await remote.close()
    return { up, down }
  }

  test('cut at any byte of what is sent, a page is in whole or not at all, and once when it is sent again', async () => {
    const { up } = await bytesOfPush()
    const remote = through()
    const seen = new Map<string, number>()
    for (const at of offsets(up, 25)) {
      const { first, again = '' } = await pushCut(remote, 'up', at)
      expect(first).toBe('retry')
      // Not whole on its way there, it cannot have happened.
      if (at < up) expect(again).toBe('inserted')
      seen.set(again, (seen.get(again) ?? 0) + 1)
    }
    expect(seen.get('inserted')).toBeGreaterThan(20)
    await remote.close()
  })

  test('cut at any byte of the answer, it has happened, and is told as identical', async () => {
    const { down } = await bytesOfPush()
    const remote = through()
    const kinds = new Set<string>()
    for (const at of offsets(down, 25)) {
      const { first, again } = await pushCut(remote, 'down', at)
      kinds.add(first)
      // Cut where nothing of the answer was let through, the transaction may have been undone by the reset.
      if (at > 0) expect(again).toBe('identical')
    }
    expect(kinds).toContain('retry')
    await remote.close()
  })

  test('cut while it connects, a call ends as `retry`, whatever had been said', async () => {
    const remote = through()
    for (const direction of ['up', 'down'] as const)
      for (const at of offsets(300, 12)) {
        const cut = proxy.cutAfter(direction, at)
        const said = await remote.hello()
        if (cut.happened) expect(said).toMatchObject({ kind: expect.stringMatching(/^(retry|hello)$/) })
        proxy.cutAll()
        proxy.cutAfter(direction, Number.MAX_SAFE_INTEGER)
        expect(await settled(() => remote.hello())).toMatchObject({ kind: 'hello' })
        proxy.cutAll()
      }
    await remote.close()
  })

  test('in a black hole every call ends, those that wait for a connection too; after it the next one works', async () => {
    const { id } = await freshSkill()
    const remote = through(SHORT)
    expect(await remote.hello()).toMatchObject({ kind: 'hello' })
    proxy.blackHole(true)
    const calls = [
      remote.hello(),
      remote.pull({ since: 0, mark: null }, 10),
      remote.pushVersions(chain(id, 2)),
      remote.pushSkills([newSkill()]),
      remote.publish({ skillId: id, versionId: null, expected: null, content: null }),
      remote.removeRows('ratings', [id]),
    ]
    for (const answer of await Promise.all(calls)) expect(answer).toMatchObject({ kind: 'retry' })
    proxy.blackHole(false)
    proxy.cutAll()
    expect(await remote.hello()).toMatchObject({ kind: 'hello' })
    await remote.close()
  })

  test('an answer that comes too late is not taken for the next call’s', async () => {
    const rows = chain((await freshSkill()).id, 2)
    const remote = through(SHORT)
    await remote.hello()
    proxy.stall('down', true)
    expect(await remote.pushVersions(rows)).toMatchObject({ kind: 'retry', code: 'ETIMEDOUT' })
    proxy.stall('down', false)
    expect(await remote.hello()).toMatchObject({ kind: 'hello', hello: { user_id: team.author.userId } })
    expect(await remote.pushVersions(rows)).toMatchObject({ rows: [{ state: 'identical' }, { state: 'identical' }] })
    await remote.close()
  })

  test('a slow line changes no answer, and calls go side by side over at most three connections', async () => {
    proxy.delay(40)
    const remote = through()
    const { id } = await freshSkill()
    const pages = Array.from({ length: 8 }, () => [newVersion(id)])
    const answers = await Promise.all(pages.map(page => remote.pushVersions(page)))
    const numbers = answers.flatMap(answer =>
      answer.kind === 'answered' ? answer.rows.map(row => (row.state === 'inserted' ? row.version : 0)) : [],
    )
    expect(numbers.sort((x, y) => x - y)).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
    expect(proxy.connections.length).toBe(3)
    await remote.close()
  })

  test('a connection that died unnoticed while it lay idle is replaced within the call', async () => {
    const remote = through({ ...SHORT, callMs: 5_000, staleMs: 0 })
    expect(await remote.hello()).toMatchObject({ kind: 'hello' })
    for (const connection of proxy.connections) connection.silence()
    expect(await remote.hello()).toMatchObject({ kind: 'hello' })
    const rows = chain((await freshSkill()).id, 2)
    for (const connection of proxy.connections) connection.silence()
    expect(await remote.pushVersions(rows)).toMatchObject({ rows: [{ state: 'inserted' }, { state: 'inserted' }] })
    expect(proxy.connections.length).toBe(3)
    await remote.close()
  })

  test('a pull with nothing new is one round trip, also over a connection that lay idle', async () => {
    for (const staleMs of [0, 20_000]) {
      const remote = through({ staleMs })
      let cursor: { since: number; mark: string | null } = { since: 0, mark: null }
      for (;;) {
        const page = await remote.pull(cursor, 1_000)
        if (page.kind !== 'page') throw new Error(JSON.stringify(page))
        cursor = page.next
        if (cursor.since >= page.head) break
      }
      proxy.count()
      expect(await remote.pull(cursor, 1_000)).toMatchObject({ kind: 'page', changes: [] })
      expect(proxy.count()).toMatchObject({ connections: 0, roundTrips: 1 })
      await remote.close()
    }
  })

  test('connections that lie idle are closed', async () => {
    const remote = through({ idleMs: 30 })
    await remote.hello()
    while (proxy.connections.some(connection => connection.open)) await new Promise(resolve => setImmediate(resolve))
    expect(await remote.hello()).toMatchObject({ kind: 'hello' })
    expect(proxy.connections.length).toBe(2)
    await remote.close()
  })

  test('closing ends the calls under way as `retry`, and every connection', async () => {
    const remote = through()
    await remote.hello()
    const listening = new Promise<void>(connected => remote.listen({ changed: () => undefined, connected }))
    await listening
    proxy.stall('down', true)
    const calls = [remote.hello(), remote.hello(), remote.hello(), remote.hello()]
    await remote.close()
    for (const answer of await Promise.all(calls)) expect(answer).toMatchObject({ kind: 'retry', code: 'CLOSED' })
    expect(await remote.pushVersions([newVersion('x')])).toMatchObject({ kind: 'retry', code: 'CLOSED' })
    expect(await remote.blobs?.get('a'.repeat(64))).toMatchObject({ kind: 'retry' })
    proxy.stall('down', false)
    while (proxy.connections.some(connection => connection.open)) await new Promise(resolve => setImmediate(resolve))
  })

  test('bytes that come twice, or are no Postgres at all, end as a failure', async () => {
    const remote = through(SHORT)
    await remote.hello()
    proxy.duplicate('down', true)
    for (let n = 0; n < 5; n++) {
      const said = await remote.pull({ since: 0, mark: null }, 5)
      expect(['page', 'retry', 'tls']).toContain(said.kind)
    }
    proxy.duplicate('down', false)
    proxy.cutAll()
    expect(await settled(() => remote.hello())).toMatchObject({ kind: 'hello' })
    await remote.close()

    for (const greeting of [
      'HTTP/1.1 400 Bad Request\r\n\r\n',
      'R\0\0\0\0',
      Buffer.from([82, 0, 0, 0, 12, 0, 0, 0, 99, 1, 2, 3, 4]),
      Buffer.alloc(100, 0xff),
      Buffer.alloc(100),
    ]) {
      const server = net.createServer(socket => {
        socket.on('error', () => undefined)
        socket.on('data', () => socket.write(greeting))
      })
      await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
      const address = server.address()
      const port = typeof address === 'object' && address ? address.port : 0
      const wrong = team.through(team.registry.a.author, port, SHORT)
      expect(['retry', 'tls', 'refused', 'denied']).toContain((await wrong.hello()).kind)
      await wrong.close()
      await new Promise(resolve => server.close(resolve))
    }
  })

  test('listening is taken up again after a cut, and after a line that went dead without a sound', async () => {
    const events: string[] = []
    const waiting: { event: string; resolve: () => void }[] = []
    const tell = (event: string) => {
      events.push(event)
      for (const one of waiting.filter(other => other.event === event)) one.resolve()
    }
    const next = (event: string) => new Promise<void>(resolve => waiting.push({ event, resolve }))
    const remote = through({ listen: { random: () => 0.01, beatMs: 20, answerMs: 150 } })
    const connected = next('connected')
    const stop = remote.listen({
      changed: () => tell('changed'),
      connected: () => tell('connected'),
      lost: () => tell('lost'),
    })
    await connected
    const again = next('connected')
    proxy.cutAll()
    await again
    expect(events).toContain('lost')

    const lost = next('lost')
    const third = next('connected')
    for (const connection of proxy.connections) connection.silence()
    await lost
    await third
    const heard = next('changed')
    await freshSkill()
    await heard
    await stop()
  })

  test('a login that is removed in the middle of a call ends it, and every later one is denied', async () => {
    const { skill, login } = await withNewAuthor()
    const remote = team.through(login, proxy.port)
    const commit = await team.openPush?.(team.author, [newVersion(skill.id)])
    // It waits for the skill's lock.
    const waiting = remote.pushVersions([newVersion(skill.id)])
    await locked()
    const removed = team.remove({ userId: login.userId, remote, again: () => remote })
    expect(await waiting).toMatchObject({ kind: expect.stringMatching(/^(retry|denied)$/) })
    await commit?.()
    await removed
    expect(await settled(() => remote.hello())).toMatchObject({ kind: 'denied' })
    expect(await remote.pushVersions([newVersion(skill.id)])).toMatchObject({ kind: 'denied' })
    await remote.close()
  })

  async function withNewAuthor() {
    return { skill: await freshSkill(), login: team.registry.a.other }
  }
  /** Until somebody waits for a lock. */
  async function locked(): Promise<void> {
    const owner = await team.db.owner()
    for (;;) {
      const { rows } = await owner.query("SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
      if (rows.length > 0) return
    }
  }

  test('no failure, and nothing one could print, holds the password', async () => {
    const password = 'correct horse battery staple'
    const url = new URL(team.db.urlOf(team.registry.a.author))
    url.port = String(proxy.port)
    url.password = 'another secret'
    const settings = { database: url.href, password, storage: team.storage }
    const remote = openRemote(settings, SHORT)
    const said: unknown[] = [await remote.hello()]
    expect(said[0]).toMatchObject({ kind: 'denied' })
    proxy.refuse(true)
    said.push(await remote.hello())
    proxy.refuse(false)
    proxy.blackHole(true)
    said.push(await remote.hello())
    for (const [database, databaseCa] of [
      ['postgres://ada:another secret@db.example.org/x?sslmode=disable', undefined],
      ['no address', undefined],
      ['postgres://ada@nowhere.invalid/x', undefined],
      [url.href, 'no certificate'],
    ] as const) {
      const wrong = openRemote({ ...settings, database, ...(databaseCa ? { databaseCa } : {}) }, SHORT)
      said.push(await wrong.hello(), await wrong.pushVersions([]), wrong)
      await new Promise<void>(resolve => {
        const stop = wrong.listen({
          changed: resolve,
          denied: reason => resolve(void said.push(reason)),
          lost: () => resolve(),
        })
        void stop
      })
      await wrong.close()
    }
    said.push(remote)
    const text = inspect(said, { depth: 20, showHidden: true })
    for (const secret of [password, 'another secret', 'another%20secret']) expect(text).not.toContain(secret)
    if (team.storage.kind === 'r2') expect(text).not.toContain(team.storage.secretAccessKey)
    await remote.close()
  })

  test('a server without TLS, where it is asked for, is not trusted', async () => {
    const url = new URL(team.db.urlOf(team.registry.a.author))
    const settings = { database: `${url.href}?sslmode=verify-full`, password: 'x', storage: null }
    const remote = openRemote(settings, SHORT)
    expect(await remote.hello()).toMatchObject({ kind: 'tls' })
    expect(remote.blobs).toBeUndefined()
    await remote.close()
  })

  test('a store that cannot be opened is each call’s failure, until it can be', async () => {
    const folder = path.join(temporaryFolder(), 'share')
    const { blobs, close } = openRemote({ database: 'x', password: 'x', storage: { kind: 'folder', path: folder } })
    const hash = 'a'.repeat(64)
    expect(await blobs?.get(hash)).toMatchObject({ kind: 'missing-bucket' })
    expect(await blobs?.has([hash])).toMatchObject({ kind: 'missing-bucket' })
    fs.mkdirSync(folder)
    expect(await initFolderBlobs(folder, () => 'mark')).toMatchObject({ kind: 'ready' })
    expect(await blobs?.get(hash)).toEqual({ kind: 'missing' })
    await close()
    fs.rmSync(path.dirname(folder), { recursive: true })
  })
})

/** The first answer that is no `retry`: the connection was cut under the call before. */
async function settled<A extends { kind: string }>(call: () => Promise<A>): Promise<A> {
  const first = await call()
  return first.kind === 'retry' ? await call() : first
}
