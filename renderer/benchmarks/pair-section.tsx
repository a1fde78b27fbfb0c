import { Select, Table, UnstyledButton } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useMemo, useState } from 'react'
import type { MeasuredPair, MeasuredRun } from '../../shared/contract/measurements.ts'
import { query, sayError } from '../api.ts'
import { Chart } from '../ui/charts/chart.tsx'
import { pairedSlope } from '../ui/charts/paired-slope.ts'
import { ErrorNotice } from '../ui/error-notice.tsx'
import { count } from '../ui/format.ts'
import { when } from '../ui/when.ts'
import classes from './benchmarks.module.css'
import { BlindComparison } from './blind.tsx'
import { CaseDrawer } from './case-drawer.tsx'
import { pairedPoints } from './figures.ts'

type Props = {
  runs: readonly MeasuredRun[]
  left: string
  right: string
  onChange: (left: string, right: string) => void
}

/** Two runs beside each other: the verdict in words first, then where it comes from. */
export function PairSection({ runs, left, right, onChange }: Props) {
  const pair = useQuery(
    query.measurements.pair.queryOptions({ input: { left, right }, placeholderData: before => before }),
  )
  const options = runs.map(run => ({ value: run.id, label: `${run.label}, ${when(run.completedAt ?? run.createdAt)}` }))
  const labelOf = (id: string) => runs.find(run => run.id === id)?.label ?? ''
  const same = labelOf(left) === labelOf(right)
  const names = same
    ? { left: `${labelOf(left)} (left)`, right: `${labelOf(right)} (right)` }
    : { left: labelOf(left), right: labelOf(right) }
  const pick = (side: 'left' | 'right') => (value: string | null) => {
    if (value !== null) onChange(side === 'left' ? value : left, side === 'right' ? value : right)
  }
  return (
    <section aria-labelledby="pair">
      <div className={classes.pair}>
        <h2 id="pair">Compare</h2>
        <Select
          aria-label="Left run"
          data={options}
          value={left}
          onChange={pick('left')}
          allowDeselect={false}
          searchable
          w={300}
        />
        <span aria-hidden>→</span>
        <Select
          aria-label="Right run"
          data={options}
          value={right}
          onChange={pick('right')}
          allowDeselect={false}
          searchable
          w={300}
        />
      </div>
      {pair.error && <ErrorNotice happened={sayError(pair.error)} kept="Nothing was changed." />}
      {pair.data && <Verdict pair={pair.data} />}
      {pair.data && <Differences pair={pair.data} names={names} />}
      {pair.data && pair.data.reasons.length === 0 && (
        <BlindComparison key={`${left} ${right}`} left={left} right={right} names={names} />
      )}
    </section>
  )
}

function Verdict({ pair }: { pair: MeasuredPair }) {
  if (pair.reasons.length > 0)
    return (
      <>
        <p className={classes.words}>Not comparable</p>
        <p className={classes.quiet}>
          {pair.reasons.join(' ')} So nothing is subtracted; choose two runs that were measured alike.
        </p>
      </>
    )
  const flaky = pair.cases.filter(one => one.flaky).length
  const compared = pair.cases.filter(one => one.left !== null && one.right !== null).length
  const notes = [
    pair.sources !== null &&
      pair.sources < compared &&
      `The ${count(compared, 'case')} come from ${count(pair.sources, 'source')}: cases with the same file, prompt or “source:” tag count as one.`,
    pair.detectable !== null &&
      `These cases would have shown a difference of ${pair.detectable.toFixed(1)} points or more.`,
    flaky > 0 && `${count(flaky, 'case')} ${flaky === 1 ? 'is' : 'are'} flaky: repeats differ among themselves.`,
  ].filter(note => note !== false)
  return (
    <>
      <p className={classes.words} data-verdict={pair.verdict ?? undefined}>
        {pair.words ?? 'No case was judged on both sides.'}
      </p>
      {notes.length > 0 && <p className={classes.quiet}>{notes.join(' ')}</p>}
    </>
  )
}

function Differences({ pair, names }: { pair: MeasuredPair; names: { left: string; right: string } }) {
  const [open, setOpen] = useState<string>()
  const slope = useMemo(() => pairedSlope(names.left, names.right, pairedPoints(pair)), [pair, names.left, names.right])
  return (
    <>
      {pair.reasons.length === 0 && pair.cases.length > 0 && <Chart model={slope} onPick={setOpen} />}
      {pair.assertions.length > 0 && <Assertions pair={pair} names={names} onOpen={setOpen} />}
      <CaseDrawer of={pair.cases.find(one => one.caseId === open)} names={names} onClose={() => setOpen(undefined)} />
    </>
  )
}

/** As many as one reads; all of them would push everything else off the page. */
const SHOWN = 12

function Assertions({
  pair,
  names,
  onOpen,
}: {
  pair: MeasuredPair
  names: { left: string; right: string }
  onOpen: (caseId: string) => void
}) {
  const [all, setAll] = useState(false)
  const shown = all ? pair.assertions : pair.assertions.slice(0, SHOWN)
  return (
    <section aria-labelledby="demands">
      <h3 id="demands">Demands that went differently</h3>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls can be scrolled by keyboard */}
      <section className={classes.scroll} tabIndex={0} aria-label="Demands that went differently">
        <Table className={classes.differences} verticalSpacing={4} horizontalSpacing="sm">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Case</Table.Th>
              <Table.Th>Demand</Table.Th>
              <Table.Th>{names.left}</Table.Th>
              <Table.Th>{names.right}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {shown.map(one => (
              <Table.Tr key={`${one.caseId} ${one.text}`}>
                <Table.Td>
                  <UnstyledButton fz="sm" c="steel" ta="left" onClick={() => onOpen(one.caseId)}>
                    {one.caseName}
                  </UnstyledButton>
                </Table.Td>
                <Table.Td>{one.text}</Table.Td>
                <Table.Td>
                  <Met side={one.left} evidence={one.leftEvidence} />
                </Table.Td>
                <Table.Td>
                  <Met side={one.right} evidence={one.rightEvidence} />
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </section>
      {pair.assertions.length > shown.length && (
        <UnstyledButton fz="sm" c="steel" mt={4} onClick={() => setAll(true)}>
          Show all {pair.assertions.length}
        </UnstyledButton>
      )}
    </section>
  )
}

function Met({ side, evidence }: { side: { passed: number; of: number }; evidence: string | null }) {
  const whole = side.passed === side.of ? classes.rose : side.passed === 0 ? classes.fell : undefined
  return (
    <>
      <strong className={whole}>
        {side.passed === side.of ? '✓' : '✗'} {side.passed} of {side.of} met
      </strong>
      {evidence !== null && evidence !== '' && <div className={classes.evidence}>{evidence}</div>}
    </>
  )
}
