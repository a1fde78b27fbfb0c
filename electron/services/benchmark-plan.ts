import type { Plan, PlanInput } from '../../shared/contract/benchmarks.ts'
import { readAssertions } from '../../shared/domain/benchmark/assertion.ts'
import { encodeCaseSet, readStoredFiles } from '../../shared/domain/benchmark/case-set.ts'
import { configuringFiles, isGiven, soundFiles } from '../../shared/domain/benchmark/laid-files.ts'
import { checkPath } from '../../shared/domain/bundle.ts'
import { parseJson } from '../../shared/domain/rows/json.ts'
import type {
  BenchmarkControl,
  Engine,
  Estimate,
  PlannedCase,
  PlannedContestant,
  PlannedModel,
  PlannedSubject,
  RunPlan,
} from '../benchmark/control.ts'
import { findCommand, hasConsent } from '../library/agent-commands.ts'
import { listRunnableCases } from '../library/benchmark-batches.ts'
import { sha256 } from '../library/blobs.ts'
import { findReply } from '../library/model-replies.ts'
import { isTeam } from '../library/outbox.ts'
import { findProvider } from '../library/providers.ts'
import type { BenchmarkCaseRecord } from '../library/schema.ts'
import { findSkill } from '../library/skills.ts'
import { fieldsOf } from './agent-commands.ts'
import { hooksOf, missingCaseFiles, sourcesOf, subjectOf, unsafePathOf } from './benchmark-content.ts'
import type { Context, Damaged } from './context.ts'
import { plannedModelOf, priceTableOf } from './providers.ts'

export type Planned = { kind: 'planned'; plan: RunPlan; shown: Plan } | { kind: 'impossible'; reasons: string[] }

/** Freezes what a run would be, and says what it would cost. Asks no model anything. */
export async function planRun(
  context: Context,
  control: BenchmarkControl,
  input: PlanInput,
  errors: Damaged,
): Promise<Planned> {
  const engine = await control.engine()
  const reasons: string[] = []
  const keep = <T extends object>(made: T | { reason: string }): T[] => {
    if (!('reason' in made)) return [made]
    if (!reasons.includes(made.reason)) reasons.push(made.reason)
    return []
  }
  const subjects = input.subjects.flatMap(one => keep(subjectOf(context, one, input.skillId, errors)))
  const contestants = input.contestants.flatMap(one => keep(contestantOf(context, engine, one)))
  const judge = input.judge === null ? [] : keep(modelOf(context, engine, input.judge))
  const cases = casesOf(context, input)
  reasons.push(...missingFiles(context, input.skillId, cases))
  reasons.push(...impossible(input, subjects, contestants, cases, judge[0]))
  if (contestants.some(one => one.kind === 'command')) reasons.push(...unsafeSkills(context, subjects))
  if (reasons.length > 0) return { kind: 'impossible', reasons }
  const plan: RunPlan = {
    skillId: input.skillId,
    subjects: subjects.map(one => ({ ...one, runId: context.newId() })),
    contestants,
    cases,
    caseSetHash: sha256(encodeCaseSet(cases)),
    repeats: input.repeats,
    settings: input.settings,
    judge: judge[0] ?? null,
    judgePromptHash: judge[0] ? engine.judgePromptHash : null,
    priceTable: priceTableOf(context, engine),
    ...(input.given && input.given.length > 0 && { given: input.given }),
  }
  const shown = show(context, engine, plan, input)
  const unpriced = input.budgetMicrocents !== null && !input.acceptUnpriced ? shown.unpriced : []
  if (unpriced.length > 0)
    return {
      kind: 'impossible',
      reasons: [
        `A budget cannot hold for ${unpriced.join(', ')}: no price is known. Set one, or go on without that guard.`,
      ],
    }
  return { kind: 'planned', plan, shown }
}

function casesOf(context: Context, input: PlanInput): PlannedCase[] {
  const wanted = input.caseIds && new Set(input.caseIds)
  return listRunnableCases(context.library, input.skillId)
    .filter(row => wanted?.has(row.id) ?? true)
    .map(plannedCase)
}

const plannedCase = (row: BenchmarkCaseRecord): PlannedCase => ({
  id: row.id,
  name: row.name,
  prompt: row.prompt,
  expectedOutput: row.expected_output,
  assertions: readAssertions(row.assertions),
  files: readStoredFiles(parseJson(row.files)),
  weight: row.weight,
})

const NAMED_FILES = 5

/** A case that is asked without its file is another case, so it is not asked. */
function missingFiles({ library }: Context, skillId: string, cases: readonly PlannedCase[]): string[] {
  const missing = missingCaseFiles(library, cases)
  const [first] = missing
  if (!first) return []
  const named = missing.slice(0, NAMED_FILES).map(({ of, path }) => `“${path}” of the case “${of}”`)
  const more = missing.length > NAMED_FILES ? ` and ${missing.length - NAMED_FILES} more` : ''
  const is = missing.length === 1 ? 'is' : 'are'
  const tenantId = findSkill(library, skillId)?.tenant_id
  const todo =
    tenantId !== undefined && isTeam(library, tenantId)
      ? 'Sync now to fetch it (where that does not bring it, whoever made the case has it)'
      : 'Add it to the case again'
  return [`${named.join(', ')}${more} ${is} not on this computer, or damaged. ${todo}, or leave such cases out.`]
}

function modelOf(
  context: Context,
  engine: Engine,
  of: { providerId: string; model: string },
): PlannedModel | { reason: string } {
  const row = findProvider(context.library, of.providerId)
  return row ? plannedModelOf(context, engine, row, of.model) : { reason: 'A provider of the plan is no longer here.' }
}

function contestantOf(
  context: Context,
  engine: Engine,
  of: PlanInput['contestants'][number],
): PlannedContestant | { reason: string } {
  if (of.kind === 'model') return modelOf(context, engine, of)
  const row = findCommand(context.library, of.commandId)
  if (!row) return { reason: 'A command of the plan is no longer here.' }
  const fields = fieldsOf(row)
  const { hash } = engine.consentOf(fields)
  if (!hasConsent(context.library, hash)) return { reason: `Nobody has agreed yet to what “${fields.name}” runs.` }
  return { kind: 'command', commandId: of.commandId, hash, fields }
}

/** A skill whose files cannot be laid for an agent is said so before anything is spent. */
const unsafeSkills = ({ library }: Context, subjects: readonly Omit<PlannedSubject, 'runId'>[]): string[] =>
  subjects.flatMap(subject => {
    const bad = unsafePathOf(library, subject)
    return bad === undefined ? [] : [`An agent’s command cannot be given ${subject.label}: ${bad}`]
  })

/** Everything that stands against it at once, so that a person mends it in one go. */
function impossible(
  input: PlanInput,
  subjects: readonly Omit<PlannedSubject, 'runId'>[],
  contestants: readonly PlannedContestant[],
  cases: readonly PlannedCase[],
  judge: PlannedModel | undefined,
): string[] {
  const reasons: string[] = []
  if (cases.length === 0) reasons.push('There is no case to run. Write one, import some, or make one of a feedback.')
  const twice = (names: readonly string[]) => names.find((name, at) => names.indexOf(name) !== at)
  const name = twice(contestants.map(nameOf))
  if (name !== undefined) reasons.push(`“${name}” is there twice: results are told apart by the model’s name.`)
  const label = twice(subjects.map(one => one.label))
  if (label !== undefined) reasons.push(`“${label}” is there twice.`)
  if (judge && !input.judgeMayContend && contestants.some(one => nameOf(one) === judge.model))
    reasons.push(`${judge.model} would judge its own output. Choose another judge, or allow it.`)
  return reasons
}

const nameOf = (one: PlannedContestant): string => (one.kind === 'model' ? one.model : one.fields.name)

function show(context: Context, engine: Engine, plan: RunPlan, input: PlanInput): Plan {
  const find = (key: string) => {
    const found = findReply(context.library, key)
    return found && engine.readReply(found.reply)
  }
  const counted = engine.estimate(plan, sourcesOf(context.library), find)
  const sum = (of: (line: Estimate['lines'][number]) => number | null): number | null =>
    counted.lines.reduce<number | null>((total, line) => {
      const one = of(line)
      return total === null || one === null ? null : total + one
    }, 0)
  const expected = sum(({ line, price }) => engine.expectedOf(line, price))
  const most = sum(({ line, price }) => engine.mostOfLine(line, price))
  const unpriced = counted.lines.filter(({ line, price }) => price === null && line.requests > 0).map(one => one.model)
  const configuring = configuringOf(context, plan)
  const shown: Omit<Plan, 'hash'> = {
    cells: counted.cells,
    cached: counted.cached,
    caseSetHash: plan.caseSetHash,
    subjects: counted.subjects,
    judgeCalls: counted.judgeCalls,
    tokens: { input: counted.input, output: counted.output },
    expectedMicrocents: expected,
    mostMicrocents: most,
    perModel: counted.lines.map(({ model, provider, role, line, price }) => ({
      model,
      provider,
      role,
      requests: line.requests,
      expectedMicrocents: engine.expectedOf(line, price),
    })),
    unpriced: [...new Set(unpriced)],
    priceTable: plan.priceTable,
    assumptions: assumptionsOf(engine, plan),
    warnings: warningsOf(plan, input, most, configuring),
    configuring,
  }
  // Ids are new each time; everything else of the plan, and the figures that were shown, are what is agreed to.
  const agreed = { ...plan, subjects: plan.subjects.map(({ runId: _, ...subject }) => subject) }
  return { hash: sha256(JSON.stringify([agreed, shown, input.budgetMicrocents])), ...shown }
}

function assumptionsOf(engine: Engine, plan: RunPlan): string[] {
  const { manner, maxOutputTokens } = plan.settings
  const { answerTokens } = engine.assumed
  const lines = [
    `An answer is taken to be ${answerTokens} tokens long; at most it may be ${maxOutputTokens}.`,
    `Tokens are counted with one public vocabulary, so a model’s own count may differ by a fifth or so.`,
  ]
  if (manner === 'progressive' && plan.subjects.some(one => one.kind !== 'none'))
    lines.push(
      'With a skill two requests are expected: one in which it is chosen, one with its text. Files it reads come on top.',
    )
  if (plan.contestants.some(one => one.kind === 'command'))
    lines.push('What an agent’s command line uses cannot be foreseen: its figures are those of a single request.')
  lines.push(`Prices are those of ${plan.priceTable}.`)
  return lines
}

/** What an agent would be configured by; nothing where only models are asked. */
function configuringOf({ library }: Context, plan: RunPlan): Plan['configuring'] {
  if (plan.contestants.every(one => one.kind !== 'command')) return []
  const given = plan.given ?? []
  const hooks = plan.subjects.flatMap(subject => {
    const of = subject.contentHash
    if (of === null) return []
    const whose = 'Claude Code: hooks'
    return hooksOf(library, subject).map(file => {
      return { of, ofName: subject.label, ...file, whose, given: isGiven(of, file, given), required: true }
    })
  })
  return [...hooks, ...configuringFiles(plan.cases, given).map(file => ({ ...file, required: false }))]
}

/** Why a run must not begin yet; the plan can be seen all the same. */
export const notGiven = (configuring: Plan['configuring']): string[] =>
  configuring
    .filter(one => one.required && !one.given)
    .map(
      ({ ofName, path }) =>
        `${path} of ${ofName} declares hooks: commands that Claude Code runs by itself. Allow them in the plan (--lay ${path} on the command line) if you trust who wrote them, or leave ${ofName} out.`,
    )

/** What a case brings along and is not used, or is used though it configures something. */
function fileWarnings(plan: RunPlan, configuring: Plan['configuring']): string[] {
  const warnings = plan.cases.flatMap(one =>
    one.files.flatMap(file => {
      const bad = checkPath(file.path)
      return bad ? [`A file of the case “${one.name}” is left out: ${bad.message}`] : []
    }),
  )
  const named = (some: typeof configuring): string => {
    const names = [...new Set(some.map(({ path, whose }) => `${path} (${whose})`))]
    return `${names.slice(0, NAMED_FILES).join(', ')}${names.length > NAMED_FILES ? ` and ${names.length - NAMED_FILES} more` : ''}`
  }
  const files = (some: typeof configuring, one: string, many: string): string =>
    some.length === 1 ? `1 file ${one}` : `${some.length} files ${many}`
  const [kept, out] = [configuring.filter(one => one.given), configuring.filter(one => !one.given && !one.required)]
  if (out.length > 0)
    warnings.push(
      `${files(out, 'is left out: it', 'are left out: they')} would configure the agent, or a program it runs: ${named(out)}.`,
    )
  if (kept.length > 0)
    warnings.push(`${files(kept, 'configures', 'configure')} the agent, as you asked: ${named(kept)}.`)
  return warnings
}

const cases = (many: number): string => (many === 1 ? '1 case has' : `${many} cases have`)

function warningsOf(plan: RunPlan, input: PlanInput, most: number | null, configuring: Plan['configuring']): string[] {
  const warnings: string[] = []
  const rubrics = plan.cases.filter(one => one.assertions.some(demand => demand.type === 'rubric')).length
  const bare = plan.cases.filter(one => one.assertions.every(demand => demand.type === 'unsupported')).length
  if (rubrics > 0 && plan.judge === null)
    warnings.push(`${cases(rubrics)} demands in words, and there is no judge: no score comes of that.`)
  if (bare > 0) warnings.push(`${cases(bare)} nothing that is graded here: no score comes of that.`)
  warnings.push(...fileWarnings(plan, configuring), ...notGiven(configuring))
  const without = plan.cases.filter(one => soundFiles(one.files).some(file => file.sha256 === null))
  if (without[0])
    warnings.push(
      `${without.length === 1 ? `The case “${without[0].name}” names a file` : `“${without[0].name}” and ${without.length - 1} more cases name files`} that did not come along: the model is told that it is not given.`,
    )
  if (plan.repeats === 1)
    warnings.push('Each cell runs once, so a case that passes only sometimes cannot be told from a steady one.')
  if (input.budgetMicrocents !== null && most !== null && most > input.budgetMicrocents)
    warnings.push(
      'The budget may not be enough: the run then stops before it is passed, and can go on with a larger one.',
    )
  return warnings
}
