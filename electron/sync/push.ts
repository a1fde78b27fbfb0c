import { isFailure } from './failures.ts'
import { pushPlain } from './push-rows.ts'
import { pushSkills } from './push-skills.ts'
import { pushPublishes, pushRemovals, pushReviews } from './push-steps.ts'
import { pushVersions } from './push-versions.ts'
import type { Halt, Team } from './team.ts'

/**
 * Sends what is queued, in this order, each in pages:
 *
 *   deletes · skills · versions (content first) · publishes · ratings · feedback · reviews · measurements · uses · cases ·
 *   runs · results
 *
 * Deletes lead, for they make room: a rating taken back and given anew, a name that is free again. Then parents before
 * children. A change leaves the queue only by what the registry echoes; one that it will not take is set aside with the
 * reason; a store that cannot be reached holds versions and what needs them, not the rest.
 */
export type PushReport = {
  sent: number
  /** The registry has something newer that a change of ours must be put on: pull, then push again. */
  behind: boolean
  halt: Halt | undefined
}

type Step = (team: Team, report: PushReport) => Promise<Halt | undefined>

const STEPS: readonly Step[] = [
  pushRemovals,
  pushSkills,
  pushVersions,
  pushPublishes,
  (team, report) => pushPlain(team, report, 'rating'),
  (team, report) => pushPlain(team, report, 'feedback'),
  pushReviews,
  (team, report) => pushPlain(team, report, 'measurement'),
  (team, report) => pushPlain(team, report, 'usage_event'),
  (team, report) => pushPlain(team, report, 'benchmark_case'),
  (team, report) => pushPlain(team, report, 'benchmark_run'),
  (team, report) => pushPlain(team, report, 'benchmark_result'),
]

export async function pushAll(team: Team): Promise<PushReport> {
  const report: PushReport = { sent: 0, behind: false, halt: undefined }
  for (const step of STEPS) {
    const halt = await step(team, report)
    if (!halt) continue
    // What the store does not do now concerns versions alone.
    report.halt ??= halt
    if (!isFailure(halt, 'store')) return report
  }
  return report
}
