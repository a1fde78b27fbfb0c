import { graphic } from 'echarts/core'
import { type Area, CELLS } from './painted-cells.ts'

/** Below that size a gap would be too much of a cell. */
const GAP_FROM = 6

type Shape = Area & { columns: number; rows: number; places: readonly number[] }

/** Where a cell lies. Edges are on whole pixels, so that neighbours neither overlap nor leave a seam. */
export function cellArea(area: Area, columns: number, rows: number, place: number): Area {
  const column = place % columns
  const row = (place - column) / columns
  const [across, down] = [area.width / columns, area.height / rows]
  const gap = Math.min(across, down) < GAP_FROM ? 0 : 1
  const x = Math.round(area.x + column * across)
  const y = Math.round(area.y + row * down)
  return {
    x,
    y,
    width: Math.round(area.x + (column + 1) * across) - x - gap,
    height: Math.round(area.y + (row + 1) * down) - y - gap,
  }
}

const CellsOfColor = graphic.extendShape({
  type: CELLS,
  shape: { x: 0, y: 0, width: 0, height: 0, columns: 1, rows: 1, places: [] },
  buildPath: (path, { columns, rows, places, ...area }: Shape) => {
    for (const place of places) {
      const { x, y, width, height } = cellArea(area, columns, rows, place)
      path.rect(x, y, width, height)
    }
  },
})

export const registerCells = (): void => graphic.registerShape(CELLS, CellsOfColor)
