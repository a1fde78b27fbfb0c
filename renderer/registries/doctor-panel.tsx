import { Button, Group, SegmentedControl } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { api } from '../api.ts'
import { Time, useNow } from '../ui/time.tsx'
import { Waiting } from '../ui/waiting.tsx'
import { FindingList } from './finding-list.tsx'
import { ProblemNotice } from './problem-notice.tsx'
import classes from './registries.module.css'
import { sayFindings } from './words.ts'

/** Every rule, asked of the live registry when this is opened, and again when one asks. */
export function DoctorPanel({ registryId }: { registryId: string }) {
  const now = useNow()
  const [shown, setShown] = useState<'all' | 'wrong'>('all')
  // Apart from what follows changes: asking costs the registry some thirty questions.
  const asked = useQuery({
    queryKey: ['registry rules', registryId],
    queryFn: () => api.registries.doctor({ id: registryId }),
    staleTime: 0,
  })
  const again = { label: 'Try again', run: () => void asked.refetch() }
  if (asked.error) return <ProblemNotice error={asked.error} remedies={[again]} />
  if (asked.data === undefined) return <Waiting what="Asking the registry about every rule…" />
  const { findings, at } = asked.data
  const wrong = findings.filter(one => one.state !== 'pass')
  const list = shown === 'wrong' ? wrong : findings
  return (
    <div className={classes.panel}>
      <Group gap="md">
        <strong role="status">{sayFindings(findings)}</strong>
        <span className={classes.dim}>
          <Time at={at} now={now} />
        </span>
        <SegmentedControl
          ml="auto"
          aria-label="Which rules"
          value={shown}
          onChange={value => setShown(value === 'wrong' ? 'wrong' : 'all')}
          data={[
            { value: 'all', label: `All ${findings.length}` },
            { value: 'wrong', label: `Only what is not right (${wrong.length})` },
          ]}
        />
        <Button variant="default" loading={asked.isFetching} onClick={() => void asked.refetch()}>
          Check again
        </Button>
      </Group>
      {list.length === 0 ? <p className={classes.words}>Everything is right.</p> : <FindingList findings={list} />}
    </div>
  )
}
