import { hash } from 'node:crypto'
import type { CommandFields } from '../../shared/contract/agent-commands.ts'
import { type GivenFile, laidFiles } from '../../shared/domain/benchmark/laid-files.ts'
import { Asker, type ReplyStore, type Target, type Usable } from './asker.ts'
import { Budget } from './budget.ts'
import { replyKey } from './cache.ts'
import { type AgentTask, COMMAND_PRESETS, type CommandHost, consentText, runAgentCommand } from './command-runner.ts'
import type { Asked, Outcome, Told } from './conversation.ts'
import { ASSUMED, type Estimate, estimate, expectedOf, mostOfLine } from './estimate.ts'
import { type ModelFailure, missingFile } from './failures.ts'
import { GradingRoom } from './graders/room.ts'
import { isChoice, JUDGE_PROMPT_HASH, pairQuestion, readChoice } from './judge.ts'
import { Lane, type LaneLimits, realTiming, type Timing } from './lane.ts'
import { type ModelReply, modelReply, textOf } from './model.ts'
import type { Sources } from './openings.ts'
import { type Cell, type PlannedCommand, type PlannedModel, type RunPlan, runPlan } from './plan.ts'
import { costOf, listPrice, mostOf, PRICES_DATE } from './prices.ts'
import { openProvider, PRESETS, testConnection } from './providers.ts'
import { byLikeness } from './rivals.ts'
import { type RunEnd, type RunOptions, runCells } from './run-cells.ts'
import { amongHash, chosenIn, descriptionHash, tokensOfQuestion, triggerQuestion } from './trigger.ts'

export type EngineOptions = Omit<CommandHost, 'now'> & {
  now: () => number
  random: () => number
  timing?: Timing
}
/** Agents' command lines are whole programs, each with children of its own. */
const COMMANDS_AT_ONCE = 2
export type Budgeted = { ceiling: number | null; spent: number }

/**
 * What services reach of all this (see control.ts). One for a backend: the ways to the providers are its, so that two runs at a
 * time keep one limit together.
 */
export class Engine {
  readonly presets = PRESETS
  readonly commandPresets = COMMAND_PRESETS
  readonly pricesDate = PRICES_DATE
  readonly judgePromptHash = JUDGE_PROMPT_HASH
  readonly listPrice = listPrice
  readonly costOf = costOf
  readonly expectedOf = expectedOf
  readonly mostOfLine = mostOfLine
  readonly mostOf = mostOf
  readonly assumed = ASSUMED
  /** Tells sets of the author's own prices apart, in a few letters. */
  fingerprint = (of: unknown): string => fingerprint(of).slice(0, 8)
  readonly trigger = { chosenIn, triggerQuestion, amongHash, descriptionHash, byLikeness, tokensOf: tokensOfQuestion }
  readonly replyKey = replyKey
  readonly room = new GradingRoom()
  readonly #options: EngineOptions
  readonly #timing: Timing
  readonly #lanes = new Map<string, Lane>()

  constructor(options: EngineOptions) {
    this.#options = options
    this.#timing = options.timing ?? realTiming(options.now)
  }

  readPlan = (text: string): RunPlan => runPlan.parse(JSON.parse(text))
  readReply = (text: string): ModelReply | undefined => modelReply.safeParse(JSON.parse(text)).data

  estimate = (plan: RunPlan, sources: Sources, find: ReplyStore['find']): Estimate => estimate(plan, sources, find)

  testConnection(
    address: Parameters<typeof testConnection>[0],
    key: string | undefined,
    model: string,
    signal: AbortSignal,
  ): ReturnType<typeof testConnection> {
    return testConnection(address, key, model, { now: this.#options.now, signal })
  }

  /** A way to a model. Ways to one provider are one, as long as its limits are. */
  async target(of: PlannedModel, key: string | undefined, limits: LaneLimits): Promise<Target> {
    const open = await openProvider({ name: of.provider, kind: of.providerKind, baseUrl: of.baseUrl }, key)
    const name = JSON.stringify([of.providerId, limits])
    const lane = this.#lanes.get(name) ?? new Lane(limits, this.#timing)
    this.#lanes.set(name, lane)
    return {
      providerId: of.providerId,
      provider: of.provider,
      kind: of.providerKind,
      baseUrl: of.baseUrl,
      model: of.model,
      price: of.price ?? undefined,
      key,
      language: open(of.model),
      lane,
    }
  }

  /** How many cells of a plan are under way at once. */
  handsOf(plan: RunPlan, targets: ReadonlyMap<string, Target>): number {
    const lanes = new Set([...targets.values()].map(target => target.lane))
    const commands = plan.contestants.some(one => one.kind === 'command') ? COMMANDS_AT_ONCE : 0
    return [...lanes].reduce((sum, lane) => sum + lane.concurrency, commands)
  }

  run(
    options: Omit<RunOptions, 'asking' | 'room' | 'commands'> & {
      replies: ReplyStore
      budget: Budgeted
      cancel: AbortSignal
    },
  ): Promise<RunEnd> {
    const { replies, budget, cancel, ...rest } = options
    return runCells({
      ...rest,
      room: this.room,
      commands: COMMANDS_AT_ONCE,
      asking: this.#asking(replies, budget, cancel, rest.plan.settings.timeLimitMs),
    })
  }

  /** Asks questions that are no cells, within a budget of their own. */
  asker(replies: ReplyStore, budget: Budgeted, stop: AbortSignal): Asker['ask'] {
    const asker = new Asker({ ...this.#asking(replies, budget, stop, 120_000), halt: stop })
    return (target, question, repeat, usable) => asker.ask(target, question, repeat, usable)
  }

  #asking(store: ReplyStore, budget: Budgeted, signal: AbortSignal, timeLimitMs: number) {
    return {
      store,
      budget: new Budget(budget.ceiling, budget.spent),
      timing: this.#timing,
      random: this.#options.random,
      signal,
      timeLimitMs,
    }
  }

  /** Which of two outputs a judge prefers; sides are the caller's to shuffle. */
  async judgePair(
    pair: { prompt: string; a: string; b: string },
    ask: (question: ReturnType<typeof pairQuestion>, usable: Usable) => Promise<Asked>,
  ): Promise<{ kind: 'decided'; better: 'A' | 'B' | 'tie'; reason: string } | { kind: 'failed'; words: string }> {
    const asked = await ask(pairQuestion(pair.prompt, pair.a, pair.b), isChoice)
    if (asked.kind === 'failed') return { kind: 'failed', words: asked.failure.words }
    if (asked.kind === 'stopped') return { kind: 'failed', words: 'It was stopped.' }
    const choice = readChoice(textOf(asked.reply))
    return choice ? { kind: 'decided', ...choice } : { kind: 'failed', words: 'The judge’s answer could not be read.' }
  }

  consentOf(fields: CommandFields): { text: string; hash: string } {
    const text = consentText(fields)
    return { text, hash: hash('sha256', text, 'hex') }
  }

  runCommand = (fields: CommandFields, task: AgentTask, signal: AbortSignal): Promise<Outcome> =>
    runAgentCommand(fields, task, this.#options, signal)

  missingFile = missingFile
  refused = (words: string): ModelFailure => ({ code: 'refused', words, retry: false, stops: true, begun: false })

  /** The name of a command's answer: all that could change it. */
  commandKey = (command: PlannedCommand, { subject, case: one, repeat }: Cell, given: readonly GivenFile[]): string =>
    fingerprint(['command', command.hash, subject.contentHash, one.prompt, laidFiles(one, given), repeat])
  keptOfCommand = (told: Told): ModelReply => ({
    parts: [{ type: 'text', text: told.output }],
    usage: told.usage,
    finish: 'stop',
    ms: told.ms,
    cost: told.cost,
  })
  toldByCommand = (reply: ModelReply): Outcome => ({
    kind: 'told',
    told: {
      output: textOf(reply),
      usage: reply.usage,
      cost: reply.cost ?? null,
      ms: reply.ms,
      steps: 1,
      finish: 'stop',
      used: [],
      read: [],
      cached: true,
    },
  })

  close = (): Promise<void> => this.room.close()
}

const fingerprint = (of: unknown): string => hash('sha256', JSON.stringify(of), 'hex')
