type Coordinates = { value: (dimension: number) => number; coord: (point: [number | string, number]) => number[] }
export type IntervalRow = { at: number | string; low: number; high: number }

/** Whiskers behind the points of a series: a custom series, for the library has none of its own. */
export function intervalSeries(rows: readonly IntervalRow[], color: string) {
  return {
    type: 'custom',
    silent: true,
    z: 2,
    data: rows.map(row => [row.at, row.low, row.high]),
    dimensions: ['at', 'low', 'high'],
    encode: { x: 0, y: [1, 2] },
    renderItem: (_: unknown, api: Coordinates) => {
      const at = api.value(0)
      const [x = 0, low = 0] = api.coord([at, api.value(1)])
      const [, high = 0] = api.coord([at, api.value(2)])
      const style = { stroke: color, lineWidth: 1.5, opacity: 0.75 }
      const line = (x1: number, y1: number, x2: number, y2: number) => ({
        type: 'line',
        shape: { x1, y1, x2, y2 },
        style,
      })
      return {
        type: 'group',
        children: [line(x, low, x, high), line(x - 4, low, x + 4, low), line(x - 4, high, x + 4, high)],
      }
    },
  }
}
