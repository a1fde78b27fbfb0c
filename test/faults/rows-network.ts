import type { App } from './app.ts'
import { statusOf, synced, until } from './app.ts'
import type { Crew } from './crew.ts'
import { eventually, type Row } from './row.ts'
import type { Harm } from './store-front.ts'

/** What a network and the servers behind it do to a sync that must not lose, repeat or spin. */

const after = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms))
const isPut = (request: { method: string; url: string }): boolean => request.method === 'PUT'
const xml = (code: string): string => `<?xml version="1.0"?><Error><Code>${code}</Code><Message>no</Message></Error>`
const answer = (status: number, code: string, headers: Record<string, string> = {}): Harm => ({
  kind: 'answer',
  status,
  headers: { 'content-type': 'application/xml', ...headers },
  body: xml(code),
})

/** The page must be served whatever the network does: every answer while `work` goes on comes within `ms`. */
async function whileAnswering<T>(app: App, tenantId: string, ms: number, work: Promise<T>): Promise<{ worst: number }> {
  let worst = 0
  let done = false
  const watching = (async () => {
    while (!done) {
      const began = performance.now()
      await app.api.skills.list({ tenantId })
      worst = Math.max(worst, performance.now() - began)
      await after(20)
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

/** How often each object was asked for, and how many of those requests were under way at once. */
function counted(crew: Crew, from: number): { most: number; requests: number } {
  const seen = crew.world.front.seen.slice(from).filter(isPut)
  const byUrl = Map.groupBy(seen, request => request.url)
  return { most: Math.max(0, ...[...byUrl.values()].map(list => list.length)), requests: seen.length }
}

export const NETWORK_ROWS: Row[] = [
  {
    n: 6,
    title: 'cut, black hole, 2 s latency, reset at any byte',
    run: async (crew, { times, full }) => {
      const { a, b, world } = crew
      const offsets = [0, 1, 4, 5, 37, 100, 333, 1_000, 1_500, 2_222, 3_000, 5_000]
      let cuts = 0
      for (let n = 0; n < times(24, 3); n++) {
        const direction = n % 2 === 0 ? 'up' : 'down'
        const cut = world.wire.cutAfter(direction, offsets[(n * 5) % offsets.length] ?? 0)
        await crew.save(a)
        await eventually(
          'the change arrived',
          async () => (await statusOf(await a.start(), world.tenantId)).waiting === 0,
        )
        cuts += cut.happened ? 1 : 0
      }
      let worst = 0
      if (full) {
        world.wire.delay(2_000)
        await crew.save(a)
        worst = (await whileAnswering(await a.start(), world.tenantId, 2_000, synced(await a.start(), world, 120_000)))
          .worst
        world.wire.delay(0)
        world.wire.blackHole(true)
        await crew.save(a)
        await a.app?.api.sync.now({ tenantId: world.tenantId })
        const given = until(
          await a.start(),
          world.tenantId,
          'given up',
          status => status.problem?.code === 'offline',
          90_000,
        )
        worst = Math.max(worst, (await whileAnswering(await a.start(), world.tenantId, 2_000, given)).worst)
        world.wire.blackHole(false)
        world.wire.cutAll()
      }
      await synced(await b.start(), world)
      return `${cuts} cuts; the page's longest wait ${worst.toFixed(0)} ms; ${await crew.checkAll()}`
    },
  },
  {
    n: 7,
    title: 'answers duplicated or reordered',
    run: async (crew, { times }) => {
      const { a, b, world } = crew
      let n = 0
      world.front.harm = request => (isPut(request) && ++n % 2 === 0 ? { kind: 'twice' } : undefined)
      for (let round = 0; round < times(6, 1); round++) {
        await crew.save(a)
        await crew.save(b)
        await synced(await a.start(), world)
      }
      world.front.harm = undefined
      // The wire protocol has no room for a second answer: it ends the connection, and the next one goes on.
      for (const direction of ['down', 'up'] as const) {
        world.wire.duplicate(direction, true)
        await crew.save(a)
        await after(500)
        world.wire.duplicate(direction, false)
        world.wire.cutAll()
        await synced(await a.start(), world)
      }
      // Late: answers to one direction are held back and then come all at once.
      for (let round = 0; round < times(6, 1); round++) {
        world.wire.stall('down', true)
        await crew.save(a)
        await after(300)
        world.wire.stall('down', false)
        await synced(await a.start(), world)
      }
      return await crew.checkAll()
    },
  },
  {
    n: 8,
    title: '500, 503, 429 with Retry-After',
    run: async (crew, { times }) => {
      const { a, world } = crew
      const said: string[] = []
      const app = await a.start()
      for (const [status, code] of [
        [500, 'InternalError'],
        [503, 'SlowDown'],
        [429, 'TooManyRequests'],
      ] as const) {
        await synced(app, world)
        const from = world.front.seen.length
        const running = new Map<string, number>()
        let overlap = 0
        world.front.harm = request => {
          if (!isPut(request)) return undefined
          running.set(request.url, (running.get(request.url) ?? 0) + 1)
          overlap = Math.max(overlap, running.get(request.url) ?? 0)
          queueMicrotask(() => running.set(request.url, (running.get(request.url) ?? 1) - 1))
          return answer(status, code, status === 500 ? {} : { 'retry-after': '2' })
        }
        await crew.save(a)
        const status1 = await until(app, world.tenantId, 'waiting', one => one.retryAt !== null)
        const seen = counted(crew, from)
        const wait = (status1.retryAt ?? 0) - Date.now()
        if (status !== 500 && wait < 1_000) throw new Error(`${code}: goes on in ${wait} ms, though asked for 2 s`)
        await after(times(6_000, 1_500))
        const later = counted(crew, from)
        if (overlap > 1) throw new Error(`${code}: ${overlap} tries of one object at once`)
        if (later.most > 24) throw new Error(`${code}: one object was sent ${later.most} times within seconds`)
        if (status1.waiting === 0) throw new Error(`${code}: the change left the queue`)
        said.push(`${code} ${seen.requests}→${later.requests} requests`)
        world.front.harm = undefined
      }
      return `${said.join(', ')}; ${await crew.checkAll()}`
    },
  },
  {
    n: 9,
    title: '401, 403, expired in the middle of a batch',
    run: async (crew, { times }) => {
      const { a, world } = crew
      const app = await a.start()
      const codes = [
        [403, 'AccessDenied', 'denied'],
        [401, 'Unauthorized', 'denied'],
        [400, 'ExpiredToken', 'expired'],
      ] as const
      for (const [status, code, problem] of codes.slice(0, times(3, 1))) {
        await synced(app, world)
        let puts = 0
        world.front.harm = request => (isPut(request) && ++puts > 2 ? answer(status, code) : undefined)
        for (let n = 0; n < 3; n++) await crew.save(a)
        const asked = await until(app, world.tenantId, 'asks', one => one.state === 'attention')
        if (asked.problem?.code !== problem) throw new Error(`${code} is said to be ${asked.problem?.code}`)
        if (asked.waiting === 0) throw new Error(`${code}: something was dropped`)
        // What was under way in parallel has its answer by then.
        await after(500)
        const before = puts
        await after(1_500)
        if (puts !== before) throw new Error(`${code}: ${puts - before} more requests though it asked`)
        world.front.harm = undefined
        await synced(app, world)
      }
      const [role] = await world.sql<{ role_name: string }>(
        'SELECT role_name FROM whetstone.members WHERE tenant_id = $1 AND user_id = $2',
        [world.tenantId, a.member.userId],
      )
      await world.sql(`ALTER ROLE "${role?.role_name}" NOLOGIN`)
      world.wire.cutAll()
      await crew.save(a)
      await app.api.sync.now({ tenantId: world.tenantId })
      const locked = await until(app, world.tenantId, 'asks', one => one.state === 'attention')
      await world.sql(`ALTER ROLE "${role?.role_name}" LOGIN`)
      await synced(app, world)
      return `asked each time, once: ${locked.problem?.code}; ${await crew.checkAll()}`
    },
  },
  {
    n: 10,
    title: 'one item refused for ever',
    run: async crew => {
      const { a, world } = crew
      const app = await a.start()
      await world.sql(
        "ALTER TABLE whetstone.skill_versions ADD CONSTRAINT poison CHECK (message NOT LIKE 'poison%') NOT VALID",
      )
      const poison = `poison ${Math.random()}`
      const { id: other } = await app.api.skills.create({ tenantId: world.tenantId, slug: `beside-${Date.now()}` })
      await crew.save(a, poison)
      const beside = await crew.save(a, undefined, other)
      await eventually('the other skill arrived', async () => {
        const rows = await world.sql('SELECT 1 FROM whetstone.skill_versions WHERE id = $1', [beside.id])
        return rows.length === 1
      })
      const queue = await app.api.sync.queue({ tenantId: world.tenantId })
      const parked = queue.find(change => change.state === 'parked')
      if (!parked?.reason || !parked.todo)
        throw new Error(`it is not set aside with its reason: ${JSON.stringify(queue)}`)
      await world.sql('ALTER TABLE whetstone.skill_versions DROP CONSTRAINT poison')
      await app.api.sync.decideChange({ tenantId: world.tenantId, seq: parked.seq, decision: 'retry' })
      return `“${parked.reason}”; ${await crew.checkAll()}`
    },
  },
  {
    n: 12,
    title: 'remote quota or disk full',
    run: async (crew, { times }) => {
      const { a, world } = crew
      const app = await a.start()
      await synced(app, world)
      const from = world.front.seen.length
      world.front.harm = request => (isPut(request) ? answer(507, 'QuotaExceeded') : undefined)
      await crew.save(a)
      const full = await until(app, world.tenantId, 'says so', one => one.problem?.code === 'quota')
      await after(times(5_000, 1_000))
      const { requests } = counted(crew, from)
      if (requests > 12) throw new Error(`it spins: ${requests} requests`)
      world.front.harm = undefined
      await synced(app, world)
      await world.sql('UPDATE whetstone.tenant_heads SET rows_allowed = rows_stored WHERE tenant_id = $1', [
        world.tenantId,
      ])
      await crew.save(a)
      const rows = await until(app, world.tenantId, 'says so', one => one.problem?.code === 'quota')
      await world.sql('UPDATE whetstone.tenant_heads SET rows_allowed = 20000000 WHERE tenant_id = $1', [
        world.tenantId,
      ])
      return `${requests} requests while full; “${full.problem?.happened}”, “${rows.problem?.happened}”; ${await crew.checkAll()}`
    },
  },
  {
    n: 26,
    title: 'sleep and resume, network or proxy changed mid-sync',
    run: async (crew, { times }) => {
      const { a, b, world } = crew
      let slowest = 0
      for (let n = 0; n < times(3, 1); n++) {
        const app = await a.start()
        await synced(app, world)
        process.kill(app.pid, 'SIGSTOP')
        world.wire.cutAll()
        const there = await crew.save(b)
        await synced(await b.start(), world)
        await after(times(4_000, 1_000))
        process.kill(app.pid, 'SIGCONT')
        const began = performance.now()
        await eventually('it went on', async () => {
          const versions = await app.api.versions.list({ skillId: crew.skillId })
          return versions.some(version => version.id === there.id)
        })
        slowest = Math.max(slowest, performance.now() - began)
      }
      if (slowest > 5_000) throw new Error(`it went on after ${(slowest / 1000).toFixed(1)} s`)
      return `on again within ${(slowest / 1000).toFixed(1)} s; ${await crew.checkAll()}`
    },
  },
]
