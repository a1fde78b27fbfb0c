import type { SeriesPoint } from '../../../shared/contract/evidence.ts'
import { compact, money, quality, stars } from '../../ui/format.ts'

/** One measured value of a version. Values of one `group` were measured alike and may be joined. */
export type Figure = { value: number; low?: number; high?: number; group: string }

/** A row of the picture: what is drawn over the versions, in which unit. */
export type Metric = {
  key: 'quality' | 'cost' | 'trigger' | 'always' | 'rating'
  name: string
  unit: string
  /** Null: not measured, which is a gap and never 0. */
  of: (point: SeriesPoint) => Figure | null
  write: (value: number) => string
  /** What an axis cannot leave. */
  least: number
  most: number
}

const counted = (value: number | null | undefined): Figure | null =>
  value === null || value === undefined ? null : { value, group: '' }

export const METRICS: readonly Metric[] = [
  {
    key: 'quality',
    name: 'Quality',
    unit: 'points of 100',
    of: ({ quality: found }) => found && { value: found.mean, low: found.low, high: found.high, group: found.alike },
    write: quality,
    least: 0,
    most: 100,
  },
  {
    key: 'cost',
    name: 'Cost',
    unit: 'per use',
    of: point => counted(point.costMicrocents),
    write: money,
    least: 0,
    most: Number.POSITIVE_INFINITY,
  },
  {
    key: 'trigger',
    name: 'Loaded on trigger',
    unit: 'tokens, estimated',
    of: point => counted(point.tokens?.onTrigger),
    write: compact,
    least: 0,
    most: Number.POSITIVE_INFINITY,
  },
  {
    key: 'always',
    name: 'Always loaded',
    unit: 'tokens, estimated',
    of: point => counted(point.tokens?.always),
    write: compact,
    least: 0,
    most: Number.POSITIVE_INFINITY,
  },
  {
    key: 'rating',
    name: 'Rating',
    unit: 'stars of 5',
    of: point => counted(point.averageRating === null ? null : point.averageRating / 100),
    write: value => stars(value * 100),
    least: 1,
    most: 5,
  },
]

/** The values of one metric by column, and the groups that were measured alike, in the order they appear. */
export type Drawn = { metric: Metric; figures: readonly (Figure | null)[]; groups: readonly string[] }

export function drawnOf(metric: Metric, points: readonly (SeriesPoint | undefined)[]): Drawn {
  const figures = points.map(point => (point ? metric.of(point) : null))
  return { metric, figures, groups: [...new Set(figures.flatMap(figure => (figure ? figure.group : [])))] }
}

/** Columns of the versions that each version was made from: its first parent, and the second where it is a merge. */
export type Parents = readonly (readonly [number | undefined, number | undefined])[]

/**
 * Pairs of columns to be joined by a line: a value and the nearest before it on its own branch that was measured alike.
 * Values measured otherwise are stepped over; a version that was not measured ends the line.
 */
export function joinsOf(figures: readonly (Figure | null)[], parents: Parents): [from: number, to: number][] {
  const joins: [number, number][] = []
  for (const [column, figure] of figures.entries()) {
    if (!figure) continue
    for (const start of parents[column] ?? []) {
      let at = start
      while (at !== undefined && figures[at] && figures[at]?.group !== figure.group) at = parents[at]?.[0]
      if (at !== undefined && figures[at]) joins.push([at, column])
    }
  }
  return joins
}

export type Axis = { low: number; high: number; ticks: readonly number[] }

/** An axis with two to five round numbers that holds all values and their intervals; undefined without any. */
export function axisOf({ metric, figures }: Drawn): Axis | undefined {
  const all = figures.flatMap(figure => (figure ? [figure.value, figure.low ?? [], figure.high ?? []].flat() : []))
  const [first] = all
  if (first === undefined) return undefined
  let [low, high] = [first, first]
  for (const value of all) {
    low = Math.min(low, value)
    high = Math.max(high, value)
  }
  // One value alone, or what differs by rounding only, stands in the middle of its axis.
  if (high - low <= Math.max(1, Math.abs(high)) * SLACK) {
    const room = Math.max(Math.abs(low) * 0.1, metric.most === Number.POSITIVE_INFINITY ? 1 : 0.5)
    low -= room
    high += room
  }
  low = Math.max(low, metric.least)
  high = Math.min(high, metric.most)
  const step = roundStep((high - low) / 3)
  const [from, to] = [Math.floor(low / step + SLACK), Math.ceil(high / step - SLACK)]
  const ticks = Array.from({ length: to - from + 1 }, (_, index) => clean((from + index) * step)).filter(
    tick => tick >= metric.least && tick <= metric.most,
  )
  return { low: Math.min(ticks[0] ?? low, low), high: Math.max(ticks.at(-1) ?? high, high), ticks }
}

/** A number that a person counts in (1, 2, 2.5 or 5 times a power of ten), not below `least`. */
function roundStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least))
  const found = [1, 2, 2.5, 5, 10].find(each => each * power >= least * (1 - SLACK)) ?? 10
  return clean(found * power)
}
const SLACK = 1e-9
const clean = (value: number): number => Number(value.toPrecision(12))
