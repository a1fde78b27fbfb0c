import fs from 'node:fs'
import path from 'node:path'
import type { Batch, Contestant, Plan, PlanInput, Subject } from '../../shared/contract/benchmarks.ts'
import type { GateReport } from '../../shared/contract/gates.ts'
import type { MeasuredRun } from '../../shared/contract/measurements.ts'
import { providerOf } from './benchmark-providers.ts'
import { type CommandLine, EXIT, type Exit, Refused, resolveSkill, table } from './shared.ts'

export type RunArguments = {
  against: string[]
  model: string[]
  command: string[]
  judge?: string
  judgeMayContend: boolean
  repeats: number
  /** Dollars. */
  budget?: number
  acceptUnpriced: boolean
  inlined: boolean
  maxSteps?: number
  maxTokens?: number
  /** Files, by their path, that an agent is given although they configure it. */
  lay: string[]
  cases: string[]
  /** Cases with any of these, beside those that are named. */
  tags: string[]
  yes: boolean
  planOnly: boolean
  gate: boolean
  acceptInconclusive: boolean
  /** Percent. */
  ungraded?: number
  junit?: string
  markdown?: string
}

/**
 * Plans, and runs where that was agreed to: by `--yes`, or by a budget it keeps to. 0: done, and with `--gate` the gate is open.
 * 1: the gate is shut, or some cells have no answer. 2: it could not run or stopped before its end. 130: Ctrl-C; it can go on.
 */
export async function runBenchmark(line: CommandLine, name: string, args: RunArguments): Promise<Exit> {
  const input = await withGiven(line, await inputOf(line, name, args), args.lay)
  const plan = await line.api.benchmarks.plan(input).catch(refusePlan)
  sayPlan(line, plan)
  if (args.planOnly) {
    if (line.json) line.print(JSON.stringify(plan, null, 2))
    return EXIT.done
  }
  if (!args.yes && args.budget === undefined && plan.mostMicrocents !== 0)
    throw new Refused('No model was asked. Say --yes to run this, or --budget 2 to run it within $2.')
  const { batchId } = await line.api.benchmarks.start({ ...input, consent: plan.hash })
  return follow(line, batchId, args)
}

/** Goes on with a run that stopped, was paused or died. */
export async function resumeBenchmark(
  line: CommandLine,
  batchId: string,
  args: Reporting & Pick<RunArguments, 'budget'> & { retryFailed: boolean },
): Promise<Exit> {
  const budgetMicrocents = args.budget === undefined ? undefined : dollars(args.budget)
  await line.api.benchmarks.resume({ id: batchId, retryFailed: args.retryFailed, budgetMicrocents })
  return follow(line, batchId, args)
}

async function inputOf(line: CommandLine, name: string, args: RunArguments): Promise<PlanInput> {
  const skill = await resolveSkill(line, name)
  const against = args.gate && args.against.length === 0 ? await published(line, skill.slug) : args.against
  const subjects = [subjectOf(skill.of), ...(await Promise.all(against.map(one => contender(line, skill.slug, one))))]
  const models = await Promise.all(args.model.map(one => modelOf(line, one)))
  const commands = await commandsOf(line, args.command)
  if (models.length + commands.length === 0)
    throw new Refused('Say who is to try: --model anthropic/claude-sonnet-4-6, or --command NAME.')
  return {
    skillId: skill.skillId,
    subjects,
    contestants: [...models.map(one => ({ kind: 'model' as const, ...one })), ...commands],
    caseIds: await casesOf(line, skill.skillId, args),
    repeats: args.repeats,
    settings: {
      manner: args.inlined ? 'inlined' : 'progressive',
      maxSteps: args.maxSteps ?? 10,
      maxOutputTokens: args.maxTokens ?? 4_096,
      temperature: null,
      timeLimitMs: 300_000,
    },
    judge: args.judge === undefined ? null : await modelOf(line, args.judge),
    judgeMayContend: args.judgeMayContend,
    budgetMicrocents: args.budget === undefined ? null : dollars(args.budget),
    acceptUnpriced: args.acceptUnpriced,
  }
}

/** The files that were named, out of those that the plan asks about. */
async function withGiven(line: CommandLine, input: PlanInput, paths: readonly string[]): Promise<PlanInput> {
  if (paths.length === 0) return input
  const { configuring } = await line.api.benchmarks.plan(input).catch(refusePlan)
  const unknown = paths.find(path => configuring.every(one => one.path !== path))
  if (unknown !== undefined) throw new Refused(`The plan asks about no file “${unknown}”.`)
  const given = configuring
    .filter(one => paths.includes(one.path))
    .map(({ of, path, sha256 }) => ({ of, path, sha256 }))
  return { ...input, given }
}

const dollars = (amount: number): number => Math.max(1, Math.round(amount * 1e8))

async function published(line: CommandLine, slug: string): Promise<string[]> {
  const { rows } = await line.api.skills.list({ tenantId: line.tenantId, limit: 1, slug })
  if (rows[0]?.published) return ['published']
  line.remark(`“${slug}” has no published version, so there is nothing for the gate to hold against.`)
  return []
}

/** `none`, `published`, `working`, a number, or another skill (`slug`, `slug@3`). */
async function contender(line: CommandLine, slug: string, name: string): Promise<Subject> {
  if (name === 'none') return { kind: 'none' }
  const own = /^(v?\d+|published|working|newest)$/.test(name)
  return subjectOf((await resolveSkill(line, own ? `${slug}@${name}` : name)).of)
}

function subjectOf(of: Awaited<ReturnType<typeof resolveSkill>>['of']): Subject {
  if (of.kind === 'version') return { kind: 'version', id: of.id }
  if (of.kind === 'working') return { kind: 'working', skillId: of.skillId }
  throw new Refused('Only a version or a working copy can be measured.')
}

/** `provider/model`: everything after the first slash is the model's name. */
async function modelOf(line: CommandLine, name: string): Promise<{ providerId: string; model: string }> {
  const slash = name.indexOf('/')
  if (slash < 1 || slash === name.length - 1) throw new Refused(`“${name}” is no model: write provider/model.`)
  const provider = await providerOf(line, name.slice(0, slash))
  return { providerId: provider.id, model: name.slice(slash + 1) }
}

async function commandsOf(line: CommandLine, names: readonly string[]): Promise<Contestant[]> {
  if (names.length === 0) return []
  const known = await line.api.agentCommands.list()
  return names.map(name => {
    const found = known.find(one => one.name.toLowerCase() === name.toLowerCase())
    if (!found)
      throw new Refused(`There is no command “${name}”. The app’s settings are where one is made and agreed to.`)
    return { kind: 'command', commandId: found.id }
  })
}

/** Undefined: all of them. */
async function casesOf(
  line: CommandLine,
  skillId: string,
  { cases: names, tags }: Pick<RunArguments, 'cases' | 'tags'>,
): Promise<string[] | undefined> {
  if (names.length + tags.length === 0) return undefined
  const { cases } = await line.api.cases.list({ skillId })
  const named = names.map(name => {
    const found = cases.find(one => one.content.name === name || one.id === name)
    if (!found) throw new Refused(`There is no case “${name}”.`)
    return found.id
  })
  const tagged = tags.flatMap(tag => {
    const found = cases.filter(one => one.content.tags.includes(tag))
    if (found.length === 0) throw new Refused(`No case has the tag “${tag}”.`)
    return found.map(one => one.id)
  })
  return [...new Set([...named, ...tagged])]
}

function refusePlan(error: unknown): never {
  const data: unknown = error instanceof Error && 'data' in error ? error.data : undefined
  if (typeof data === 'object' && data !== null && 'reasons' in data && Array.isArray(data.reasons))
    throw new Refused(data.reasons.map(String).join('\n'))
  throw error
}

function sayPlan(line: CommandLine, plan: Plan): void {
  const asked = plan.perModel.reduce((sum, one) => sum + one.requests, 0)
  line.remark(`${plan.cells} cells, ${plan.cached} of them known already; about ${asked} requests.`)
  line.remark(
    `Expected ${money(plan.expectedMicrocents)}, at most ${money(plan.mostMicrocents)} (prices ${plan.priceTable}).`,
  )
  if (plan.unpriced.length > 0) line.remark(`No price is known for ${plan.unpriced.join(', ')}.`)
  for (const warning of plan.warnings) line.remark(`! ${warning}`)
}

const money = (microcents: number | null): string =>
  microcents === null ? 'unknown' : `$${(microcents / 1e8).toFixed(4)}`

function saySpent({ spentMicrocents, unpriced }: Batch): string {
  if (unpriced === 0) return `${money(spentMicrocents)} spent`
  return `at least ${money(spentMicrocents)} spent, and no price is known for ${unpriced === 1 ? '1 cell' : `${unpriced} cells`}`
}

type Reporting = Pick<RunArguments, 'gate' | 'acceptInconclusive' | 'ungraded' | 'junit' | 'markdown'>

async function follow(line: CommandLine, batchId: string, args: Reporting): Promise<Exit> {
  const paused = () => void line.api.benchmarks.pause({ id: batchId })
  line.signal.addEventListener('abort', paused, { once: true })
  let batch: Batch = await line.api.benchmarks.get({ id: batchId })
  let said = -1
  for await (const event of await line.api.benchmarks.watch({ id: batchId })) {
    batch = event.batch
    const tenth = Math.floor((batch.done * 10) / Math.max(1, batch.cells))
    if (tenth > said) line.remark(`${batch.done} of ${batch.cells} cells, ${saySpent(batch)}`)
    said = Math.max(said, tenth)
  }
  line.signal.removeEventListener('abort', paused)
  const runs = (await line.api.measurements.runs({ skillId: batch.skillId })).filter(run => run.batchId === batchId)
  const ordered = batch.runIds.flatMap(id => runs.find(run => run.id === id) ?? [])
  const gate = args.gate ? await gateOf(line, ordered, args) : null
  await report(line, batch, ordered, gate, args)
  if (line.signal.aborted) {
    line.remark(`Stopped. “whetstone benchmark resume ${batchId}” goes on.`)
    return EXIT.stopped
  }
  if (batch.state !== 'completed') {
    line.remark(`${batch.reason ?? `It is ${batch.state}.`} “whetstone benchmark resume ${batchId}” goes on.`)
    return EXIT.failed
  }
  if (gate) return gate.open ? EXIT.done : EXIT.found
  return batch.failed > 0 ? EXIT.found : EXIT.done
}

/** The first subject is the candidate, the second what it is held against. */
async function gateOf(
  line: CommandLine,
  runs: readonly MeasuredRun[],
  args: Pick<RunArguments, 'acceptInconclusive' | 'ungraded'>,
): Promise<GateReport | null> {
  const [candidate, held] = runs
  if (!candidate || !held) return null
  const rules = {
    ...(args.acceptInconclusive && { acceptInconclusive: true }),
    ...(args.ungraded !== undefined && { ungradedPercent: args.ungraded }),
  }
  return line.api.gates.checkRuns({ published: held.id, candidate: candidate.id, rules })
}

async function report(
  line: CommandLine,
  batch: Batch,
  runs: readonly MeasuredRun[],
  gate: GateReport | null,
  args: Reporting,
): Promise<void> {
  const runIds = runs.map(run => run.id)
  for (const form of ['junit', 'markdown'] as const) {
    const file = args[form]
    if (file === undefined) continue
    fs.writeFileSync(path.resolve(line.cwd, file), (await line.api.results.report({ runIds, form })).text)
  }
  const [candidate, held] = runs
  const pair = candidate && held ? await line.api.measurements.pair({ left: held.id, right: candidate.id }) : null
  if (line.json) {
    line.print(
      JSON.stringify(
        { batch, runs, comparison: pair && { words: pair.words, verdict: pair.verdict, reasons: pair.reasons }, gate },
        null,
        2,
      ),
    )
    return
  }
  line.print(table([RUN_HEAD, ...runs.map(runCells)]))
  if (pair && candidate && held)
    line.print(`${candidate.label} against ${held.label}: ${pair.words ?? pair.reasons.join(' ')}`)
  if (gate) line.print(`Gate ${gate.open ? 'open' : 'shut'}: ${gate.words}`)
}

const RUN_HEAD = ['RUN', 'STATE', 'MODELS', 'RESULTS', 'QUALITY', 'COST/USE', 'ID']
/** '9 (2 failed, 6 not graded)'. */
function sayResults({ results, failed, unjudged }: MeasuredRun): string {
  const ungraded = unjudged - failed
  const parts = [failed > 0 && `${failed} failed`, ungraded > 0 && `${ungraded} not graded`].filter(
    part => part !== false,
  )
  return parts.length === 0 ? String(results) : `${results} (${parts.join(', ')})`
}

const runCells = (run: MeasuredRun): string[] => [
  run.label,
  run.status,
  run.models.join(', '),
  sayResults(run),
  run.quality === null
    ? '–'
    : `${run.quality.mean.toFixed(1)} (${run.quality.low.toFixed(1)}–${run.quality.high.toFixed(1)})`,
  run.costMicrocents === null ? '–' : `$${(run.costMicrocents / 1e8).toFixed(6)}`,
  run.id,
]

/** Runs of a skill, newest first. */
export async function listBenchmarks(line: CommandLine, name: string): Promise<Exit> {
  const { skillId } = await resolveSkill(line, name)
  const [runs, batches] = [await line.api.measurements.runs({ skillId }), await line.api.benchmarks.list({ skillId })]
  if (line.json) line.print(JSON.stringify({ runs, batches }, null, 2))
  else if (runs.length > 0) line.print(table([RUN_HEAD, ...runs.map(runCells)]))
  for (const batch of batches)
    if (batch.state === 'interrupted' || batch.state === 'paused')
      line.remark(`${batch.done} of ${batch.cells} cells are done; “whetstone benchmark resume ${batch.id}” goes on.`)
  line.remark(runs.length === 1 ? '1 run' : `${runs.length} runs`)
  return EXIT.done
}

/** One run, as a report. */
export async function showBenchmark(line: CommandLine, runId: string): Promise<Exit> {
  if (line.json) line.print(JSON.stringify(await line.api.measurements.cells({ runIds: [runId] }), null, 2))
  else line.print((await line.api.results.report({ runIds: [runId], form: 'markdown' })).text.trimEnd())
  return EXIT.done
}

/** Two runs: what the second did to what the first did. 1 where they may not be compared, with the reasons. */
export async function compareBenchmarks(line: CommandLine, left: string, right: string): Promise<Exit> {
  const pair = await line.api.measurements.pair({ left, right })
  if (line.json) line.print(JSON.stringify(pair, null, 2))
  else if (pair.reasons.length > 0) line.print(`Not compared: ${pair.reasons.join(' ')}`)
  else {
    line.print(pair.words ?? 'Nothing was measured on both sides.')
    const changed = pair.cases.filter(one => one.left !== one.right)
    const figure = (value: number | null) => (value === null ? '–' : value.toFixed(1))
    if (changed.length > 0)
      line.print(
        table([
          ['BEFORE', 'AFTER', 'FLAKY', 'CASE'],
          ...changed.map(one => [figure(one.left), figure(one.right), one.flaky ? 'yes' : '', one.name]),
        ]),
      )
  }
  return pair.reasons.length > 0 ? EXIT.found : EXIT.done
}
