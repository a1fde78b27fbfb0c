import { intervalSeries } from './intervals.ts'
import { axisOf, frameOf, seriesColor, shapeOf, tooltipOf } from './look.ts'
import { type ChartModel, type Mark, marksOf } from './model.ts'

export type TrendPoint = { key: string; at: number; label: string; value: number; low?: number; high?: number }
export type TrendLine = { name: string; points: readonly TrendPoint[] }

/** Anything over time: quality of the runs of a skill, ratings month by month. */
export function trend(title: string, lines: readonly TrendLine[], format: (value: number) => string): ChartModel {
  const say = (line: TrendLine, point: TrendPoint | undefined): string =>
    point === undefined
      ? ''
      : `${line.name}, ${point.label} (${day(point.at)}): ${format(point.value)}${
          point.low === undefined || point.high === undefined
            ? ''
            : ` (95%: ${format(point.low)} to ${format(point.high)})`
        }`
  const all = lines.flatMap(line => line.points)
  return {
    title,
    summary: all.length === 0 ? 'Nothing has been measured yet.' : summarize(lines, format),
    height: 260,
    columns: [
      { label: 'Line' },
      { label: 'Date' },
      { label: 'What' },
      { label: 'Value', format },
      { label: '95% from', format },
      { label: 'to', format },
    ],
    rows: lines.flatMap(line =>
      line.points.map(point => [
        line.name,
        day(point.at),
        point.label,
        point.value,
        point.low ?? null,
        point.high ?? null,
      ]),
    ),
    marks: marksOf(
      lines.flatMap((line, series) =>
        line.points.map<Mark>((point, index) => ({ series, index, says: say(line, point), key: point.key })),
      ),
    ),
    draw: look => ({
      ...frameOf(look),
      grid: {
        left: 8,
        right: 16,
        top: lines.length > 1 ? 36 : 16,
        bottom: 8,
        outerBoundsMode: 'same',
        outerBoundsContain: 'all',
      },
      legend: { show: lines.length > 1, top: 0, left: 0, textStyle: { color: look.dim, fontSize: 12 } },
      tooltip: tooltipOf(look),
      xAxis: { type: 'time', ...axisOf(look) },
      yAxis: { type: 'value', scale: true, ...axisOf(look), axisLabel: { color: look.dim, formatter: format } },
      series: [
        ...lines.map((line, place) => ({
          type: 'line',
          name: line.name,
          data: line.points.map(point => [point.at, point.value]),
          symbol: shapeOf(place),
          symbolSize: 8,
          lineStyle: { color: seriesColor(look, place), width: 2, type: place % 2 === 0 ? 'solid' : 'dashed' },
          itemStyle: { color: seriesColor(look, place) },
          tooltip: { formatter: (at: { dataIndex: number }) => say(line, line.points[at.dataIndex]) },
        })),
        ...lines.map((line, place) =>
          intervalSeries(
            line.points.flatMap(({ at, low, high }) =>
              low === undefined || high === undefined ? [] : [{ at, low, high }],
            ),
            seriesColor(look, place),
          ),
        ),
      ],
    }),
  }
}

const day = (at: number): string => new Date(at).toISOString().slice(0, 10)

function summarize(lines: readonly TrendLine[], format: (value: number) => string): string {
  const says = lines.flatMap(line => {
    const [first] = line.points
    const last = line.points.at(-1)
    if (!first || !last) return []
    return line.points.length === 1
      ? [`${line.name}: ${format(last.value)}`]
      : [`${line.name}: from ${format(first.value)} to ${format(last.value)} over ${line.points.length} points`]
  })
  return `${says.join('; ')}.`
}
