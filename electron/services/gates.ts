import { type GateFinding, type GateReport, gateFinding } from '../../shared/contract/gates.ts'
import { sayPaired } from '../../shared/domain/stats/say.ts'
import { listCompletedRuns } from '../library/benchmarks.ts'
import {
  type CasePass,
  hasGate,
  insertGateOverride,
  listCasePasses,
  listGateOverrides,
  setGate,
} from '../library/gates.ts'
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
    get: os.gates.get.handler(({ input }) => ({ on: hasGate(library, input.skillId) })),

    set: os.gates.set.handler(({ input, errors }) => {
      const skill = get(input.skillId, errors)
      setGate(library, skill.id, input.on, context.clock())
      announce(context, ['benchmarks'], [skill.id])
      return { on: input.on }
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
      const on = hasGate(library, candidate.skill_id)
      const reasons = differencesOf(published, candidate)
      return reasons.length > 0
        ? report(on, [finding('measured', 'unknown', `The two were measured otherwise: ${reasons.join(' ')}`)], null)
        : judged(context, on, { published, candidate })
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
  const on = hasGate(context.library, skill.id)
  const published = skill.published_version_id
  if (published === null || published === versionId)
    return report(on, [], null, 'There is no other published version to be held against.')
  const pair = alikeRuns(context, published, versionId)
  if ('reason' in pair) return report(on, [finding('measured', 'unknown', pair.reason)], null)
  return judged(context, on, pair)
}

const judged = (context: Context, on: boolean, pair: Pair): GateReport =>
  report(on, [finding('measured', 'met', 'Both were measured on the same cases.'), ...judge(context, pair)], pair)

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
  return { reason: `The two were measured otherwise: ${reasons.join(' ')} Run the benchmark on both together.` }
}

function judge(context: Context, { published, candidate }: Pair): GateFinding[] {
  const failing = regressed(
    listCasePasses(context.library, published.id),
    listCasePasses(context.library, candidate.id),
  )
  const { result } = pairRuns(context, published, candidate)
  const words = result ? sayPaired(result, { unit: 'points' }) : 'No case has a score on both sides.'
  return [
    failing.length === 0
      ? finding('no-case-fails', 'met', 'Every case that passed still passes.')
      : finding('no-case-fails', 'unmet', sayFailing(failing), failing),
    !result
      ? finding('not-worse', 'unknown', words)
      : finding('not-worse', result.verdict === 'worse' ? 'unmet' : 'met', words),
  ]
}

/** A case passes with a model when more than half of its repeats met every demand: one unlucky repeat is no regression. */
const passes = ({ passed, of }: CasePass): boolean => passed * 2 > of

function regressed(before: readonly CasePass[], after: readonly CasePass[]): GateFinding['cases'] {
  const now = new Map(after.map(row => [`${row.case_id} ${row.model_name}`, row]))
  const failing = before.filter(row => {
    const twin = now.get(`${row.case_id} ${row.model_name}`)
    return passes(row) && twin !== undefined && !passes(twin)
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
