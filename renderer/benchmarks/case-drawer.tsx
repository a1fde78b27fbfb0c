import { Drawer, Group, Select } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useMemo, useState } from 'react'
import type { MeasuredPair, MeasuredResult } from '../../shared/contract/measurements.ts'
import { query, sayError } from '../api.ts'
import { ErrorNotice } from '../ui/error-notice.tsx'
import classes from './benchmarks.module.css'
import { diffOutputs, type ShownLine } from './output-diff.ts'
import { ResultBody } from './result-body.tsx'

type Case = MeasuredPair['cases'][number]
type Props = { of: Case | undefined; names: { left: string; right: string }; onClose: () => void }

/** One case on both sides: what came out, where it differs, and how each demand went. */
export function CaseDrawer({ of, names, onClose }: Props) {
  return (
    <Drawer
      opened={of !== undefined}
      onClose={onClose}
      position="right"
      size="80%"
      title={of?.name ?? ''}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      {of && <BothSides key={of.caseId} of={of} names={names} />}
    </Drawer>
  )
}

function BothSides({ of, names }: { of: Case; names: Props['names'] }) {
  const [left, setLeft] = useState(of.leftResults[0])
  const [right, setRight] = useState(of.rightResults[0])
  const [leftResult, rightResult] = [useResult(left), useResult(right)]
  const error = leftResult.error ?? rightResult.error
  const diff = useMemo(() => {
    const [a, b] = [leftResult.data?.output, rightResult.data?.output]
    return typeof a === 'string' && typeof b === 'string' ? diffOutputs(a, b) : undefined
  }, [leftResult.data, rightResult.data])
  if (error) return <ErrorNotice happened={sayError(error)} kept="Nothing was changed." />
  return (
    <>
      {of.flaky && (
        <p className={classes.quiet}>
          Flaky: repeats of this case differ among themselves by a tenth of the scale or more.
        </p>
      )}
      <div className={classes.outputs}>
        <Side
          name={names.left}
          ids={of.leftResults}
          id={left}
          onPick={setLeft}
          result={leftResult.data}
          lines={diff?.left}
          way="removed"
        />
        <Side
          name={names.right}
          ids={of.rightResults}
          id={right}
          onPick={setRight}
          result={rightResult.data}
          lines={diff?.right}
          way="added"
        />
      </div>
      <details>
        <summary>The prompt</summary>
        <pre className={classes.text}>{rightResult.data?.input ?? leftResult.data?.input ?? 'Not kept.'}</pre>
      </details>
    </>
  )
}

const useResult = (id: string | undefined) =>
  useQuery(
    query.measurements.result.queryOptions({
      input: { id: id ?? '' },
      enabled: id !== undefined,
      placeholderData: before => before,
    }),
  )

type SideProps = {
  name: string
  ids: string[]
  id: string | undefined
  onPick: (id: string) => void
  result: MeasuredResult | undefined
  lines: ShownLine[] | undefined
  way: 'removed' | 'added'
}

function Side({ name, ids, id, onPick, result, lines, way }: SideProps) {
  return (
    <section aria-label={name}>
      <Group gap="sm" mb={4}>
        <h3>{name}</h3>
        {ids.length > 1 && (
          <Select
            aria-label={`Which result of ${name}`}
            value={id ?? null}
            onChange={value => value !== null && onPick(value)}
            data={ids.map((value, place) => ({ value, label: `Result ${place + 1} of ${ids.length}` }))}
            allowDeselect={false}
          />
        )}
      </Group>
      {id === undefined && <p className={classes.quiet}>Not measured on this side.</p>}
      {result && <ResultBody result={result} name={name} lines={lines} way={way} />}
    </section>
  )
}
