import { count } from '../format.ts'
import { intervalSeries } from './intervals.ts'
import { axisOf, frameOf, seriesColor, shapeOf } from './look.ts'
import { type ChartModel, marksOf } from './model.ts'

export type QualityPoint = {
  key: string
  /** 'v14'. */
  version: string
  mean: number
  low: number
  high: number
  results: number
  /** Points of one group were measured alike and may be joined. */
  alike: string
}

/** Quality (0–100) of each version with its 95 % interval; only what was measured alike is joined by a line. */
export function qualityByVersion(points: readonly QualityPoint[]): ChartModel {
  const groups = [...new Set(points.map(point => point.alike))].map(alike =>
    points.filter(point => point.alike === alike),
  )
  const versions = [...new Set(points.map(point => point.version))]
  const groupOf = (point: QualityPoint) => groups.findIndex(group => group.includes(point))
  return {
    title: 'Quality by version',
    summary: summarize(points, groups.length),
    height: 280,
    columns: [
      { label: 'Version' },
      { label: 'Quality', format: one },
      { label: '95% from', format: one },
      { label: 'to', format: one },
      { label: 'Results' },
      ...(groups.length > 1 ? [{ label: 'Measured alike' }] : []),
    ],
    rows: points.map(point => [
      point.version,
      point.mean,
      point.low,
      point.high,
      point.results,
      ...(groups.length > 1 ? [`group ${groupOf(point) + 1}`] : []),
    ]),
    marks: marksOf(
      points.map(point => {
        const series = groupOf(point)
        return { series, index: groups[series]?.indexOf(point) ?? 0, says: sayPoint(point), key: point.key }
      }),
    ),
    draw: look => ({
      ...frameOf(look),
      xAxis: { type: 'category', data: versions, ...axisOf(look) },
      yAxis: { type: 'value', min: floorOf(points), max: 100, ...axisOf(look) },
      series: [
        ...groups.map((group, place) => ({
          type: 'line',
          data: group.map(point => [point.version, point.mean]),
          symbol: shapeOf(place),
          symbolSize: 9,
          lineStyle: { color: seriesColor(look, place), width: 2, type: place % 2 === 0 ? 'solid' : 'dashed' },
          itemStyle: { color: seriesColor(look, place) },
          z: 3,
          tooltip: { formatter: (at: { dataIndex: number }) => sayPoint(group[at.dataIndex]) },
        })),
        ...groups.map((group, place) =>
          intervalSeries(
            group.map(({ version, low, high }) => ({ at: version, low, high })),
            seriesColor(look, place),
          ),
        ),
      ],
    }),
  }
}

const one = (value: number): string => value.toFixed(1)

/** The axis begins at a round number below everything: differences of a few points are what one looks for. */
const floorOf = (points: readonly QualityPoint[]): number =>
  Math.max(0, Math.floor((Math.min(100, ...points.map(point => point.low)) - 5) / 10) * 10)

const sayPoint = (point: QualityPoint | undefined): string =>
  point === undefined
    ? ''
    : `${point.version}: ${one(point.mean)} of 100 (95%: ${one(point.low)} to ${one(point.high)}), ${count(point.results, 'result')}`

function summarize(points: readonly QualityPoint[], groups: number): string {
  const [first] = points
  const last = points.at(-1)
  if (!first || !last) return 'No version has been measured yet.'
  const versions = new Set(points.map(point => point.version)).size
  const times = points.length > versions ? `, in ${count(points.length, 'run')}` : ''
  if (versions === 1) return `${sayPoint(last)}. One version is measured${times}: measure another one to compare.`
  const alike =
    groups > 1 ? ` They were measured in ${groups} ways that cannot be compared; a line joins those that can.` : ''
  return `${versions} versions are measured${times}, from ${first.version} with ${one(first.mean)} to ${last.version} with ${one(last.mean)}. Bars show where the true mean lies, 19 times of 20.${alike}`
}
