import { create } from 'zustand'
import type { RunSettings } from '../../../shared/contract/benchmarks.ts'
import type { GivenFile } from '../../../shared/domain/benchmark/laid-files.ts'
import { ALL_CASES, type CaseChoice } from './chosen-cases.ts'

/** What a person chose for a run. Agreeing to an unknown price is not among it: that is asked each time. */
export type RunChoices = {
  /** Undefined: the newest version and no skill. */
  subjects: string[] | undefined
  contestants: string[]
  cases: CaseChoice
  repeats: number
  judge: string | null
  judgeMayContend: boolean
  /** US dollars; null for no ceiling. */
  budget: number | null
  given: GivenFile[]
  settings: RunSettings
}

const FIRST: RunChoices = {
  subjects: undefined,
  contestants: [],
  cases: ALL_CASES,
  repeats: 1,
  judge: null,
  judgeMayContend: false,
  budget: 1,
  given: [],
  settings: {
    manner: 'progressive',
    maxSteps: 10,
    maxOutputTokens: 4_096,
    temperature: null,
    timeLimitMs: 300_000,
  },
}

type Kept = { bySkill: ReadonlyMap<string, RunChoices> }
const useKept = create<Kept>(() => ({ bySkill: new Map() }))

/** The form's state for a skill, for as long as the window lives: who looks at the cases and comes back finds it as it was. */
export function useRunChoices(skillId: string): [RunChoices, (change: Partial<RunChoices>) => void] {
  const choices = useKept(({ bySkill }) => bySkill.get(skillId) ?? FIRST)
  const change = (change: Partial<RunChoices>) =>
    useKept.setState(({ bySkill }) => ({
      bySkill: new Map(bySkill).set(skillId, { ...(bySkill.get(skillId) ?? FIRST), ...change }),
    }))
  return [choices, change]
}
