import { expect, test } from 'vitest'
import type { Evidence, RunFacts } from '../../shared/contract/evidence.ts'
import { evidenceRows } from './evidence-rows.ts'

const nothing = { mean: null, samples: 0 }
const means = { left: nothing, right: nothing, difference: null }
const EMPTY: Evidence = {
  quality: { state: 'not-measured', left: null, right: null, reasons: [] },
  cost: means,
  latency: means,
  rating: { ...means, leftDistribution: [0, 0, 0, 0, 0], rightDistribution: [0, 0, 0, 0, 0] },
  hours: { left: null, right: null },
  feedback: [],
}
const run: RunFacts = {
  id: 'r',
  versionId: 'v',
  createdAt: 0,
  caseSetHash: 'c',
  judgeModel: 'judge',
  judgePromptHash: 'p',
  priceTableDate: null,
  models: ['m'],
  repeats: 3,
  results: 30,
  unjudged: 0,
}
const of = (evidence: Partial<Evidence>, key: string) =>
  evidenceRows({ ...EMPTY, ...evidence }).rows.find(row => row.key === key)

test('what was measured on neither side is named, and takes no row', () => {
  expect(evidenceRows(EMPTY)).toEqual({ rows: [], unmeasured: ['quality', 'cost per use', 'time per use', 'rating'] })
})

test('what was measured on one side only is shown and not subtracted', () => {
  expect(of({ cost: { ...means, left: { mean: 410_000, samples: 40 } } }, 'cost')).toMatchObject({
    left: '0.41¢ (40)',
    right: 'not measured',
    said: 'cannot tell: one side was not measured',
    tone: 'unknown',
  })
})

test('a handful of ratings tells nothing', () => {
  const rating = { ...EMPTY.rating, left: { mean: 4.2, samples: 31 }, right: { mean: 5, samples: 2 } }
  expect(of({ rating }, 'rating')).toMatchObject({ left: '4.2 (31)', said: 'cannot tell: too few ratings' })
})

test('a difference that was told from luck says so in sign, word and interval', () => {
  const difference = { delta: 50_000, low: 9_000, high: 90_000, verdict: 'worse', words: 'worse: +0.05¢ …' } as const
  const cost = { left: { mean: 410_000, samples: 40 }, right: { mean: 460_000, samples: 30 }, difference }
  expect(of({ cost }, 'cost')).toMatchObject({ said: 'worse: +0.05¢ …', tone: 'bad' })
})

test('unlike runs are not subtracted, and the reason is said', () => {
  const quality = { state: 'unlike', left: run, right: run, reasons: ['They ran other cases.'] } as const
  const row = of({ quality: { ...quality, reasons: [...quality.reasons] } }, 'quality')
  expect(row).toMatchObject({ tone: 'unknown' })
  expect(row?.said).toContain('They ran other cases.')
})
