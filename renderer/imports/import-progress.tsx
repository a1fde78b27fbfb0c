import { Button, Group, Progress, Stack } from '@mantine/core'
import { useEffect, useState } from 'react'
import type { ImportJob } from './import-job.ts'
import { percentOf, sayBriefly, sayProgress } from './import-words.ts'
import classes from './imports.module.css'

/** Longer than this, and one may go on working meanwhile. */
const SEND_AWAY_MS = 2_000

type Running = Extract<ImportJob, { state: 'running' }>
type Props = { job: Running; onCancel: () => void; onSendAway: () => void }

export function ImportProgressView({ job, onCancel, onSendAway }: Props) {
  const long = useLongerThan(job.startedAt, SEND_AWAY_MS)
  return (
    <Stack gap="sm">
      <div role="status">{job.cancelling ? 'Stopping after this skill…' : sayProgress(job.progress)}</div>
      <ProgressBar job={job} size="md" />
      <div
        className={classes.path}
        style={{ minHeight: 20, overflow: 'hidden', whiteSpace: 'nowrap', textOverflow: 'ellipsis' }}
      >
        {job.progress?.what ?? job.what}
      </div>
      <Group gap="sm">
        <Button variant="default" disabled={job.cancelling} onClick={onCancel}>
          Cancel
        </Button>
        {long && (
          <Button variant="default" onClick={onSendAway}>
            Go on in the background
          </Button>
        )}
      </Group>
    </Stack>
  )
}

/** A share of the whole where that is known; otherwise a bar that says only that it goes on. */
function ProgressBar({ job, size }: { job: Running; size: 'xs' | 'md' }) {
  const percent = percentOf(job.progress)
  return (
    <Progress.Root size={size} transitionDuration={0}>
      <Progress.Section
        value={percent ?? 100}
        striped={percent === undefined}
        animated={percent === undefined}
        aria-label="Import"
        {...(percent === undefined && { 'aria-valuenow': undefined, 'aria-valuetext': 'in progress' })}
      />
    </Progress.Root>
  )
}

/** For the status line, while the dialog is closed: press to see it again. */
export function ImportTask({ job, onOpen }: { job: Running; onOpen: () => void }) {
  return (
    <button type="button" className={classes.task} onClick={onOpen} title="Show the import">
      <span>{sayBriefly(job.progress)}</span>
      <ProgressBar job={job} size="xs" />
    </button>
  )
}

function useLongerThan(since: number, ms: number): boolean {
  const [long, setLong] = useState(() => Date.now() - since > ms)
  useEffect(() => {
    const timer = setTimeout(() => setLong(true), Math.max(0, since + ms - Date.now()))
    return () => clearTimeout(timer)
  }, [since, ms])
  return long
}
