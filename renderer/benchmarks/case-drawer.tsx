import { Button, Drawer, Group, Select, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useMemo, useState } from 'react'
import type { MeasuredPair, MeasuredResult } from '../../shared/contract/measurements.ts'
import { api, query, sayError } from '../api.ts'
import { ErrorNotice } from '../ui/error-notice.tsx'
import { formatNumber, money, quality } from '../ui/format.ts'
import { NumberField } from '../ui/number-field.tsx'
import { tell, tellError } from '../ui/tell.ts'
import classes from './benchmarks.module.css'
import { seconds } from './figures.ts'
import { diffOutputs, type ShownLine } from './output-diff.ts'

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
      {result && (
        <>
          <p className={classes.facts}>
            {result.model}, repeat {result.repeat} · quality{' '}
            {result.quality === null ? 'could not be judged' : quality(result.quality)} ·{' '}
            {result.costMicrocents === null ? 'cost not known' : money(result.costMicrocents)} ·{' '}
            {result.latencyMs === null ? 'time not known' : seconds(result.latencyMs)} ·{' '}
            {formatNumber(result.outputTokens)} tokens out
          </p>
          {result.error !== null && (
            <ErrorNotice happened={result.error} kept="This result has no output and is in no mean." />
          )}
          {result.output !== null && (
            <Output text={result.output} lines={lines} way={way} label={`Output of ${name}`} />
          )}
          <ul className={classes.demands} aria-label={`Demands on ${name}`}>
            {result.assertions.map((one, place) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: the same demand may be made twice
              <li key={place}>
                <strong className={one.passed === null ? undefined : one.passed ? classes.rose : classes.fell}>
                  {one.passed === null ? '– not graded' : one.passed ? '✓ met' : '✗ missed'}
                </strong>{' '}
                {one.text}
                {one.evidence !== null && one.evidence !== '' && <div className={classes.evidence}>{one.evidence}</div>}
              </li>
            ))}
          </ul>
          {result.notes !== null && <p className={classes.quiet}>{result.notes}</p>}
          <HandGrade key={result.id} result={result} name={name} />
        </>
      )}
    </section>
  )
}

/** A person's own grade: it stands in where judging failed, and is kept beside the judge's where it did not. */
function HandGrade({ result, name }: { result: MeasuredResult; name: string }) {
  const grades = useQuery(query.benchmarks.handGrades.queryOptions({ input: { runId: result.runId } }))
  const mine = grades.data?.find(grade => grade.resultId === result.id)
  const [score, setScore] = useState<number>()
  const [notes, setNotes] = useState<string>()
  const put = async (value: number | null) => {
    try {
      await api.benchmarks.gradeByHand({ resultId: result.id, score: value, notes: notes ?? mine?.notes ?? '' })
      await grades.refetch()
      setScore(undefined)
      tell({ message: value === null ? 'Your grade was taken back.' : 'Your grade is kept.' })
    } catch (error) {
      tellError(error, 'Your grade was not kept.')
    }
  }
  const shown = score ?? mine?.score
  return (
    <Group gap="sm" align="flex-end" mt="sm">
      <NumberField
        label="Your grade, 0 to 100"
        aria-label={`Your grade of ${name}, 0 to 100`}
        w={150}
        min={0}
        max={100}
        value={shown}
        onChange={value => setScore(value ?? undefined)}
      />
      <TextInput
        label="Why"
        flex={1}
        value={notes ?? mine?.notes ?? ''}
        onChange={event => setNotes(event.currentTarget.value)}
      />
      <Button variant="default" disabled={shown === undefined} onClick={() => shown !== undefined && void put(shown)}>
        Keep
      </Button>
      {mine && (
        <Button variant="subtle" color="gray" onClick={() => void put(null)}>
          Take back
        </Button>
      )}
    </Group>
  )
}

function Output({
  text,
  lines,
  way,
  label,
}: {
  text: string
  lines: ShownLine[] | undefined
  way: SideProps['way']
  label: string
}) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls can be scrolled by keyboard
    <section className={classes.text} tabIndex={0} aria-label={label}>
      <pre>
        {lines
          ? lines.map(line => (
              <span key={line.number} className={classes.line} data-changed={line.changed ? way : undefined}>
                {line.pieces.map((piece, place) => {
                  // biome-ignore lint/suspicious/noArrayIndexKey: pieces of a line have no identity beyond their place
                  return piece.marked ? <mark key={place}>{piece.text}</mark> : <span key={place}>{piece.text}</span>
                })}
              </span>
            ))
          : text}
      </pre>
    </section>
  )
}
