import { Button, Group } from '@mantine/core'
import { useRef, useState } from 'react'
import type { RebuildReport } from '../../shared/contract/system.ts'
import { api, queryClient, sayError } from '../api.ts'
import { count } from '../ui/format.ts'
import classes from './frame.module.css'

export type Rebuilding = {
  state:
    | { at: 'idle' }
    | { at: 'rebuilding'; words: string }
    | { at: 'done'; report: RebuildReport }
    | { at: 'failed'; words: string }
  start: () => void
  stop: () => void
}

const STEPS = {
  reading: 'Reading what can still be read',
  backups: 'Looking through backups',
  journal: 'Queueing unsent changes again',
  checking: 'Checking the new library',
} as const

export function useRebuild(): Rebuilding {
  const [state, setState] = useState<Rebuilding['state']>({ at: 'idle' })
  const stopping = useRef(new AbortController())
  const run = async () => {
    stopping.current = new AbortController()
    setState({ at: 'rebuilding', words: STEPS.reading })
    try {
      const steps = await api.system.rebuild(undefined, { signal: stopping.current.signal })
      for (;;) {
        const next = await steps.next()
        if (next.done) return setState({ at: 'done', report: next.value })
        const { step, done } = next.value
        setState({ at: 'rebuilding', words: done > 0 ? `${STEPS[step]}: ${done.toLocaleString('en')}` : STEPS[step] })
      }
    } catch (error) {
      setState(stopping.current.signal.aborted ? { at: 'idle' } : { at: 'failed', words: sayError(error) })
    }
  }
  return { state, start: () => void run(), stop: () => stopping.current.abort() }
}

/** What came back and what did not, before the library opens. */
export function RebuiltScreen({ report }: { report: RebuildReport }) {
  return (
    <main className={classes.screen}>
      <div>
        <h1>The library was rebuilt</h1>
        <dl className={classes.parts}>
          <dt>What came back</dt>
          <dd>
            {count(report.skills, 'skill')}, {count(report.versions, 'version')}, {count(report.files, 'file')} of
            content, {count(report.workingCopies, 'unsaved working copy', 'unsaved working copies')}.
          </dd>
          {report.fromBackups > 0 && (
            <dd>{count(report.fromBackups, 'of them was', 'of them were')} only in a backup.</dd>
          )}
          {report.requeued > 0 && (
            <dd>{count(report.requeued, 'unsent change', 'unsent changes')} came from the journal and will be sent.</dd>
          )}
          {report.teams.length > 0 && (
            <dd>
              {report.teams.join(', ')}: everything is asked of the registry again
              {report.awaited > 0 && `, ${count(report.awaited, 'missing file')} among it`}.
            </dd>
          )}
          <dt>What did not</dt>
          {report.lost.length === 0 && report.notes.length === 0 && <dd>Nothing that we know of.</dd>}
          {report.lost.map(({ sha256, of }) => (
            <dd key={sha256}>{of}</dd>
          ))}
          {report.notes.map(note => (
            <dd key={note}>{note}</dd>
          ))}
          {report.movedTo !== null && (
            <>
              <dt>The broken file is kept</dt>
              <dd>
                <code>{report.movedTo}</code>
              </dd>
            </>
          )}
        </dl>
        <Group gap="sm">
          <Button onClick={() => void queryClient.invalidateQueries()}>Open the library</Button>
        </Group>
      </div>
    </main>
  )
}
