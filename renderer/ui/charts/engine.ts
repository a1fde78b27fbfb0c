import { BoxplotChart, CustomChart, HeatmapChart, LineChart, ScatterChart } from 'echarts/charts'
import { GridComponent, LegendComponent, TooltipComponent, VisualMapComponent } from 'echarts/components'
import { type EChartsCoreOption, init, use } from 'echarts/core'
import { CanvasRenderer, SVGRenderer } from 'echarts/renderers'
import { registerCells } from './cells-shape.ts'

/** The chart library, only what is drawn with it; loaded with the first chart that is looked at. */
use([
  LineChart,
  ScatterChart,
  HeatmapChart,
  BoxplotChart,
  CustomChart,
  GridComponent,
  TooltipComponent,
  LegendComponent,
  VisualMapComponent,
  CanvasRenderer,
  SVGRenderer,
])
registerCells()

export type Drawing = ReturnType<typeof init>

export function drawInto(element: HTMLElement, option: EChartsCoreOption): Drawing {
  const drawing = init(element, null, { renderer: 'canvas' })
  drawing.setOption(option)
  return drawing
}

/** The same chart as a standalone picture of vectors. */
export function drawSvg(option: EChartsCoreOption, width: number, height: number): string {
  const drawing = init(null, null, { renderer: 'svg', ssr: true, width, height })
  try {
    drawing.setOption(option)
    return drawing.renderToSVGString()
  } finally {
    drawing.dispose()
  }
}
