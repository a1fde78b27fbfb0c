import type { MeasuredCells, MeasuredPair, MeasuredRun } from '../../shared/contract/measurements.ts'
import type { MatrixColumn, MatrixRow } from '../ui/charts/case-matrix.ts'
import type { CostQuality } from '../ui/charts/cost-quality.ts'
import type { Sample } from '../ui/charts/distribution.ts'
import type { PairedPoint } from '../ui/charts/paired-slope.ts'
import type { QualityPoint } from '../ui/charts/quality-by-version.ts'
import type { TrendLine } from '../ui/charts/trend.ts'

/** From what was measured to what is drawn: pure, so that every figure on the screen can be held to its source. */

/** As a person counts: “run 2” before “run 10”. */
const byName = new Intl.Collator('en', { numeric: true }).compare

/** The baseline first, so that what a skill brings is a step up from it. */
const rankOf = (run: MeasuredRun): number => (run.baseline ? -1 : (run.versionNumber ?? 0))

/** Versions in the order of their numbers, what is no version before them; of several alike runs the newest. */
export function inVersionOrder(runs: readonly MeasuredRun[]): MeasuredRun[] {
  const newest = new Map<string, MeasuredRun>()
  for (const run of runs.toSorted((a, b) => b.createdAt - a.createdAt)) {
    const key = `${run.alike}\n${run.label}`
    if (run.quality !== null && !newest.has(key)) newest.set(key, run)
  }
  return [...newest.values()].sort(
    (a, b) => rankOf(a) - rankOf(b) || byName(a.label, b.label) || a.createdAt - b.createdAt,
  )
}

export const qualityPoints = (runs: readonly MeasuredRun[]): QualityPoint[] =>
  inVersionOrder(runs).flatMap(run =>
    run.quality === null
      ? []
      : [{ key: run.id, version: run.label, ...run.quality, results: run.results - run.unjudged, alike: run.alike }],
  )

/** Every run of a content at its time, one line for each way of measuring; the baseline does not grow. */
export function trendLines(runs: readonly MeasuredRun[]): TrendLine[] {
  const groups = Map.groupBy(
    runs.filter(run => run.quality !== null && !run.baseline).toSorted((a, b) => a.createdAt - b.createdAt),
    run => run.alike,
  )
  return [...groups.values()].map((group, place) => ({
    name: groups.size === 1 ? 'Quality' : `Measured alike, group ${place + 1}`,
    points: group.flatMap(run =>
      run.quality === null
        ? []
        : [
            {
              key: run.id,
              at: run.createdAt,
              label: run.label,
              value: run.quality.mean,
              low: run.quality.low,
              high: run.quality.high,
            },
          ],
    ),
  }))
}

/** The runs that most can be compared with: the largest group of alike ones, of equals the newest. */
export function mainGroup(runs: readonly MeasuredRun[]): string | undefined {
  const groups = Map.groupBy(inVersionOrder(runs), run => run.alike)
  const newest = (group: readonly MeasuredRun[]) => Math.max(...group.map(run => run.createdAt))
  return [...groups].sort(([, a], [, b]) => b.length - a.length || newest(b) - newest(a))[0]?.[0]
}

/** Mean of what is known; undefined of nothing. */
function mean(values: readonly (number | null)[]): number | undefined {
  const known = values.filter(value => value !== null)
  return known.length === 0 ? undefined : known.reduce((sum, value) => sum + value, 0) / known.length
}

export function matrixOf(cells: MeasuredCells): { columns: MatrixColumn[]; rows: MatrixRow[] } {
  const scores = cells.cases.map(() => cells.runs.map((): (number | null)[] => []))
  for (const [at, quality] of cells.quality.entries()) scores[cells.case[at] ?? 0]?.[cells.run[at] ?? 0]?.push(quality)
  return {
    columns: cells.runs.map(run => ({ key: run.id, label: run.label })),
    rows: cells.cases.map((one, place) => ({
      key: one.id,
      name: one.name,
      scores: (scores[place] ?? []).map(list => mean(list) ?? null),
    })),
  }
}

/** One point for each run and model. */
export function costPoints(cells: MeasuredCells): CostQuality[] {
  const places = Map.groupBy(cells.ids.keys(), at => `${cells.run[at]} ${cells.model[at]}`)
  return [...places.values()].flatMap(all => {
    const [first = 0] = all
    const quality = mean(all.map(at => cells.quality[at] ?? null))
    if (quality === undefined) return []
    const cost = mean(all.map(at => cells.costMicrocents[at] ?? null))
    const run = cells.runs[cells.run[first] ?? 0]
    return [
      {
        key: run?.id ?? '',
        label: run?.label ?? '',
        cost: cost ?? null,
        quality,
        group: cells.models[cells.model[first] ?? 0] ?? '',
      },
    ]
  })
}

export function samplesOf(cells: MeasuredCells, values: readonly (number | null)[]): Sample[] {
  const samples = cells.runs.map(run => ({ key: run.id, label: run.label, values: [] as number[] }))
  for (const [at, value] of values.entries()) if (value !== null) samples[cells.run[at] ?? 0]?.values.push(value)
  return samples
}

export const pairedPoints = (pair: MeasuredPair): PairedPoint[] =>
  pair.cases.flatMap(one =>
    one.left === null || one.right === null
      ? []
      : [{ key: one.caseId, name: one.name, left: one.left, right: one.right }],
  )

/** The two to begin with: the newest version and the one before it that was measured alike; else the baseline. */
export function firstPair(runs: readonly MeasuredRun[]): { left: string; right: string } | undefined {
  const measured = inVersionOrder(runs)
  for (const right of measured.toReversed()) {
    const left = measured.filter(run => run.alike === right.alike && run !== right && run.label !== right.label).at(-1)
    if (left) return { left: left.id, right: right.id }
  }
  return undefined
}

export const seconds = (ms: number): string =>
  ms < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(ms < 10_000 ? 1 : 0)} s`
