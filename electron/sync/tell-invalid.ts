import { parseJson } from '../../shared/domain/rows/json.ts'
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
    kept: sayKept(found, by),
    choices: [...(skill ? [choice('open', 'Open the skill', 'open')] : []), choice('seen', 'All right', 'act')],
  })
}

/** 'A version of pdf-forms from Cleo and 3 more entries can’t be used.' */
function sayInvalid(found: InvalidSummary, skillName: string | undefined, by: string | null): string {
  const called = skillName === undefined ? nameIn(found.row) : undefined
  const what = `${NOUNS[found.entity] ?? 'An entry'}${skillName === undefined ? '' : ` of ${skillName}`}`
  const from = by === null ? '' : ` from ${by}`
  const others = found.rows - 1
  const more = others === 0 ? '' : ` and ${others} more ${others === 1 ? 'entry' : 'entries'}`
  return `${what}${from}${called === undefined ? '' : ` called “${called}”`}${more} can’t be used.`
}

/** What the row that was set aside is called, where it says so itself. */
function nameIn(row: string): string | undefined {
  const values = parseJson(row)
  if (typeof values !== 'object' || values === null || !('name' in values)) return undefined
  if (typeof values.name !== 'string') return undefined
  return plainLine([...values.name.slice(0, 200)].slice(0, 60).join('')) || undefined
}

function sayKept({ rows, problem }: InvalidSummary, by: string | null): string {
  const [were, them, they, once] =
    rows === 1 ? ['It was', 'it', 'it arrives', 'it is'] : ['They were', 'them', 'they arrive', 'they are']
  const why = plainLine(problem.slice(0, 300)).replace(/[.:]?$/, '')
  return `${were} set aside; everything else goes on syncing, and nothing else changed here. What is wrong${rows === 1 ? '' : ' with the first'}: ${why}. Ask ${by ?? `whoever sent ${them}`} to update Whetstone, or whoever runs the registry to run “registry migrate”. Once ${once} corrected, ${they} by ${rows === 1 ? 'itself' : 'themselves'}.`
}

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
