import { useQuery } from '@tanstack/react-query'
import type { ContentRef } from '../../../shared/contract/base.ts'
import type { SkillDetail } from '../../../shared/contract/skills.ts'
import type { WorkingCopy } from '../../../shared/contract/working-copies.ts'
import { query } from '../../api.ts'

/** A skill with what its author is editing; undefined until both are known. */
export function useSkill(skillId: string): { skill?: SkillDetail; working?: WorkingCopy; error: Error | null } {
  const skill = useQuery(query.skills.get.queryOptions({ input: { id: skillId } }))
  const working = useQuery(query.workingCopies.get.queryOptions({ input: { skillId } }))
  return { skill: skill.data, working: working.data, error: skill.error ?? working.error }
}

/**
 * What the working copy costs in tokens, and what the newest version does; the working copy alone while there is no
 * version. Counted by the backend, an estimate.
 */
export function useTokens(skill: SkillDetail) {
  const working: ContentRef = { kind: 'working', skillId: skill.id }
  const left: ContentRef = skill.newest ? { kind: 'version', id: skill.newest.id } : working
  const compared = useQuery(
    query.compare.get.queryOptions({ input: { left, right: working }, placeholderData: before => before }),
  )
  if (!compared.data) return undefined
  return { now: compared.data.right.tokens, before: skill.newest ? compared.data.left.tokens : undefined }
}
export type Tokens = NonNullable<ReturnType<typeof useTokens>>
