import { expect, test } from 'vitest'
import type { Comparison } from '../../shared/contract/compare.ts'
import { summaryOf } from './summary.ts'

const side = (always: number, onTrigger: number): Comparison['left'] => ({
  of: { kind: 'version', id: 'v' },
  skillId: 's',
  versionId: 'v',
  skillName: 'pdf-forms',
  number: 1,
  message: null,
  authorName: null,
  claimed: null,
  createdAt: null,
  published: false,
  files: [],
  tokens: { always, onTrigger, onDemand: 0 },
  averageRating: null,
  totalRatings: 0,
  hoursSaved: null,
  costMicrocents: null,
  costSamples: 0,
  latencyMs: null,
  quality: null,
})

test('says a comparison in one line', () => {
  const changes: Comparison['changes'] = [
    { kind: 'changed', path: 'SKILL.md' },
    { kind: 'added', path: 'a.md' },
    { kind: 'added', path: 'b.md' },
    { kind: 'renamed', path: 'd.md', fromPath: 'c.md' },
  ]
  const fields: Comparison['fields'] = [
    { key: 'description', kind: 'changed', left: 'x'.repeat(300), right: '😀'.repeat(88) },
    { key: 'license', kind: 'added', right: 'MIT' },
  ]
  expect(summaryOf({ left: side(92, 3_000), right: side(91, 3_340), changes, fields })).toBe(
    '4 files, 2 added, 1 renamed, description shortened by 212 characters, license added, −1 token always, +340 tokens on trigger',
  )
  expect(summaryOf({ left: side(1, 1), right: side(1, 1), changes: [], fields: [] })).toBe('Both sides are the same.')
})
