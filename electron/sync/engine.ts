import type { SyncProblem, SyncProgress, TeamStatus } from '../../shared/contract/sync.ts'
import type { Change } from '../../shared/contract/system.ts'
import type { Library } from '../library/library.ts'
import { countDue, hasDue, lastQueued, setDue } from '../library/outbox.ts'
import { wantNow } from '../library/remote-content.ts'
import { findSpace } from '../library/spaces.ts'
import { findSyncState, updateSyncState, writeLog } from '../library/sync-states.ts'
import { countWaitingRows } from '../library/waiting-rows.ts'
import { approveNow } from './approve.ts'
import { type Brought, bringContent, fetchNow } from './bring-content.ts'
import type { Approval } from './control.ts'
import { isFailure } from './failures.ts'
import { firstPace } from './parallel.ts'
import { PATROL_MS, patrol } from './patrol.ts'
import type { AtPoint } from './points.ts'
import { CAP_MS, decide, idleDelay, skewOf } from './policy.ts'
import { notDone, PROBLEMS } from './problems.ts'
import { pullToHead } from './pull.ts'
import { pushAll } from './push.ts'
import type { Remote } from './remote.ts'
import { healNow } from './send-content.ts'
import { type FailedAt, Standing } from './standing.ts'
import { type Halt, PAGES, type PageSizes, STOPPED, type Team } from './team.ts'

/**
 * One team's sync: one control loop, one round at a time, everything that is not certain passed in.
 *
 *            start                    hello                                  nothing (more) to send
 *   stopped ───────► (connecting) ──────────► pull ──► push ──► pull … ─────────────────────► content ──► idle
 *      ▲                  ▲                    │         │                                       │          │
 *      │ stop             │ due, heard, now    └─────────┴──── failed ───────────────────────────┘          │
 *      │                  │                             │                                                   │
 *   (any state)           └───────────── waiting ◄──────┤ passing: backoff, jittered                        │
 *                                                       │                                                   │
 *                         now, new credentials          │ only a person can mend it                         │
 *                         ┌──────────── attention ◄─────┘                                                   │
 *                         └──► (connecting)                       queued · heard · 60 s ± a quarter · now   │
 *                                           pull ◄──────────────────────────────────────────────────────────┘
 *
 * What is true after every step, so that a process may end anywhere:
 *  - rows that came and the cursor behind them are one transaction; so are an acknowledgement and what it says;
 *  - no call is made inside a local transaction, and nothing that came back after `stop` is stored;
 *  - a round that finds nothing to do is one round trip (the pull), and writes nothing;
 *  - a round pulls before it pushes: what others did is known before ours is put on top of it.
 */
export type EngineOptions = {
  library: Library
  tenantId: string
  /** The other side; asked at the first round, and again after the reader was asked for something. */
  connect: () => Promise<{ kind: 'open'; remote: Remote } | { kind: 'problem'; problem: SyncProblem }>
  /** Milliseconds since 1970. Only due times are compared with it, and those come from it. */
  clock: () => number
  /** In [0, 1). */
  random: () => number
  newId: () => string
  /** Calls back after so many milliseconds; the answer takes it back. */
  after: (ms: number, callback: () => void) => () => void
  /** The highest registry migration that this app knows. */
  knownSchema: () => number | Promise<number>
  point?: AtPoint
  /** What changed here, for whoever shows it; 'sync' for the status itself. */
  changed: (nouns: Change['nouns'], skillIds: readonly string[]) => void
  /** After each round of the loop that went well. */
  settled?: () => void
  /** False: changes there are found by the timer alone. */
  listen?: boolean
  pages?: PageSizes
}

/** `resumed`: this computer slept; `now`: the reader asked. */
export type WakeReason = 'queued' | 'heard' | 'due' | 'resumed' | 'now'
export type RoundEnd = { kind: 'done' } | { kind: 'partly' } | Halt
export type EngineStatus = Pick<TeamStatus, 'state' | 'problem' | 'progress' | 'retryAt' | 'needsApproval'>

/** How often pull and push follow each other in one round before the rest waits for the next. */
const MOST_CYCLES = 8

export class Engine {
  readonly #options: EngineOptions
  #abort = new AbortController()
  #on = false
  #team: Team | undefined
  #remote: Remote | undefined
  #known = false
  #stopListening: (() => Promise<void>) | undefined
  #running: Promise<RoundEnd> | undefined
  #looping = false
  #again: WakeReason | undefined
  #takeBack: (() => void) | undefined
  readonly #standing = new Standing()
  #at: FailedAt = 'pull'
  #progress: SyncProgress | null = null
  #needsApproval: boolean | undefined
  #lastQueued = -1
  #waitingRows = 0
  #patrolled: { at: number; after: string } | undefined

  constructor(options: EngineOptions) {
    this.#options = options
  }

  /** Goes on by itself from here. */
  start(): void {
    if (this.#on) return
    this.#on = true
    this.wake('now')
  }

  /** Nothing is under way when it resolves; everything is kept. */
  async stop(): Promise<void> {
    this.#on = false
    this.#again = undefined
    this.#takeBack?.()
    this.#takeBack = undefined
    this.#abort.abort()
    // At once, so that a start that follows on its heels is not stopped by it.
    this.#abort = new AbortController()
    this.#standing.clear()
    const running = this.#running
    await this.#disconnect()
    await running?.catch(() => undefined)
    this.#say()
  }

  /** Looks again: at once, or when the round under way is done. */
  wake(reason: WakeReason): void {
    if (!this.#on) return
    if (reason === 'queued' && !this.#hasNews()) return
    if (reason === 'now') this.#standing.clear()
    if (this.#waitsFor(reason)) return
    if (this.#looping) this.#again = this.#again === 'now' ? 'now' : reason
    else void this.#loop(reason)
  }

  /** Attention and backoff are not ended by more to send. */
  #waitsFor(reason: WakeReason): boolean {
    return this.#standing.isAsked || (reason === 'queued' && this.#standing.retryAt !== undefined)
  }

  /**
   * One round, whoever asks for it; a round that is under way is the answer. Throws what is a bug (and what a test throws
   * at a point): the caller says what then.
   */
  round(reason: WakeReason = 'now'): Promise<RoundEnd> {
    this.#running ??= this.#round(reason).finally(() => {
      this.#running = undefined
      this.#progress = null
    })
    return this.#running
  }

  status(): EngineStatus {
    const { library, tenantId } = this.#options
    const standing = this.#standing
    const [on, running] = [this.#on, this.#running !== undefined]
    const due = on || running ? countDue(library, tenantId) : 0
    const busy = this.#progress !== null || findSyncState(library, tenantId)?.synced_at === null
    return {
      state: standing.state({ on, running, busy, due }),
      problem: standing.problem ?? null,
      progress: this.#progress,
      needsApproval: this.#needsApproval,
      retryAt: standing.retryAt ?? null,
    }
  }

  /** These bytes now; see `SyncControl.fetch`. */
  async fetch(hashes: readonly string[]): Promise<Brought> {
    const team = await this.#connected()
    return 'kind' in team ? { kind: 'halt', halt: team } : await fetchNow(team, hashes)
  }

  async heal(hashes: readonly string[]): Promise<number> {
    const team = await this.#connected()
    return 'kind' in team ? 0 : (await healNow(team, hashes)).mended
  }

  /** See `SyncControl.approve`. */
  async approve(versionId: string): Promise<Approval> {
    const team = await this.#connected()
    const said = 'kind' in team ? { kind: 'halt' as const, halt: team } : await approveNow(team, versionId)
    return said.kind === 'halt' ? { kind: 'problem', problem: notDone(this.problemOf(said.halt)) } : { kind: said.kind }
  }

  /** What a halt says to a person. */
  problemOf(halt: Halt): SyncProblem {
    if (halt.kind === 'ask') return halt.problem
    if (halt.kind === 'stopped') return PROBLEMS.offline
    const verdict = decide(halt.failed, 0, () => 0)
    return 'problem' in verdict ? verdict.problem : PROBLEMS.denied
  }

  // The loop ---------------------------------------------------------------------------------------------------------

  async #loop(reason: WakeReason): Promise<void> {
    this.#takeBack?.()
    this.#takeBack = undefined
    let next: WakeReason | undefined = reason
    this.#looping = true
    while (next && this.#on) {
      this.#again = undefined
      try {
        this.#settle(await this.round(next))
      } catch (error) {
        this.#crashed(error)
      }
      next = this.#again
      // Asked for while this round failed it waits, as if it were asked for now; the reader's own word does not.
      if (next && next !== 'now' && this.#waitsFor(next)) next = undefined
    }
    this.#looping = false
    if (this.#on && !this.#takeBack) this.#schedule(idleDelay(this.#options.random))
    this.#say()
  }

  #schedule(ms: number): void {
    this.#takeBack?.()
    this.#takeBack = this.#options.after(ms, () => {
      this.#takeBack = undefined
      this.wake('due')
    })
  }

  /** What a round's end means for the next one. */
  #settle(end: RoundEnd): void {
    switch (end.kind) {
      case 'done':
        this.#standing.clear()
        this.#noteSynced()
        this.#options.settled?.()
        return
      case 'partly':
        this.#waitOn()
        return
      case 'stopped':
        return
      case 'ask':
        this.#ask(end.problem)
        return
      case 'failed':
        this.#failed(end)
        return
      default:
        end satisfies never
    }
  }

  #failed(end: Extract<Halt, { kind: 'failed' }>): void {
    const { clock, random, library, tenantId } = this.#options
    const verdict = decide(end.failed, this.#standing.failures, random)
    this.#known = false
    switch (verdict.kind) {
      case 'retry': {
        const { problem, offline, delayMs } = verdict
        const { kind, message } = end.failed.failure
        if (this.#standing.isNew(problem))
          this.#log('warning', `${problem.happened} (${end.failed.from}: ${kind}: ${message})`)
        this.#standing.retry(problem, clock() + delayMs, this.#at, offline)
        library.write(() => {
          setDue(library, tenantId, clock() + delayMs)
          const since = findSyncState(library, tenantId)?.offline_since ?? null
          if (offline && since === null) updateSyncState(library, tenantId, { offline_since: clock() })
        })
        this.#schedule(delayMs)
        return
      }
      case 'ask':
        this.#log('error', `${verdict.problem.happened} (${end.failed.from}: ${end.failed.failure.message})`)
        this.#ask(verdict.problem)
        return
      case 'role':
        this.#ask(PROBLEMS.denied)
        return
      case 'stop':
        return
      default:
        verdict satisfies never
    }
  }

  /** Nothing goes on until the reader did something; asked once. */
  #ask(problem: SyncProblem): void {
    this.#standing.ask(problem)
    void this.#disconnect()
  }

  #crashed(error: unknown): void {
    this.#abort.abort()
    this.#abort = new AbortController()
    this.#team = undefined
    this.#known = false
    this.#log('error', error instanceof Error ? (error.stack ?? error.message) : String(error))
    const delay = CAP_MS / 10
    this.#standing.retry(PROBLEMS.crashed, this.#options.clock() + delay)
    this.#schedule(delay)
  }

  /** A pull between two tries: the rest waits for its time. */
  #waitOn(): void {
    this.#schedule(Math.min(CAP_MS, Math.max(0, (this.#standing.retryAt ?? 0) - this.#options.clock())))
  }

  #noteSynced(): void {
    const { library, tenantId, clock } = this.#options
    const state = findSyncState(library, tenantId)
    if (!state) return
    // Not written at every look around: a status a minute old is as good.
    const stale = state.synced_at === null || Math.abs(clock() - state.synced_at) > 30_000
    if (state.offline_since !== null || stale)
      library.write(() => updateSyncState(library, tenantId, { synced_at: clock(), offline_since: null }))
  }

  #hasNews(): boolean {
    const newest = lastQueued(this.#options.library, this.#options.tenantId)
    if (newest === this.#lastQueued) return false
    this.#lastQueued = newest
    return hasDue(this.#options.library, this.#options.tenantId)
  }

  // One round --------------------------------------------------------------------------------------------------------

  async #round(reason: WakeReason): Promise<RoundEnd> {
    this.#at = 'pull'
    const team = await this.#connected(reason === 'now')
    if ('kind' in team) return team
    if (reason === 'now') wantNow(team.library, team.tenantId)
    this.#lastQueued = lastQueued(team.library, team.tenantId)
    const first = await pullToHead(team)
    if (first.kind !== 'head') return first
    this.#at = 'rest'
    this.#tellWaiting(team)
    // Heard of a change while something else is not due again: that one waits for its time.
    if (reason === 'heard' && this.#standing.holdsBack(this.#options.clock())) return { kind: 'partly' }
    this.#listen()
    const pushed = await this.#pushAndPull(team)
    if (pushed) return pushed
    const { done, halt } = await bringContent(team)
    // What waited for that content goes with it.
    const more = done > 0 && !halt ? await this.#pushAndPull(team) : halt
    return more ?? (await this.#patrol(team, reason)) ?? { kind: 'done' }
  }

  /** Now and then, when nothing else is to be done. */
  async #patrol(team: Team, reason: WakeReason): Promise<Halt | undefined> {
    const now = this.#options.clock()
    this.#patrolled ??= { at: now, after: '' }
    if (reason !== 'due' || Math.abs(now - this.#patrolled.at) < PATROL_MS) return undefined
    const { after, halt } = await patrol(team, this.#patrolled.after)
    this.#patrolled = { at: now, after }
    return halt
  }

  /** Until nothing is left that may go. Undefined: all went well. */
  async #pushAndPull(team: Team): Promise<Halt | undefined> {
    if (this.#standing.skew) return undefined
    for (let cycle = 0; cycle < MOST_CYCLES; cycle++) {
      if (!hasDue(team.library, team.tenantId)) return undefined
      const report = await pushAll(team)
      if (team.signal.aborted) return STOPPED
      if (report.halt && !isFailure(report.halt, 'store')) return report.halt
      if (report.sent > 0 || report.behind) {
        const pulled = await pullToHead(team)
        if (pulled.kind !== 'head') return pulled
      }
      if (report.halt || !(report.sent > 0 || report.behind)) return report.halt
    }
    return undefined
  }

  /** The other side, known to be who it should be: one hello for each connection. */
  async #connected(again = false): Promise<Team | Halt> {
    const { connect, library, tenantId } = this.#options
    const state = findSyncState(library, tenantId)
    const space = findSpace(library, tenantId)
    if (!state || !space) return { kind: 'ask', problem: PROBLEMS.nowhere }
    const signal = this.#abort.signal
    if (!this.#remote) {
      const opened = await connect()
      if (opened.kind === 'problem') return { kind: 'ask', problem: opened.problem }
      if (signal.aborted) {
        await opened.remote.close()
        return STOPPED
      }
      this.#remote = opened.remote
      this.#team = undefined
    }
    const team = this.#team?.signal === signal ? this.#team : this.#makeTeam(this.#remote, space.user_id, signal)
    this.#team = team
    if (this.#known && !again) return team
    return (await this.#hello(team)) ?? team
  }

  async #hello(team: Team): Promise<Halt | undefined> {
    const { library, tenantId, knownSchema } = this.#options
    team.point('hello:before')
    const said = await team.remote.hello()
    if (team.signal.aborted) return STOPPED
    team.point('hello:after')
    if (said.kind !== 'hello') return { kind: 'failed', failed: { from: 'registry', failure: said } }
    const { hello } = said
    if (!hello) return { kind: 'ask', problem: PROBLEMS.removed }
    const known = await knownSchema()
    if (team.signal.aborted) return STOPPED
    if (hello.tenant_id !== tenantId || hello.user_id !== team.userId) return { kind: 'ask', problem: PROBLEMS.foreign }
    const state = findSyncState(library, tenantId)
    if (state?.role !== hello.role || state.schema_version !== hello.schema_version)
      library.write(() =>
        updateSyncState(library, tenantId, { role: hello.role, schema_version: hello.schema_version }),
      )
    this.#standing.skew = skewOf(hello.schema_version, known)
    this.#needsApproval = hello.publish_needs_approval === 1
    this.#known = true
    return undefined
  }

  #makeTeam(remote: Remote, userId: string, signal: AbortSignal): Team {
    const { library, tenantId, clock, random, newId } = this.#options
    return {
      library,
      tenantId,
      remote,
      userId,
      clock,
      random,
      newId,
      pace: firstPace(),
      pages: this.#options.pages ?? PAGES,
      signal,
      role: () => findSyncState(library, tenantId)?.role ?? 'reader',
      point: this.#options.point ?? (() => undefined),
      log: (level, text) => this.#log(level, text),
      changed: (nouns, skillIds = []) => this.#options.changed(nouns, skillIds),
      progress: progress => {
        this.#progress = progress
        this.#say()
      },
    }
  }

  #listen(): void {
    if (this.#stopListening || this.#options.listen === false || !this.#on || !this.#remote) return
    this.#stopListening = this.#remote.listen({
      changed: () => this.wake('heard'),
      // A line that went may be all that went; a look tells whether the registry still answers, and says so.
      lost: () => this.wake('heard'),
      denied: () => this.wake('due'),
    })
  }

  async #disconnect(): Promise<void> {
    const [stop, remote] = [this.#stopListening, this.#remote]
    this.#stopListening = undefined
    this.#remote = undefined
    this.#team = undefined
    this.#known = false
    await Promise.all([stop?.(), remote?.close()])
  }

  /** Rows that came before what they refer to should be gone once everything was read. */
  #tellWaiting(team: Team): void {
    const waiting = countWaitingRows(team.library, team.tenantId)
    if (waiting > this.#waitingRows)
      team.log(
        'error',
        `${waiting === 1 ? '1 row' : `${waiting} rows`} of the registry kept aside: what they refer to did not come, or does not fit.`,
      )
    this.#waitingRows = waiting
  }

  #log(level: 'info' | 'warning' | 'error', text: string): void {
    const { library, tenantId, clock } = this.#options
    try {
      writeLog(library, tenantId, { at: clock(), level, text })
    } catch {
      // A disk that is full takes no line either; what it would have told of goes on all the same.
    }
  }

  #say(): void {
    this.#options.changed(['sync'], [])
  }
}
