import { plainLine } from '../../shared/domain/rows/text.ts'
import { addConflict, choice, forgetConflict } from '../library/conflicts.ts'
import { type InvalidSummary, summariseInvalid } from '../library/invalid-rows.ts'
import { findSkill } from '../library/skills.ts'
import { findUser } from '../library/spaces.ts'
import { userNames } from '../library/user-names.ts'
import type { Team } from './team.ts'

/**
 * What the team's registry sent and no app can use, in words: one notice for each skill, however many rows it is. It goes by
 * itself once all of them came as they should be.
 *
 * @param about a skill's id; '' for rows that are of none.
 */
export function tellInvalid(team: Team, about: string): void {
  const { library, tenantId } = team
  const id = `invalid:${tenantId}:${about}`
  // Said before, and of another number of rows perhaps.
  forgetConflict(library, id)
  const found = summariseInvalid(library, tenantId, about)
  team.changed(['sync'], about === '' ? [] : [about])
  if (!found) return
  const skill = about === '' ? undefined : findSkill(library, about)
  const user = found.by_user === null ? undefined : findUser(library, found.by_user)
  const by = user ? userNames(library, tenantId)(user.id, user.name) : null
  addConflict(library, {
    ...{ id, tenantId, kind: 'invalid', at: team.clock(), by },
    skillId: skill?.id ?? null,
    entity: found.entity,
    entityId: found.id,
    happened: sayInvalid(found, skill && plainLine(skill.name), by),
    kept: `It was set aside, and everything else goes on syncing. ${todo(by)}`,
    choices: [...(skill ? [choice('open', 'Open the skill', 'open')] : []), choice('seen', 'All right', 'act')],
  })
}

function sayInvalid(found: InvalidSummary, skillName: string | undefined, by: string | null): string {
  const what = `${NOUNS[found.entity] ?? 'An entry'}${skillName === undefined ? '' : ` of ${skillName}`}`
  const from = by === null ? '' : ` from ${by}`
  const more =
    found.rows > 1 ? ` ${found.rows - 1} more ${found.rows === 2 ? 'entry' : 'entries'} can’t be used either.` : ''
  return `${what}${from} can’t be used: ${plainLine(found.problem.slice(0, 300)).replace(/\.?$/, '.')}${more}`
}

const todo = (by: string | null): string =>
  `Ask ${by ?? 'whoever sent it'} to update Whetstone, or whoever runs the registry to run \`registry migrate\`: once corrected, it arrives by itself.`

const NOUNS: Record<string, string> = {
  tenants: 'The team’s own entry',
  users: 'A member’s profile',
  skills: 'A skill',
  skill_versions: 'A version',
  ratings: 'A rating',
  skill_feedback: 'Feedback',
  token_measurements: 'A measurement',
  usage_events: 'A usage entry',
  benchmark_cases: 'A test case',
  benchmark_runs: 'A benchmark run',
  benchmark_results: 'A benchmark result',
}
