import { Badge, Table, UnstyledButton } from '@mantine/core'
import type { MeasuredRun } from '../../shared/contract/measurements.ts'
import { count, money, quality } from '../ui/format.ts'
import { Time, useNow } from '../ui/time.tsx'
import classes from './benchmarks.module.css'
import { seconds } from './figures.ts'

const STATES = {
  pending: 'waiting',
  running: 'running',
  completed: 'done',
  failed: 'failed',
  cancelled: 'stopped',
} satisfies Record<MeasuredRun['status'], string>

const percent = (share: number): string => `${Math.round(share * 100)}%`

type Props = { runs: readonly MeasuredRun[]; onOpen: (runId: string) => void }

/** Every run with what it found, and the way to its results. What is not known is a dash. */
export function RunTable({ runs, onOpen }: Props) {
  const now = useNow()
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls can be scrolled by keyboard
    <section className={classes.scroll} tabIndex={0} aria-label="Runs">
      <Table className={classes.runs} verticalSpacing={4} horizontalSpacing="sm">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>What ran</Table.Th>
            <Table.Th>When</Table.Th>
            <Table.Th data-figure>Quality (95%)</Table.Th>
            <Table.Th data-figure>Demands met (95%)</Table.Th>
            <Table.Th data-figure>Cost</Table.Th>
            <Table.Th data-figure>Time</Table.Th>
            <Table.Th data-figure>Results</Table.Th>
            <Table.Th>Models</Table.Th>
            <Table.Th>Judge</Table.Th>
            <Table.Th>From</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {runs.map(run => (
            // The button is for keys; a click anywhere in the row is as good.
            <Table.Tr key={run.id} className={classes.openable} onClick={() => onOpen(run.id)}>
              <Table.Td>
                <UnstyledButton fz="sm" c="steel" aria-label={`Results of ${run.label}`}>
                  {run.label}
                </UnstyledButton>{' '}
                {run.status !== 'completed' && (
                  <Badge variant="outline" color="gray" size="sm">
                    {STATES[run.status]}
                  </Badge>
                )}
              </Table.Td>
              <Table.Td>
                <Time at={run.completedAt ?? run.createdAt} now={now} />
              </Table.Td>
              <Table.Td data-figure>
                {run.quality
                  ? `${quality(run.quality.mean)} (${quality(run.quality.low)}–${quality(run.quality.high)})`
                  : '–'}
              </Table.Td>
              <Table.Td data-figure>
                {run.passRate
                  ? `${run.passRate.passed} of ${run.passRate.of}, ${percent(run.passRate.rate)} (${percent(run.passRate.low)}–${percent(run.passRate.high)})`
                  : '–'}
              </Table.Td>
              <Table.Td data-figure>{money(run.costMicrocents)}</Table.Td>
              <Table.Td data-figure>{run.latencyMs === null ? '–' : seconds(run.latencyMs)}</Table.Td>
              <Table.Td data-figure title={sayMissing(run)}>
                {run.results}
                {run.unjudged > 0 && ` (${run.unjudged} not graded)`}
              </Table.Td>
              <Table.Td>{run.models.join(', ')}</Table.Td>
              <Table.Td>{run.judgeModel ?? '–'}</Table.Td>
              <Table.Td>{run.source ?? 'this app'}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </section>
  )
}

const sayMissing = (run: MeasuredRun): string | undefined =>
  run.unjudged === 0
    ? undefined
    : `${count(run.unjudged, 'result')} without a grade, in no mean. Open the run to see why.`
