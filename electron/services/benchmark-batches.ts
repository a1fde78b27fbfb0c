import { EventPublisher } from '@orpc/server'
import type { Batch, BatchEvent } from '../../shared/contract/benchmarks.ts'
import { type GivenFile, isGiven } from '../../shared/domain/benchmark/laid-files.ts'
import type {
  BenchmarkControl,
  Cell,
  CellNews,
  CellResult,
  Engine,
  Outcome,
  PlannedCommand,
  PlannedModel,
  ReplyStore,
  RunEnd,
  RunPlan,
  Target,
} from '../benchmark/control.ts'
import { hasConsent } from '../library/agent-commands.ts'
import {
  addUnpriced,
  countResults,
  findBatch,
  hasResult,
  holdBatch,
  insertResult,
  listRunIds,
  setBatchState,
  setRunsStatus,
  summarizeRun,
  takeBatch,
} from '../library/benchmark-batches.ts'
import { findProvider } from '../library/providers.ts'
import type { BatchRecord } from '../library/schema-benchmark.ts'
import { agentSkillsOf, caseFilesOf, hooksOf, sourcesOf } from './benchmark-content.ts'
import { factsOf, type PlanFacts, queueRun, repliesOf, resultOf } from './benchmark-records.ts'
import { announce, type Context } from './context.ts'
import { GroupCommit } from './group-commit.ts'
import { keyOf } from './providers.ts'

/** How long a process that gave no sign of life still counts as being at work, and how often it gives one. */
const HOLD_MS = 30_000
const BEAT_MS = 5_000

type Live = {
  halt: AbortController
  cancel: AbortController
  publisher: EventPublisher<{ event: BatchEvent }>
  done: number
  failed: number
  spent: number
  unpriced: number
  cancelled: boolean
  facts: PlanFacts
  ended: Promise<void>
}

/**
 * The runs of this process. What is true of a run is in the library; here is only what it needs to be at work: a process that
 * dies leaves its batch as it was, and another one takes it over.
 */
export class Batches {
  readonly #context: Context
  readonly #control: BenchmarkControl
  readonly #live = new Map<string, Live>()

  constructor(context: Context, control: BenchmarkControl) {
    this.#context = context
    this.#control = control
  }

  /** Whether another process is at work on it. */
  elsewhere(row: BatchRecord): boolean {
    if (row.state !== 'running' || row.owner === null || this.#live.has(row.id)) return false
    if (row.owner === this.#control.owner || !this.#control.alive(row.owner)) return false
    return (row.owner_until ?? 0) > this.#context.clock()
  }

  isLive = (id: string): boolean => this.#live.has(id)

  describe(row: BatchRecord): Batch {
    const live = this.#live.get(row.id)
    const { done, failed } = live ?? countResults(this.#context.library, row.id)
    const dead = row.state === 'running' && !live && !this.elsewhere(row)
    return {
      id: row.id,
      skillId: row.skill_id,
      state: dead ? 'interrupted' : row.state,
      reason: dead ? 'The app ended in the middle of it. What was measured is kept; it can go on.' : row.reason,
      ...(live?.facts ?? factsOf(row)),
      cells: row.cells,
      done,
      failed,
      spentMicrocents: live?.spent ?? row.spent_microcents,
      unpriced: live?.unpriced ?? row.unpriced,
      budgetMicrocents: row.budget_microcents,
      createdAt: row.created_at,
      completedAt: row.completed_at,
    }
  }

  /** Takes the batch for this process and goes on with it, in the background. False: another process has it. */
  begin(row: BatchRecord): boolean {
    const { library, clock } = this.#context
    const { owner } = this.#control
    if (!takeBatch(library, row.id, row.owner, owner, clock() + HOLD_MS)) return false
    setRunsStatus(library, row.id, 'running', null, null)
    const { done, failed } = countResults(library, row.id)
    const live: Live = {
      halt: new AbortController(),
      cancel: new AbortController(),
      publisher: new EventPublisher(),
      done,
      failed,
      spent: row.spent_microcents,
      unpriced: row.unpriced,
      cancelled: false,
      facts: factsOf(row),
      ended: Promise.resolve(),
    }
    this.#live.set(row.id, live)
    live.ended = this.#work(row, live)
    return true
  }

  async #work(row: BatchRecord, live: Live): Promise<void> {
    const { library, clock, log } = this.#context
    const beat = setInterval(() => {
      if (!holdBatch(library, row.id, this.#control.owner, clock() + HOLD_MS)) live.halt.abort()
    }, BEAT_MS)
    let end: RunEnd
    try {
      end = await this.#run(row, live)
    } catch (error) {
      log(`benchmark ${row.id}: ${error instanceof Error ? error.stack : String(error)}`)
      const reason = error instanceof Error ? error.message : String(error)
      end = { state: 'paused', reason: `Something went wrong: ${reason}. What was measured is kept.` }
    }
    clearInterval(beat)
    this.#live.delete(row.id)
    this.#close(row, live.cancelled ? 'cancelled' : end.state, end.reason)
    const last = findBatch(library, row.id)
    if (last) live.publisher.publish('event', { batch: this.describe(last), cell: null })
  }

  /** The outcome of the whole, and its place in every team's queue, in one transaction. */
  #close(row: BatchRecord, state: 'completed' | 'paused' | 'cancelled', reason: string | null): void {
    const { library, clock } = this.#context
    const now = clock()
    const status = state === 'paused' ? 'pending' : state
    library.write(() => {
      setBatchState(library, row.id, state, reason, state === 'paused' ? null : now)
      setRunsStatus(library, row.id, status, state === 'paused' ? reason : null, state === 'paused' ? null : now)
      const plan: RunPlan = JSON.parse(row.plan)
      for (const run of listRunIds(library, row.id)) {
        summarizeRun(library, run.id)
        // A working copy's run stays here: its content is nobody else's, and the registry would not know what ran.
        const subject = plan.subjects.find(one => one.runId === run.id)
        if (state === 'completed' && subject && subject.kind !== 'working') queueRun(library, run, now)
      }
    })
    announce(this.#context, ['benchmarks', 'skills'], [row.skill_id])
  }

  async #run(row: BatchRecord, live: Live): Promise<RunEnd> {
    const { library } = this.#context
    const engine = await this.#control.engine()
    const plan = engine.readPlan(row.plan)
    const targets = new Map<string, Target>()
    for (const one of plan.contestants) {
      if (one.kind !== 'model') continue
      const target = await this.#target(engine, one)
      if ('reason' in target) return { state: 'paused', reason: target.reason }
      targets.set(one.model, target)
    }
    const judge = plan.judge ? await this.#target(engine, plan.judge) : null
    if (judge && 'reason' in judge) return { state: 'paused', reason: judge.reason }
    const commit = new GroupCommit(library, engine.handsOf(plan, targets))
    const replies = repliesOf(this.#context, engine, commit, row.id, spent => {
      live.spent += spent
    })
    return engine.run({
      plan,
      sources: sourcesOf(library),
      targets,
      judge,
      halt: live.halt,
      cancel: live.cancel.signal,
      replies,
      budget: { ceiling: row.budget_microcents, spent: row.spent_microcents },
      store: {
        has: cell => hasResult(library, cell.subject.runId, cell.case.id, nameOf(cell), cell.repeat),
        add: result => commit.write(() => this.#add(row, live, result)),
      },
      runCommand: (cell, command) =>
        this.#command(engine, { cell, command, given: plan.given ?? [] }, replies, live.halt.signal),
      news: news => this.#news(row, live, news),
    })
  }

  async #target(engine: Engine, of: PlannedModel): Promise<Target | { reason: string }> {
    const provider = findProvider(this.#context.library, of.providerId)
    if (!provider) return { reason: `The provider “${of.provider}” is no longer here.` }
    const key = await keyOf(this.#context, this.#control, provider)
    if (key.kind === 'refused') return { reason: key.reason }
    return engine.target(of, key.value, {
      concurrency: provider.concurrency,
      requestsPerMinute: provider.requests_per_minute,
      tokensPerMinute: provider.tokens_per_minute,
    })
  }

  /** A command's answer is kept like a model's: by the command, the content, the prompt and the repeat. */
  async #command(
    engine: Engine,
    { cell, command, given }: { cell: Cell; command: PlannedCommand; given: readonly GivenFile[] },
    replies: ReplyStore,
    signal: AbortSignal,
  ): Promise<Outcome> {
    const { library } = this.#context
    // Of what will run, not of what the plan says was agreed to.
    if (!hasConsent(library, engine.consentOf(command.fields).hash))
      return { kind: 'failed', failure: engine.refused(`Nobody has agreed to what “${command.fields.name}” runs.`) }
    const { contentHash } = cell.subject
    if (contentHash !== null && hooksOf(library, cell.subject).some(file => !isGiven(contentHash, file, given)))
      return { kind: 'failed', failure: engine.refused(`Nobody has allowed the hooks of ${cell.subject.label}.`) }
    const key = engine.commandKey(command, cell, given)
    const known = replies.find(key)
    if (known) return engine.toldByCommand(known)
    const files = caseFilesOf(library, cell.case, given)
    if ('missing' in files) return { kind: 'failed', failure: engine.missingFile(files.missing) }
    const outcome = await engine.runCommand(
      command.fields,
      {
        prompt: cell.case.prompt,
        skills: agentSkillsOf(library, cell.subject),
        files,
      },
      signal,
    )
    if (outcome.kind === 'told') await replies.keep(key, engine.keptOfCommand(outcome.told), outcome.told.cost ?? 0)
    return outcome
  }

  #add(row: BatchRecord, live: Live, result: CellResult): void {
    const { library, newId, clock } = this.#context
    const kept = insertResult(library, resultOf(row, result, newId(), clock()))
    if (!kept) return
    live.done += 1
    if (result.unpriced) {
      addUnpriced(library, row.id)
      live.unpriced += 1
    }
    if (result.error !== null) live.failed += 1
  }

  #news(row: BatchRecord, live: Live, { cell, state, quality }: CellNews): void {
    if (live.publisher.size === 0) return
    const at = { runId: cell.subject.runId, caseId: cell.case.id, model: nameOf(cell), repeat: cell.repeat }
    live.publisher.publish('event', {
      batch: this.describe({ ...row, state: 'running' }),
      cell: { ...at, state, quality },
    })
  }

  /** What happens from now on; undefined where nothing is at work here. */
  follow(id: string, signal: AbortSignal | undefined): AsyncGenerator<BatchEvent> | undefined {
    return this.#live.get(id)?.publisher.subscribe('event', { signal })
  }

  /**
   * Resolves when nothing of it is at work any more. `pause` lets what was asked be answered; `cancel`, for good, and `close`,
   * until another time, break it off.
   */
  async stop(id: string, how: 'pause' | 'cancel' | 'close'): Promise<void> {
    const live = this.#live.get(id)
    if (!live) return
    live.halt.abort()
    live.cancelled = how === 'cancel'
    if (how !== 'pause') live.cancel.abort(new Error('stopped'))
    await live.ended
  }

  async close(): Promise<void> {
    await Promise.all([...this.#live.keys()].map(id => this.stop(id, 'close')))
  }
}

const nameOf = (cell: Cell): string =>
  cell.contestant.kind === 'model' ? cell.contestant.model : cell.contestant.fields.name
