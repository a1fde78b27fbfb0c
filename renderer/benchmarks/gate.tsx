import { Checkbox, Group, Switch } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { Gate as Rules } from '../../shared/contract/gates.ts'
import type { SkillDetail } from '../../shared/contract/skills.ts'
import { api, query, sayError } from '../api.ts'
import { ErrorNotice } from '../ui/error-notice.tsx'
import { GateFindings } from '../ui/gate-report.tsx'
import { tellError } from '../ui/tell.ts'
import { Time, useNow } from '../ui/time.tsx'
import classes from './benchmarks.module.css'
import { UngradedShare } from './ungraded-share.tsx'

/** What a version of this skill must show before it is published, and how the newest one stands. */
export function Gate({ skill }: { skill: SkillDetail }) {
  const gate = useQuery(query.gates.get.queryOptions({ input: { skillId: skill.id } }))
  const report = useQuery(
    query.gates.check.queryOptions({
      input: { skillId: skill.id, versionId: skill.newest?.id ?? '' },
      enabled: skill.newest !== null,
    }),
  )
  const overrides = useQuery(query.gates.overrides.queryOptions({ input: { skillId: skill.id } }))
  const now = useNow()
  const set = async (change: Partial<Rules>) => {
    try {
      await api.gates.set({ skillId: skill.id, ...change })
      await Promise.all([gate.refetch(), report.refetch()])
    } catch (error) {
      tellError(error, 'The gate was not changed.')
    }
  }
  return (
    <section className={classes.results} aria-labelledby="gate">
      <h2 id="gate">Gate</h2>
      <Switch
        label="Require a passing benchmark to publish"
        description="No case that passed may fail, and the version may not be worse than the published one. You can override it with a reason, which is kept."
        checked={gate.data?.on ?? false}
        onChange={event => void set({ on: event.currentTarget.checked })}
      />
      <Group gap="xl" align="flex-start" mt="sm">
        <Checkbox
          label="Accept inconclusive results"
          description="Passes where it isn’t clear whether the version is worse."
          checked={gate.data?.acceptInconclusive ?? false}
          onChange={event => void set({ acceptInconclusive: event.currentTarget.checked })}
        />
        {gate.data && (
          <UngradedShare
            percent={gate.data.ungradedPercent}
            onChange={ungradedPercent => void set({ ungradedPercent })}
          />
        )}
      </Group>
      {report.error && <ErrorNotice happened={sayError(report.error)} />}
      {report.data && <GateFindings report={report.data} />}
      {(overrides.data?.length ?? 0) > 0 && (
        <>
          <h3>Overrides</h3>
          <ul className={classes.demands}>
            {overrides.data?.map(one => (
              <li key={`${one.versionId} ${one.at}`}>
                <strong>{one.by}</strong>, <Time at={one.at} now={now} />: {one.reason}
              </li>
            ))}
          </ul>
        </>
      )}
    </section>
  )
}
