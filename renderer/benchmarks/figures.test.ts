import { describe, expect, test } from 'vitest'
import type { MeasuredCells, MeasuredRun } from '../../shared/contract/measurements.ts'
import {
  costPoints,
  firstPair,
  inVersionOrder,
  mainGroup,
  matrixOf,
  qualityPoints,
  samplesOf,
  trendLines,
} from './figures.ts'
import { diffOutputs } from './output-diff.ts'

const run = (id: string, number: number | null, createdAt: number, over: Partial<MeasuredRun> = {}): MeasuredRun => ({
  id,
  batchId: null,
  label: number === null ? 'no skill' : `v${number}`,
  versionId: number === null ? null : `version-${number}`,
  versionNumber: number,
  baseline: number === null,
  status: 'completed',
  models: ['m'],
  repeats: 1,
  judgeModel: null,
  priceTableDate: null,
  alike: 'x',
  createdAt,
  completedAt: createdAt,
  results: 10,
  unjudged: 1,
  failed: 0,
  quality: { mean: 50, low: 40, high: 60 },
  passRate: null,
  costMicrocents: null,
  latencyMs: null,
  source: null,
  ...over,
})

describe('runs as figures', () => {
  const runs = [
    run('v10', 10, 3),
    run('v2 again', 2, 5),
    run('v2', 2, 1),
    run('none', null, 2),
    run('other cases', 11, 6, { alike: 'y' }),
    run('unjudged', 12, 7, { quality: null }),
  ]

  test('versions stand in the order of their numbers, the newest alike run for each, the baseline first', () => {
    expect(inVersionOrder(runs).map(one => one.id)).toEqual(['none', 'v2 again', 'v10', 'other cases'])
    expect(qualityPoints(runs)[0]).toMatchObject({ key: 'none', version: 'no skill', results: 9, alike: 'x' })
    const imported = ['run 10', 'run 2', 'run 1'].map(label => run(label, null, 1, { label }))
    expect(inVersionOrder(imported).map(one => one.label)).toEqual(['run 1', 'run 2', 'run 10'])
    // Other tools have names of their own for both sides: what the skill brings is still seen from the baseline.
    const both = [
      run('with', null, 1, { label: 'with_skill', baseline: false }),
      run('without', null, 1, { label: 'without_skill', baseline: true }),
    ]
    expect(firstPair(both)).toEqual({ left: 'without', right: 'with' })
  })

  test('the first comparison is of the newest version with one that was measured alike', () => {
    expect(firstPair(runs)).toEqual({ left: 'v2 again', right: 'v10' })
    expect(firstPair([run('a', 1, 1), run('b', 2, 2, { alike: 'y' })])).toBeUndefined()
    expect(mainGroup(runs)).toBe('x')
  })

  test('over time every run but the baseline has its point, in one line for each way of measuring', () => {
    const lines = trendLines(runs)
    expect(lines.map(line => line.points.map(point => point.key))).toEqual([['v2', 'v10', 'v2 again'], ['other cases']])
  })
})

describe('cells as figures', () => {
  const cells: MeasuredCells = {
    runs: [
      { id: 'r1', label: 'v1' },
      { id: 'r2', label: 'v2' },
    ],
    cases: [
      { id: 'c1', name: 'one' },
      { id: 'c2', name: 'two' },
    ],
    models: ['small', 'large'],
    ids: ['a', 'b', 'c', 'd', 'e'],
    run: [0, 0, 1, 1, 1],
    case: [0, 0, 0, 1, 1],
    model: [0, 1, 0, 0, 1],
    quality: [40, 60, null, 90, 70],
    costMicrocents: [100_000_000, null, 300_000_000, null, null],
    latencyMs: [1, 2, 3, null, 5],
    tokens: [1, 1, 1, 1, 1],
  }

  test('a cell of the matrix is the mean of what was judged; nothing judged is not 0', () => {
    expect(matrixOf(cells).rows).toEqual([
      { key: 'c1', name: 'one', scores: [50, null] },
      { key: 'c2', name: 'two', scores: [null, 80] },
    ])
  })

  test('cost and quality are of one run with one model; an unpriced one has no cost', () => {
    expect(costPoints(cells)).toEqual([
      { key: 'r1', label: 'v1', cost: 100_000_000, quality: 40, group: 'small' },
      { key: 'r1', label: 'v1', cost: null, quality: 60, group: 'large' },
      { key: 'r2', label: 'v2', cost: 300_000_000, quality: 90, group: 'small' },
      { key: 'r2', label: 'v2', cost: null, quality: 70, group: 'large' },
    ])
  })

  test('a sample leaves out what was not measured', () => {
    expect(samplesOf(cells, cells.latencyMs).map(sample => sample.values)).toEqual([
      [1, 2],
      [3, 5],
    ])
  })
})

describe('outputs beside each other', () => {
  const marked = (lines: ReturnType<typeof diffOutputs>['left']) =>
    lines.map(line => line.pieces.map(piece => (piece.marked ? `[${piece.text}]` : piece.text)).join(''))

  test('changed lines are told, and the words in them; the text stays whole', () => {
    const left = 'same\nthe quick fox\nend'
    const right = 'same\nthe slow fox\nend\nmore'
    const shown = diffOutputs(left, right)
    expect(shown.left.map(line => line.changed)).toEqual([false, true, false])
    expect(shown.right.map(line => line.changed)).toEqual([false, true, false, true])
    expect(marked(shown.left)[1]).toBe('the [quick] fox')
    expect(marked(shown.right)[1]).toBe('the [slow] fox')
    const text = (lines: typeof shown.left) =>
      lines.map(line => line.pieces.map(piece => piece.text).join('')).join('\n')
    expect([text(shown.left), text(shown.right)]).toEqual([left, right])
  })

  test('equal and empty outputs have no change', () => {
    expect(diffOutputs('', '').left).toEqual([{ number: 1, changed: false, pieces: [{ text: '', marked: false }] }])
    expect(diffOutputs('a\nb', 'a\nb').right.some(line => line.changed)).toBe(false)
  })
})
