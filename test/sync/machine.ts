import { readCaseFiles } from '../../electron/library/case-files.ts'
import { blobKey } from '../../electron/registry/blobs.ts'
import type { Engine } from '../../electron/sync/engine.ts'
import type { Remote } from '../../electron/sync/remote.ts'
import { memoryBlobs } from '../support/memory-blobs.ts'
import type { Chance } from './chance.ts'
import { type App, type Joined, joinTeam, startApp } from './client.ts'
import { Crash, CrashingLibrary, Disk } from './disk.ts'
import { startEngine } from './engine.ts'
import { type Faults, Link } from './link.ts'
import type { MemoryRegistry } from './memory-registry.ts'
import { type Met, watch } from './met.ts'
import type { VirtualTime } from './virtual-time.ts'

/** What machines share: one world. */
export type Surroundings = {
  time: VirtualTime
  chance: Chance
  registry: MemoryRegistry
  faults: () => Faults
  trace: (line: string) => void
  /** Something that must not be, found while it happened. */
  wrong: (what: string) => void
  /** Content that a fault has taken from the store. */
  rotted: Set<string>
  /** What the registry said and this machine heard. */
  heard: (machine: Machine, what: Heard) => void
  /** What this machine has to tell of. */
  met: (machine: Machine, met: Met) => void
  newId: () => string
  /** Rows a page when pulling: small, so that pages have borders. */
  pageRows: number
}

export type Heard = { kind: 'version' | 'deleted'; tenantId: string; id: string }

type Running = { app: App; library: CrashingLibrary; link: Link; engines: Map<string, Engine> }

/** One computer of one person: a disk, a clock that may be wrong, a network that may be gone, and the app on it. */
export class Machine {
  readonly name: string
  readonly teams: readonly Joined[]
  /** Of each team; another one after being invited again. */
  readonly logins = new Map<string, string>()
  clockError = 0
  online = true
  crashes = 0
  /** Counts starts: whatever an older one still does is not done by this one. */
  incarnation = 0
  readonly #disk = Disk.take()
  #running: Running | undefined
  #joined = false
  readonly #world: Surroundings
  readonly #chance: Chance

  constructor(name: string, teams: readonly Joined[], world: Surroundings) {
    this.name = name
    this.teams = teams
    this.#world = world
    this.#chance = world.chance.fork()
  }

  get app(): App | undefined {
    return this.#running?.app
  }

  clock = (): number => EPOCH + this.#world.time.now + this.clockError

  start(): void {
    if (this.#running) return
    const { time, trace, newId, registry } = this.#world
    this.incarnation += 1
    trace(`${this.name} starts`)
    const library = new CrashingLibrary(
      this.#disk,
      place => this.#fate(place === 'inside'),
      () => this.#ended(),
    )
    const link = new Link({
      time,
      chance: this.#chance,
      faults: this.#world.faults,
      online: () => this.online,
      crash: where => this.crash(where),
      trace: line => trace(`${this.name} ${line}`),
      rotted: hash => this.#world.rotted.add(hash),
    })
    const app = startApp({
      library,
      clock: this.clock,
      newId,
      userOf: tenantId => this.userOf(tenantId),
      log: line => trace(`${this.name} log: ${line}`),
    })
    const engines = new Map<string, Engine>()
    this.#running = { app, library, link, engines }
    if (!this.#joined) {
      this.#joined = true
      this.#calmly(() => {
        for (const team of this.teams) joinTeam(library, team, this.clock(), registry.schemaVersion)
      })
    }
    for (const team of this.teams) {
      const engine = this.#engine(team, app, link)
      engines.set(team.tenantId, engine)
    }
    app.changed.subscribe('change', () => {
      for (const engine of engines.values()) engine.wake('queued')
    })
  }

  /** Ends in the middle of whatever it does; starts again a while later. */
  crash(where: string): void {
    if (!this.#running) return
    this.#world.trace(`${this.name} ends ${where}`)
    this.#running.library.crash()
  }

  async edit(what: string, work: (app: App) => Promise<void>): Promise<void> {
    const { app } = this
    if (!app) return
    this.#world.trace(`${this.name} ${what}`)
    try {
      await work(app)
    } catch (error) {
      if (this.app === app && !isDiskFull(error)) this.#world.wrong(`${this.name} ${what}: ${String(error)}`)
    } finally {
      if (this.app === app) for (const engine of this.#running?.engines.values() ?? []) engine.wake('queued')
    }
  }

  engine(tenantId: string): Engine | undefined {
    return this.#running?.engines.get(tenantId)
  }

  userOf(tenantId: string): string {
    const team = this.teams.find(one => one.tenantId === tenantId)
    if (!team) throw new Error(`${this.name} is in no team ${tenantId}`)
    return team.userId
  }

  /** For good: the history is over. */
  stop(): void {
    const running = this.#running
    this.#running = undefined
    running?.link.cut()
    running?.library.close()
    this.#disk.release()
  }

  #ended(): void {
    const { time } = this.#world
    this.crashes += 1
    this.#running?.link.cut()
    this.#running = undefined
    time.after(this.#chance.int(50, 30_000), () => this.start())
  }

  #engine(team: Joined, app: App, link: Link): Engine {
    const { time, registry } = this.#world
    const { incarnation } = this
    // An engine whose process has ended may still be unwinding: it moves nothing in the world.
    const alive = () => this.incarnation === incarnation && this.#running !== undefined
    return startEngine({
      library: app.library,
      tenantId: team.tenantId,
      connect: () => {
        const { tenantId, userId } = team
        const remote = link.remote(this.#remote(tenantId), registry.objectsOf(tenantId))
        const meets = (met: Met) => this.#world.met(this, met)
        return watch(this.#heard(remote, tenantId), { library: app.library, tenantId, userId, meets })
      },
      clock: this.clock,
      random: () => (alive() ? this.#chance.next() : 0.5),
      newId: () => (alive() ? app.newId() : 'ended'),
      after: (ms, callback) =>
        time.after(ms, () => {
          if (alive()) callback()
        }),
      point: name => {
        if (this.#fate(false) === 'crash') {
          this.crash(`at ${name}`)
          throw new Crash(name)
        }
      },
      knownSchema: registry.schemaVersion,
      pageRows: this.#world.pageRows,
    })
  }

  /** By whatever login it has by now. */
  #remote(tenantId: string): Remote {
    const { registry, rotted, wrong } = this.#world
    // The bucket's key is the team's: it outlives a login.
    const store = memoryBlobs(registry.objectsOf(tenantId))
    const now = () => registry.remoteFor(this.logins.get(tenantId) ?? '', store)
    const isStored = (hash: string) => rotted.has(hash) || registry.objectsOf(tenantId).has(blobKey(hash))
    return {
      hello: () => now().hello(),
      pushSkills: rows => now().pushSkills(rows),
      pushVersions: rows => {
        for (const { id, content_hash } of rows)
          if (!isStored(content_hash)) wrong(`${this.name} sends version ${id} before its content`)
        return now().pushVersions(rows)
      },
      pushRows: (table, rows) => {
        for (const { id, files } of table === 'benchmark_cases' ? rows : [])
          for (const { sha256 } of readCaseFiles(files))
            if (!isStored(sha256)) wrong(`${this.name} sends case ${id} before its files`)
        return now().pushRows(table, rows)
      },
      publish: move => now().publish(move),
      approve: versionId => now().approve(versionId),
      reviewFeedback: review => now().reviewFeedback(review),
      removeRows: (entity, ids) => now().removeRows(entity, ids),
      pull: (cursor, limit) => now().pull(cursor, limit),
      listen: events => now().listen(events),
      blobs: store,
      close: async () => undefined,
    }
  }

  /** Notes what was acknowledged to this machine. */
  #heard(remote: Remote, tenantId: string): Remote {
    const { heard } = this.#world
    const tell = (kind: Heard['kind'], id: string) => heard(this, { kind, tenantId, id })
    return {
      ...remote,
      pushVersions: async rows => {
        const answer = await remote.pushVersions(rows)
        if (answer.kind === 'answered')
          for (const row of answer.rows)
            if (row.state === 'inserted' || row.state === 'identical') tell('version', row.id)
        return answer
      },
      removeRows: async (entity, ids) => {
        const answer = await remote.removeRows(entity, ids)
        if (answer.kind === 'answered')
          for (const row of answer.rows) if (row.state === 'deleted') tell('deleted', `${entity} ${row.id}`)
        return answer
      },
    }
  }

  #fateOff = false

  #calmly(work: () => void): void {
    this.#fateOff = true
    try {
      work()
    } finally {
      this.#fateOff = false
    }
  }

  #fate(mayBeFull: boolean): 'crash' | 'full' | undefined {
    if (this.#fateOff || !this.#running) return undefined
    const { crash, full } = this.#world.faults()
    if (this.#chance.yes(crash)) return 'crash'
    return mayBeFull && this.#chance.yes(full) ? 'full' : undefined
  }
}

/** Where virtual time starts: 14 November 2023. */
const EPOCH = 1_700_000_000_000

const isDiskFull = (error: unknown): boolean =>
  error instanceof Error &&
  (('code' in error && (error.code === 'SQLITE_FULL' || error.code === 'DISK')) || error instanceof Crash)
