import type { Parked } from '../library/outbox.ts'
import { findSkill } from '../library/skills.ts'
import { findVersion } from '../library/versions.ts'
import { PARKED } from './problems.ts'
import type { Approved } from './remote.ts'
import { type Halt, STOPPED, type Team } from './team.ts'

/** An approval is an act of its own, made online: the registry's answer is all there is of it. */
export async function approveNow(team: Team, versionId: string): Promise<Approved | { kind: 'halt'; halt: Halt }> {
  const said = await team.remote.approve(versionId)
  if (team.signal.aborted) return { kind: 'halt', halt: STOPPED }
  switch (said.kind) {
    case 'approved': {
      const version = findVersion(team.library, versionId)
      const skill = version && findSkill(team.library, version.skill_id)
      team.log('info', `Approved ${skill?.name ?? 'a skill'} v${version?.version ?? '?'} for publishing.`)
      return said
    }
    case 'forbidden':
    case 'missing':
      return said
    default:
      // A reader may not even ask.
      if (said.kind === 'denied' && (said.code === 'WS403' || said.code === '42501')) return { kind: 'forbidden' }
      return { kind: 'halt', halt: { kind: 'failed', failed: { from: 'registry', failure: said } } }
  }
}

const MOST_NAMES = 3

/** Why a publish waits, with what to ask for and from whom, as far as this library knows the team. */
export function needsApproval(
  { library, tenantId, userId }: Pick<Team, 'library' | 'tenantId' | 'userId'>,
  skillId: string,
  versionId: string | null,
): Parked {
  const version = versionId === null ? undefined : findVersion(library, versionId)
  const skill = findSkill(library, skillId)
  if (!version || !skill) return PARKED.needsApproval
  const may = library.all<{ id: string; name: string }>(
    `SELECT id, name FROM users WHERE tenant_id = ? AND id <> ? AND (role = 'admin' OR (id = ? AND role = 'author'))
     ORDER BY name, id`,
    tenantId,
    version.created_by,
    skill.author_id,
  )
  const { reason, code } = PARKED.needsApproval
  const what = version.version === null ? 'this version' : `v${version.version}`
  if (may.some(user => user.id === userId))
    return {
      code,
      reason,
      todo: `You did not save ${what}, so you may approve it yourself: read it, approve it, publish it.`,
    }
  if (may.length === 0)
    return {
      code,
      reason,
      todo: `Nobody else in this team may approve ${what}. Ask whoever runs the registry for a second admin, then try again.`,
    }
  const names = may.slice(0, MOST_NAMES).map(user => user.name)
  const rest = may.length > MOST_NAMES ? ' or another admin' : ''
  return {
    code,
    reason,
    todo: `Ask ${names.join(' or ')}${rest} to approve ${what} of ${skill.name} (in its history: Actions, Approve). Then try again.`,
  }
}
