import type { EChartsCoreOption } from 'echarts/core'
import type { Look } from './look.ts'

/** What a cell of a chart's table may hold; null is 'not measured', never 0. */
export type Cell = string | number | null
export type Column = {
  label: string
  /** How a number of this column is written for a person; CSV has the number itself. */
  format?: (value: number) => string
}

/** A mark that one can stand on with the keyboard, and pick. */
export type Mark = {
  series: number
  index: number
  /** Read out when one stands on it. */
  says: string
  /** What picking it opens; undefined: nothing. */
  key?: string
}

/**
 * A chart as data: everything that is drawn is in its table as well, so that nobody needs eyes, colours or a mouse for it.
 * Made by pure functions (quality-by-version.ts and its siblings), shown by `Chart`.
 */
export type ChartModel = {
  title: string
  /** What there is to see, in a sentence or two. Stands above the chart and is its text for a screen reader. */
  summary: string
  /** In pixels. */
  height: number
  columns: Column[]
  rows: Cell[][]
  /** Marks in reading order; asked for one by one, since there may be very many. */
  marks: { count: number; at: (place: number) => Mark | undefined }
  draw: (look: Look) => EChartsCoreOption
  /**
   * Marks in rows of so many on two axes of categories. `painted`: they are shapes without a mark of their own, since there are
   * very many, so whichever is meant is told by where it lies.
   */
  cells?: { columns: number; painted: boolean }
}

export const marksOf = (marks: readonly Mark[]): ChartModel['marks'] => ({
  count: marks.length,
  at: place => marks[place],
})
