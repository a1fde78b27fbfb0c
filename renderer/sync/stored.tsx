import { Button, Progress } from '@mantine/core'
import { useState } from 'react'
import { api, sayError } from '../api.ts'
import { count } from '../ui/format.ts'
import classes from './sync.module.css'

type Result = { checked: number; damaged: number; repaired: number; lost: { sha256: string; of: string }[] }
type State =
  | { kind: 'idle' }
  | { kind: 'running'; done: number; total: number }
  | { kind: 'done'; result: Result }
  | { kind: 'failed'; words: string }

/** Re-hashes everything on this computer; what is damaged is brought again from a team that has it. */
export function Stored() {
  const [state, setState] = useState<State>({ kind: 'idle' })
  const run = async () => {
    setState({ kind: 'running', done: 0, total: 0 })
    try {
      const steps = await api.sync.scrub()
      for (;;) {
        const next = await steps.next()
        if (next.done) return setState({ kind: 'done', result: next.value })
        setState({ kind: 'running', ...next.value })
      }
    } catch (error) {
      setState({ kind: 'failed', words: sayError(error) })
    }
  }
  return (
    <section className={classes.section} aria-labelledby="stored">
      <h2 id="stored">Stored content</h2>
      <p className={classes.quiet}>
        Every file is checked against its checksum whenever it is read. This checks all of them now, and brings what is
        damaged from the team.
      </p>
      {state.kind === 'running' && (
        <Progress
          className={classes.progress ?? ''}
          value={state.total === 0 ? 0 : (100 * state.done) / state.total}
          aria-label="Checked"
        />
      )}
      <div role="status">
        {state.kind === 'failed' && <p>{state.words}</p>}
        {state.kind === 'done' && <Said result={state.result} />}
      </div>
      <Button variant="default" onClick={() => void run()} loading={state.kind === 'running'}>
        Check everything
      </Button>
    </section>
  )
}

function Said({ result }: { result: Result }) {
  const { checked, damaged, repaired, lost } = result
  if (damaged === 0) return <p>✓ {count(checked, 'file')} checked: all as they were saved.</p>
  return (
    <>
      <p>
        {count(checked, 'file')} checked, {formatDamaged(damaged)}, {repaired} of them brought again from a team.
      </p>
      {lost.map(({ sha256, of }) => (
        <p key={sha256}>✗ Damaged, and nobody else has it: {of}</p>
      ))}
    </>
  )
}

const formatDamaged = (damaged: number): string => count(damaged, 'was damaged', 'were damaged')
