import { count } from '../format.ts'
import { axisOf, changeColors, frameOf, tooltipOf } from './look.ts'
import { type ChartModel, marksOf } from './model.ts'

export type PairedPoint = { key: string; name: string; left: number; right: number }
type Way = 'rose' | 'fell' | 'stayed'

/** One line for each case, from its score on the left to its score on the right. */
export function pairedSlope(left: string, right: string, points: readonly PairedPoint[]): ChartModel {
  const sorted = points.toSorted((a, b) => Math.abs(b.right - b.left) - Math.abs(a.right - a.left))
  const ways = sorted.map(wayOf)
  const floor = Math.max(
    0,
    Math.floor((Math.min(100, ...points.flatMap(point => [point.left, point.right])) - 5) / 10) * 10,
  )
  const named = namedAt(sorted, floor)
  const many = (way: Way) => ways.filter(other => other === way).length
  return {
    title: `${left} → ${right}, case by case`,
    summary:
      points.length === 0
        ? 'No case was measured on both sides.'
        : `${count(points.length, 'case')} on both sides: ${many('rose')} rose, ${many('fell')} fell, ${many('stayed')} stayed the same.`,
    height: 360,
    columns: [
      { label: 'Case' },
      { label: left, format: one },
      { label: right, format: one },
      { label: 'Change', format: signed },
    ],
    rows: sorted.map(point => [point.name, point.left, point.right, point.right - point.left]),
    marks: marksOf(
      sorted.map((point, series) => ({ series, index: 1, says: say(point, left, right), key: point.key })),
    ),
    draw: look => {
      const [worse = look.text, , , , better = look.text] = changeColors(look)
      const style = { rose: better, fell: worse, stayed: look.dim }
      return {
        ...frameOf(look),
        grid: { left: 8, right: 220, top: 16, bottom: 8, outerBoundsMode: 'same', outerBoundsContain: 'all' },
        tooltip: tooltipOf(look),
        xAxis: { type: 'category', boundaryGap: false, data: [left, right], ...axisOf(look) },
        yAxis: { type: 'value', min: floor, max: 100, ...axisOf(look) },
        series: sorted.map((point, place) => {
          const way = ways[place] ?? 'stayed'
          return {
            type: 'line',
            data: [point.left, point.right],
            symbol: way === 'rose' ? 'triangle' : way === 'fell' ? 'diamond' : 'circle',
            symbolSize: way === 'stayed' ? 5 : 8,
            lineStyle: {
              color: style[way],
              width: way === 'stayed' ? 1 : 2,
              type: way === 'fell' ? 'dashed' : 'solid',
              opacity: way === 'stayed' ? 0.4 : 0.9,
            },
            itemStyle: { color: style[way] },
            emphasis: { focus: 'series' },
            // Those that moved most carry their names; the rest is in the table and under the pointer.
            endLabel: {
              show: named.has(point),
              color: look.text,
              fontSize: 11,
              width: 200,
              overflow: 'truncate',
              formatter: () => `${point.name} ${signed(point.right - point.left)}`,
            },
            tooltip: { formatter: () => say(point, left, right) },
          }
        }),
      }
    },
  }
}

/** Room for a line of type, of the height that is drawn in. */
const LINE = 16 / 320

/** Those that moved most, as long as their names do not lie on one another. */
export function namedAt(sorted: readonly PairedPoint[], floor: number): Set<PairedPoint> {
  const room = (100 - floor) * LINE
  const named: PairedPoint[] = []
  for (const point of sorted)
    if (wayOf(point) !== 'stayed' && named.every(other => Math.abs(other.right - point.right) >= room))
      named.push(point)
  return new Set(named)
}

const one = (value: number): string => value.toFixed(1)
const signed = (value: number): string =>
  Math.abs(value) < 0.05 ? '0.0' : value > 0 ? `+${one(value)}` : `−${one(-value)}`
/** By the same rule as who won (compare-paired.ts), so that the words above and below say the same. */
const wayOf = (point: PairedPoint): Way =>
  point.right === point.left ? 'stayed' : point.right > point.left ? 'rose' : 'fell'
const say = (point: PairedPoint, left: string, right: string): string =>
  `${point.name}: ${left} ${one(point.left)}, ${right} ${one(point.right)}, ${signed(point.right - point.left)}`
