/** Findings on the text as it is typed, from a worker with a budget. */
import { useQuery } from '@tanstack/react-query'
import { useEffect, useMemo, useState } from 'react'
import type { SkillDetail } from '../../../shared/contract/skills.ts'
import type { WorkingCopy } from '../../../shared/contract/working-copies.ts'
import { findSkillMd } from '../../../shared/domain/bundle.ts'
import type { Check, Profile } from '../../../shared/domain/skill-md.ts'
import { query } from '../../api.ts'
import { budgetedWorker } from '../../ui/budgeted-worker.ts'
import { type Checks, type ChecksRequest, summed } from './checks.ts'

/** A long text is checked in some tens of milliseconds. */
const BUDGET_MS = 3_000
const checking = budgetedWorker<ChecksRequest, Checks>(
  () => new Worker(new URL('./checks-worker.ts', import.meta.url), { type: 'module', name: 'checks' }),
  BUDGET_MS,
)

const NONE = summed([])
const only = (severity: Check['severity'], code: string, message: string): Checks =>
  summed([{ code, severity, message, path: 'SKILL.md' }])
const MISSING = only('error', 'SKILL_MD_MISSING', 'There is no SKILL.md: an agent does not see this folder as a skill.')
const TOO_LONG = only(
  'warning',
  'NOT_CHECKED',
  'Checking took too long and was stopped. Is this text meant to be a skill?',
)
const FAILED = only('warning', 'NOT_CHECKED', 'The checks stopped working. Reload to try again.')

/** With no SKILL.md there is one finding, and it says so. */
export function useChecks(
  text: string | undefined,
  skill: SkillDetail,
  working: WorkingCopy,
): { checks: Checks; profile: Profile } {
  const settings = useQuery(query.settings.get.queryOptions()).data
  const profile = settings?.profile ?? 'strict'
  const { files } = working
  const missing = findSkillMd(files) === undefined
  const names = files.map(file => file.path).join('\n')
  const [checks, setChecks] = useState(NONE)
  const paths = useMemo(() => (names === '' ? [] : names.split('\n')), [names])
  useEffect(() => {
    if (missing || text === undefined) return
    let wanted = true
    void checking.run({ text, folderName: skill.slug, paths, profile }).then(outcome => {
      if (!wanted || outcome.kind === 'superseded') return
      if (outcome.kind === 'done') setChecks(outcome.answer)
      else setChecks(outcome.kind === 'too-long' ? TOO_LONG : FAILED)
    })
    return () => {
      wanted = false
    }
  }, [missing, text, skill.slug, paths, profile])
  return { checks: missing ? MISSING : text === undefined ? NONE : checks, profile }
}
