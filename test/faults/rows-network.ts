import { statusOf, synced, until, whileAnswering } from './app.ts'
import type { Crew } from './crew.ts'
import { eventually, type Row, type Scale } from './row.ts'

/** What a network does to a sync that must not lose, repeat or stop. */

const after = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms))
const isPut = (request: { method: string; url: string }): boolean => request.method === 'PUT'
/** A person notices a screen that takes longer. */
const SCREEN_MS = 1_000

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
      if (cuts < times(12, 1)) throw new Error(`only ${cuts} connections were cut`)
      const worst = full ? Math.max(await lateAndSilent(crew), await silentStore(crew)) : 0
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
      let twice = 0
      world.front.harm = request => {
        if (!isPut(request) || ++n % 2 !== 0) return undefined
        twice++
        return { kind: 'twice' }
      }
      for (let round = 0; round < times(6, 1); round++) {
        await crew.save(a)
        await crew.save(b)
        await synced(await a.start(), world)
      }
      world.front.harm = undefined
      const swapped = await reordered(crew, times(6, 1))
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
      if (twice === 0 || swapped === 0) throw new Error(`${twice} requests were made twice, ${swapped} answers swapped`)
      return `${twice} requests made twice, ${swapped} answers swapped; ${await crew.checkAll()}`
    },
  },
  {
    n: 26,
    title: 'sleep and resume, network or proxy changed mid-sync',
    run: async (crew, scale) => {
      const woken = await sleptAndWoken(crew, scale)
      const changed = await changedMidSync(crew, scale.times(4, 1))
      for (const [what, ms] of [
        ['resumed', woken],
        ['changed its network', changed],
      ] as const)
        if (ms > 5_000) throw new Error(`${what}, it went on after ${(ms / 1_000).toFixed(1)} s`)
      const said = `on again within ${(woken / 1_000).toFixed(1)} s, after a change within ${(changed / 1_000).toFixed(1)} s`
      return `${said}; ${await crew.checkAll()}`
    },
  },
]

/** Two seconds a round trip, then nothing at all from the registry. Answers how long the page waited at most. */
async function lateAndSilent(crew: Crew): Promise<number> {
  const { a, world } = crew
  const app = await a.start()
  world.wire.delay(2_000)
  await crew.save(a)
  const late = await whileAnswering(app, world.tenantId, SCREEN_MS, synced(app, world, 120_000))
  world.wire.delay(0)
  world.wire.blackHole(true)
  await crew.save(a)
  await app.api.sync.now({ tenantId: world.tenantId })
  const given = until(app, world.tenantId, 'given up', status => status.problem?.code === 'offline', 90_000)
  const silent = await whileAnswering(app, world.tenantId, SCREEN_MS, given)
  world.wire.blackHole(false)
  world.wire.cutAll()
  await synced(app, world)
  return Math.max(late.worst, silent.worst)
}

/** The store takes requests and never answers: that wait ends as well, and is said. */
async function silentStore(crew: Crew): Promise<number> {
  const { a, world } = crew
  const app = await a.start()
  world.front.harm = request => (isPut(request) ? { kind: 'hang' } : undefined)
  await crew.save(a)
  const given = until(app, world.tenantId, 'given up', status => status.problem !== null, 90_000)
  const { worst } = await whileAnswering(app, world.tenantId, SCREEN_MS, given)
  world.front.harm = undefined
  await synced(app, world)
  return worst
}

/** Of two requests under way at once the first is answered after the second. Answers how often that came about. */
async function reordered(crew: Crew, rounds: number): Promise<number> {
  const { a, world } = crew
  const app = await a.start()
  let swapped = 0
  for (let round = 0; round < rounds; round++) {
    await synced(app, world)
    const skills = [
      await app.api.skills.create({ tenantId: world.tenantId, slug: `one-${round}-${Date.now()}` }),
      await app.api.skills.create({ tenantId: world.tenantId, slug: `two-${round}-${Date.now()}` }),
    ]
    const second = Promise.withResolvers<void>()
    let puts = 0
    world.front.harm = request => {
      if (!isPut(request)) return undefined
      puts++
      if (puts === 1) return { kind: 'late', until: Promise.race([second.promise, after(3_000)]) }
      if (puts === 2) swapped++
      second.resolve()
      return undefined
    }
    world.wire.refuse(true)
    world.wire.cutAll()
    for (const skill of skills) await crew.save(a, undefined, skill.id)
    world.wire.refuse(false)
    await app.api.sync.now({ tenantId: world.tenantId })
    await synced(app, world)
    world.front.harm = undefined
  }
  return swapped
}

/** Stopped as by a lid that is closed; its connections are dead when it wakes, and nobody told it. Answers how long until it went on. */
async function sleptAndWoken(crew: Crew, { times, full }: Scale): Promise<number> {
  const { a, b, world } = crew
  let slowest = 0
  // Once so long that it is known for a sleep; before that, as long as any other pause.
  for (const ms of [...Array.from({ length: times(3, 1) }, () => times(4_000, 1_000)), ...(full ? [27_000] : [])]) {
    const app = await a.start()
    await synced(app, world)
    const dead = world.wire.connections.filter(one => one.open)
    process.kill(app.pid, 'SIGSTOP')
    if (ms > 20_000) for (const one of dead) one.silence()
    else world.wire.cutAll()
    const there = await crew.save(b)
    await synced(await b.start(), world)
    await after(ms)
    process.kill(app.pid, 'SIGCONT')
    const began = performance.now()
    await eventually('it went on', async () => {
      const versions = await app.api.versions.list({ skillId: crew.skillId })
      return versions.some(version => version.id === there.id)
    })
    slowest = Math.max(slowest, performance.now() - began)
  }
  return slowest
}

/** Every connection to both servers is reset while content and rows are on their way. Answers how long until all was there. */
async function changedMidSync(crew: Crew, times: number): Promise<number> {
  const { a, world } = crew
  let slowest = 0
  for (let n = 0; n < times; n++) {
    const app = await a.start()
    await synced(app, world)
    const under = Promise.withResolvers<void>()
    world.front.harm = request => {
      if (isPut(request)) under.resolve()
      return isPut(request) ? { kind: 'late', until: after(200) } : undefined
    }
    const saved = await crew.save(a)
    await under.promise
    world.front.harm = undefined
    world.wire.cutAll()
    world.front.cutAll()
    const began = performance.now()
    await eventually('it arrived', async () => {
      const rows = await world.sql('SELECT 1 FROM whetstone.skill_versions WHERE id = $1', [saved.id])
      return rows.length === 1
    })
    slowest = Math.max(slowest, performance.now() - began)
  }
  return slowest
}
