import { Button, Progress } from '@mantine/core'
import { useState } from 'react'
import { api, sayError } from '../api.ts'
import classes from './check-library.module.css'
import { count } from './format.ts'

type Result = {
  checked: number
  damaged: number
  repaired: number
  healed: number
  lost: { sha256: string; of: string }[]
}
type State =
  | { kind: 'idle' }
  | { kind: 'running'; done: number; total: number }
  | { kind: 'done'; result: Result }
  | { kind: 'failed'; words: string }

/** Re-hashes everything on this computer; what is damaged is brought again from wherever it is whole. */
export function CheckLibrary() {
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
    <div className={classes.check}>
      {state.kind === 'running' && (
        <Progress value={state.total === 0 ? 0 : (100 * state.done) / state.total} aria-label="Checked" />
      )}
      <div role="status">
        {state.kind === 'failed' && <p>{state.words}</p>}
        {state.kind === 'done' && <Said result={state.result} />}
      </div>
      <Button variant="default" onClick={() => void run()} loading={state.kind === 'running'}>
        Check the library
      </Button>
    </div>
  )
}

function Said({ result }: { result: Result }) {
  const { checked, damaged, repaired, healed, lost } = result
  return (
    <>
      {damaged === 0 ? (
        <p>✓ {count(checked, 'file')} checked: all as they were saved.</p>
      ) : (
        <p>
          {count(checked, 'file')} checked, {formatDamaged(damaged)}, {repaired - healed} of them mended from a copy
          elsewhere.
        </p>
      )}
      {healed > 0 && (
        <p>
          {count(healed, 'file was', 'files were')} missing or damaged in a team’s store; the team has{' '}
          {healed === 1 ? 'it' : 'them'} again, from here.
        </p>
      )}
      {lost.map(({ sha256, of }) => (
        <p key={sha256}>✗ Damaged, and nobody else has it: {of}</p>
      ))}
    </>
  )
}

const formatDamaged = (damaged: number): string => count(damaged, 'was damaged', 'were damaged')
