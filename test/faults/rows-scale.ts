import fs from 'node:fs'
import { type App, progressOf, synced } from './app.ts'
import { type Computer, type Crew, gather } from './crew.ts'
import { checkCursor, checkLibrary, withLibrary } from './oracle.ts'
import { eventually, type Row } from './row.ts'
import { fillAuthor, rateAll, type Size } from './scale.ts'
import type { Seen as StoreRequest } from './store-front.ts'
import { startWorld } from './world.ts'

/** What is large: skills of 10 MB, 100,000 versions and a million ratings go up and come down, struck again and again. */

const FULL: Size = { large: 3, skills: 1_000, versions: 100_000, raters: 10 }
const SAMPLE: Size = { large: 1, skills: 10, versions: 500, raters: 2 }

const GOALS = { mb: 300, pageMs: 1_000, listMs: 200 }
const PATIENCE_MS = 900_000

type Stored = ReturnType<typeof fillAuthor>
/** `parts`: how far it has come when it is struck. */
type Scene = { size: Size; stored: Stored; parts: readonly number[]; seen: Seen }

/** The most that the app took at any time, and the longest that its page waited. */
type Seen = { mb: number; pageMs: number }

export const SCALE_ROWS: Row[] = [
  {
    n: 24,
    title: '10 MB skills, 100k versions, 1M ratings: resumes, goals hold',
    run: async (outer, { full }) => {
      const size = full ? FULL : SAMPLE
      // Of its own: what other rows compare afterwards stays small.
      const world = await startWorld(outer.world.program)
      const crew = await gather(world)
      try {
        const seen: Seen = { mb: 0, pageMs: 0 }
        await Promise.all([crew.a.stop(), crew.b.stop()])
        const stored = fillAuthor(crew, size)
        const scene = { size, stored, parts: full ? [0.25, 0.5, 0.75] : [0.5], seen }
        const up = await sendAll(crew, scene)
        await crew.a.stop()
        await rateAll(crew, size.raters)
        const down = await receiveAll(crew, scene)
        const lists = await askAll(crew)
        const equal = await crew.checkAll()
        const said = [
          `${Math.round(stored.bytes / 1024 / 1024)} MB, ${size.versions} versions, ${size.versions * size.raters} ratings`,
          `up: ${up}; down: ${down}; at most ${seen.mb} MB; the page waited ${seen.pageMs.toFixed(0)} ms at most, lists ${lists.toFixed(0)} ms`,
          equal,
        ].join('; ')
        if (full && seen.mb > GOALS.mb) throw new Error(`over ${GOALS.mb} MB: ${said}`)
        if (full && seen.pageMs > GOALS.pageMs) throw new Error(`the page waited: ${said}`)
        if (full && lists > GOALS.listMs) throw new Error(`lists are slow: ${said}`)
        return said
      } finally {
        outer.kills.app += crew.kills.app
        await crew.end().catch(() => undefined)
        await world.stop()
      }
    },
  },
]

/** A sends what it has, struck at each quarter of the content and of the versions. */
async function sendAll(crew: Crew, { size, stored, parts, seen }: Scene): Promise<string> {
  const { a, world } = crew
  const puts = () => world.front.seen.filter(one => one.method === 'PUT' && one.status === 200).length
  const numbered = () =>
    withLibrary(a.dataDir, library => library.get<{ n: number }>('SELECT count(version) AS n FROM skill_versions').n)
  const began = performance.now()
  const reached: number[] = []
  for (const part of parts) {
    await strikeOnce(crew, a, seen, () => puts() >= size.large * 10 * part)
    reached.push(numbered())
  }
  for (const part of parts) {
    await strikeOnce(crew, a, seen, () => numbered() >= size.versions * part)
    reached.push(numbered())
  }
  await finish(a, crew, seen)
  if (reached.some((n, at) => n < (reached[at - 1] ?? 0))) throw new Error(`it began again: ${reached.join(', ')}`)
  return resumed(world.front.seen, stored, 2 * parts.length, performance.now() - began)
}

/** B, which was away, receives all of it, struck at each quarter of the rows and of the content. */
async function receiveAll(crew: Crew, { stored, parts, seen }: Scene): Promise<string> {
  const { b, world } = crew
  const [head] = await world.sql<{ n: string }>('SELECT n FROM whetstone.tenant_heads WHERE tenant_id = $1', [
    world.tenantId,
  ])
  const since = () => progressOf(b.dataDir, world.tenantId).since
  const from = world.front.seen.length
  const gets = () => world.front.seen.slice(from).filter(one => one.method === 'GET' && one.status === 200).length
  const began = performance.now()
  const reached: number[] = []
  for (const part of parts) {
    await strikeOnce(crew, b, seen, () => since() >= Number(head?.n) * part)
    reached.push(since())
  }
  for (const part of parts) await strikeOnce(crew, b, seen, () => gets() >= stored.objects * part)
  await finish(b, crew, seen)
  if (reached.some((n, at) => n < (reached[at - 1] ?? 0))) throw new Error(`it began again: ${reached.join(', ')}`)
  return resumed(world.front.seen.slice(from), stored, 2 * parts.length, performance.now() - began)
}

/** Runs until that is so, then kill -9; what it left must be sound. */
async function strikeOnce(crew: Crew, one: Computer, seen: Seen, is: () => boolean): Promise<void> {
  const { world } = crew
  const app = await one.start()
  await watched(app, world.tenantId, seen, eventually('it came so far', is, PATIENCE_MS))
  await one.kill()
  checkLibrary(one.dataDir, world.tenantId, one.saved)
  await checkCursor(world, one)
}

async function finish(one: Computer, crew: Crew, seen: Seen): Promise<void> {
  const app = await one.start()
  await watched(app, crew.world.tenantId, seen, synced(app, crew.world, PATIENCE_MS))
}

/** What was under way when it was struck goes again; what was done does not. */
function resumed(requests: readonly StoreRequest[], stored: Stored, strikes: number, ms: number): string {
  const bytes = requests.reduce((sum, one) => sum + one.bytes, 0)
  const again = Math.max(0, bytes - stored.bytes) / MB
  const said = `${Math.round(bytes / MB)} MB in ${(ms / 1_000).toFixed(0)} s`
  if (again > (strikes + 1) * UNDER_WAY_MB)
    throw new Error(`${said}, though it is ${stored.bytes / MB}: it began again`)
  return said
}
/** As much as is in memory at once, and is neither noted nor stored yet. */
const UNDER_WAY_MB = 80
const MB = 1024 * 1024

/** While `work` goes on, the page asks for its lists. */
async function watched(app: App, tenantId: string, seen: Seen, work: Promise<unknown>): Promise<void> {
  let done = false
  const asking = (async () => {
    while (!done) {
      const began = performance.now()
      await app.api.skills.list({ tenantId })
      seen.pageMs = Math.max(seen.pageMs, performance.now() - began)
      await new Promise(resolve => setTimeout(resolve, 50))
    }
  })()
  try {
    await work
  } finally {
    done = true
    await asking.catch(() => undefined)
    seen.mb = Math.max(seen.mb, peakMb(app.pid))
  }
}

/** Milliseconds that the slowest of the page's lists takes once all is here; the best of three, for others compute here too. */
async function askAll(crew: Crew): Promise<number> {
  const { api } = await crew.b.start()
  const { tenantId } = crew.world
  const skillId = withLibrary(
    crew.b.dataDir,
    library => library.get<{ id: string }>("SELECT id FROM skills WHERE slug = 'many-0'").id,
  )
  const asked = [
    () => api.skills.list({ tenantId }),
    () => api.versions.list({ skillId }),
    () => api.ratings.summary({ skillId }),
    () => api.ratings.list({ skillId }),
  ]
  let slowest = 0
  for (const ask of asked) {
    let best = Number.POSITIVE_INFINITY
    for (let n = 0; n < 3; n++) {
      const began = performance.now()
      await ask()
      best = Math.min(best, performance.now() - began)
    }
    slowest = Math.max(slowest, best)
  }
  return slowest
}

/** The most memory that a process ever had. */
function peakMb(pid: number): number {
  const status = fs.readFileSync(`/proc/${pid}/status`, 'utf8')
  return Math.round(Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024)
}
