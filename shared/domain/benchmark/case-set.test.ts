import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Assertion, readAssertions, sayAssertion } from './assertion.ts'
import { type CaseContent, encodeCaseSet } from './case-set.ts'

const one = (over: Partial<CaseContent> = {}): CaseContent => ({
  name: 'n',
  prompt: 'p',
  expectedOutput: null,
  assertions: [{ type: 'contains', value: 'a' }],
  files: [],
  tags: [],
  weight: 1,
  ...over,
})
const file = (path: string, sha256: string | null = 'a'.repeat(64)) => ({ path, sha256, size: 1 })

describe('the hash of a set of cases', () => {
  test('does not depend on the order of cases, files or members', () => {
    const cases = [one(), one({ prompt: 'q' }), one({ prompt: 'q', files: [file('a'), file('b')] }), one({ weight: 2 })]
    fc.assert(
      fc.property(fc.shuffledSubarray(cases, { minLength: cases.length }), shuffled => {
        const turned = shuffled.map(({ files, ...rest }) => ({ files: files.toReversed(), ...rest }))
        expect(encodeCaseSet(turned)).toBe(encodeCaseSet(cases))
      }),
    )
    const members: Assertion[] = [{ value: 'a', type: 'contains' }]
    expect(encodeCaseSet([one({ assertions: members })])).toBe(encodeCaseSet([one()]))
  })

  test('depends on all that decides how a case goes, and on nothing else', () => {
    const base = encodeCaseSet([one()])
    const other: Partial<CaseContent>[] = [
      { prompt: 'P' },
      { expectedOutput: 'e' },
      { assertions: [] },
      { assertions: [{ type: 'contains', value: 'a', not: true }] },
      { files: [file('a')] },
      { files: [file('a', null)] },
      { weight: 2 },
    ]
    const texts = other.map(over => encodeCaseSet([one(over)]))
    expect(new Set([base, ...texts, encodeCaseSet([]), encodeCaseSet([one(), one()])]).size).toBe(other.length + 3)
    expect(encodeCaseSet([one({ name: 'other', tags: ['t'] })])).toBe(base)
    expect(base).toBe(
      '[{"assertions":[{"type":"contains","value":"a"}],"expected":null,"files":[],"prompt":"p","weight":1}]',
    )
  })
})

describe('stored assertions', () => {
  test('what older data holds, sentences, and what nobody knows are all read', () => {
    const stored = [
      'is kind',
      ' ',
      { type: 'matches', value: '(?i)a+' },
      { type: 'not-contains', value: 'b' },
      { type: 'max-words', value: 9 },
      { type: 'from-the-future', value: 1 },
      7,
    ]
    const read = readAssertions(JSON.stringify(stored))
    expect(read).toEqual([
      { type: 'rubric', value: 'is kind' },
      { type: 'regex', value: 'a+', flags: 'i' },
      { type: 'contains', value: 'b', not: true },
      { type: 'length', unit: 'words', max: 9 },
      { type: 'unsupported', name: 'from-the-future', source: { type: 'from-the-future', value: 1 } },
      { type: 'unsupported', name: 'unknown', source: 7 },
    ])
    expect(read.map(sayAssertion)).toEqual([
      'is kind',
      'matches /a+/i',
      'does not contain “b”',
      'has at most 9 words',
      'from-the-future (not graded here)',
      'unknown (not graded here)',
    ])
    for (const nothing of ['', '{', '{}', 'null', null, 7]) expect(readAssertions(nothing)).toEqual([])
  })
})
