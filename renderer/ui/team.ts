import { useQuery } from '@tanstack/react-query'
import type { ShownTeam } from '../../shared/contract/sync.ts'
import { query } from '../api.ts'

/** How the team of a space is doing; undefined for a library without a registry, and until it is known. */
export function useTeam(tenantId: string | undefined): ShownTeam | undefined {
  return useQuery(query.sync.status.queryOptions()).data?.find(team => team.tenantId === tenantId)
}

/** Why nothing can be saved in a team, as a sentence; undefined where it can. */
export function whyReadOnly(team: ShownTeam | undefined): string | undefined {
  if (team?.role === 'reader')
    return `You are a reader in ${team.name}: you can rate and give feedback, but not add or change skills.`
  if (team?.state === 'readOnly') return team.problem?.happened ?? `${team.name} can only be read here for now.`
  return undefined
}

/** What a registry lets a member do to a skill as a whole: publish, archive, rename. Versions any author may save. */
export const mayPublish = (team: ShownTeam | undefined, skill: { mine: boolean }): boolean =>
  team === undefined || team.role === 'admin' || skill.mine

/** Whether one's word counts for publishing it: an admin's, or the skill's author's, of what somebody else saved. */
export const mayApprove = (
  team: ShownTeam | undefined,
  skill: { mine: boolean },
  version: { mine: boolean; published: boolean; number: number | null },
): boolean =>
  team?.needsApproval === true &&
  whyReadOnly(team) === undefined &&
  mayPublish(team, skill) &&
  !version.mine &&
  !version.published &&
  version.number !== null
