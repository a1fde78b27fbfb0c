import { useQuery } from '@tanstack/react-query'
import { useLocation, useSearch } from 'wouter'
import type { SkillDetail } from '../../shared/contract/skills.ts'
import type { VersionRow } from '../../shared/contract/versions.ts'
import type { WorkingCopy } from '../../shared/contract/working-copies.ts'
import { query } from '../api.ts'
import { address, writeContentRef } from '../routes.ts'
import { Empty } from '../ui/empty.tsx'
import { readCompareState } from './compare-address.ts'
import { type CompareState, CompareView } from './compare-view.tsx'

type Props = { skill: SkillDetail; working: WorkingCopy }

/** The comparison within a skill's page: what is being edited with the newest version, or the newest two, until others are chosen. */
export function SkillCompare({ skill, working }: Props) {
  const [, navigate] = useLocation()
  const asked = readCompareState(useSearch())
  const versions = useQuery(query.versions.list.queryOptions({ input: { skillId: skill.id } })).data
  if (!versions) return null
  if (versions.length === 0 && !asked.left && !asked.right)
    return (
      <Empty title="Nothing to compare yet">
        This skill has no version. Save one, and every later change can be compared with it.
      </Empty>
    )
  const state = { ...defaults(skill, working, versions), ...asked }
  const change = (next: CompareState) =>
    navigate(
      address.skill(skill.id, 'compare', {
        ...(next.left && { left: writeContentRef(next.left) }),
        ...(next.right && { right: writeContentRef(next.right) }),
        ...(next.file !== undefined && { file: next.file }),
        ...(next.mode === 'inline' && { mode: 'inline' }),
      }),
    )
  return <CompareView state={state} onChange={change} skillId={skill.id} />
}

function defaults(
  skill: SkillDetail,
  working: WorkingCopy,
  [newest, before]: readonly VersionRow[],
): Pick<CompareState, 'left' | 'right'> {
  if (!newest) return {}
  const version = { kind: 'version', id: newest.id } as const
  if (working.changed || !before) return { left: version, right: { kind: 'working', skillId: skill.id } }
  return { left: { kind: 'version', id: before.id }, right: version }
}
