import {
  DEFAULT_GATE,
  type Gate,
  type GateFinding,
  type GateReport,
  type GateRules,
  gateFinding,
} from '../../shared/contract/gates.ts'
import type { PairedResult } from '../../shared/domain/stats/compare-paired.ts'
import { sayPaired } from '../../shared/domain/stats/say.ts'
import { listCompletedRuns } from '../library/benchmarks.ts'
import {
  type CasePass,
  findGate,
  insertGateOverride,
  listCasePasses,
  listGateOverrides,
  putGate,
} from '../library/gates.ts'
import type { Library } from '../library/library.ts'
import { findRun } from '../library/measured-runs.ts'
import type { BenchmarkRunRecord, SkillRecord } from '../library/schema.ts'
import { findSkill } from '../library/skills.ts'
import { findVersion } from '../library/versions.ts'
import { announce, type Context, type NotFound, os } from './context.ts'
import { differencesOf, pairRuns } from './evidence.ts'

/**
 * A skill may ask that no case which passed fails, and that the new version is not worse than the published one, before it is
 * published. The setting and the log of who published regardless are this computer's own: the registry has its own rules, and
 * its own log of who moved which pointer.
 */
export const gatesService = (context: Context) => {
  const { library } = context
  const get = (id: string, errors: NotFound): SkillRecord => {
    const skill = findSkill(library, id)
    if (!skill) throw errors.NOT_FOUND({ data: { what: 'skill', id } })
    return skill
  }
  return {
    get: os.gates.get.handler(({ input }) => gateOf(library, input.skillId)),

    set: os.gates.set.handler(({ input, errors }) => {
      const skill = get(input.skillId, errors)
      const was = gateOf(library, skill.id)
      const { on = was.on, acceptInconclusive = was.acceptInconclusive, ungradedPercent = was.ungradedPercent } = input
      const row = {
        enabled: Number(on),
        accept_inconclusive: Number(acceptInconclusive),
        ungraded_percent: ungradedPercent,
      }
      putGate(library, skill.id, row, context.clock())
      announce(context, ['benchmarks'], [skill.id])
      return { on, acceptInconclusive, ungradedPercent }
    }),

    check: os.gates.check.handler(({ input, errors }) => {
      const skill = get(input.skillId, errors)
      if (findVersion(library, input.versionId)?.skill_id !== skill.id)
        throw errors.NOT_FOUND({ data: { what: 'version of this skill', id: input.versionId } })
      return checkGate(context, skill, input.versionId)
    }),

    checkRuns: os.gates.checkRuns.handler(({ input, errors }) => {
      const [published, candidate] = [input.published, input.candidate].map(runId => {
        const run = findRun(library, runId)
        if (!run) throw errors.NOT_FOUND({ data: { what: 'run', id: runId } })
        return run
      })
      if (!published || !candidate) throw new Error('two runs were asked for')
      const own = gateOf(library, candidate.skill_id)
      const { acceptInconclusive = own.acceptInconclusive, ungradedPercent = own.ungradedPercent } = input.rules ?? {}
      const rules = { on: own.on, acceptInconclusive, ungradedPercent }
      const reasons = differencesOf(published, candidate)
      return reasons.length > 0
        ? report(rules.on, [finding('measured', 'unknown', sayUnlike(reasons))], null)
        : judged(context, rules, { published, candidate })
    }),

    overrides: os.gates.overrides.handler(({ input }) =>
      listGateOverrides(library, input.skillId).map(row => ({
        versionId: row.skill_version_id,
        by: row.user_name,
        reason: row.reason,
        findings: gateFinding.array().parse(JSON.parse(row.findings)),
        at: row.created_at,
      })),
    ),
  }
}

/** What the gate says of a version of a skill. Without measurements it does not know, and stays shut. */
export function checkGate(context: Context, skill: SkillRecord, versionId: string): GateReport {
  const gate = gateOf(context.library, skill.id)
  const published = skill.published_version_id
  if (published === null || published === versionId)
    return report(gate.on, [], null, 'There is no other published version to compare with.')
  const pair = alikeRuns(context, published, versionId)
  if ('reason' in pair) return report(gate.on, [finding('measured', 'unknown', pair.reason)], null)
  return judged(context, gate, pair)
}

const judged = (context: Context, gate: Gate, pair: Pair): GateReport =>
  report(gate.on, judge(context, gate, pair), pair)

function gateOf(library: Library, skillId: string): Gate {
  const row = findGate(library, skillId)
  if (!row) return DEFAULT_GATE
  return {
    on: row.enabled === 1,
    acceptInconclusive: row.accept_inconclusive === 1,
    ungradedPercent: row.ungraded_percent,
  }
}

/** Notes that a version was published against the gate. In the transaction that publishes it. */
export function overrideGate(
  context: Context,
  of: { skillId: string; versionId: string; userId: string; reason: string; report: GateReport },
): void {
  insertGateOverride(context.library, {
    id: context.newId(),
    skill_id: of.skillId,
    skill_version_id: of.versionId,
    user_id: of.userId,
    reason: of.reason,
    findings: JSON.stringify(of.report.findings),
    created_at: context.clock(),
  })
}

type Pair = { published: BenchmarkRunRecord; candidate: BenchmarkRunRecord }

/** The newest two runs that may be compared, or why there are none. */
function alikeRuns(context: Context, publishedId: string, candidateId: string): Pair | { reason: string } {
  const candidates = listCompletedRuns(context.library, candidateId)
  const ofPublished = listCompletedRuns(context.library, publishedId)
  if (candidates.length === 0) return { reason: 'This version has not been measured: run the benchmark.' }
  if (ofPublished.length === 0)
    return { reason: 'The published version has not been measured: run the benchmark on both.' }
  for (const candidate of candidates)
    for (const published of ofPublished)
      if (differencesOf(published, candidate).length === 0) return { published, candidate }
  const [candidate, published] = [candidates[0], ofPublished[0]]
  const reasons = candidate && published ? differencesOf(published, candidate) : []
  return { reason: `${sayUnlike(reasons)} Run the benchmark on both together.` }
}

const sayUnlike = (reasons: readonly string[]): string => `The two were measured otherwise: ${reasons.join(' ')}`

function judge(context: Context, rules: GateRules, { published, candidate }: Pair): GateFinding[] {
  const { models, result } = pairRuns(context, published, candidate)
  const [before, after] = [published, candidate].map(run =>
    listCasePasses(context.library, run.id).filter(row => models.includes(row.model_name)),
  )
  if (!before || !after) throw new Error('two runs were given')
  const failing = regressed(before, after)
  return [
    gradedEnough(before, after, rules),
    failing.length === 0
      ? finding('no-case-fails', 'met', 'No case that passed fails now.')
      : finding('no-case-fails', 'unmet', sayFailing(failing), failing),
    notWorse(result, rules),
  ]
}

/** A case without a grade could hide anything: a few are let pass, as many as the rules say. */
function gradedEnough(before: readonly CasePass[], after: readonly CasePass[], rules: GateRules): GateFinding {
  const cases = Map.groupBy([...before, ...after], row => row.case_id)
  const ungraded = [...cases.values()].filter(rows => {
    const models = Map.groupBy(rows, row => row.model_name)
    return [...models.values()].some(sides => sides.length < 2 || sides.some(side => side.graded * 2 < side.results))
  })
  if (cases.size > 0 && ungraded.length * 100 <= rules.ungradedPercent * cases.size)
    return finding('measured', 'met', 'Both were measured on the same cases.')
  const reason = ungraded.flat().find(row => row.reason !== null)
  const why = reason ? ` “${reason.case_name}”: ${reason.reason}` : ''
  const words = `${ungraded.length} of ${cases.size} cases have no grade in one of the runs; at most ${rules.ungradedPercent}% may.${why}`
  const named = ungraded.flatMap(([row]) => (row ? [{ caseId: row.case_id, name: row.case_name }] : []))
  return finding('measured', 'unknown', words, named)
}

/** Better, or no case scored lower. Anything else that is not worse for certain is inconclusive, and passes only by the rules. */
function notWorse(result: PairedResult | undefined, rules: GateRules): GateFinding {
  if (!result) return finding('not-worse', 'unknown', 'No case has a score on both sides.')
  const words = sayPaired(result, { unit: 'points' })
  switch (result.verdict) {
    case 'better':
      return finding('not-worse', 'met', words)
    case 'worse':
      return finding('not-worse', 'unmet', words)
    case 'cannot-tell':
      return finding('not-worse', result.losses === 0 || rules.acceptInconclusive ? 'met' : 'unknown', words)
    default:
      return result.verdict satisfies never
  }
}

/** A case passes with a model when more than half of its repeats met every demand: one unlucky repeat is no regression. */
const passes = ({ passed, of }: CasePass): boolean => passed * 2 > of

function regressed(before: readonly CasePass[], after: readonly CasePass[]): GateFinding['cases'] {
  const now = new Map(after.map(row => [`${row.case_id} ${row.model_name}`, row]))
  const failing = before.filter(row => {
    const twin = now.get(`${row.case_id} ${row.model_name}`)
    // One without a verdict is said by `gradedEnough`.
    return passes(row) && twin !== undefined && twin.of > 0 && !passes(twin)
  })
  const byCase = new Map(failing.map(row => [row.case_id, row.case_name]))
  return [...byCase].map(([caseId, name]) => ({ caseId, name }))
}

function sayFailing(cases: GateFinding['cases']): string {
  const names = cases.slice(0, 3).map(one => `“${one.name}”`)
  const more = cases.length > 3 ? ` and ${cases.length - 3} more` : ''
  return `${cases.length === 1 ? 'A case that passed now fails' : `${cases.length} cases that passed now fail`}: ${names.join(', ')}${more}.`
}

const finding = (
  rule: GateFinding['rule'],
  state: GateFinding['state'],
  words: string,
  cases: GateFinding['cases'] = [],
): GateFinding => ({ rule, state, words, cases })

function report(on: boolean, findings: GateFinding[], pair: Pair | null, words?: string): GateReport {
  const against = findings.filter(one => one.state !== 'met')
  return {
    on,
    open: against.length === 0,
    words: words ?? (against.length === 0 ? findings.map(one => one.words) : against.map(one => one.words)).join(' '),
    findings,
    candidateRunId: pair?.candidate.id ?? null,
    publishedRunId: pair?.published.id ?? null,
  }
}
