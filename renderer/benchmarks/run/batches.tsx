import { Button, Group, Menu, Progress } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useId, useState } from 'react'
import { Link } from 'wouter'
import type { Batch } from '../../../shared/contract/benchmarks.ts'
import { api, query, sayError } from '../../api.ts'
import { address } from '../../routes.ts'
import { ErrorNotice } from '../../ui/error-notice.tsx'
import { count, formatNumber } from '../../ui/format.ts'
import { NumberField } from '../../ui/number-field.tsx'
import { tellError } from '../../ui/tell.ts'
import { Time, useNow } from '../../ui/time.tsx'
import classes from '../benchmarks.module.css'
import { CellBoard } from './cell-board.tsx'
import { saySpent } from './spent.ts'
import { useBatch } from './use-batch.ts'

const DOLLAR = 100_000_000

/** Runs that were started here: where each stands, and what can be done about it. The newest is what one waits for, so it comes first. */
export function Batches({ skillId, which }: { skillId: string; which: 'newest' | 'earlier' }) {
  const id = useId()
  const batches = useQuery(query.benchmarks.list.queryOptions({ input: { skillId } }))
  if (batches.error) return which === 'newest' ? <ErrorNotice happened={sayError(batches.error)} /> : null
  const shown = which === 'newest' ? batches.data?.slice(0, 1) : batches.data?.slice(1)
  if (!shown || shown.length === 0) return null
  return (
    <section aria-labelledby={id} className={classes.batches}>
      <h2 id={id}>{which === 'newest' ? 'Newest run' : 'Earlier runs'}</h2>
      {shown.map(batch => (
        <BatchCard key={batch.id} skillId={skillId} given={batch} onChanged={() => void batches.refetch()} />
      ))}
    </section>
  )
}

function BatchCard({ skillId, given, onChanged }: { skillId: string; given: Batch; onChanged: () => void }) {
  const { batch, cells } = useBatch(given)
  const now = useNow()
  const [ceiling, setCeiling] = useState<number | undefined>()
  const act = async (work: () => Promise<unknown>, kept: string) => {
    try {
      await work()
    } catch (error) {
      tellError(error, kept)
    }
    onChanged()
  }
  const { id } = batch
  const resume = (retryFailed: boolean) =>
    act(
      () =>
        api.benchmarks.resume({
          id,
          retryFailed,
          ...(ceiling !== undefined && { budgetMicrocents: Math.round(ceiling * DOLLAR) }),
        }),
      'It did not go on.',
    )
  const stands = batch.state === 'paused' || batch.state === 'interrupted'
  return (
    <article className={classes.batch} aria-label={`Run of ${batch.labels.join(', ')}`}>
      <Group justify="space-between" gap="sm">
        <span>
          <strong>{batch.labels.join(', ')}</strong> by {batch.models.join(', ')}
        </span>
        <span className={classes.dim}>
          <Time at={batch.createdAt} now={now} />
        </span>
      </Group>
      <Progress
        value={batch.cells === 0 ? 100 : (100 * batch.done) / batch.cells}
        aria-label={`${batch.done} of ${batch.cells} cells done`}
        my={6}
        size="sm"
      />
      <p className={classes.facts} role="status">
        {sayState(batch)} {formatNumber(batch.done)} of {count(batch.cells, 'cell')} done
        {batch.failed > 0 && `, ${formatNumber(batch.failed)} failed`} · {saySpent(batch)}
        {batch.reason !== null && batch.state !== 'interrupted' && ` · ${batch.reason}`}
      </p>
      {batch.state === 'running' && <CellBoard cells={cells} />}
      <Group gap="sm">
        {batch.state !== 'running' && batch.done > 0 && (
          <Button component={Link} href={address.skill(skillId, 'benchmarks')}>
            See the results
          </Button>
        )}
        {batch.state === 'running' && (
          <Button variant="default" onClick={() => void act(() => api.benchmarks.pause({ id }), 'It still runs.')}>
            Pause
          </Button>
        )}
        {stands && (
          <>
            <NumberField
              aria-label="New ceiling"
              prefix="$"
              w={110}
              min={0}
              decimalScale={2}
              placeholder={
                batch.budgetMicrocents === null ? 'no ceiling' : `$${(batch.budgetMicrocents / DOLLAR).toFixed(2)}`
              }
              value={ceiling}
              onChange={value => setCeiling(value !== null && value > 0 ? value : undefined)}
            />
            <Button onClick={() => void resume(false)}>Go on</Button>
          </>
        )}
        {batch.failed > 0 && batch.state !== 'running' && batch.state !== 'cancelled' && (
          <Button variant="default" onClick={() => void resume(true)}>
            Try the failed ones again
          </Button>
        )}
        {(batch.state === 'running' || stands) && (
          <Button
            variant="subtle"
            color="gray"
            onClick={() => void act(() => api.benchmarks.cancel({ id }), 'It was not stopped.')}
          >
            Stop for good
          </Button>
        )}
        {batch.state !== 'running' && (
          <Menu position="bottom-start">
            <Menu.Target>
              <Button variant="subtle" color="gray">
                Remove…
              </Button>
            </Menu.Target>
            <Menu.Dropdown>
              <Menu.Item
                color="red"
                onClick={() => void act(() => api.benchmarks.remove({ batchId: id }), 'Nothing was removed.')}
              >
                Remove it with {count(batch.done, 'result')}, for good
              </Menu.Item>
            </Menu.Dropdown>
          </Menu>
        )}
      </Group>
    </article>
  )
}

function sayState(batch: Batch): string {
  switch (batch.state) {
    case 'running':
      return 'Running:'
    case 'paused':
      return 'Paused; nothing is lost.'
    case 'interrupted':
      return 'The app ended in the middle; what was measured is kept, and it can go on.'
    case 'completed':
      return 'Done.'
    case 'cancelled':
      return 'Stopped; what was measured is kept.'
    default:
      return batch.state satisfies never
  }
}
