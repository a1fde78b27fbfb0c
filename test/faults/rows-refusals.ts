import { type App, synced, until } from './app.ts'
import type { Crew } from './crew.ts'
import { eventually, type Row } from './row.ts'
import type { Harm, Seen } from './store-front.ts'

/** Servers that say no: for a moment, until somebody does something, for ever. */

const after = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms))
const isPut = (request: { method: string; url: string }): boolean => request.method === 'PUT'
const xml = (code: string): string => `<?xml version="1.0"?><Error><Code>${code}</Code><Message>no</Message></Error>`
const answer = (status: number, code: string, headers: Record<string, string> = {}): Harm => ({
  kind: 'answer',
  status,
  headers: { 'content-type': 'application/xml', ...headers },
  body: xml(code),
})

/** How often each object was sent, how many of its tries were under way at once, and the waits between them. */
function counted(crew: Crew, from: number): { most: number; requests: number; atOnce: number; waits: number[] } {
  const seen = crew.world.front.seen.slice(from).filter(isPut)
  const tries = [...Map.groupBy(seen, request => request.url).values()]
  const ends = (request: Seen): number => request.ended ?? Number.POSITIVE_INFINITY
  return {
    most: Math.max(0, ...tries.map(list => list.length)),
    requests: seen.length,
    atOnce: Math.max(
      0,
      ...tries.flatMap(list =>
        list.map(one => list.filter(other => other.at <= one.at && ends(other) > one.at).length),
      ),
    ),
    waits: tries.flatMap(list => list.slice(1).map((one, n) => one.at - ends(list[n] ?? one))),
  }
}

/** What the app wrote into its log since, at a level. */
async function logged(app: App, tenantId: string, level: string, after: number): Promise<string[]> {
  const lines = await app.api.sync.log({ tenantId })
  return lines.filter(line => line.seq > after && line.level === level).map(line => line.text)
}
const lastLine = async (app: App, tenantId: string): Promise<number> =>
  (await app.api.sync.log({ tenantId })).at(-1)?.seq ?? 0

export const REFUSAL_ROWS: Row[] = [
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
        const asked: Record<string, string> = status === 500 ? {} : { 'retry-after': '2' }
        world.front.harm = request => (isPut(request) ? { ...answer(status, code, asked), afterMs: 100 } : undefined)
        await crew.save(a)
        await until(app, world.tenantId, 'waiting', one => one.retryAt !== null)
        await eventually('it tried again', () => counted(crew, from).most >= times(4, 2))
        const { most, atOnce, waits, requests } = counted(crew, from)
        const shortest = Math.min(...waits)
        const spread = Math.max(...waits) - shortest
        if (atOnce > 1) throw new Error(`${code}: ${atOnce} tries of one object at once`)
        if (most > 24) throw new Error(`${code}: one object was sent ${most} times`)
        if (status !== 500 && shortest < 1_990)
          throw new Error(`${code}: went on after ${shortest.toFixed(0)} ms, though asked for 2 s`)
        // Waits that all were as long as they may be would come back together with everybody else's.
        if (waits.length >= 3 && spread < 20) throw new Error(`${code}: waits are all alike: ${waits.join(', ')}`)
        if ((await app.api.sync.queue({ tenantId: world.tenantId })).length === 0)
          throw new Error(`${code}: the change left the queue`)
        said.push(`${code} ${requests} requests, ${waits.map(wait => (wait / 1_000).toFixed(1)).join(' ')} s apart`)
        world.front.harm = undefined
        await app.api.sync.now({ tenantId: world.tenantId })
      }
      return `${said.join('; ')}; ${await crew.checkAll()}`
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
        // The reader's own “now” that is still under way would be one more question.
        await after(1_000)
        let puts = 0
        const line = await lastLine(app, world.tenantId)
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
        const lines = await logged(app, world.tenantId, 'error', line)
        if (lines.length !== 1) throw new Error(`${code}: asked ${lines.length} times: ${lines.join(' ')}`)
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
      if (locked.problem?.code !== 'denied' || locked.waiting === 0)
        throw new Error(`a login that was closed is said to be ${JSON.stringify(locked)}`)
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
      world.wire.count()
      await after(times(5_000, 1_000))
      const { roundTrips } = world.wire.count()
      if (roundTrips > 12) throw new Error(`it spins: ${roundTrips} round trips to a registry that is full`)
      await world.sql('UPDATE whetstone.tenant_heads SET rows_allowed = 20000000 WHERE tenant_id = $1', [
        world.tenantId,
      ])
      return `${requests} requests while full; “${full.problem?.happened}”, “${rows.problem?.happened}”; ${await crew.checkAll()}`
    },
  },
]
