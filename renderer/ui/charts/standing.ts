import { graphic } from 'echarts/core'
import { cellArea } from './cells-shape.ts'
import type { Drawing } from './engine.ts'
import type { ChartModel } from './model.ts'
import type { Area } from './painted-cells.ts'

/** What a chart shows of the mark that one stands on: it is brought out, with its words beside it. */
export type Standing = {
  on: (place: number) => void
  off: () => void
}

/** Marks that the chart library knows one by one. */
export function standOnMarks(drawing: Drawing, { marks }: ChartModel, onPick: (place: number) => void): Standing {
  let stood: { seriesIndex: number; dataIndex: number } | undefined
  const off = () => {
    if (stood) drawing.dispatchAction({ type: 'downplay', ...stood })
    stood = undefined
  }
  drawing.on('click', at => {
    const place = findPlace(marks, at.seriesIndex, at.dataIndex)
    if (place !== undefined) onPick(place)
  })
  return {
    on: place => {
      const mark = marks.at(place)
      off()
      if (!mark) return
      stood = { seriesIndex: mark.series, dataIndex: mark.index }
      drawing.dispatchAction({ type: 'highlight', ...stood })
      drawing.dispatchAction({ type: 'showTip', ...stood })
    },
    off: () => {
      off()
      drawing.dispatchAction({ type: 'hideTip' })
    },
  }
}

/** Where a click is on a mark that is not drawn in reading order, it is looked for: those are few. */
function findPlace(marks: ChartModel['marks'], series: number | undefined, index: number): number | undefined {
  const is = (place: number) => marks.at(place)?.series === series && marks.at(place)?.index === index
  if (is(index)) return index
  for (let place = 0; place < marks.count; place++) if (is(place)) return place
  return undefined
}

/** Cells that are painted together: which one is meant is told by where the pointer is; a frame brings it out. */
export function standOnCells(
  drawing: Drawing,
  { marks }: ChartModel,
  columns: number,
  color: string,
  onPick: (place: number) => void,
): Standing {
  const rows = marks.count / columns
  const surface = drawing.getZr()
  let frame: InstanceType<typeof graphic.Rect> | undefined
  let shown: number | undefined
  const off = () => {
    if (frame) surface.remove(frame)
    frame = undefined
    shown = undefined
    drawing.dispatchAction({ type: 'hideTip' })
  }
  const on = (place: number) => {
    if (place === shown) return
    off()
    const shape = cellArea(areaOf(drawing, columns, rows), columns, rows, place)
    frame = new graphic.Rect({ shape, style: { fill: 'none', stroke: color, lineWidth: 2 }, silent: true, z: 100 })
    surface.add(frame)
    shown = place
    // A function: names are text, not a template.
    const tooltip = { formatter: () => marks.at(place)?.says ?? '' }
    drawing.dispatchAction({ type: 'showTip', x: shape.x + shape.width, y: shape.y + shape.height, tooltip })
  }
  const placeAt = ({ offsetX, offsetY }: { offsetX: number; offsetY: number }): number | undefined => {
    const { x, y, width, height } = areaOf(drawing, columns, rows)
    const column = Math.floor(((offsetX - x) / width) * columns)
    const row = Math.floor(((offsetY - y) / height) * rows)
    return column >= 0 && column < columns && row >= 0 && row < rows ? row * columns + column : undefined
  }
  surface.on('mousemove', at => {
    const place = placeAt(at)
    if (place === undefined) off()
    else on(place)
    surface.setCursorStyle(place === undefined ? 'default' : 'pointer')
  })
  surface.on('globalout', off)
  surface.on('click', at => {
    const place = placeAt(at)
    if (place !== undefined) onPick(place)
  })
  return { on, off }
}

/** The rectangle of the axes, from the middles of the first cell and the last: there are two of each at least. */
function areaOf(drawing: Drawing, columns: number, rows: number): Area {
  const [left = 0, top = 0] = drawing.convertToPixel({ gridIndex: 0 }, [0, 0])
  const [right = 0, bottom = 0] = drawing.convertToPixel({ gridIndex: 0 }, [columns - 1, rows - 1])
  const across = (right - left) / (columns - 1)
  const down = (bottom - top) / (rows - 1)
  return { x: left - across / 2, y: top - down / 2, width: across * columns, height: down * rows }
}
