/**
 * Charts as the page draws them, in a real browser: from finished figures to pixels, the library's own work and the
 * canvas's included. Baseline: the same number of rectangles filled on a bare canvas. `node test/bench/run.ts charts`.
 */

import { chromium } from '@playwright/test'
import { createServer } from 'vite'
import { findChromium } from '../e2e/support/chromium.ts'
import { projectDir } from '../support/backend.ts'

const ROUNDS = 7
type Figure = { name: string; ms: number; bare: number; goal?: number }

export async function benchCharts(print: (line: string) => void): Promise<void> {
  const found = await findChromium(projectDir)
  if ('missing' in found) return print(`Left out: ${found.missing}`)
  const server = await createServer({
    root: `${projectDir}/renderer`,
    configFile: false,
    logLevel: 'error',
    server: { host: '127.0.0.1', port: 0 },
    appType: 'custom',
    plugins: [
      {
        name: 'blank-page',
        configureServer: vite => {
          vite.middlewares.use('/blank', (_, response) => {
            response.setHeader('content-type', 'text/html')
            response.end('<!doctype html><div id="chart" style="width:1200px;height:800px"></div>')
          })
        },
      },
    ],
  })
  await server.listen()
  const browser = await chromium.launch({
    executablePath: found.executablePath,
    args: found.args,
    env: { ...process.env, ...found.env },
  })
  try {
    const page = await browser.newPage({ viewport: { width: 1280, height: 900 } })
    await page.goto(`${server.resolvedUrls?.local[0]}blank`)
    const figures = await page.evaluate(measure, ROUNDS)
    print('Charts in the browser, best of 7; bare: as many rectangles on a canvas')
    for (const { name, ms, bare, goal } of figures) {
      const verdict = goal === undefined ? '' : ms <= goal ? `  goal ${goal} ms: met` : `  goal ${goal} ms: MISSED`
      print(
        `${name.padEnd(46)} ${ms.toFixed(1).padStart(7)} ms   ${(ms / bare).toFixed(1).padStart(6)}× bare${verdict}`,
      )
    }
  } finally {
    await browser.close()
    await server.close()
  }
}

/** Runs in the page. */
async function measure(rounds: number): Promise<Figure[]> {
  const load = (path: string) => import(/* @vite-ignore */ path)
  const [{ drawInto }, { caseMatrix }, { costQuality }, { qualityByVersion }, { readLook }] = await Promise.all([
    load('/ui/charts/engine.ts'),
    load('/ui/charts/case-matrix.ts'),
    load('/ui/charts/cost-quality.ts'),
    load('/ui/charts/quality-by-version.ts'),
    load('/ui/charts/look.ts'),
  ])
  const element = document.getElementById('chart')
  if (element === null) throw new Error('no element')
  const look = readLook(element, false, true)
  const best = (work: () => void): number => {
    let least = Number.POSITIVE_INFINITY
    for (let round = 0; round < rounds; round++) {
      const start = performance.now()
      work()
      least = Math.min(least, performance.now() - start)
    }
    return least
  }
  const bareCanvas = (count: number): number => {
    const canvas = document.createElement('canvas')
    canvas.width = 1200
    canvas.height = 800
    const context = canvas.getContext('2d')
    return best(() => {
      for (let at = 0; at < count; at++) {
        if (context) context.fillStyle = at % 2 === 0 ? '#123456' : '#654321'
        context?.fillRect(at % 1200, (at * 7) % 800, 3, 3)
      }
      context?.getImageData(0, 0, 1, 1)
    })
  }
  const drawn = (model: { draw: (look: unknown) => unknown; height: number }): number =>
    best(() => {
      element.style.height = `${model.height}px`
      const drawing = drawInto(element, model.draw(look))
      drawing.getZr().flush()
      element.querySelector('canvas')?.getContext('2d')?.getImageData(0, 0, 1, 1)
      drawing.dispose()
    })
  const matrix = caseMatrix(
    Array.from({ length: 50 }, (_, at) => ({ key: `${at}`, label: `v${at}` })),
    Array.from({ length: 200 }, (_, row) => ({
      key: `${row}`,
      name: `case ${row}`,
      scores: Array.from({ length: 50 }, (_, at) => (row * 31 + at * 17) % 101),
    })),
  )
  const cloud = Array.from({ length: 100_000 }, (_, at) => ({
    key: `${at}`,
    label: `r${at % 40}`,
    group: `model ${at % 3}`,
    cost: ((at * 7919) % 100_003) * 100,
    quality: ((at * 104_729) % 10_007) / 100.07,
  }))
  let model = costQuality(cloud)
  const aggregated = best(() => {
    model = costQuality(cloud)
  })
  const versions = qualityByVersion(
    Array.from({ length: 200 }, (_, at) => ({
      key: `${at}`,
      version: `v${at}`,
      mean: 50 + (at % 30),
      low: 45 + (at % 30),
      high: 55 + (at % 30),
      results: 40,
      alike: 'x',
    })),
  )
  return [
    { name: 'heat map of 200 × 50, drawn', ms: drawn(matrix), bare: bareCanvas(10_000), goal: 100 },
    { name: '100,000 points, figures gathered', ms: aggregated, bare: bareCanvas(100_000) },
    { name: '100,000 points, drawn', ms: drawn(model), bare: bareCanvas(100_000), goal: 50 },
    { name: '200 versions with intervals, drawn', ms: drawn(versions), bare: bareCanvas(1_000) },
  ]
}
