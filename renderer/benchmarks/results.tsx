import { SegmentedControl, Select } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { type ReactNode, useMemo, useState } from 'react'
import { useLocation, useSearch } from 'wouter'
import type { MeasuredCells, MeasuredRun } from '../../shared/contract/measurements.ts'
import { query, sayError } from '../api.ts'
import { address } from '../routes.ts'
import { caseMatrix } from '../ui/charts/case-matrix.ts'
import { Chart } from '../ui/charts/chart.tsx'
import { costQuality } from '../ui/charts/cost-quality.ts'
import { distribution } from '../ui/charts/distribution.ts'
import { qualityByVersion } from '../ui/charts/quality-by-version.ts'
import { trend } from '../ui/charts/trend.ts'
import { Empty } from '../ui/empty.tsx'
import { ErrorNotice } from '../ui/error-notice.tsx'
import { compact } from '../ui/format.ts'
import classes from './benchmarks.module.css'
import {
  costPoints,
  firstPair,
  inVersionOrder,
  mainGroup,
  matrixOf,
  qualityPoints,
  samplesOf,
  seconds,
  trendLines,
} from './figures.ts'
import { PairSection } from './pair-section.tsx'
import { RunDrawer } from './run-drawer.tsx'
import { RunTable } from './run-table.tsx'

/** What runs of a skill found: two beside each other, then all of them as charts. `first`: where nothing was measured yet. */
export function Results({ skillId, first }: { skillId: string; first?: ReactNode }) {
  const runs = useQuery(query.measurements.runs.queryOptions({ input: { skillId } }))
  if (runs.error) return <ErrorNotice happened={sayError(runs.error)} todo="Reload to try again." />
  if (!runs.data) return null
  if (runs.data.length === 0)
    return (
      <Empty title="Not measured" actions={first}>
        No benchmark run of this skill is in the library, so nothing can be said about its quality. Run its cases, or
        import results that were made elsewhere.
      </Empty>
    )
  return <Measured skillId={skillId} runs={runs.data} />
}

function Measured({ skillId, runs }: { skillId: string; runs: MeasuredRun[] }) {
  const [, navigate] = useLocation()
  const params = new URLSearchParams(useSearch())
  const measured = useMemo(() => runs.filter(run => run.quality !== null), [runs])
  const known = (id: string | null) => measured.find(run => run.id === id)?.id
  const begin = useMemo(() => firstPair(runs), [runs])
  const left = known(params.get('left')) ?? begin?.left
  const right = known(params.get('right')) ?? begin?.right
  const choose = (nextLeft: string, nextRight: string) =>
    navigate(address.skill(skillId, 'benchmarks', { left: nextLeft, right: nextRight }), { replace: true })
  const pair = { ...(left !== undefined && { left }), ...(right !== undefined && { right }) }
  // Pushed, so that Back closes what was opened.
  const open = (run: string, caseId?: string) =>
    navigate(address.skill(skillId, 'benchmarks', { ...pair, run, ...(caseId !== undefined && { case: caseId }) }))
  const opened = runs.find(run => run.id === params.get('run'))
  const compare = (run: MeasuredRun) =>
    run.quality === null ? undefined : () => choose(left === run.id ? (right ?? run.id) : (left ?? run.id), run.id)
  const quality = useMemo(() => qualityByVersion(qualityPoints(runs)), [runs])
  const history = useMemo(() => trend('Quality over time', trendLines(runs), value => value.toFixed(1)), [runs])
  return (
    <div className={classes.results}>
      {left !== undefined && right !== undefined && (
        <PairSection runs={measured} left={left} right={right} onChange={choose} />
      )}
      <Chart model={quality} onPick={open} />
      <AlikeRuns runs={runs} onOpen={open} />
      <Chart model={history} onPick={open} />
      <section aria-labelledby="runs">
        <h2 id="runs">Runs</h2>
        <RunTable runs={runs} onOpen={open} />
      </section>
      {opened && (
        <RunDrawer
          run={opened}
          caseId={params.get('case') ?? undefined}
          onClose={() => navigate(address.skill(skillId, 'benchmarks', pair), { replace: true })}
          onCompare={compare(opened)}
        />
      )}
    </div>
  )
}

type OpenRun = (runId: string, caseId?: string) => void

/** Charts over several runs at once show only those that were measured alike. */
function AlikeRuns({ runs, onOpen }: { runs: MeasuredRun[]; onOpen: OpenRun }) {
  const groups = useMemo(() => Map.groupBy(inVersionOrder(runs), run => run.alike), [runs])
  const [chosen, setChosen] = useState<string>()
  const group = chosen !== undefined && groups.has(chosen) ? chosen : mainGroup(runs)
  const alike = (group === undefined ? undefined : groups.get(group)) ?? []
  const cells = useQuery(
    query.measurements.cells.queryOptions({
      input: { runIds: alike.map(run => run.id) },
      enabled: alike.length > 0,
      placeholderData: before => before,
    }),
  )
  if (cells.error) return <ErrorNotice happened={sayError(cells.error)} todo="Reload to try again." />
  if (!cells.data) return null
  return (
    <>
      {groups.size > 1 && (
        <Select
          label="Runs measured alike"
          description="Other cases, another judge or other instructions to it: such runs are never drawn together."
          maw={480}
          value={group ?? null}
          onChange={value => setChosen(value ?? undefined)}
          allowDeselect={false}
          data={[...groups].map(([value, list]) => ({ value, label: list.map(run => run.label).join(', ') }))}
        />
      )}
      <CellCharts cells={cells.data} onOpen={onOpen} />
    </>
  )
}

function CellCharts({ cells, onOpen }: { cells: MeasuredCells; onOpen: OpenRun }) {
  const [shows, setShows] = useState<'score' | 'change'>('score')
  const matrix = useMemo(() => {
    const { columns, rows } = matrixOf(cells)
    return caseMatrix(columns, rows, shows)
  }, [cells, shows])
  const cost = useMemo(() => costQuality(costPoints(cells)), [cells])
  const latency = useMemo(() => distribution('Time', samplesOf(cells, cells.latencyMs), seconds), [cells])
  const tokens = useMemo(() => distribution('Tokens', samplesOf(cells, cells.tokens), compact), [cells])
  return (
    <>
      <Chart
        model={matrix}
        onPick={key => {
          const [caseId, runId = ''] = key.split(' ')
          onOpen(runId, caseId)
        }}
        tools={
          <SegmentedControl
            aria-label="Cells show"
            value={shows}
            onChange={value => setShows(value === 'change' ? 'change' : 'score')}
            data={[
              { value: 'score', label: 'Score' },
              { value: 'change', label: 'Change' },
            ]}
          />
        }
      />
      <Chart model={cost} onPick={onOpen} />
      <div className={classes.side}>
        <Chart model={latency} onPick={onOpen} />
        <Chart model={tokens} onPick={onOpen} />
      </div>
    </>
  )
}
