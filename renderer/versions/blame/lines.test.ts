import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { splitLines } from '../../../shared/domain/diff/lines.ts'
import { ageOf, lineIn, runsOf, sharesOf } from './lines.ts'

const lines = (text: string) => [...text].map(versionId => ({ versionId }))
const version = (id: string, createdAt: number) => ({ id, createdAt })

test('lines that follow each other and came together are one run', () => {
  expect(runsOf(lines('aabba'))).toEqual([
    { versionId: 'a', start: 0, end: 2 },
    { versionId: 'b', start: 2, end: 4 },
    { versionId: 'a', start: 4, end: 5 },
  ])
  expect(runsOf([])).toEqual([])
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('a', 'b', 'c') }), text => {
      expect(
        runsOf(lines(text))
          .map(run => run.versionId.repeat(run.end - run.start))
          .join(''),
      ).toBe(text)
    }),
  )
})

describe('shares', () => {
  test('are the newest first, with their lines counted and shaded by rank', () => {
    const shares = sharesOf(lines('abca'), [version('a', 1), version('b', 3), version('c', 2), version('d', 9)])
    expect(shares.map(share => [share.version.id, share.lines, share.first, share.shade])).toEqual([
      ['b', 1, 1, 5],
      ['c', 1, 2, 3],
      ['a', 2, 0, 0],
    ])
  })

  test('of one version alone have one shade', () => {
    expect(sharesOf(lines('aa'), [version('a', 1)])).toMatchObject([{ lines: 2, shade: 0 }])
  })
})

test.each([
  [0, 'today'],
  [0.9, 'today'],
  [1, '1 d'],
  [89, '89 d'],
  [90, '2 mo'],
  [365, '11 mo'],
  [800, '2 y'],
])('%d days are %s', (days, words) => expect(ageOf(0, days * 86_400_000)).toBe(words))

describe('a line in another text', () => {
  test('is found where it moved to, and not where it was changed', () => {
    expect(lineIn('a\nb\nc\n', 2, 'new\na\nb\nc\n')).toBe(3)
    expect(lineIn('a\nb\nc\n', 1, 'a\nB\nc\n')).toBeUndefined()
    expect(lineIn('a\nb\nc\n', 0, 'a\nb\nc\n')).toBe(0)
  })

  test('is the same line', () => {
    const texts = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { minLength: 1, maxLength: 12 })
    fc.assert(
      fc.property(texts, texts, fc.nat(), (one, other, pick) => {
        const [text, otherText] = [one.join('\n'), other.join('\n')]
        const line = pick % one.length
        const found = lineIn(text, line, otherText)
        if (found !== undefined) expect(splitLines(otherText)[found]).toBe(splitLines(text)[line])
      }),
    )
  })
})
