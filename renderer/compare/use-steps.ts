import { useQuery } from '@tanstack/react-query'
import type { Comparison } from '../../shared/contract/compare.ts'
import { query } from '../api.ts'
import type { CompareState } from './compare-view.tsx'

/**
 * Steps through a skill's history: each step shows the next pair of neighbours, a version and the one before it. Where the
 * sides are two skills, or no neighbours, the right side steps and the left one stays.
 */
export function useSteps(
  comparison: Comparison | undefined,
  state: CompareState,
  onChange: (state: CompareState) => void,
) {
  const skillId = comparison?.right.skillId ?? undefined
  const versions = useQuery(
    query.versions.list.queryOptions({ input: { skillId: skillId ?? '' }, enabled: skillId !== undefined }),
  ).data
  const go = (step: 1 | -1): (() => void) | undefined => {
    if (!comparison || !versions || skillId === undefined || comparison.right.of.kind === 'folder') return undefined
    const { left, right } = comparison
    // Newest first; the working copy stands before the newest.
    const at = right.of.kind === 'working' ? -1 : versions.findIndex(version => version.id === right.versionId)
    const leftAt = versions.findIndex(version => version.id === left.versionId)
    const neighbours = left.skillId === right.skillId && leftAt === at + 1
    const next = versions[at - step]
    if (at - step === -1 && step === 1) {
      const [newest] = versions
      if (!newest) return undefined
      const working = { kind: 'working', skillId } as const
      return () =>
        onChange({ ...state, right: working, ...(neighbours && { left: { kind: 'version', id: newest.id } }) })
    }
    if (!next) return undefined
    const before = versions[at - step + 1]
    if (neighbours && !before) return undefined
    const moved = { kind: 'version', id: next.id } as const
    return () =>
      onChange({ ...state, right: moved, ...(neighbours && before && { left: { kind: 'version', id: before.id } }) })
  }
  const [back, forward] = [go(-1), go(1)]
  return {
    canBack: back !== undefined,
    canForward: forward !== undefined,
    back: () => back?.(),
    forward: () => forward?.(),
  }
}
