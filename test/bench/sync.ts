/**
 * Sync against real servers, on loopback and with 30 ms more to each round trip: by the registry's remote alone, and by the
 * engine with a library before it. Ratios are to COPY of the same rows in the same run. `node test/bench/sync.ts [part…]`
 * runs it alone.
 */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { build } from 'vite'
import { BACKEND_FLAGS } from '../../electron/node-backend.ts'
import { openBlobs } from '../../electron/registry/open-blobs.ts'
import type { Remote } from '../../electron/sync/remote.ts'
import { newSkill } from '../registry/registry.ts'
import { type TestBackend, testBackend } from '../support/backend.ts'
import { memoryBlobs } from '../support/memory-blobs.ts'
import { testR2 } from '../support/r2.ts'
import { slowBlobs } from '../support/slow-blobs.ts'
import { type TcpProxy, tcpProxy } from '../support/tcp-proxy.ts'
import { distance, waitingBucket } from './apart.ts'
import { BARE, copy, encode, versionsOf } from './copy.ts'
import { percentile } from './figures.ts'
import { type BenchTeam, newEngine, newLibrary, queueVersions, skipToHead, startBenchTeam, sync } from './sync-team.ts'

const ROWS = 10_000
const ROUNDS = 3
const TRIP_MS = 30
const PUT_MS = 40
const EDITS = 200
const MANY = 100_000
const GOALS = { push: 0.6, far: 0.75, content: 5_000, pull: 600, latency: 250, memory: 300 }

type Bench = { team: BenchTeam; proxy: TcpProxy; print: (line: string) => void; missed: string[] }
const PARTS: Record<string, (bench: Bench) => Promise<void>> = {
  push: benchPush,
  pull: benchPull,
  content: benchContent,
  nothing: benchNothing,
  latency: benchLatency,
  meanwhile: benchMeanwhile,
  memory: benchMemory,
}

export async function benchSync(print: (line: string) => void, parts = Object.keys(PARTS)): Promise<void> {
  const missed: string[] = []
  for (const part of parts) {
    const team = await startBenchTeam()
    if ('unavailable' in team) return print(`Left out: ${team.unavailable}`)
    const proxy = await tcpProxy(team.port)
    try {
      await PARTS[part]?.({ team, proxy, print, missed })
    } finally {
      await proxy[Symbol.asyncDispose]()
      await team.stop()
    }
  }
  print(missed.length === 0 ? 'Every goal met.' : `Missed: ${missed.join('; ')}.`)
}

/** `cpu`: what this thread computed meanwhile: on a computer that does other things too, the surer figure. */
type Taken = { ms: number; cpu: number }

async function time(work: () => Promise<unknown>): Promise<Taken> {
  const before = process.threadCpuUsage()
  const start = performance.now()
  await work()
  const ms = performance.now() - start
  const { user, system } = process.threadCpuUsage(before)
  return { ms, cpu: (user + system) / 1_000 }
}

async function bestOf(rounds: number, work: () => Promise<Taken>): Promise<Taken> {
  let best: Taken | undefined
  for (let round = 0; round < rounds; round++) best = shorter(best, await work())
  return best ?? { ms: 0, cpu: 0 }
}
const shorter = (one: Taken | undefined, other: Taken): Taken => (one && one.ms <= other.ms ? one : other)

const line = (name: string, { ms, cpu }: Taken, more = ''): string =>
  `${name.padEnd(62)} ${ms.toFixed(0).padStart(7)} ms (${cpu.toFixed(0).padStart(6)} computed here) ${more}`
const perSecond = ({ ms }: Taken): string => `${Math.round((ROWS / ms) * 1_000).toLocaleString('en')} rows/s`

function goal(bench: Bench, name: string, met: boolean, said: string): void {
  if (!met) bench.missed.push(`${name}: ${said}`)
}

// Push ---------------------------------------------------------------------------------------------------------------

async function benchPush(bench: Bench): Promise<void> {
  const { team, print } = bench
  const [ada] = team.members
  const proxy = await distance(team.port, TRIP_MS)
  const near = team.remote(ada)
  const far = team.remote(ada, proxy.port)
  const skills = Array.from({ length: 100 }, () => newSkill())
  await near.pushSkills(skills)
  await far.hello()
  const byRemote = async (remote: Remote) => {
    const rows = versionsOf(skills, ROWS)
    return await time(async () => {
      const answer = await remote.pushVersions(rows)
      if (answer.kind !== 'answered' || answer.rows.some(row => row.state !== 'inserted'))
        throw new Error(JSON.stringify(answer).slice(0, 500))
    })
  }
  const byEngine = async (remote: Remote) => {
    const library = newLibrary(team, ada)
    const engine = newEngine(library.library, team, { ...remote, blobs: memoryBlobs() })
    // What is there already is not what is measured.
    await skipToHead(library, team)
    queueVersions(library, team.tenantId, ROWS, 100, true)
    const ms = await time(() => sync(engine))
    library.close()
    return ms
  }
  const ways: Record<string, () => Promise<Taken>> = {
    'COPY into a bare table': async () => {
      await team.owner.query(BARE)
      const rows = versionsOf(skills, ROWS)
      return await time(() => copy(team.owner, () => encode(rows)))
    },
    'the remote, on loopback': () => byRemote(near),
    'the remote, 30 ms away': () => byRemote(far),
    'the engine, on loopback: 100 skills and their versions': () => byEngine(near),
    'the engine, 30 ms away': () => byEngine(far),
  }
  const best = new Map<string, Taken>()
  for (let round = 0; round < ROUNDS; round++)
    for (const [name, work] of Object.entries(ways)) best.set(name, shorter(best.get(name), await work()))
  print(`push of ${ROWS.toLocaleString('en')} versions of 1.1 KB, best of ${ROUNDS}; each against the first`)
  const [base = 0, near1 = 0, far1 = 0, near2 = 0, far2 = 0] = [...best.values()].map(taken => taken.ms)
  for (const [name, taken] of best)
    print(line(name, taken, `${perSecond(taken).padStart(15)} ${(base / taken.ms).toFixed(2)}`))
  await proxy.close()
  goal(
    bench,
    'push on loopback',
    base / near1 >= GOALS.push,
    `${(base / near1).toFixed(2)} of COPY, goal ${GOALS.push}`,
  )
  for (const [name, ratio] of [
    ['remote', near1 / far1],
    ['engine', near2 / far2],
  ] as const) {
    print(`${`the ${name} at ${TRIP_MS} ms, against itself on loopback`.padEnd(62)} ${ratio.toFixed(2)}`)
    goal(bench, `push at ${TRIP_MS} ms (${name})`, ratio >= GOALS.far, `${ratio.toFixed(2)}, goal ${GOALS.far}`)
  }
}

// Pull ---------------------------------------------------------------------------------------------------------------

async function fill(team: BenchTeam, count: number, each: number): Promise<void> {
  const [ada] = team.members
  const remote = team.remote(ada)
  const skills = Array.from({ length: count / each }, () => newSkill())
  for (const work of [() => remote.pushSkills(skills), () => remote.pushVersions(versionsOf(skills, count))]) {
    const answer = await work()
    if (answer.kind !== 'answered') throw new Error(answer.message)
  }
}

async function benchPull(bench: Bench): Promise<void> {
  const { team, print } = bench
  const [, ben] = team.members
  await fill(team, ROWS, 100)
  const proxy = await distance(team.port, TRIP_MS)
  print('')
  print(`pull of ${ROWS.toLocaleString('en')} versions into an empty library, best of ${ROUNDS}`)
  for (const [name, port] of [
    ['on loopback', team.port],
    [`${TRIP_MS} ms away`, proxy.port],
  ] as const) {
    const remote = team.remote(ben, port)
    await remote.hello()
    print(line(`the rows alone, ${name}`, await bestOf(ROUNDS, () => time(() => pullAll(remote)))))
    const whole = await bestOf(ROUNDS, async () => {
      const library = newLibrary(team, ben)
      // The rows: their content is another matter.
      library.library.write(() => library.library.run("UPDATE sync_states SET content = 'newest'"))
      const engine = newEngine(library.library, team, { ...remote, blobs: undefined })
      const taken = await time(() => engine.round())
      const { n } = library.library.get<{ n: number }>('SELECT count(*) AS n FROM skill_versions')
      if (n !== ROWS) throw new Error(`${n} versions arrived`)
      library.close()
      return taken
    })
    print(line(`into the library, ${name}`, whole, perSecond(whole)))
    if (port === proxy.port)
      goal(bench, `pull at ${TRIP_MS} ms`, whole.ms <= GOALS.pull, `${whole.ms.toFixed(0)} ms, goal ${GOALS.pull} ms`)
  }
  await proxy.close()
}

async function pullAll(remote: Remote): Promise<void> {
  for (let at: { since: number; mark: string | null } = { since: 0, mark: null }; ; ) {
    const page = await remote.pull(at, 2_000)
    if (page.kind !== 'page') throw new Error(JSON.stringify(page))
    at = page.next
    if (at.since >= page.head) return
  }
}

// Content ------------------------------------------------------------------------------------------------------------

async function benchContent(bench: Bench): Promise<void> {
  const { team, print } = bench
  const [ada] = team.members
  print('')
  print(`${ROWS.toLocaleString('en')} versions with content (a SKILL.md and a manifest each), ${PUT_MS} ms a PUT`)
  const push = async (blobs: Remote['blobs'], count: number): Promise<Taken> => {
    const library = newLibrary(team, ada)
    const engine = newEngine(library.library, team, { ...team.remote(ada), blobs })
    await skipToHead(library, team)
    queueVersions(library, team.tenantId, count, 100, false)
    const ms = await time(() => sync(engine))
    library.close()
    return ms
  }
  const bare = await push(slowBlobs(memoryBlobs(), PUT_MS), ROWS)
  print(line('the engine and a store that does nothing but wait', bare, perSecond(bare)))
  goal(bench, 'content', bare.ms <= GOALS.content, `${bare.ms.toFixed(0)} ms, goal ${GOALS.content} ms`)
  const server = await waitingBucket(PUT_MS)
  const opened = await openBlobs({
    kind: 'r2',
    endpoint: `http://127.0.0.1:${server.port}`,
    bucket: 'b',
    accessKeyId: 'k',
    secretAccessKey: 's',
  })
  if (opened.kind !== 'open') throw new Error(opened.message)
  const overHttp = await push(opened.store, ROWS)
  opened.store.close()
  await server.close()
  print(line('the same by the S3 client, to a server that only waits', overHttp, perSecond(overHttp)))
  goal(bench, 'content by HTTP', overHttp.ms <= GOALS.content, `${overHttp.ms.toFixed(0)} ms, goal ${GOALS.content} ms`)
}

// Nothing to do ------------------------------------------------------------------------------------------------------

async function benchNothing(bench: Bench): Promise<void> {
  const { team, proxy, print } = bench
  const [ada] = team.members
  proxy.delay(TRIP_MS)
  await fill(team, 1_000, 100)
  const library = newLibrary(team, ada)
  const engine = newEngine(library.library, team, { ...team.remote(ada, proxy.port), blobs: undefined })
  await engine.round('due')
  const trips: number[] = []
  const took: Taken[] = []
  for (let n = 0; n < 20; n++) {
    proxy.count()
    took.push(await time(() => engine.round('due')))
    trips.push(proxy.count().roundTrips)
  }
  library.close()
  const most = Math.max(...trips)
  print('')
  print(
    line(
      `a sync with nothing to do, ${TRIP_MS} ms away: ${most} round trip${most === 1 ? '' : 's'}`,
      took[10] ?? { ms: 0, cpu: 0 },
    ),
  )
  goal(bench, 'a sync with nothing to do', most === 1, `${most} round trips`)
}

// Latency ------------------------------------------------------------------------------------------------------------

async function benchLatency(bench: Bench): Promise<void> {
  const { team, proxy, print } = bench
  await using r2 = await testR2()
  const [storage] = r2.settings
  if (!storage) throw new Error('There is no bucket.')
  print('')
  for (const [name, port] of [
    ['on loopback', team.port],
    [`${TRIP_MS} ms away`, proxy.port],
  ] as const) {
    // An invite is used once.
    const fresh = port === team.port ? team : await startBenchTeam()
    if ('unavailable' in fresh) return
    const far = port === team.port ? undefined : await tcpProxy(fresh.port)
    far?.delay(TRIP_MS)
    const [one, two] = fresh.members
    await using a = await joined(fresh.invite(one, { kind: 'r2', ...storage }, far?.port), fresh.tenantId)
    await using b = await joined(fresh.invite(two, { kind: 'r2', ...storage }, far?.port), fresh.tenantId)
    const times = await editsFrom(a, b, fresh.tenantId)
    print(
      `${`save on one screen to version on the other, ${name}, ${times.length} times`.padEnd(62)} p50 ${percentile(times, 50).toFixed(0)} ms, p99 ${percentile(times, 99).toFixed(0)} ms`,
    )
    if (!far)
      goal(
        bench,
        'latency',
        percentile(times, 99) <= GOALS.latency,
        `p99 ${percentile(times, 99).toFixed(0)} ms, goal ${GOALS.latency} ms`,
      )
    await far?.[Symbol.asyncDispose]()
    if (fresh !== team) await fresh.stop()
  }
}

const SYNC = {
  random: Math.random,
  after: (ms: number, callback: () => void) => {
    const timer = setTimeout(callback, ms)
    return () => clearTimeout(timer)
  },
}

async function joined(invite: string, tenantId: string, content?: 'newest'): Promise<TestBackend> {
  const backend = await testBackend({ sync: SYNC })
  for await (const _ of await backend.api.sync.join({ invite })) {
    // Its steps.
  }
  await backend.api.sync.start({ tenantId, ...(content ? { content } : {}) })
  return backend
}

/** Saves on one, and waits until the other's page is told and finds it. */
async function editsFrom(a: TestBackend, b: TestBackend, tenantId: string): Promise<number[]> {
  const { id: skillId } = await a.api.skills.create({ tenantId, slug: 'latency' })
  let seen = 0
  let waiting: { count: number; resolve: () => void } | undefined
  const stop = new AbortController()
  const look = async () => {
    const there = await b.api.versions.list({ skillId }).catch(() => [])
    seen = there.filter(version => version.number !== null).length
    if (waiting && seen >= waiting.count) waiting.resolve()
  }
  const follow = (async () => {
    for await (const _ of await b.api.system.changes(undefined, { signal: stop.signal })) await look()
  })().catch(() => undefined)
  const arrives = (count: number) =>
    seen >= count
      ? Promise.resolve()
      : new Promise<void>(resolve => {
          waiting = { count, resolve }
        })
  const there = (await a.api.versions.list({ skillId })).length
  await look()
  const times: number[] = []
  for (let n = 0; n < EDITS; n++) {
    const start = performance.now()
    let expected = (await a.api.workingCopies.get({ skillId })).files[0]?.sha256 ?? null
    const text = `---\nname: latency\ndescription: The ${n}th.\n---\nText ${n}.\n`
    expected = (
      await a.api.workingCopies.write({ skillId, path: 'SKILL.md', content: { kind: 'text', text }, expected })
    ).sha256
    await a.api.versions.save({ skillId, message: `Number ${n}` })
    await arrives(there + n + 1)
    if (n >= 5) times.push(performance.now() - start)
  }
  stop.abort()
  await follow
  return times
}

// What else the app does meanwhile ------------------------------------------------------------------------------------

/** How long the page waits for an answer while a large team comes for the first time: it is to be usable. */
async function benchMeanwhile(bench: Bench): Promise<void> {
  const { team, print } = bench
  await using r2 = await testR2()
  const [storage] = r2.settings
  if (!storage) throw new Error('There is no bucket.')
  const [, ben] = team.members
  await fill(team, ROWS, 100)
  await using backend = await joined(team.invite(ben, { kind: 'r2', ...storage }), team.tenantId, 'newest')
  const late = monitorEventLoopDelay({ resolution: 2 })
  late.enable()
  const count = async () => (await backend.api.spaces.list()).find(one => one.tenantId === team.tenantId)?.versions ?? 0
  while ((await count()) < ROWS) await new Promise(resolve => setTimeout(resolve, 10))
  late.disable()
  print('')
  print(
    `${`a question to the backend while ${ROWS.toLocaleString('en')} versions come`.padEnd(62)} waits p50 ${(late.percentile(50) / 1e6).toFixed(0)} ms, p99 ${(late.percentile(99) / 1e6).toFixed(0)} ms, at most ${(late.max / 1e6).toFixed(0)} ms`,
  )
}

// Memory -------------------------------------------------------------------------------------------------------------

async function benchMemory(bench: Bench): Promise<void> {
  const { team, print } = bench
  await using r2 = await testR2()
  const [storage] = r2.settings
  if (!storage) throw new Error('There is no bucket.')
  await fill(team, MANY, 1_000)
  const [, ben] = team.members
  const child = spawn(process.execPath, [...BACKEND_FLAGS, await built('sync-memory')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  child.stdin.end(
    JSON.stringify({ invite: team.invite(ben, { kind: 'r2', ...storage }), tenantId: team.tenantId, versions: MANY }),
  )
  let said = ''
  child.stdout.on('data', chunk => {
    said += chunk
  })
  await once(child, 'close')
  const { seconds, cpu, before, rss, peak } = JSON.parse(said)
  print('')
  print(
    line(
      `a backend's first sync of ${MANY.toLocaleString('en')} versions`,
      { ms: seconds * 1_000, cpu: cpu * 1_000 },
      `RSS ${before} MB before, ${rss} MB after, at most ${peak} MB`,
    ),
  )
  goal(bench, 'memory', peak <= GOALS.memory, `${peak} MB, goal ${GOALS.memory} MB`)
}

/** The script as the app's backend is shipped, bundled: run from source, Node keeps the compiler of types in memory too. */
async function built(name: string): Promise<string> {
  const root = path.resolve(import.meta.dirname, '../..')
  const outDir = path.join(root, 'out', 'bench')
  const output = { entryFileNames: '[name].mjs', chunkFileNames: '[name]-[hash].mjs' }
  await build({
    configFile: false,
    root,
    logLevel: 'error',
    build: { ssr: path.join(import.meta.dirname, `${name}.ts`), outDir, emptyOutDir: true, rollupOptions: { output } },
  })
  return path.join(outDir, `${name}.mjs`)
}

if (process.argv[1] === import.meta.filename)
  await benchSync(text => console.log(text), process.argv.length > 2 ? process.argv.slice(2) : undefined)
