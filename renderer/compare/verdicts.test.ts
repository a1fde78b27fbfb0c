import { expect, test } from 'vitest'
import type { CompareSide } from '../../shared/contract/compare.ts'
import { verdictsOf } from './verdicts.ts'

const side = (change: Partial<CompareSide> = {}): CompareSide => ({
  of: { kind: 'version', id: 'v' },
  skillId: 's',
  versionId: 'v',
  skillName: 'pdf-forms',
  number: 1,
  message: null,
  authorName: null,
  createdAt: null,
  published: false,
  files: [],
  tokens: { always: 100, onTrigger: 1_000, onDemand: 0 },
  averageRating: null,
  totalRatings: 0,
  hoursSaved: null,
  costMicrocents: null,
  costSamples: 0,
  latencyMs: null,
  quality: null,
  ...change,
})
const of = (left: CompareSide, right: CompareSide, name: string) =>
  verdictsOf(left, right).verdicts.find(verdict => verdict.name.startsWith(name))

test('what was measured on one side only is shown and not subtracted', () => {
  const verdict = of(side({ costMicrocents: 410_000, costSamples: 40 }), side(), 'Cost')
  expect(verdict).toMatchObject({ left: '0.41¢ (40)', right: 'not measured', tone: 'unknown' })
  expect(verdict?.difference).toMatch(/^cannot tell/)
  expect(verdictsOf(side(), side()).unmeasured).toEqual(['Quality', 'Cost per use', 'Rating'])
})

test('a difference has a sign and a word; only what is counted is called good or bad', () => {
  const verdict = of(
    side({ costMicrocents: 400_000, costSamples: 40 }),
    side({ costMicrocents: 500_000, costSamples: 30 }),
    'Cost',
  )
  expect(verdict).toMatchObject({ difference: '+25% dearer; may be luck', tone: 'measured' })
  expect(of(side(), side({ tokens: { always: 52, onTrigger: 1_340, onDemand: 0 } }), 'Tokens, always')).toMatchObject({
    difference: '−48 fewer, −48%',
    tone: 'good',
  })
})

test('a handful of ratings tells nothing', () => {
  const verdict = of(
    side({ averageRating: 420, totalRatings: 31 }),
    side({ averageRating: 500, totalRatings: 2 }),
    'Rating',
  )
  expect(verdict).toMatchObject({ left: '4.2 (31)', right: '5.0 (2)', difference: 'cannot tell: too few ratings' })
})

test('equal tokens are the same, not ±0', () => {
  expect(of(side(), side(), 'Tokens, on trigger')).toMatchObject({ difference: 'the same', tone: 'plain' })
})
