import { Asker, type AskerOptions, type Target, type Usable } from './asker.ts'
import { type Asked, converse, type Outcome, type Told } from './conversation.ts'
import { type ModelFailure, missingFile } from './failures.ts'
import { type Finding, type Graded, gradeOutput } from './graders/grade.ts'
import type { GradingRoom } from './graders/room.ts'
import { judge } from './judge.ts'
import type { ModelQuestion } from './model.ts'
import { Openings, type Sources } from './openings.ts'
import {
  type Cell,
  cellsOf,
  demandsOf,
  nameOf,
  type PlannedCommand,
  type PlannedContestant,
  type RunPlan,
  servedBy,
} from './plan.ts'

/** One cell's outcome as it is stored. Without an answer `told` and `graded` are missing and `error` says why. */
export type CellResult = {
  cell: Cell
  model: string
  provider: string
  told: Told | null
  graded: Graded | null
  judgeCost: number | null
  /** Somebody without a price answered for it, anew: what it cost is not known. */
  unpriced: boolean
  error: string | null
}
type Bill = { unpriced: boolean }
export type RunStore = {
  /** Whether that cell has a result already: nothing that was stored is asked or paid again. */
  has: (cell: Cell) => boolean
  /** Resolves when it is on disk. */
  add: (result: CellResult) => Promise<void>
}
export type CellNews = { cell: Cell; state: 'running' | 'done' | 'failed'; quality: number | null }
export type RunEnd = { state: 'completed' | 'paused'; reason: string | null }

export type RunOptions = {
  plan: RunPlan
  sources: Sources
  /** By `nameOf` of a contestant; a command has none. */
  targets: ReadonlyMap<string, Target>
  judge: Target | null
  asking: Omit<AskerOptions, 'halt'>
  /** Aborted from outside to pause. */
  halt: AbortController
  store: RunStore
  room: GradingRoom
  runCommand: (cell: Cell, command: PlannedCommand) => Promise<Outcome>
  /** How many commands at once. */
  commands: number
  news: (news: CellNews) => void
}

/** So many failures one after another, and the run waits for a person rather than fail through all cells. */
const MOST_FAILURES_IN_A_ROW = 20

/**
 * Runs every cell of a plan that has no result yet. Each provider's cells are taken by as many hands as it allows at once, one
 * cell at a time, so that memory does not grow with the plan. Ends by itself when all is done, when the budget or a provider
 * stops it, or when `halt` is aborted; what is under way then comes to its end or is asked again another time.
 */
export async function runCells(options: RunOptions): Promise<RunEnd> {
  const run = new Run(options)
  await Promise.all(run.hands().map(hand => run.work(hand)))
  return run.end()
}

class Run {
  readonly #options: RunOptions
  readonly #asker: Asker
  readonly #openings: Openings
  #reason: string | null = null
  #failures = 0
  #left = 0

  constructor(options: RunOptions) {
    this.#options = options
    this.#asker = new Asker({ ...options.asking, halt: options.halt.signal })
    this.#openings = new Openings(options.plan, options.sources)
  }

  /** For each provider its cells, given out one by one to as many hands as may ask at once. */
  hands(): Generator<Cell>[] {
    const { plan, targets, commands } = this.#options
    const groups = new Map<unknown, PlannedContestant[]>()
    for (const one of plan.contestants) {
      const lane = targets.get(nameOf(one))?.lane ?? 'command'
      groups.set(lane, [...(groups.get(lane) ?? []), one])
    }
    return [...groups.values()].flatMap(group => {
      const cells = cellsOf(plan, group)
      const target = targets.get(nameOf(group[0] ?? plan.contestants[0] ?? unreachable()))
      const hands = target?.lane.concurrency ?? commands
      return Array.from({ length: hands }, () => cells)
    })
  }

  async work(cells: Generator<Cell>): Promise<void> {
    const { halt, store } = this.#options
    while (!halt.signal.aborted && this.#left === 0) {
      // Not for…of: leaving that would end the generator for every other hand.
      const next = cells.next()
      if (next.done) return
      if (store.has(next.value)) continue
      try {
        await this.#cell(next.value)
      } catch (error) {
        // A bug of ours, or a disk that is full: nobody goes on, and whoever started the run hears of it.
        halt.abort()
        throw error
      }
    }
  }

  end(): RunEnd {
    const { halt, asking } = this.#options
    if (this.#left === 0 && !halt.signal.aborted) return { state: 'completed', reason: null }
    const budget = asking.budget.stopped ? 'It stopped before its budget: the next answer might have passed it.' : null
    return { state: 'paused', reason: this.#reason ?? budget }
  }

  async #cell(cell: Cell): Promise<void> {
    const { news } = this.#options
    news({ cell, state: 'running', quality: null })
    const { contestant } = cell
    const bill: Bill = { unpriced: false }
    const outcome =
      contestant.kind === 'command'
        ? await this.#command(cell, contestant)
        : await this.#talk(cell, nameOf(contestant), bill)
    switch (outcome.kind) {
      case 'stopped':
        return this.#leave()
      case 'failed':
        return this.#failed(cell, outcome.failure, bill)
      case 'told':
        if (contestant.kind === 'command') bill.unpriced = outcome.told.cost === null && !outcome.told.cached
        return this.#told(cell, outcome.told, bill)
      default:
        outcome satisfies never
    }
  }

  /** What an agent will cost nobody can foresee; what it says that it did cost counts, so that the next one is not started. */
  async #command(cell: Cell, command: PlannedCommand): Promise<Outcome> {
    const { runCommand, asking } = this.#options
    if (!(await asking.budget.setAside(0))) return { kind: 'stopped' }
    const outcome = await runCommand(cell, command)
    if (outcome.kind === 'told' && !outcome.told.cached) asking.budget.settle(0, outcome.told.cost ?? 0)
    return outcome
  }

  async #talk(cell: Cell, name: string, bill: Bill): Promise<Outcome> {
    const target = this.#options.targets.get(name)
    if (!target) throw new Error(`there is no way to ${name}`)
    const talk = this.#openings.talkOf(cell.subject, cell.case)
    if ('missing' in talk) return { kind: 'failed', failure: missingFile(talk.missing) }
    return converse(talk, question => this.#ask(target, question, cell, bill))
  }

  async #ask(target: Target, question: ModelQuestion, cell: Cell, bill: Bill, usable?: Usable): Promise<Asked> {
    const asked = await this.#asker.ask(target, question, cell.repeat, usable)
    if (asked.kind === 'reply' && !asked.cached && target.price === undefined) bill.unpriced = true
    return asked
  }

  /**
   * Not done and not failed: another time. Nobody begins anything more; but what is under way comes to its end where it was the
   * budget, for an agent that is ended is paid all the same.
   */
  #leave(): void {
    this.#left += 1
  }

  async #failed(cell: Cell, failure: ModelFailure, { unpriced }: Bill): Promise<void> {
    if (failure.stops) {
      this.#stop(failure.words)
      return
    }
    this.#failures += 1
    await this.#store({ cell, told: null, graded: null, judgeCost: null, unpriced, error: failure.words })
    if (this.#failures >= MOST_FAILURES_IN_A_ROW)
      this.#stop(`${MOST_FAILURES_IN_A_ROW} answers in a row failed, the last one so: ${failure.words}`)
  }

  #stop(reason: string): void {
    this.#reason ??= reason
    this.#leave()
  }

  async #told(cell: Cell, told: Told, bill: Bill): Promise<void> {
    this.#failures = 0
    const judged = await this.#judge(cell, told, bill)
    if (judged.kind === 'stopped') return this.#leave()
    if (judged.kind === 'failed' && judged.failure.stops) return this.#stop(judged.failure.words)
    const findings: Finding[] =
      judged.kind === 'judged'
        ? judged.findings
        : demandsOf(cell.case).map(() => ({
            passed: null,
            evidence: `The judge gave no answer: ${judged.failure.words}`,
          }))
    const of = { output: told.output, ms: told.ms, cost: told.cost }
    const graded = await gradeOutput(cell.case.assertions, of, this.#options.room, findings)
    if (told.finish === 'length') graded.notes ??= 'The answer was cut off at the most tokens it may have.'
    if (told.note !== undefined) graded.notes = [told.note, ...(graded.notes === null ? [] : [graded.notes])].join(' ')
    const judgeCost = judged.kind === 'judged' ? judged.cost : null
    await this.#store({ cell, told, graded, judgeCost, unpriced: bill.unpriced, error: null })
  }

  async #judge(cell: Cell, told: Told, bill: Bill): ReturnType<typeof judge> {
    const { judge: target, plan } = this.#options
    const demands = demandsOf(cell.case)
    if (demands.length === 0 || target === null || plan.judge === null)
      return {
        kind: 'judged',
        findings: demands.map(() => ({ passed: null, evidence: 'No judge was asked.' })),
        cost: 0,
      }
    const of = { prompt: cell.case.prompt, expected: cell.case.expectedOutput, output: told.output }
    const judged = await judge(of, demands, (question, usable) => this.#ask(target, question, cell, bill, usable))
    if (judged.kind !== 'judged') return judged
    // What was asked was whether it holds; 'not' is turned here, as with every other demand.
    const findings = judged.findings.map((one, at) =>
      demands[at]?.not === true && one.passed !== null ? { ...one, passed: !one.passed } : one,
    )
    return { ...judged, findings }
  }

  async #store(result: Omit<CellResult, 'model' | 'provider'>): Promise<void> {
    const { contestant } = result.cell
    await this.#options.store.add({ ...result, model: nameOf(contestant), provider: servedBy(contestant) })
    this.#options.news({
      cell: result.cell,
      state: result.error === null ? 'done' : 'failed',
      quality: result.graded?.score ?? null,
    })
  }
}

const unreachable = (): never => {
  throw new Error('a plan has at least one contestant')
}
