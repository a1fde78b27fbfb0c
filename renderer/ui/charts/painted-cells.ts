/** The rectangle of the axes, in pixels. */
export type Area = { x: number; y: number; width: number; height: number }
/** Cells of one colour by their places, row by row from the top. */
export type Layer = { color: string; places: number[] }
/** What cells-shape.ts draws. */
export const CELLS = 'cells'

/**
 * A series that paints all cells of one colour as one shape, and answers to no pointer: ten thousand shapes, each with a style and
 * states of its own, take several times as long as the painting.
 */
export const paintedSeries = (layers: readonly Layer[], columns: number, rows: number) => ({
  type: 'custom',
  silent: true,
  data: [[0, 0]],
  renderItem: ({ coordSys: { x, y, width, height } }: { coordSys: Area }) => ({
    type: 'group',
    children: layers.map(({ color, places }) => ({
      type: CELLS,
      shape: { x, y, width, height, columns, rows, places },
      style: { fill: color },
    })),
  }),
})

/** One layer for each colour that occurs; a cell without a value has none, and the page shows through. */
export function layersOf(
  values: readonly (readonly (number | null)[])[],
  columns: number,
  colorOf: (value: number) => string,
): Layer[] {
  const layers = new Map<number, Layer>()
  for (const [row, line] of values.entries())
    for (const [column, value] of line.entries()) {
      if (value === null) continue
      // To the point, as it is said: finer shades nobody tells apart.
      const whole = Math.round(value)
      const layer = layers.get(whole)
      const place = row * columns + column
      if (layer) layer.places.push(place)
      else layers.set(whole, { color: colorOf(whole), places: [place] })
    }
  return [...layers.values()]
}
