import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { diffLines, diffLinesOfTexts, splitLines } from './lines.ts'
import { applyDiff, invert } from './patch.ts'
import { diffText, type TextDiff } from './text.ts'
import { type CharRange, refine } from './words.ts'

/** Texts of few distinct lines, so that they have much in common, with every kind of line end. */
const line = fc.constantFrom(
  '',
  '# A',
  '## B',
  '- one',
  '- two',
  '  x',
  'the quick brown fox',
  '}',
  '```',
  'é👍🏽ก็',
  'é',
  'a b  c',
)
const end = fc.constantFrom('\n', '\n', '\n', '\r\n', '')
const text = fc
  .array(
    fc.tuple(line, end).map(parts => parts.join('')),
    { maxLength: 40 },
  )
  .map(parts => parts.join(''))

/** A text and an edited copy of it. */
const pair = fc.oneof(
  fc.tuple(text, text),
  fc.tuple(text, fc.array(fc.tuple(fc.nat(60), fc.nat(5), text), { maxLength: 4 })).map(([a, edits]) => {
    const lines = splitLines(a)
    for (const [at, remove, insert] of edits)
      lines.splice(at % (lines.length + 1), remove, ...splitLines(insert).slice(0, 4))
    return [a, lines.join('')] as [string, string]
  }),
)

function isOrdered(diff: TextDiff): boolean {
  let aTo = 0
  let bTo = 0
  for (const change of diff.changes) {
    if (change.aFrom - aTo !== change.bFrom - bTo || change.aFrom < aTo) return false
    if (change.aTo < change.aFrom || change.bTo < change.bFrom) return false
    aTo = change.aTo
    bTo = change.bTo
  }
  return true
}

/** `a` with the ranges replaced by b's text: is b when everything outside of them is equal. */
function replaced(a: string, b: string, ranges: readonly CharRange[]): string {
  let result = ''
  let at = 0
  for (const range of ranges) {
    result += a.slice(at, range.aFrom) + b.slice(range.bFrom, range.bTo)
    at = range.aTo
  }
  return result + a.slice(at)
}

describe('diffText', () => {
  it('applied to a gives b, and inverted and applied to b gives a', () => {
    fc.assert(
      fc.property(pair, ([a, b]) => {
        const diff = diffText(a, b)
        expect(applyDiff(a, b, diff)).toBe(b)
        expect(applyDiff(b, a, invert(diff))).toBe(a)
        expect(isOrdered(diff)).toBe(true)
        expect(invert(invert(diff))).toEqual(diff)
      }),
      { numRuns: 500 },
    )
  })

  it('is empty for equal texts', () => {
    fc.assert(
      fc.property(text, a => {
        expect(diffText(a, a)).toEqual({ changes: [], moves: [], hitTimeout: false, linesAdded: 0, linesRemoved: 0 })
        expect(diffLines(splitLines(a), splitLines(a)).hunks).toEqual([])
        expect(refine(a, a)).toEqual([])
      }),
    )
  })

  it('never cuts what a person sees as one character', () => {
    const pieces = [
      'a',
      'the',
      ' ',
      '\n',
      '\r\n',
      '.',
      'e\u0301',
      '\u0301',
      '👍🏽',
      '🏽',
      '👩‍👩‍👧',
      '\u200d',
      '我们',
      'ก็',
      '1️⃣',
      'é',
    ]
    const words = fc.array(fc.constantFrom(...pieces), { maxLength: 25 }).map(parts => parts.join(''))
    const characters = new Intl.Segmenter('en', { granularity: 'grapheme' })
    const startsOf = (whole: string) =>
      new Set([whole.length, ...[...characters.segment(whole)].map(({ index }) => index)])
    fc.assert(
      fc.property(words, words, (a, b) => {
        const [inA, inB] = [startsOf(a), startsOf(b)]
        for (const { aFrom, aTo, bFrom, bTo } of refine(a, b))
          expect([inA.has(aFrom), inA.has(aTo), inB.has(bFrom), inB.has(bTo)]).toEqual([true, true, true, true])
      }),
      { numRuns: 300 },
    )
  })

  it('has every difference inside its inner ranges', () => {
    fc.assert(
      fc.property(pair, ([a, b]) => {
        expect(replaced(a, b, refine(a, b))).toBe(b)
        for (const change of diffText(a, b).changes)
          if (change.inner.length > 0) {
            const inner = change.inner.map(range => ({
              aFrom: range.aFrom - change.aFrom,
              aTo: range.aTo - change.aFrom,
              bFrom: range.bFrom - change.bFrom,
              bTo: range.bTo - change.bFrom,
            }))
            const [from, to] = [a.slice(change.aFrom, change.aTo), b.slice(change.bFrom, change.bTo)]
            expect(replaced(from, to, inner)).toBe(to)
          }
      }),
    )
  })
})

describe('diffLines', () => {
  it('says the same of two texts as of their lines', () => {
    fc.assert(
      fc.property(pair, ([a, b]) => {
        expect(diffLinesOfTexts(a, b)).toEqual(diffLines(splitLines(a), splitLines(b)))
      }),
    )
  })

  it('takes texts with halves of surrogate pairs', () => {
    const [a, b] = ['x\n\ud800\ny\n', 'x\n\ud801\ny\n']
    expect(diffLinesOfTexts(a, b).hunks).toEqual([{ aStart: 1, aEnd: 2, bStart: 1, bEnd: 2 }])
  })

  it('finds a script that is at most two lines or a twentieth longer than the shortest, where texts are small', () => {
    fc.assert(
      fc.property(pair, ([a, b]) => {
        const [from, to] = [splitLines(a), splitLines(b)]
        const { hunks } = diffLines(from, to)
        const length = hunks.reduce((sum, hunk) => sum + hunk.aEnd - hunk.aStart + hunk.bEnd - hunk.bStart, 0)
        const shortest = from.length + to.length - 2 * commonLength(from, to)
        expect(length).toBeGreaterThanOrEqual(shortest)
        expect(length).toBeLessThanOrEqual(shortest + Math.max(2, shortest / 20))
      }),
      { numRuns: 500 },
    )
  })

  it('keeps no blank line, brace or fence in the middle of text that was rewritten', () => {
    const before = [
      'Read the file.',
      'Find what is slow.',
      'Change it.',
      '',
      'Then run the tests.',
      'Say what was done.',
    ]
    const after = [
      'Ask for a trace.',
      'Look at the top ten.',
      'Take one.',
      '',
      'Measure it again.',
      'Keep the figures.',
    ]
    for (const plain of ['', '}', '```', '```bash', '---']) {
      const [from, to] = [before, after].map(lines => ['# Title', ...lines.map(line => line || plain), 'End.'])
      expect(diffLines(from ?? [], to ?? []).hunks).toEqual([{ aStart: 1, aEnd: 7, bStart: 1, bEnd: 7 }])
    }
  })

  it('keeps a blank line between two small changes, and a line that says something between large ones', () => {
    expect(diffLines(['a', '', 'b'], ['x', '', 'y']).hunks).toHaveLength(2)
    const around = (lines: string[], kept: string) => [...lines, kept, ...lines.map(line => `${line}!`)]
    const hunks = diffLines(
      around(['a', 'b', 'c'], 'This line stays.'),
      around(['d', 'e', 'f'], 'This line stays.'),
    ).hunks
    expect(hunks).toHaveLength(2)
  })
})

/** Length of the longest common subsequence, by the textbook. */
function commonLength(a: readonly string[], b: readonly string[]): number {
  let row: number[] = new Array(b.length + 1).fill(0)
  for (const one of a) {
    const next = [0]
    for (let j = 0; j < b.length; j++)
      next.push(one === b[j] ? (row[j] ?? 0) + 1 : Math.max(row[j + 1] ?? 0, next[j] ?? 0))
    row = next
  }
  return row[b.length] ?? 0
}
