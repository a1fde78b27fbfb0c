import { count } from '../format.ts'
import { axisOf, changeColors, colorAt, frameOf, inkFor, type Look, scaleColors, tooltipOf } from './look.ts'
import type { ChartModel } from './model.ts'
import { layersOf, paintedSeries } from './painted-cells.ts'

export type MatrixColumn = { key: string; label: string }
export type MatrixRow = {
  key: string
  name: string
  /** 0–100 for each column, in their order; null: not measured, or judging failed. */
  scores: readonly (number | null)[]
}
/** `change`: each against the column before it that was measured. */
export type MatrixShows = 'score' | 'change'

/** Cases × versions, those that changed most on top. */
export function caseMatrix(
  columns: readonly MatrixColumn[],
  given: readonly MatrixRow[],
  shows: MatrixShows = 'score',
): ChartModel {
  const rows = sortByChange(given)
  const values = rows.map(row => (shows === 'score' ? row.scores : changesOf(row.scores)))
  const span = Math.max(1, ...values.flat().map(value => Math.abs(value ?? 0)))
  const cells = rows.length * columns.length
  const labelled = columns.length <= 16 && cells <= 1_600
  const painted = cells > PAINTED_FROM && columns.length > 1 && rows.length > 1
  const cell = (row: number, column: number): string =>
    sayCell(columns[column], rows[row], values[row]?.[column] ?? null, shows)
  return {
    title: shows === 'score' ? 'Cases by version' : 'What changed, case by case',
    summary: summarize(columns, rows),
    height: Math.min(2_000, 96 + rows.length * ROW),
    columns: [{ label: 'Case' }, ...columns.map(({ label }) => ({ label, format: whole }))],
    rows: rows.map((row, place) => [row.name, ...(values[place] ?? [])]),
    marks: {
      count: rows.length * columns.length,
      at: place => {
        const row = Math.floor(place / columns.length)
        const column = place % columns.length
        const key = `${rows[row]?.key} ${columns[column]?.key}`
        return { series: 0, index: place, says: cell(row, column), key }
      },
    },
    cells: { columns: columns.length, painted },
    draw: look => ({
      ...frameOf(look),
      grid: { left: 8, right: 16, top: 36, bottom: 44, outerBoundsMode: 'same', outerBoundsContain: 'all' },
      tooltip: {
        ...tooltipOf(look),
        // Over painted cells it comes when it is called.
        ...(painted && { triggerOn: 'none' }),
        formatter: (at: { dataIndex: number }) =>
          cell(Math.floor(at.dataIndex / columns.length), at.dataIndex % columns.length),
      },
      xAxis: {
        type: 'category',
        position: 'top',
        data: columns.map(({ label }) => label),
        ...axisOf(look),
        splitLine: { show: false },
      },
      yAxis: {
        type: 'category',
        inverse: true,
        data: rows.map(row => row.name),
        ...axisOf(look),
        axisLabel: { color: look.dim, fontSize: 12, width: 200, overflow: 'truncate' },
        splitLine: { show: false },
      },
      visualMap: {
        type: 'continuous',
        min: shows === 'score' ? 0 : -span,
        max: shows === 'score' ? 100 : span,
        orient: 'horizontal',
        left: 'center',
        bottom: 0,
        itemWidth: 12,
        itemHeight: 160,
        text: shows === 'score' ? ['100', '0'] : ['better', 'worse'],
        textStyle: { color: look.dim, fontSize: 12 },
        inRange: { color: shows === 'score' ? scaleColors(look) : changeColors(look) },
        // What has no value has no colour either: the page shows through, with a dash.
        outOfRange: { color: look.page },
        ...(painted && { seriesIndex: [], hoverLink: false }),
      },
      series: painted
        ? [
            paintedSeries(
              layersOf(values, columns.length, value => shade(value, look, shows, span)),
              columns.length,
              rows.length,
            ),
          ]
        : [
            {
              type: 'heatmap',
              data: values.flatMap((row, y) =>
                columns.map((_, x) => ({
                  value: [x, y, row[x] ?? '-'],
                  ...(labelled && { label: { color: inkOn(row[x] ?? null, look, shows, span) } }),
                })),
              ),
              itemStyle: { borderColor: look.page, borderWidth: 1 },
              emphasis: { itemStyle: { borderColor: look.text, borderWidth: 2 } },
              // Numbers in the cells as long as there is room for them, so that colour is never alone.
              label: {
                show: labelled,
                fontSize: 11,
                formatter: (at: { value: [number, number, number | '-'] }) => writeCell(at.value[2], shows),
              },
              progressive: 0,
            },
          ],
    }),
  }
}

/** The type on a cell: black or white, whichever is easier to read on the cell's colour. */
export function inkOn(value: number | null, look: Look, shows: MatrixShows, span: number): string {
  return value === null ? look.dim : inkFor(colorOf(value, look, shows, span))
}

function colorOf(value: number, look: Look, shows: MatrixShows, span: number): ReturnType<typeof colorAt> {
  return shows === 'score'
    ? colorAt(scaleColors(look), value / 100)
    : colorAt(changeColors(look), (value / span + 1) / 2)
}
const shade = (...of: Parameters<typeof colorOf>): string =>
  `rgb(${colorOf(...of)
    .map(Math.round)
    .join(',')})`

const ROW = 24
/** More cells than that are painted together. */
const PAINTED_FROM = 1_600
const whole = (value: number): string => String(Math.round(value))

function writeCell(value: number | '-', shows: MatrixShows): string {
  if (value === '-') return '–'
  return shows === 'change' ? signed(value) : whole(value)
}

const signed = (value: number): string =>
  Math.round(value) === 0 ? '0' : value > 0 ? `+${whole(value)}` : `−${whole(-value)}`

/** As a person counts: “case 2” before “case 10”. */
const byName = new Intl.Collator('en', { numeric: true }).compare

/** The largest step between two columns that follow each other decides; cases never measured come last. */
export function sortByChange(rows: readonly MatrixRow[]): MatrixRow[] {
  const change = (row: MatrixRow) =>
    Math.max(-1, ...changesOf(row.scores).map(value => (value === null ? -1 : Math.abs(value))))
  return rows
    .map(row => ({ row, by: change(row) }))
    .sort((a, b) => b.by - a.by || byName(a.row.name, b.row.name))
    .map(({ row }) => row)
}

export function changesOf(scores: readonly (number | null)[]): (number | null)[] {
  let before: number | null = null
  return scores.map(score => {
    const change = score === null || before === null ? null : score - before
    before = score ?? before
    return change
  })
}

function sayCell(
  column: MatrixColumn | undefined,
  row: MatrixRow | undefined,
  value: number | null,
  shows: MatrixShows,
): string {
  const place = `${row?.name ?? ''}, ${column?.label ?? ''}`
  if (value === null) return `${place}: not measured`
  return shows === 'score' ? `${place}: ${whole(value)} of 100` : `${place}: ${signed(value)} points`
}

function summarize(columns: readonly MatrixColumn[], rows: readonly MatrixRow[]): string {
  if (rows.length === 0 || columns.length === 0) return 'No case has been measured yet.'
  const steps = rows.map(row => changesOf(row.scores).at(-1) ?? null)
  const up = steps.filter(step => step !== null && step > 0).length
  const down = steps.filter(step => step !== null && step < 0).length
  const unknown = steps.filter(step => step === null).length
  const parts = [`${up} rose`, `${down} fell`, `${rows.length - up - down - unknown} stayed`]
  if (unknown > 0) parts.push(`${unknown} ${unknown === 1 ? 'was' : 'were'} not measured`)
  return `${count(rows.length, 'case')}, ${count(columns.length, 'version')}; what changed most comes first. In the last step ${parts.join(', ')}.`
}
