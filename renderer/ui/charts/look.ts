/** Colours and type of a chart, read from the page, so that light, dark and exported pictures agree. */
export type Look = {
  dark: boolean
  font: string
  page: string
  text: string
  dim: string
  line: string
  accent: string
  /** No motion when the reader asked for none. */
  still: boolean
}

/**
 * Told apart by people who see fewer colours: Okabe and Ito's order, darkened on white and lightened on dark to 3:1 against
 * the page. A second sign (shape, dash, word) goes with each, for there may be no colour at all.
 */
const SERIES = {
  light: ['#0069a8', '#b8500c', '#0b7a5a', '#8a4a8f', '#7a6200', '#3d6ea5'],
  dark: ['#6cb8ee', '#f0934e', '#4fc9a0', '#d79bd9', '#e0c14b', '#a9c6ea'],
} as const
export const SHAPES = ['circle', 'diamond', 'triangle', 'rect', 'roundRect', 'pin'] as const

export const seriesColor = (look: Pick<Look, 'dark'>, index: number): string => {
  const colors = look.dark ? SERIES.dark : SERIES.light
  return colors[index % colors.length] ?? colors[0]
}
export const shapeOf = (index: number): string => SHAPES[index % SHAPES.length] ?? 'circle'

/** From little to much, in one hue; lightness alone carries it. */
export const scaleColors = (look: Pick<Look, 'dark'>): string[] =>
  look.dark
    ? ['#1d2a33', '#214456', '#26617d', '#2f82a6', '#55a9cc', '#9ad4ea']
    : ['#f1f6f9', '#cfe3ee', '#9dc7dd', '#62a4c5', '#2b7da6', '#0b4f73']

/** From worse over the same to better: orange to blue, which every kind of colour sight tells apart. */
export const changeColors = (look: Pick<Look, 'dark'>): string[] =>
  look.dark
    ? ['#f0934e', '#a8602c', '#343b44', '#2f6f9c', '#6cb8ee']
    : ['#b8500c', '#eaa873', '#f3f4f5', '#84b6d8', '#0069a8']

type Rgb = [number, number, number]
const rgbOf = (hex: string): Rgb => {
  const part = (at: number) => Number.parseInt(hex.slice(at, at + 2), 16)
  return [part(1), part(3), part(5)]
}

/** The colour at a share (0–1) of a scale, as the chart mixes it. */
export function colorAt(colors: readonly string[], share: number): Rgb {
  const at = Math.max(0, Math.min(1, share)) * (colors.length - 1)
  const low = rgbOf(colors[Math.floor(at)] ?? '#000000')
  const high = rgbOf(colors[Math.ceil(at)] ?? '#000000')
  const mix = (part: 0 | 1 | 2) => low[part] + (high[part] - low[part]) * (at % 1)
  return [mix(0), mix(1), mix(2)]
}

/** Black or white, whichever stands out more (WCAG 2.2's relative luminance; one of the two always has 4.5:1). */
export function inkFor(color: Rgb): string {
  const [r = 0, g = 0, b = 0] = color.map(part => {
    const share = part / 255
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * r + 0.7152 * g + 0.0722 * b > 0.179 ? '#000000' : '#ffffff'
}

export function readLook(element: HTMLElement, dark: boolean, still: boolean): Look {
  const style = getComputedStyle(element)
  const read = (name: string, fallback: string) => style.getPropertyValue(name).trim() || fallback
  return {
    dark,
    font: style.fontFamily,
    page: read('--ws-page', dark ? '#1b2026' : '#ffffff'),
    text: style.color,
    dim: read('--ws-dim', dark ? '#a4adb8' : '#59626c'),
    line: read('--ws-line', dark ? '#323942' : '#dfe3e7'),
    accent: read('--ws-accent', dark ? '#7ac1d7' : '#0f6f8d'),
    still,
  }
}

/** What every chart begins with: type, quiet grid, no motion where none is wanted, patterns off (tables do that better). */
export function frameOf(look: Look) {
  return {
    backgroundColor: look.page,
    textStyle: { fontFamily: look.font, color: look.text, fontSize: 12 },
    animation: false,
    grid: { left: 8, right: 16, top: 16, bottom: 8, outerBoundsMode: 'same', outerBoundsContain: 'all' },
    tooltip: tooltipOf(look),
  }
}

export const tooltipOf = (look: Look) => ({
  trigger: 'item' as const,
  confine: true,
  transitionDuration: 0,
  backgroundColor: look.page,
  borderColor: look.line,
  // As text: names come from skills, which are hostile input.
  renderMode: 'richText' as const,
  textStyle: { color: look.text, fontSize: 12, fontFamily: look.font },
})

export const axisOf = (look: Look, name?: string) => ({
  ...(name !== undefined && { name, nameLocation: 'middle' as const, nameGap: 28 }),
  nameTextStyle: { color: look.dim, fontSize: 12 },
  axisLabel: { color: look.dim, fontSize: 12, hideOverlap: true },
  axisLine: { lineStyle: { color: look.line } },
  axisTick: { show: false },
  splitLine: { lineStyle: { color: look.line, opacity: 0.6 } },
})
