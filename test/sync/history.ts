import { createHash } from 'node:crypto'
import type { Library } from '../../electron/library/library.ts'
import { Chance } from './chance.ts'
import type { Joined } from './client.ts'
import { edit } from './edits.ts'
import { broken, contentOf, type HeardBy } from './invariants.ts'
import { type Faults, NO_FAULTS } from './link.ts'
import { Machine, type Surroundings } from './machine.ts'
import { MemoryRegistry, type Snapshot } from './memory-registry.ts'
import type { Met } from './met.ts'
import { mayMake, type Plan, type Step } from './plan.ts'
import { VirtualTime } from './virtual-time.ts'

export type History = {
  seed: number
  /** What does not hold; empty where all is well. */
  wrong: string[]
  /** SHA-256 over every line of the trace: equal for equal seeds. */
  hash: string
  /** The lines, where they were asked for. */
  trace: string[]
  events: number
  crashes: number
  calls: number
  versions: number
}

export type HistoryOptions = { keepTrace?: boolean }

const MINUTE = 60_000
/** No history needs as many; one that does goes round in circles. */
const MOST_EVENTS = 60_000
/** How long one round may take once nothing fails any more. */
const ROUND_MS = 3 * MINUTE

/** Lets one planned history happen and looks at what is left. */
export async function runHistory(plan: Plan, options: HistoryOptions = {}): Promise<History> {
  const world = new World(plan, options.keepTrace ?? false)
  try {
    return await world.run()
  } finally {
    world.stop()
  }
}

class World {
  readonly #plan: Plan
  readonly #time = new VirtualTime()
  readonly #chance: Chance
  readonly #registry: MemoryRegistry
  readonly #teams: { id: string; name: string; slug: string }[] = []
  readonly #machines: Machine[] = []
  readonly #hash = createHash('sha256')
  readonly #trace: string[] = []
  readonly #keepTrace: boolean
  readonly #wrong: string[] = []
  readonly #heard: HeardBy[] = []
  readonly #met: { machine: Machine; met: Met }[] = []
  readonly #backups = new Map<string, Snapshot>()
  readonly #restored = new Set<string>()
  #faults: Faults
  #outages = 0
  #ids = 0
  #calls = 0

  constructor(plan: Plan, keepTrace: boolean) {
    this.#plan = plan
    this.#keepTrace = keepTrace
    this.#chance = new Chance(plan.seed ^ 0x5eed)
    this.#faults = plan.faults
    this.#registry = new MemoryRegistry({
      now: () => 1_700_000_000_000 + this.#time.now,
      newId: () => this.#newId('r'),
    })
    const surroundings: Surroundings = {
      time: this.#time,
      chance: this.#chance,
      registry: this.#registry,
      faults: () => (this.#outages > 0 ? { ...this.#faults, lost: 1 } : this.#faults),
      trace: line => this.#say(line),
      rotted: new Set(),
      wrong: what => this.#note(what),
      heard: (machine, what) => this.#later(machine, () => this.#heard.push({ ...what, machine: machine.name })),
      met: (machine, met) => this.#later(machine, library => met.taken(library) && this.#met.push({ machine, met })),
      newId: () => this.#newId('c'),
      pageRows: plan.pageRows,
    }
    for (let n = 0; n < plan.teams; n++) this.#teams.push({ id: `team-${n}`, name: `Team ${n}`, slug: `team-${n}` })
    const logins = new Map<string, string>()
    for (const team of this.#teams) {
      this.#registry.createTenant(team)
      plan.people.forEach(({ name, role }, n) => {
        logins.set(
          `${team.id} ${n}`,
          this.#registry.addMember(team.id, { userId: this.#userId(team.id, n), name, role }),
        )
      })
    }
    plan.machines.forEach(({ person, clockError }, n) => {
      const joined = this.#teams.map((team): Joined => {
        const { name = '', role = 'reader' } = plan.people[person] ?? {}
        return {
          tenantId: team.id,
          name: team.name,
          slug: team.slug,
          userId: this.#userId(team.id, person),
          userName: name,
          role,
        }
      })
      const machine = new Machine(`m${n}`, joined, surroundings)
      machine.clockError = clockError
      for (const team of this.#teams) machine.logins.set(team.id, logins.get(`${team.id} ${person}`) ?? '')
      this.#machines.push(machine)
    })
  }

  async run(): Promise<History> {
    const { plan } = { plan: this.#plan }
    plan.machines.forEach(({ joinsAt }, n) => {
      this.#time.after(joinsAt, () => this.#machines[n]?.start())
    })
    for (const step of plan.steps) this.#time.after(step.at, () => this.#step(step))
    await this.#until(plan.lastsMs)
    await this.#calm()
    if (this.#wrong.length === 0) {
      const tenantIds = this.#teams.map(team => team.id)
      for (const { machine, met } of this.#met)
        if (machine.app && !met.told(machine.app.library))
          this.#note(`${machine.name} met ${met.what} and tells nobody`)
      for (const what of broken(this.#registry, tenantIds, this.#machines, this.#heard, this.#restored))
        this.#note(what)
    }
    const versions = this.#teams.reduce(
      (sum, team) => sum + this.#registry.tenant(team.id).tables.skill_versions.size,
      0,
    )
    return {
      seed: plan.seed,
      wrong: this.#wrong,
      hash: this.#hash.digest('hex'),
      trace: this.#trace,
      events: this.#time.events,
      crashes: this.#machines.reduce((sum, machine) => sum + machine.crashes, 0),
      calls: this.#calls,
      versions,
    }
  }

  stop(): void {
    this.#time.clear()
    for (const machine of this.#machines) machine.stop()
  }

  /** The faults end; everybody is there, and syncs twice. */
  async #calm(): Promise<void> {
    this.#say('the faults end')
    this.#faults = NO_FAULTS
    this.#outages = 0
    for (const team of this.#teams) this.#registry.setQuota(team.id, PLENTY)
    for (const machine of this.#machines) {
      machine.online = true
      machine.start()
    }
    await this.#until(this.#time.now + MINUTE / 2)
    for (const round of [1, 2]) {
      this.#say(`round ${round}`)
      for (const machine of this.#machines) {
        for (const team of this.#teams) machine.engine(team.id)?.wake('now')
        await this.#until(this.#time.now + ROUND_MS / this.#machines.length)
      }
      if (round === 1) await this.#heal()
    }
  }

  /** What `scrub` does: whoever has content whole puts the store right. */
  async #heal(): Promise<void> {
    for (const machine of this.#machines)
      for (const team of this.#teams) {
        const { app } = machine
        if (app) void machine.engine(team.id)?.heal(contentOf(app.library, team.id))
        await this.#until(this.#time.now + MINUTE / 4)
      }
  }

  #step(step: Step): void {
    const team = 'team' in step ? this.#teams[step.team] : undefined
    const machine = 'machine' in step ? this.#machines[step.machine] : undefined
    switch (step.kind) {
      case 'edit': {
        const { what, seed } = step
        if (team && mayMake(this.#plan, step.machine, what))
          void machine?.edit(what, app => edit(app, team.id, what, new Chance(seed)))
        return
      }
      case 'offline':
        if (!machine) return
        this.#say(`${machine.name} is offline`)
        machine.online = false
        this.#time.after(step.ms, () => {
          machine.online = true
        })
        return
      case 'clock':
        if (machine) machine.clockError += step.byMs
        return
      case 'crash':
        machine?.crash('with the power')
        return
      case 'backup':
        if (team) this.#backups.set(team.id, this.#registry.snapshot(team.id))
        return
      case 'restore': {
        const backup = team && this.#backups.get(team.id)
        if (!team || !backup) return
        this.#say(`${team.id} is put back to ${backup.n} (${step.epoch} epoch)`)
        this.#restored.add(team.id)
        this.#registry.restore(team.id, backup, step.epoch)
        return
      }
      case 'removed':
        // Whoever was removed is back when the faults end.
        if (team) this.#remove(team.id, step.person, Math.min(step.ms, this.#plan.lastsMs - step.at))
        return
      case 'role':
        if (team) this.#registry.setRole(team.id, this.#userId(team.id, step.person), step.role)
        return
      case 'quota':
        if (!team) return
        this.#say(`${team.id} is full`)
        this.#registry.setQuota(team.id, { rows: 1, bytes: 1 })
        this.#time.after(step.ms, () => this.#registry.setQuota(team.id, PLENTY))
        return
      case 'outage':
        this.#say('outage')
        this.#outages += 1
        this.#time.after(step.ms, () => {
          this.#outages = Math.max(0, this.#outages - 1)
        })
        return
      default:
        step satisfies never
    }
  }

  #remove(teamId: string, person: number, ms: number): void {
    const userId = this.#userId(teamId, person)
    const { name = '', role = 'author' } = this.#plan.people[person] ?? {}
    this.#say(`${userId} is removed`)
    this.#registry.removeMember(teamId, userId)
    this.#time.after(ms, () => {
      // Whoever invites makes room first.
      this.#registry.setQuota(teamId, PLENTY)
      const login = this.#registry.addMember(teamId, { userId, name, role })
      this.#say(`${userId} is invited again`)
      this.#plan.machines.forEach((machine, n) => {
        if (machine.person !== person) return
        this.#machines[n]?.logins.set(teamId, login)
        this.#machines[n]?.engine(teamId)?.wake('now')
      })
    })
  }

  async #until(instant: number): Promise<void> {
    if (this.#wrong.length > 0) return
    const ended = await this.#time.runUntil(instant, MOST_EVENTS)
    if (ended === 'endless') this.#note(`it does not end: more than ${MOST_EVENTS} events`)
  }

  /** Whoever ended with the answer in hand has neither heard nor met it. */
  #later(machine: Machine, note: (library: Library) => void): void {
    const { incarnation } = machine
    this.#time.after(1_000, () => {
      if (machine.incarnation === incarnation && machine.app) note(machine.app.library)
    })
  }

  #note(what: string): void {
    this.#wrong.push(what)
    this.#say(`WRONG ${what}`)
  }

  #say(line: string): void {
    this.#calls += 1
    const said = `${Math.round(this.#time.now)} ${line}`
    this.#hash.update(said)
    if (this.#keepTrace) this.#trace.push(said)
  }

  #newId(kind: string): string {
    return `${kind}-${(++this.#ids).toString(36).padStart(6, '0')}`
  }

  #userId(teamId: string, person: number): string {
    return `${this.#plan.people[person]?.name.toLowerCase()}-${teamId}`
  }
}

const PLENTY = { rows: 20_000_000, bytes: 2 ** 40 }
