import { money } from '../format.ts'
import { axisOf, frameOf, seriesColor, shapeOf, tooltipOf } from './look.ts'
import { type ChartModel, marksOf } from './model.ts'
import { thin } from './thin.ts'

export type CostQuality = {
  key: string
  label: string
  /** Microcents a result; null where the model has no price: such a point is told, not drawn. */
  cost: number | null
  quality: number
  /** What the shapes and colours tell apart, the model say. */
  group: string
}

/** Quality against cost, with the frontier: nothing is both better and cheaper than what lies on it. */
export function costQuality(given: readonly CostQuality[]): ChartModel {
  const points = given.filter((point): point is CostQuality & { cost: number } => point.cost !== null)
  const unpriced = given.length - points.length
  const best = frontier(points)
  const onFrontier = new Set(best.map(point => point.key))
  const groups = [...new Set(points.map(point => point.group))]
  const crowded = points.length > CROWD
  const inGroup = groups.map(group => points.filter(point => point.group === group))
  const density = crowded ? inGroup.map(group => thin(group.map(point => [point.cost, point.quality]))) : []
  return {
    title: 'Cost against quality',
    summary: summarize(points, best, unpriced),
    height: 320,
    columns: [
      { label: 'What' },
      { label: 'Group' },
      { label: 'Cost per result', format: money },
      { label: 'Quality', format: one },
      { label: 'On the frontier' },
    ],
    rows: given.map(point => [
      point.label,
      point.group,
      point.cost,
      point.quality,
      onFrontier.has(point.key) ? 'yes' : 'no',
    ]),
    marks: crowded
      ? marksOf(best.map((point, index) => ({ series: groups.length, index, says: say(point), key: point.key })))
      : marksOf(
          inGroup.flatMap((group, series) =>
            group.map((point, index) => ({ series, index, says: say(point), key: point.key })),
          ),
        ),
    draw: look => ({
      ...frameOf(look),
      grid: {
        left: 28,
        right: 24,
        top: groups.length > 1 ? 36 : 16,
        bottom: 28,
        outerBoundsMode: 'same',
        outerBoundsContain: 'all',
      },
      legend: { show: groups.length > 1, data: groups, top: 0, left: 0, textStyle: { color: look.dim, fontSize: 12 } },
      tooltip: tooltipOf(look),
      xAxis: {
        type: 'value',
        ...axisOf(look, 'Cost per result'),
        axisLabel: { color: look.dim, formatter: money },
      },
      yAxis: { type: 'value', scale: true, max: 100, ...axisOf(look, 'Quality') },
      series: [
        ...inGroup.map((group, place) => ({
          type: 'scatter',
          name: groups[place],
          symbol: crowded ? 'rect' : shapeOf(place),
          symbolSize: crowded ? 3 : 11,
          itemStyle: { color: seriesColor(look, place), opacity: crowded ? 0.5 : 0.9 },
          ...(crowded
            ? { large: true, largeThreshold: 0, dimensions: ['cost', 'quality'], data: density[place] }
            : { data: group.map(point => [point.cost, point.quality]) }),
          silent: crowded,
          tooltip: { formatter: (at: { dataIndex: number }) => say(group[at.dataIndex]) },
        })),
        {
          type: 'line',
          name: 'Frontier',
          step: 'end',
          data: best.map(point => [point.cost, point.quality]),
          symbol: crowded ? 'circle' : 'none',
          lineStyle: { color: look.dim, width: 1.5, type: 'dashed' },
          itemStyle: { color: look.text },
          tooltip: { formatter: (at: { dataIndex: number }) => say(best[at.dataIndex]) },
        },
      ],
    }),
  }
}

/** Beyond this many, points hide each other: they are drawn as a density, and the keyboard goes along the frontier. */
const CROWD = 2_000
const one = (value: number): string => value.toFixed(1)
/** Cheapest first; each is better than all that cost less. */
export function frontier<P extends { cost: number; quality: number }>(points: readonly P[]): P[] {
  let best = Number.NEGATIVE_INFINITY
  return points
    .toSorted((a, b) => a.cost - b.cost || b.quality - a.quality)
    .filter(point => {
      if (point.quality <= best) return false
      best = point.quality
      return true
    })
}

const say = (point: (CostQuality & { cost: number }) | undefined): string =>
  point === undefined
    ? ''
    : `${point.label}, ${point.group}: quality ${one(point.quality)} at ${money(point.cost)} a result`

function summarize(
  points: readonly (CostQuality & { cost: number })[],
  best: readonly CostQuality[],
  unpriced: number,
): string {
  const left =
    unpriced === 0 ? '' : ` ${unpriced} without a known price ${unpriced === 1 ? 'is' : 'are'} only in the table.`
  if (points.length === 0) return `Nothing with a known price has been measured yet.${left}`
  const names = best.slice(0, 4).map(point => `${point.label} (${point.group})`)
  return `${points.length} points. On the frontier, from cheap to good: ${names.join(', ')}${best.length > 4 ? ' …' : '.'}${left}`
}
