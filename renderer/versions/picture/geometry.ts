import type { Graph, GraphEdge } from './layout-graph.ts'
import { type Axis, type Drawn, joinsOf, type Parents } from './metrics.ts'

/** Where things are drawn: pixels, from the left and from the top of their row. */
export const SIDE = 20
export const NAMES = 20
export const ROW = 52
const ROW_PAD = 9
const GRAPH_PAD = 14

/** The narrowest step at which single versions can still be told apart, and the widest that still reads as one line. */
export const CLOSE = 14
export const WIDE = 140

export const xOf = (column: number, step: number): number => SIDE + column * step
export const columnAt = (x: number, step: number, columns: number): number =>
  Math.max(0, Math.min(columns - 1, Math.round((x - SIDE) / step)))
export const widthOf = (columns: number, step: number): number => SIDE * 2 + Math.max(0, columns - 1) * step

const laneGap = (lanes: number): number => (lanes <= 6 ? 18 : lanes <= 12 ? 12 : 8)
export const graphHeight = (lanes: number): number => GRAPH_PAD * 2 + Math.max(0, lanes - 1) * laneGap(lanes)
export const laneY = (lane: number, lanes: number): number => GRAPH_PAD + lane * laneGap(lanes)

export function valueY(value: number, { low, high }: Axis): number {
  return ROW - ROW_PAD - ((value - low) / (high - low)) * (ROW - ROW_PAD * 2)
}

/** How big a mark is where versions stand `step` apart. */
export const radiusOf = (step: number): number => (step >= CLOSE ? 4 : step >= 6 ? 2.5 : 2)

/** All lines between versions, as one path. */
export function edgesPath({ edges, nodes, lanes }: Graph, step: number): string {
  return edges
    .map(edge => edgePath(edge, nodes[edge.child]?.lane ?? 0, nodes[edge.parent]?.lane ?? 0, lanes, step))
    .join('')
}

/** Changes lanes beside its ends only, where no other version stands. */
function edgePath(
  { child, parent, lane }: GraphEdge,
  childLane: number,
  parentLane: number,
  lanes: number,
  step: number,
) {
  const y = (of: number) => round(laneY(of, lanes))
  const [from, to] = [xOf(parent, step), xOf(child, step)]
  const bend = Math.min(step, 36)
  let path = `M${round(from)} ${y(parentLane)}`
  if (child - parent === 1) return path + curve(from, y(parentLane), to, y(childLane))
  let at = from
  if (parentLane !== lane) {
    path += curve(from, y(parentLane), from + bend, y(lane))
    at = from + bend
  }
  if (childLane === lane) return `${path}H${round(to)}`
  if (to - bend > at) path += `H${round(to - bend)}`
  return path + curve(Math.max(at, to - bend), y(lane), to, y(childLane))
}

function curve(x1: number, y1: number, x2: number, y2: number): string {
  if (y1 === y2) return `H${round(x2)}`
  const middle = round((x1 + x2) / 2)
  return `C${middle} ${y1} ${middle} ${y2} ${round(x2)} ${y2}`
}

export type Shape = 'circle' | 'square' | 'triangle' | 'diamond'
const SHAPES: readonly Shape[] = ['circle', 'square', 'triangle', 'diamond']
/** Said where a shape is explained in words. */
export const SHAPE_SIGNS: Record<Shape, string> = { circle: '●', square: '■', triangle: '▲', diamond: '◆' }
export const shapeOf = (group: number): Shape => SHAPES[group % SHAPES.length] ?? 'circle'

/** A mark as part of a path, so that a thousand marks are one element. */
export function mark(shape: Shape, x: number, y: number, r: number): string {
  const [cx, cy] = [round(x), round(y)]
  switch (shape) {
    case 'circle':
      return `M${cx - r} ${cy}a${r} ${r} 0 1 0 ${r * 2} 0a${r} ${r} 0 1 0 ${-r * 2} 0z`
    case 'square':
      return `M${cx - r} ${cy - r}h${r * 2}v${r * 2}h${-r * 2}z`
    case 'triangle':
      return `M${cx} ${cy - r * 1.2}l${r * 1.2} ${r * 2.1}h${-r * 2.4}z`
    case 'diamond':
      return `M${cx} ${cy - r * 1.35}l${r * 1.35} ${r * 1.35}l${-r * 1.35} ${r * 1.35}l${-r * 1.35} ${-r * 1.35}z`
    default:
      return shape satisfies never
  }
}

/** One metric as paths: the lines between values, their intervals, and the marks of each group measured alike. */
export type RowPaths = { joins: string; intervals: string; marks: string[] }

export function rowPaths(drawn: Drawn, parents: Parents, axis: Axis, step: number): RowPaths {
  const { figures, groups } = drawn
  const point = (column: number) => `${round(xOf(column, step))} ${round(valueY(figures[column]?.value ?? 0, axis))}`
  const joins = joinsOf(figures, parents).map(([from, to]) => `M${point(from)}L${point(to)}`)
  const marks = groups.map(() => '')
  let intervals = ''
  for (const [column, figure] of figures.entries()) {
    if (!figure) continue
    const group = groups.indexOf(figure.group)
    marks[group] += mark(shapeOf(group), xOf(column, step), valueY(figure.value, axis), radiusOf(step) * 0.85)
    if (figure.low !== undefined && figure.high !== undefined)
      intervals += intervalPath(round(xOf(column, step)), valueY(figure.low, axis), valueY(figure.high, axis), step)
  }
  return { joins: joins.join(''), intervals, marks }
}

function intervalPath(x: number, low: number, high: number, step: number): string {
  const cap = step >= CLOSE ? 3 : 0
  const caps = cap === 0 ? '' : `M${x - cap} ${round(low)}h${cap * 2}M${x - cap} ${round(high)}h${cap * 2}`
  return `M${x} ${round(low)}V${round(high)}${caps}`
}

const round = (value: number): number => Math.round(value * 10) / 10
