import type { SkillDetail } from '../../../shared/contract/skills.ts'
import { Empty } from '../../ui/empty.tsx'
import { count, money, quality } from '../../ui/format.ts'

/** What benchmark runs say of the skill, where there are any. */
export function BenchmarksTab({ skill }: { skill: SkillDetail }) {
  if (!skill.quality)
    return (
      <Empty title="Not measured">
        No benchmark run of this skill is in the library, so nothing can be said about its quality.
      </Empty>
    )
  const { score, results, versionNumber } = skill.quality
  return (
    <div style={{ padding: 16 }}>
      <p style={{ margin: 0 }}>
        <strong>Quality {quality(score)}</strong> of 100, the mean of {count(results, 'result')}
        {versionNumber === null ? '' : ` of v${versionNumber}`}.
      </p>
      <p style={{ margin: '4px 0 0', color: 'var(--ws-dim)' }}>
        Cost per use: {skill.costMicrocents === null ? 'not measured' : money(skill.costMicrocents)}.
      </p>
    </div>
  )
}
