import { Button, Group, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { MeasuredResult } from '../../shared/contract/measurements.ts'
import { api, query } from '../api.ts'
import { ErrorNotice } from '../ui/error-notice.tsx'
import { formatNumber, money, quality } from '../ui/format.ts'
import { NumberField } from '../ui/number-field.tsx'
import { tell, tellError } from '../ui/tell.ts'
import classes from './benchmarks.module.css'
import { seconds } from './figures.ts'
import type { ShownLine } from './output-diff.ts'

type Props = {
  result: MeasuredResult
  /** Whose result it is, for labels. */
  name: string
  /** The output where it differs from another one. */
  lines?: ShownLine[] | undefined
  way?: 'removed' | 'added'
}

/** One result with its evidence: the output, how each assertion went, the judge's notes or why it has no grade. */
export function ResultBody({ result, name, lines, way = 'added' }: Props) {
  return (
    <>
      <p className={classes.facts}>
        {result.model}, repeat {result.repeat} · quality{' '}
        {result.quality === null ? 'not graded' : quality(result.quality)} ·{' '}
        {result.costMicrocents === null ? 'cost not known' : money(result.costMicrocents)} ·{' '}
        {result.latencyMs === null ? 'time not known' : seconds(result.latencyMs)} · {formatNumber(result.outputTokens)}{' '}
        tokens out
      </p>
      {result.ungraded !== null && (
        <ErrorNotice
          happened={`Not graded: ${result.ungraded}`}
          kept={result.output === null ? 'It has no output, and counts in no mean.' : 'It counts in no mean.'}
        />
      )}
      {result.output !== null && <Output text={result.output} lines={lines} way={way} label={`Output of ${name}`} />}
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
      {result.notes !== null && result.notes !== result.ungraded && <p className={classes.quiet}>{result.notes}</p>}
      <HandGrade key={result.id} result={result} name={name} />
    </>
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
  way: 'removed' | 'added'
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
