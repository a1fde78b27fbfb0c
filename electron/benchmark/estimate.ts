import { countTokens } from '../../shared/domain/tokens.ts'
import { replyKey } from './cache.ts'
import { followKnown } from './conversation.ts'
import type { CaseInput } from './give-skill.ts'
import { isWhole, JUDGE_PROMPT, judgeQuestion } from './judge.ts'
import type { ModelQuestion, ModelReply } from './model.ts'
import { Openings, type Sources } from './openings.ts'
import { cellsOf, demandsOf, nameOf, type PlannedModel, type RunPlan, servedBy } from './plan.ts'
import type { Price } from './prices.ts'

/** What an answer is taken to be long, where nothing better is known. */
export const ASSUMED = { answerTokens: 600, callTokens: 60, judgePerDemand: 90, judgeBase: 40 } as const

type Line = { requests: number; input: number; output: number; most: number }
export type Estimate = {
  cells: number
  cached: number
  judgeCalls: number
  input: number
  output: number
  lines: { model: string; provider: string; role: 'contestant' | 'judge'; price: Price | null; line: Line }[]
  subjects: { label: string; tokens: number }[]
}
type Find = (key: string) => ModelReply | undefined

/** What a plan would ask, cell by cell, against the answers that are known. Asks nobody. */
export function estimate(plan: RunPlan, sources: Sources, find: Find): Estimate {
  const openings = new Openings(plan, sources)
  const counting = new Counting(plan, sources)
  const empty = (): Line => ({ requests: 0, input: 0, output: 0, most: 0 })
  const lines = plan.contestants.map(empty)
  const judging = empty()
  let cached = 0
  for (const cell of cellsOf(plan, plan.contestants)) {
    const line = lines[plan.contestants.indexOf(cell.contestant)]
    if (!line) continue
    const { contestant, subject, case: one, repeat } = cell
    const demands = demandsOf(one)
    if (contestant.kind === 'command') {
      add(line, counting.opening(subject.runId, one.id), ASSUMED.answerTokens, plan.settings.maxOutputTokens)
      if (plan.judge && demands.length > 0) counting.judge(judging, one.id, demands.length)
      continue
    }
    const talk = openings.talkOf(subject, one)
    // A plan with a file missing is refused; until then nothing of it is known.
    const seen =
      'missing' in talk ? { known: 0 } : followKnown(talk, question => find(keyOf(contestant, question, repeat)))
    if (!seen.told) counting.contestant(line, cell, seen.known)
    if (plan.judge && demands.length > 0) {
      const question =
        seen.told && judgeQuestion({ ...one, expected: one.expectedOutput, output: seen.told.output }, demands)
      const reply = question && find(keyOf(plan.judge, question, repeat))
      const known = seen.told && reply !== undefined && isWhole(reply, seen.told.output, demands)
      if (!known) counting.judge(judging, one.id, demands.length)
      if (seen.told && known) cached += 1
    } else if (seen.told) cached += 1
  }
  const all = [
    ...plan.contestants.map((one, at) => ({
      model: nameOf(one),
      provider: servedBy(one),
      role: 'contestant' as const,
      price: one.kind === 'model' ? one.price : null,
      line: lines[at] ?? empty(),
    })),
    ...(plan.judge
      ? [
          {
            model: plan.judge.model,
            provider: plan.judge.provider,
            role: 'judge' as const,
            price: plan.judge.price,
            line: judging,
          },
        ]
      : []),
  ]
  return {
    cells: plan.subjects.length * plan.contestants.length * plan.cases.length * plan.repeats,
    cached,
    judgeCalls: judging.requests,
    input: all.reduce((sum, { line }) => sum + line.input, 0),
    output: all.reduce((sum, { line }) => sum + line.output, 0),
    lines: all,
    subjects: plan.subjects.map(subject => ({ label: subject.label, tokens: counting.subject(subject.runId) })),
  }
}

const keyOf = (of: PlannedModel, question: ModelQuestion, repeat: number): string =>
  replyKey({ kind: of.providerKind, baseUrl: of.baseUrl, model: of.model }, question, repeat)

function add(line: Line, input: number, output: number, most: number): void {
  line.requests += 1
  line.input += input
  line.output += output
  line.most += most
}

/** Token counts of a plan's parts, each counted once. */
class Counting {
  readonly #plan: RunPlan
  readonly #systems = new Map<string, number>()
  readonly #bodies = new Map<string, number>()
  readonly #prompts = new Map<string, number>()
  readonly #judged = new Map<string, number>()
  readonly #judgePrompt = countTokens(JUDGE_PROMPT)

  constructor(plan: RunPlan, sources: Sources) {
    this.#plan = plan
    const openings = new Openings(plan, sources)
    for (const subject of plan.subjects) {
      const { skills, system, tools: given } = openings.systemOf(subject)
      const tools = given.length > 0 ? countTokens(JSON.stringify(given)) : 0
      this.#systems.set(subject.runId, countTokens(system.content) + tools)
      const bodies = tools === 0 ? [] : skills.map(skill => countTokens(skill.body))
      this.#bodies.set(
        subject.runId,
        bodies.reduce((sum, one) => sum + one, 0),
      )
    }
    for (const one of plan.cases) {
      this.#prompts.set(one.id, promptTokens(sources.inputOf(one)))
      const demands = demandsOf(one).map(demand => demand.text)
      this.#judged.set(one.id, countTokens([one.prompt, one.expectedOutput ?? '', ...demands].join('\n')))
    }
  }

  /** Everything of a skill that a usual use loads: its listing and its body. */
  subject = (runId: string): number => (this.#systems.get(runId) ?? 0) + (this.#bodies.get(runId) ?? 0)
  opening = (runId: string, caseId: string): number =>
    (this.#systems.get(runId) ?? 0) + (this.#prompts.get(caseId) ?? 0)

  /** With a skill to be triggered two requests, the second with its body; else one. Those that are known cost nothing. */
  contestant(line: Line, cell: { subject: { runId: string }; case: { id: string } }, known: number): void {
    const body = this.#bodies.get(cell.subject.runId) ?? 0
    const opening = this.opening(cell.subject.runId, cell.case.id)
    const most = this.#plan.settings.maxOutputTokens
    const steps = body > 0 && this.#plan.settings.maxSteps > 1 ? 2 : 1
    if (steps === 2 && known < 1) add(line, opening, ASSUMED.callTokens, most)
    add(line, steps === 2 ? opening + body + ASSUMED.callTokens : opening, Math.min(most, ASSUMED.answerTokens), most)
  }

  judge(line: Line, caseId: string, demands: number): void {
    const input = this.#judgePrompt + (this.#judged.get(caseId) ?? 0) + ASSUMED.answerTokens
    add(line, input, ASSUMED.judgeBase + ASSUMED.judgePerDemand * demands, 4_000)
  }
}

const promptTokens = ({ prompt, files }: CaseInput): number =>
  countTokens([prompt, ...files.map(file => file.text ?? '')].join('\n'))

/** Microcents of a line; null where there is no price and something is to be asked. */
export const expectedOf = (line: Line, of: Price | null): number | null =>
  line.requests === 0 ? 0 : of && Math.round(line.input * of.input + line.output * of.output)
export const mostOfLine = (line: Line, of: Price | null): number | null =>
  line.requests === 0 ? 0 : of && Math.round(line.input * of.input + line.most * of.output)
