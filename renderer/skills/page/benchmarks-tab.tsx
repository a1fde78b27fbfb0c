import type { SkillDetail } from '../../../shared/contract/skills.ts'
import { Results } from '../../benchmarks/results.tsx'

/** What benchmark runs say of the skill. */
export function BenchmarksTab({ skill }: { skill: SkillDetail }) {
  return <Results skillId={skill.id} />
}
