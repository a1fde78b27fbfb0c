import { SegmentedControl } from '@mantine/core'
import { useLocation, useSearch } from 'wouter'
import type { SkillDetail } from '../../../shared/contract/skills.ts'
import type { WorkingCopy } from '../../../shared/contract/working-copies.ts'
import { Gate } from '../../benchmarks/gate.tsx'
import { Results } from '../../benchmarks/results.tsx'
import { Batches } from '../../benchmarks/run/batches.tsx'
import { RunForm } from '../../benchmarks/run/run-form.tsx'
import { TriggerTests } from '../../benchmarks/trigger.tsx'
import { CasesView } from '../../cases/cases-view.tsx'
import { address } from '../../routes.ts'
import classes from './skill-page.module.css'

const VIEWS = ['results', 'cases', 'run', 'trigger', 'gate'] as const
type View = (typeof VIEWS)[number]
const LABELS: Record<View, string> = {
  results: 'Results',
  cases: 'Cases',
  run: 'Run',
  trigger: 'Trigger tests',
  gate: 'Gate',
}

/** Everything that says how good the skill is: what runs found, running it, its cases, trigger tests, and the gate. */
export function BenchmarksTab({ skill, working }: { skill: SkillDetail; working: WorkingCopy }) {
  const [, navigate] = useLocation()
  const asked = new URLSearchParams(useSearch()).get('view')
  const view = VIEWS.find(each => each === asked) ?? 'results'
  const show = (next: View) => navigate(address.skill(skill.id, 'benchmarks', next === 'results' ? {} : { view: next }))
  return (
    <>
      <div className={classes.views}>
        <SegmentedControl
          aria-label="What of the benchmarks"
          value={view}
          onChange={value => show(VIEWS.find(each => each === value) ?? 'results')}
          data={VIEWS.map(value => ({ value, label: LABELS[value] }))}
        />
      </div>
      {view === 'results' && <Results skillId={skill.id} />}
      {view === 'cases' && <CasesView skill={skill} />}
      {view === 'run' && (
        <>
          <div className={classes.batches}>
            <Batches skillId={skill.id} which="newest" />
          </div>
          <RunForm
            skillId={skill.id}
            tenantId={skill.tenantId}
            changed={working.changed}
            onStarted={() => show('run')}
          />
          <div className={classes.batches}>
            <Batches skillId={skill.id} which="earlier" />
          </div>
        </>
      )}
      {view === 'trigger' && <TriggerTests skill={skill} changed={working.changed} />}
      {view === 'gate' && <Gate skill={skill} />}
    </>
  )
}
