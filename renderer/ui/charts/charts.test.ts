import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { caseMatrix, changesOf, inkOn, sortByChange } from './case-matrix.ts'
import { cellArea } from './cells-shape.ts'
import { costQuality, frontier } from './cost-quality.ts'
import { distribution, quantilesOf } from './distribution.ts'
import { drawSvg } from './engine.ts'
import type { Look } from './look.ts'
import { changeColors, scaleColors, seriesColor } from './look.ts'
import type { ChartModel } from './model.ts'
import { namedAt, pairedSlope } from './paired-slope.ts'
import { qualityByVersion } from './quality-by-version.ts'
import { fileName } from './save-file.ts'
import { writeCell, writeCsv } from './table.ts'
import { thin } from './thin.ts'
import { trend } from './trend.ts'

const LOOK: Look = {
  dark: false,
  font: 'sans-serif',
  page: '#ffffff',
  text: '#1d2227',
  dim: '#59626c',
  line: '#dfe3e7',
  accent: '#0f6f8d',
  still: true,
}
const usd = (value: number) => `$${value}`

const MODELS: Record<string, ChartModel> = {
  quality: qualityByVersion([
    { key: 'a', version: 'v1', mean: 61.2, low: 52, high: 70, results: 40, alike: 'x' },
    { key: 'b', version: 'v2', mean: 70.5, low: 63.1, high: 78, results: 40, alike: 'x' },
    { key: 'c', version: 'v3', mean: 80, low: 75, high: 85, results: 20, alike: 'y' },
  ]),
  matrix: caseMatrix(
    [
      { key: 'v1', label: 'v1' },
      { key: 'v2', label: 'v2' },
    ],
    [
      { key: 'c1', name: 'stays', scores: [80, 80] },
      { key: 'c2', name: 'falls', scores: [90, 10] },
      { key: 'c3', name: 'unknown', scores: [null, 50] },
    ],
  ),
  cost: costQuality([
    { key: '1', label: 'v1', cost: 1_000_000, quality: 60, group: 'small' },
    { key: '2', label: 'v2', cost: 2_000_000, quality: 55, group: 'small' },
    { key: '3', label: 'v2', cost: 5_000_000, quality: 90, group: 'large' },
    { key: '4', label: 'v3', cost: null, quality: 99, group: 'unpriced' },
  ]),
  latency: distribution('Latency', [{ key: 'v1', label: 'v1', values: [1, 2, 3, 4, 5] }], usd),
  slope: pairedSlope('v1', 'v2', [
    { key: 'a', name: 'rises', left: 10, right: 60 },
    { key: 'b', name: 'falls', left: 70, right: 65 },
    { key: 'c', name: 'stays', left: 30, right: 30 },
  ]),
  trend: trend(
    'Trend',
    [{ name: 'Quality', points: [{ key: 'r', at: 0, label: 'run', value: 3, low: 2, high: 4 }] }],
    usd,
  ),
}

describe('every chart', () => {
  test.each(Object.entries(MODELS))('%s: is drawn, and says in its table what it draws', (_, model) => {
    const svg = drawSvg(model.draw(LOOK), 600, model.height)
    expect(svg).toContain('<svg')
    expect(svg.match(/<path/g)?.length).toBeGreaterThan(3)
    expect(svg).not.toContain('NaN')
    for (const row of model.rows) expect(row).toHaveLength(model.columns.length)
    expect(model.marks.count).toBeGreaterThan(0)
    for (let place = 0; place < model.marks.count; place++) expect(model.marks.at(place)?.says).not.toBe('')
    expect(model.marks.at(model.marks.count)?.series ?? 'none').toBeDefined()
  })

  test('nothing measured is said, not drawn as nothing', () => {
    for (const model of [
      qualityByVersion([]),
      caseMatrix([], []),
      costQuality([]),
      distribution('Latency', [], usd),
      pairedSlope('a', 'b', []),
      trend('Trend', [], usd),
    ]) {
      expect(model.rows).toEqual([])
      expect(model.summary).toMatch(/yet|No case/)
    }
  })
})

describe('a matrix of very many cells', () => {
  const columns = Array.from({ length: 50 }, (_, at) => ({ key: `v${at}`, label: `v${at}` }))
  const rows = Array.from({ length: 100 }, (_, row) => ({
    key: `c${row}`,
    name: `case ${row}`,
    scores: columns.map((_, column) => ((row + column) % 50 === 0 ? null : (row * 31 + column * 17) % 101)),
  }))
  const many = caseMatrix(columns, rows)
  const paths = (svg: string) => [...svg.matchAll(/<path d="([^"]*)" fill="(rgb[^"]*|#[0-9a-f]+)"/g)]

  test('is painted shade by shade, every measured cell once and no other', () => {
    const drawn = paths(drawSvg(many.draw(LOOK), 1_200, many.height))
    const shades = new Map<string, number>()
    for (const [, path = '', fill = ''] of drawn)
      shades.set(fill, (shades.get(fill) ?? 0) + (path.match(/M/g)?.length ?? 0))
    const measured = rows.flatMap(row => row.scores).filter(score => score !== null)
    const cells = [...shades].filter(([fill]) => fill.startsWith('rgb'))
    expect(cells.length).toBeLessThanOrEqual(new Set(measured).size)
    expect(cells.reduce((sum, [, count]) => sum + count, 0)).toBe(measured.length)
  })

  test('is walked through row by row, as the small one', () => {
    expect(many.cells).toEqual({ columns: 50, painted: true })
    expect(many.marks.at(50)?.says).toMatch(/, v0: /)
    expect(many.marks.at(51)?.says).toMatch(/, v1: /)
    expect(MODELS.matrix?.cells).toEqual({ columns: 2, painted: false })
    expect(caseMatrix(columns.slice(0, 1), rows).cells?.painted).toBe(false)
  })

  test('its cells cover the axes without overlapping', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 60 }),
        fc.integer({ min: 1, max: 200 }),
        fc.nat(1_500),
        (across, down, width) => {
          const area = { x: 17.4, y: 33.3, width: width + 60, height: 1_903.7 }
          for (const place of [0, Math.floor((across * down) / 2), across * down - 1]) {
            const cell = cellArea(area, across, down, place)
            const lastInRow = (place + 1) % across === 0
            const right = lastInRow ? undefined : cellArea(area, across, down, place + 1)
            if (right) expect([0, 1]).toContain(right.x - cell.x - cell.width)
            const below = place + across < across * down ? cellArea(area, across, down, place + across) : undefined
            if (below) expect([0, 1]).toContain(below.y - cell.y - cell.height)
            expect(cell.width).toBeGreaterThanOrEqual(0)
            expect(cell.height).toBeGreaterThanOrEqual(0)
          }
        },
      ),
    )
  })
})

describe('quality by version', () => {
  test('what was not measured alike is not joined by a line', () => {
    const option = MODELS.quality?.draw(LOOK)
    expect(option?.series).toMatchObject([
      {
        type: 'line',
        data: [
          ['v1', 61.2],
          ['v2', 70.5],
        ],
      },
      { type: 'line', data: [['v3', 80]] },
      { type: 'custom' },
      { type: 'custom' },
    ])
    expect(MODELS.quality?.summary).toContain('cannot be compared')
  })
})

describe('cases by version', () => {
  test('the largest step comes first, what has none last', () => {
    expect(MODELS.matrix?.rows.map(([name]) => name)).toEqual(['falls', 'stays', 'unknown'])
  })

  test('a step is against the last one measured, over gaps', () => {
    expect(changesOf([null, 50, null, 80, 70])).toEqual([null, null, null, 30, -10])
  })

  test('sorting keeps every row', () => {
    const rows = fc.array(
      fc.record({ key: fc.string(), name: fc.string(), scores: fc.array(fc.option(fc.integer({ min: 0, max: 100 }))) }),
    )
    fc.assert(
      fc.property(rows, given => {
        const sorted = sortByChange(given)
        expect(new Set(sorted)).toEqual(new Set(given))
        expect(sorted).toHaveLength(given.length)
      }),
    )
  })

  test('an unmeasured cell is a dash in the table and in words', () => {
    const model = MODELS.matrix
    expect(model?.rows.at(-1)).toEqual(['unknown', null, 50])
    expect(model?.marks.at(4)?.says).toBe('unknown, v1: not measured')
  })
})

describe('cost against quality', () => {
  test('nothing measured is cheaper and at least as good as a point of the frontier, or dearer and better than none', () => {
    const point = fc.record({ cost: fc.integer({ min: 0, max: 50 }), quality: fc.integer({ min: 0, max: 20 }) })
    fc.assert(
      fc.property(fc.array(point), points => {
        const line = frontier(points)
        for (const best of line)
          expect(points.some(p => p !== best && p.cost <= best.cost && p.quality > best.quality)).toBe(false)
        for (const p of points) expect(line.some(best => best.cost <= p.cost && best.quality >= p.quality)).toBe(true)
      }),
    )
  })

  test('what has no price is told and listed, never drawn as the cheapest', () => {
    expect(MODELS.cost?.summary).toContain('1 without a known price is only in the table')
    expect(MODELS.cost?.rows.at(-1)).toEqual(['v3', 'unpriced', null, 99, 'no'])
    expect(JSON.stringify(MODELS.cost?.draw(LOOK).series)).not.toContain('99')
  })

  test('a crowd is thinned to what can be told apart on a screen, and none of it moves further than a cell', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: -900, max: 900 }), fc.integer({ min: -9, max: 9 })), { minLength: 1 }),
        points => {
          const flat = thin(points, 40, 20)
          const drawn = Array.from(
            { length: flat.length / 2 },
            (_, at) => [flat[2 * at] ?? 0, flat[2 * at + 1] ?? 0] as const,
          )
          expect(drawn.length).toBeLessThanOrEqual(Math.min(points.length, 41 * 21))
          const xs = points.map(([x]) => x)
          const ys = points.map(([, y]) => y)
          const wide = (Math.max(...xs) - Math.min(...xs)) / 40 || 1
          const tall = (Math.max(...ys) - Math.min(...ys)) / 20 || 1
          for (const [x, y] of points)
            expect(drawn.some(([dx, dy]) => Math.abs(dx - x) <= wide && Math.abs(dy - y) <= tall)).toBe(true)
        },
      ),
    )
  })
})

test('quantiles are those of R’s seventh kind', () => {
  // quantile(c(1, 2, 4, 8, 16, 32), c(.05, .25, .5, .75, .95)) in R 4.4
  const expected = [1.25, 2.5, 6, 14, 28]
  for (const [place, value] of quantilesOf([32, 1, 16, 2, 8, 4]).entries())
    expect(value).toBeCloseTo(expected[place] ?? 0)
})

test('names at the end of slopes never lie on one another', () => {
  const points = Array.from({ length: 30 }, (_, at) => ({ key: `${at}`, name: `case ${at}`, left: 40, right: 50 + at }))
  const named = namedAt(points, 40)
  expect(named.size).toBeGreaterThan(4)
  const ends = [...named].map(point => point.right).sort((a, b) => a - b)
  for (const [at, end] of ends.entries())
    if (at > 0) expect(end - (ends[at - 1] ?? 0)).toBeGreaterThanOrEqual((60 * 16) / 320)
})

describe('figures as a file', () => {
  test('text is quoted, numbers are whole, unknown is empty, and no cell is a formula', () => {
    expect(
      writeCsv(
        [{ label: 'A, b' }, { label: 'n', format: value => value.toFixed(0) }],
        [
          ['say "so"\nand on', 1 / 3],
          ['=HYPERLINK("x")', null],
        ],
      ),
    ).toBe('"A, b",n\r\n"say ""so""\nand on",0.3333333333333333\r\n"\'=HYPERLINK(""x"")",\r\n')
  })

  test('a cell for the eye is formatted, and a dash where nothing is known', () => {
    expect(writeCell(null, undefined)).toBe('–')
    expect(writeCell(2, { label: 'x', format: usd })).toBe('$2')
  })

  test('a file is called as its chart', () => {
    expect(fileName('v1 → v2, case by case', 'csv')).toBe('v1-v2-case-by-case.csv')
    expect(fileName('→', 'png')).toBe('chart.png')
  })
})

describe('colours', () => {
  const luminance = (hex: string) => {
    const [r = 0, g = 0, b = 0] = [1, 3, 5].map(at => {
      const c = Number.parseInt(hex.slice(at, at + 2), 16) / 255
      return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4
    })
    return 0.2126 * r + 0.7152 * g + 0.0722 * b
  }
  const contrast = (a: string, b: string) => {
    const [high = 0, low = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x)
    return (high + 0.05) / (low + 0.05)
  }

  test.each([
    [false, '#ffffff'],
    [true, '#1b2026'],
  ])('marks stand out from the page (WCAG 1.4.11), dark: %s', (dark, page) => {
    for (let index = 0; index < 6; index++)
      expect(contrast(seriesColor({ dark }, index), page), `series ${index}`).toBeGreaterThanOrEqual(3)
  })

  test.each([false, true])('a scale gets steadily darker or lighter, dark: %s', dark => {
    const steps = scaleColors({ dark }).map(luminance)
    const sorted = [...steps].sort((a, b) => (dark ? a - b : b - a))
    expect(steps).toEqual(sorted)
    expect(changeColors({ dark })).toHaveLength(5)
  })

  const between = (colors: readonly string[], share: number) => {
    const at = share * (colors.length - 1)
    const [low = '', high = ''] = [colors[Math.floor(at)], colors[Math.ceil(at)]]
    const part = (hex: string, from: number) => Number.parseInt(hex.slice(from, from + 2), 16)
    const mix = (from: number) => Math.round(part(low, from) + (part(high, from) - part(low, from)) * (at % 1))
    return `#${[1, 3, 5].map(from => mix(from).toString(16).padStart(2, '0')).join('')}`
  }

  test.each([false, true])('figures can be read on every cell of a matrix, dark: %s', dark => {
    const look = { ...LOOK, dark }
    for (let value = 0; value <= 100; value += 2)
      expect(
        contrast(inkOn(value, look, 'score', 100), between(scaleColors(look), value / 100)),
        `score ${value}`,
      ).toBeGreaterThanOrEqual(4.5)
    for (let value = -50; value <= 50; value++)
      expect(
        contrast(inkOn(value, look, 'change', 50), between(changeColors(look), (value + 50) / 100)),
        `change ${value}`,
      ).toBeGreaterThanOrEqual(4.5)
  })
})

test('what a chart says in words counts what is there, and what was not measured is neither up nor down', () => {
  expect(MODELS.matrix?.summary).toContain(
    '3 cases, 2 versions; what changed most comes first. In the last step 0 rose, 1 fell, 1 stayed, 1 was not measured.',
  )
  expect(MODELS.slope?.summary).toBe('3 cases on both sides: 1 rose, 1 fell, 1 stayed the same.')
  expect(pairedSlope('v1', 'v2', [{ key: 'a', name: 'a', left: 50, right: 50.01 }]).summary).toBe(
    '1 case on both sides: 1 rose, 0 fell, 0 stayed the same.',
  )
  const point = { mean: 50, low: 40, high: 60, results: 1, alike: 'x' }
  const twice = [
    { ...point, key: 'a', version: 'v1' },
    { ...point, key: 'b', version: 'v1' },
  ]
  expect(qualityByVersion(twice).summary).toContain('1 result. One version is measured, in 2 runs:')
  expect(qualityByVersion([...twice, { ...point, key: 'c', version: 'v2' }]).summary).toContain(
    '2 versions are measured, in 3 runs,',
  )
})
