import { useQuery } from '@tanstack/react-query'
import { Link } from 'wouter'
import type { Comparison } from '../../shared/contract/compare.ts'
import { query } from '../api.ts'
import { address } from '../routes.ts'
import { wentApart } from '../ui/lineage.ts'

/** Offered where two versions of one skill went apart: neither was made from the other. */
export function MergeLink({ comparison: { left, right } }: { comparison: Comparison }) {
  const [leftId, rightId, skillId] = [left.versionId, right.versionId, left.skillId]
  const sameSkill = skillId !== null && skillId === right.skillId && leftId !== null && rightId !== null
  const versions = useQuery({
    ...query.versions.list.queryOptions({ input: { skillId: skillId ?? '' } }),
    enabled: sameSkill && leftId !== rightId,
  })
  if (!sameSkill || !versions.data || !wentApart(versions.data, leftId, rightId)) return null
  return <Link href={address.merge({ left: leftId, right: rightId })}>Merge…</Link>
}
