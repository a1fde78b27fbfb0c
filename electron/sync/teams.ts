import type { TeamStatus } from '../../shared/contract/sync.ts'
import type { Change } from '../../shared/contract/system.ts'
import { wantAllCaseFiles } from '../library/case-files.ts'
import { countOpenConflicts } from '../library/conflicts.ts'
import type { Library } from '../library/library.ts'
import { countDue, countNeedsYou } from '../library/outbox.ts'
import { countElsewhere, wantAll, wantNewest } from '../library/remote-content.ts'
import type { SyncStateRecord } from '../library/schema-local.ts'
import { findSpace, findUser } from '../library/spaces.ts'
import { findSyncState, listSyncStates, updateSyncState, writeLog } from '../library/sync-states.ts'
import type { Secrets } from '../secrets.ts'
import type { SyncControl } from './control.ts'
import { Engine } from './engine.ts'
import { Examiner } from './examine.ts'
import { joinTeam, pendingName, secretName } from './join.ts'
import type { AtPoint } from './points.ts'
import { locked, notDone, PROBLEMS } from './problems.ts'
import type { TeamRegistry } from './team-registry.ts'

export type TeamsOptions = {
  library: Library
  secrets: Secrets
  /** Loaded when a team is first reached for: what reaches a database and a bucket is large. */
  registry: () => Promise<TeamRegistry>
  clock: () => number
  random: () => number
  newId: () => string
  after: (ms: number, callback: () => void) => () => void
  changed: (nouns: Change['nouns'], skillIds: string[]) => void
  log: (line: string) => void
  point?: AtPoint
}

/** At most so often is it said that something changed, in milliseconds: what a screen shows may be as much older. */
const SAY_MS = 100
/** How often it is looked whether this computer slept. */
const LOOK_MS = 5_000
const SLEPT_MS = 20_000
/** How old the count of content elsewhere may be. */
const COUNTED_MS = 3_000

/** The engines of all teams on this computer, as services ask of them. */
export class Teams implements SyncControl {
  readonly #options: TeamsOptions
  readonly #engines = new Map<string, Engine>()
  readonly #elsewhere = new Map<string, { at: number; n: number }>()
  readonly #nouns = new Set<Change['nouns'][number]>()
  readonly #skills = new Set<string>()
  #saidAt = Number.NEGATIVE_INFINITY
  #say: (() => void) | undefined
  #look: (() => void) | undefined
  readonly #examiner: Examiner
  #open = false

  constructor(options: TeamsOptions) {
    this.#options = options
    const { library, registry, secrets, clock, log } = options
    this.#examiner = new Examiner({
      ...{ library, registry, clock, log },
      secretOf: async tenantId => {
        const secret = await secrets.get(secretName(tenantId))
        return secret.kind === 'refused' || secret.kind === 'none' ? undefined : secret.value
      },
      isOpen: () => this.#open,
      changed: () => this.#changed(['sync'], []),
    })
  }

  /** Once the library is open; again when another one took its place. */
  async open(): Promise<void> {
    const old = [...this.#engines.values()]
    this.#engines.clear()
    this.#open = true
    await Promise.all(old.map(engine => engine.stop()))
    if (!this.#open) return
    for (const state of listSyncStates(this.#options.library))
      if (state.has_left === 0 && state.paused === 0) this.#engineOf(state.tenant_id).start()
    this.#lookWhetherItSlept(this.#options.clock())
  }

  wake(): void {
    if (this.#open) for (const engine of this.#engines.values()) engine.wake('queued')
  }

  status(): TeamStatus[] {
    return listSyncStates(this.#options.library).flatMap(state => this.#statusOf(state) ?? [])
  }

  async join(
    invite: string,
    onStep: Parameters<SyncControl['join']>[1],
    signal?: AbortSignal,
  ): ReturnType<SyncControl['join']> {
    const { library, secrets, clock, point = () => undefined } = this.#options
    const registry = await this.#options.registry()
    const joined = await joinTeam({ library, secrets, registry, clock, point }, invite, onStep, signal)
    if (joined.kind !== 'joined') return joined
    const { host, role } = findSyncState(library, joined.tenantId) ?? {}
    this.#note(joined.tenantId, `Joined by an invite, as ${role}; the registry is at ${host}.`)
    // One that was here goes on with its new credentials.
    if (findSyncState(library, joined.tenantId)?.paused === 0) {
      const engine = this.#engineOf(joined.tenantId)
      await engine.stop()
      engine.start()
    }
    this.#changed(['spaces', 'sync'], [])
    return joined
  }

  start(tenantId: string, content?: 'all' | 'newest'): void {
    const { library } = this.#options
    const state = findSyncState(library, tenantId)
    if (!state || state.has_left === 1) return
    const wanted = content ?? state.content
    const kept = wanted === 'all' ? 'the files of every version' : 'the files of the newest and published versions'
    if (state.paused === 1 || wanted !== state.content)
      this.#note(tenantId, `${state.paused === 1 ? 'Started' : 'Changed'}: ${kept} are kept here.`)
    library.write(() => {
      updateSyncState(library, tenantId, { paused: 0, content: wanted })
      if (wanted === 'all') wantAll(library, tenantId)
      else wantNewest(library, tenantId)
      wantAllCaseFiles(library, tenantId)
    })
    const engine = this.#engineOf(tenantId)
    engine.start()
    engine.wake('now')
  }

  pause(tenantId: string): void {
    const { library } = this.#options
    if (!findSyncState(library, tenantId)) return
    library.write(() => updateSyncState(library, tenantId, { paused: 1 }))
    this.#note(tenantId, 'Paused.')
    void this.#engines.get(tenantId)?.stop()
  }

  now(tenantId: string): void {
    this.#engines.get(tenantId)?.wake('now')
  }

  async leave(tenantId: string): Promise<void> {
    const { library, secrets } = this.#options
    await this.#engines.get(tenantId)?.stop()
    this.#engines.delete(tenantId)
    for (const name of [secretName(tenantId), pendingName(tenantId)]) await secrets.delete(name)
    if (!findSyncState(library, tenantId)) return
    library.write(() => {
      updateSyncState(library, tenantId, { has_left: 1, paused: 1, settings: '{}', host: null })
      this.#note(tenantId, 'Left the team; its credentials are forgotten here.')
    })
    this.#changed(['sync', 'spaces'], [])
  }

  async fetch(tenantId: string, hashes: readonly string[]): ReturnType<SyncControl['fetch']> {
    const state = findSyncState(this.#options.library, tenantId)
    if (!state || state.has_left === 1) return { kind: 'problem', problem: PROBLEMS.nowhere }
    const engine = this.#engineOf(tenantId)
    const brought = await engine.fetch(hashes)
    return brought.kind === 'halt' ? { kind: 'problem', problem: engine.problemOf(brought.halt) } : brought
  }

  async heal(tenantId: string, hashes: readonly string[]): Promise<number> {
    const state = findSyncState(this.#options.library, tenantId)
    return !state || state.has_left === 1 ? 0 : await this.#engineOf(tenantId).heal(hashes)
  }

  async approve(tenantId: string, versionId: string): ReturnType<SyncControl['approve']> {
    const state = findSyncState(this.#options.library, tenantId)
    if (!state || state.has_left === 1) return { kind: 'problem', problem: notDone(PROBLEMS.nowhere) }
    return await this.#engineOf(tenantId).approve(versionId)
  }

  /** Nothing is under way, and the library may be closed, when it resolves. */
  async close(): Promise<void> {
    this.#open = false
    this.#say?.()
    this.#look?.()
    await Promise.all([...this.#engines.values()].map(engine => engine.stop()))
    this.#engines.clear()
  }

  /** What a person did, beside what the engine says. */
  #note(tenantId: string, text: string): void {
    const { library, clock } = this.#options
    library.write(() => writeLog(library, tenantId, { at: clock(), level: 'info', text }))
  }

  #engineOf(tenantId: string): Engine {
    const there = this.#engines.get(tenantId)
    if (there) return there
    const { library, clock, random, newId, after, point } = this.#options
    const engine = new Engine({
      library,
      tenantId,
      connect: () => this.#connect(tenantId),
      clock,
      random,
      newId,
      after,
      knownSchema: async () => (await this.#options.registry()).knownSchema,
      ...(point ? { point } : {}),
      changed: (nouns, skillIds) => this.#changed(nouns, skillIds),
      settled: () => void this.#examiner.settled(tenantId),
    })
    this.#engines.set(tenantId, engine)
    return engine
  }

  async #connect(tenantId: string): ReturnType<ConstructorParameters<typeof Engine>[0]['connect']> {
    const registry = await this.#options.registry()
    const settings = findSyncState(this.#options.library, tenantId)?.settings
    const secret = await this.#options.secrets.get(secretName(tenantId))
    if (secret.kind === 'refused') return { kind: 'problem', problem: locked(secret.reason) }
    if (secret.kind === 'none' || settings === undefined) return { kind: 'problem', problem: PROBLEMS.nowhere }
    return { kind: 'open', remote: registry.open(settings, secret.value) }
  }

  #statusOf(state: SyncStateRecord): TeamStatus | undefined {
    const { library } = this.#options
    const space = findSpace(library, state.tenant_id)
    const user = space && findUser(library, space.user_id)
    const name = library.find<{ name: string }>('SELECT name FROM tenants WHERE id = ?', state.tenant_id)?.name
    if (!user || name === undefined) return undefined
    const idle = { state: 'paused', problem: null, progress: null, retryAt: null } as const
    const doing = this.#engines.get(state.tenant_id)?.status() ?? idle
    const shown = state.has_left === 1 ? { ...idle, state: 'left' as const } : doing
    return {
      ...shown,
      tenantId: state.tenant_id,
      name,
      host: state.host,
      user: { id: user.id, name: user.name },
      role: state.role,
      waiting: countDue(library, state.tenant_id),
      needsYou: countNeedsYou(library, state.tenant_id) + countOpenConflicts(library, state.tenant_id),
      syncedAt: state.synced_at,
      offlineSince: state.offline_since,
      content: state.content,
      contentElsewhere: this.#countElsewhere(state.tenant_id),
    }
  }

  /** Counted now and then: it looks at every version. */
  #countElsewhere(tenantId: string): number {
    const now = this.#options.clock()
    const known = this.#elsewhere.get(tenantId)
    if (known && Math.abs(now - known.at) < COUNTED_MS) return known.n
    const n = countElsewhere(this.#options.library, tenantId)
    this.#elsewhere.set(tenantId, { at: now, n })
    return n
  }

  /** Said at once after a silence, and gathered while much changes. */
  #changed(nouns: Change['nouns'], skillIds: readonly string[]): void {
    for (const noun of nouns) this.#nouns.add(noun)
    for (const id of skillIds) this.#skills.add(id)
    if (this.#say || this.#nouns.size === 0) return
    const { clock, after } = this.#options
    const wait = SAY_MS - Math.abs(clock() - this.#saidAt)
    const say = () => {
      this.#say = undefined
      this.#saidAt = this.#options.clock()
      const [said, skills] = [[...this.#nouns], [...this.#skills]]
      this.#nouns.clear()
      this.#skills.clear()
      if (this.#open && said.length > 0) this.#options.changed(said, skills)
    }
    if (wait <= 0) say()
    else this.#say = after(Math.min(wait, SAY_MS), say)
  }

  /** A computer that slept has lost its connections without knowing; whatever waits for a timer goes on now. */
  #lookWhetherItSlept(at: number): void {
    this.#look?.()
    this.#look = this.#options.after(LOOK_MS, () => {
      const now = this.#options.clock()
      if (Math.abs(now - at) > LOOK_MS + SLEPT_MS) for (const engine of this.#engines.values()) engine.wake('resumed')
      this.#lookWhetherItSlept(now)
    })
  }
}
