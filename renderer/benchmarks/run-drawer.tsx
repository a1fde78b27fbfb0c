import { Button, Drawer, Group, SegmentedControl } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { ListedResult, MeasuredRun } from '../../shared/contract/measurements.ts'
import { query, sayError } from '../api.ts'
import { ErrorNotice } from '../ui/error-notice.tsx'
import { count } from '../ui/format.ts'
import { when } from '../ui/when.ts'
import classes from './benchmarks.module.css'
import { ResultBody } from './result-body.tsx'
import { ResultList } from './result-list.tsx'

type Props = {
  run: MeasuredRun
  /** The case whose result is shown first. */
  caseId: string | undefined
  onClose: () => void
  /** Left out where there is nothing to compare with. */
  onCompare: (() => void) | undefined
}

/** A run's results, one by one: every output with its evidence, and why one has no grade. */
export function RunDrawer({ run, caseId, onClose, onCompare }: Props) {
  const results = useQuery(query.measurements.results.queryOptions({ input: { runId: run.id } }))
  return (
    <Drawer
      opened
      onClose={onClose}
      position="right"
      size="80%"
      title={`${run.label}, ${when(run.completedAt ?? run.createdAt)}`}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <Group gap="sm" mb="sm" justify="space-between">
        <p className={classes.dim}>{factsOf(run)}</p>
        {onCompare && (
          <Button variant="default" onClick={onCompare}>
            Compare this run
          </Button>
        )}
      </Group>
      {results.error && <ErrorNotice happened={sayError(results.error)} kept="Nothing was changed." />}
      {results.data && <Results key={`${run.id} ${caseId}`} run={run} results={results.data} caseId={caseId} />}
    </Drawer>
  )
}

function factsOf(run: MeasuredRun): string {
  return [
    count(run.results, 'result'),
    run.unjudged > 0 && `${run.unjudged} not graded`,
    run.models.join(', '),
    run.judgeModel === null ? 'no judge' : `judge ${run.judgeModel}`,
    run.source,
  ]
    .filter(part => part !== false && part !== null && part !== '')
    .join(' · ')
}

function Results({ run, results, caseId }: { run: MeasuredRun; results: ListedResult[]; caseId: string | undefined }) {
  const [only, setOnly] = useState<'all' | 'ungraded'>('all')
  const ungraded = results.filter(one => one.ungraded !== null)
  const shown = only === 'ungraded' ? ungraded : results
  const first = results.find(one => one.caseId === caseId) ?? (caseId === undefined ? results[0] : undefined)
  const [chosen, setChosen] = useState(first?.id)
  const open = shown.find(one => one.id === chosen) ?? (chosen === undefined ? undefined : shown[0])
  return (
    <>
      {caseId !== undefined && first === undefined && (
        <p className={classes.quiet}>This run has no result for that case.</p>
      )}
      <div className={classes.runResults}>
        <div>
          {ungraded.length > 0 && ungraded.length < results.length && (
            <SegmentedControl
              aria-label="Results to show"
              fullWidth
              mb="xs"
              value={only}
              onChange={value => setOnly(value === 'ungraded' ? 'ungraded' : 'all')}
              data={[
                { value: 'all', label: `All (${results.length})` },
                { value: 'ungraded', label: `Not graded (${ungraded.length})` },
              ]}
            />
          )}
          <ResultList results={shown} severalModels={run.models.length > 1} chosen={open?.id} onChoose={setChosen} />
        </div>
        {open && <OneResult key={open.id} id={open.id} name={run.label} />}
      </div>
    </>
  )
}

function OneResult({ id, name }: { id: string; name: string }) {
  const result = useQuery(query.measurements.result.queryOptions({ input: { id } }))
  if (result.error) return <ErrorNotice happened={sayError(result.error)} kept="Nothing was changed." />
  if (!result.data) return <div />
  return (
    <section aria-label={`Result of ${result.data.caseName}`}>
      <h3 className={classes.which}>{result.data.caseName}</h3>
      <ResultBody result={result.data} name={name} />
      <details>
        <summary>Prompt</summary>
        <pre className={classes.prompt}>{result.data.input ?? 'Not kept.'}</pre>
      </details>
      {result.data.expected !== null && result.data.expected !== '' && (
        <details>
          <summary>Expected output</summary>
          <pre className={classes.prompt}>{result.data.expected}</pre>
        </details>
      )}
    </section>
  )
}
