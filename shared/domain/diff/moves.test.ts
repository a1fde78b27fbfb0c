/** Moved blocks: whatever was moved, nested or edited, the comparison still holds every character of both texts. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { applyDiff, invert } from './patch.ts'
import { diffText, type Move, type TextDiff } from './text.ts'

const paragraph = (name: string): string =>
  `Paragraph ${name} says something of its own that no other one says.\nIt goes on about ${name} for another line.\n`
const LINE = 'A single line that is long enough to be a move of its own.\n'

/** A document of distinct paragraphs and single lines, and the same with blocks taken out and put in elsewhere. */
const moved = fc
  .tuple(
    fc.array(fc.boolean(), { minLength: 4, maxLength: 14 }),
    fc.array(fc.tuple(fc.nat(), fc.integer({ min: 1, max: 4 }), fc.nat(), fc.boolean()), {
      minLength: 2,
      maxLength: 5,
    }),
  )
  .map(([kinds, moves]) => {
    const blocks = kinds.map((single, at) => (single ? `${at}: ${LINE}` : paragraph(`number ${at}`)))
    const after = [...blocks]
    for (const [from, length, to, edited] of moves) {
      const taken = after.splice(from % after.length, length)
      if (edited && taken[0] !== undefined) taken[0] = taken[0].replace(/\n/, ' now edited\n')
      after.splice(to % (after.length + 1), 0, ...taken)
    }
    return [blocks.join(''), after.join('')] as const
  })

function expectOrdered({ changes }: TextDiff): void {
  let [aTo, bTo] = [0, 0]
  for (const change of changes) {
    expect(change.aFrom - aTo).toBe(change.bFrom - bTo)
    expect(change.aFrom).toBeGreaterThanOrEqual(aTo)
    expect(change.aTo).toBeGreaterThanOrEqual(change.aFrom)
    expect(change.bTo).toBeGreaterThanOrEqual(change.bFrom)
    ;[aTo, bTo] = [change.aTo, change.bTo]
  }
}

function expectApart(moves: readonly Move[]): void {
  for (const side of ['a', 'b'] as const) {
    const ends = moves
      .map(move => (side === 'a' ? [move.aFrom, move.aTo] : [move.bFrom, move.bTo]))
      .sort(([one = 0], [other = 0]) => one - other)
    ends.forEach(([from = 0, to = 0], at) => {
      expect(to).toBeGreaterThan(from)
      expect(from).toBeGreaterThanOrEqual(ends[at - 1]?.[1] ?? 0)
    })
  }
}

function expectWhole(a: string, b: string): void {
  const diff = diffText(a, b)
  expectOrdered(diff)
  expectApart(diff.moves)
  expect(applyDiff(a, b, diff)).toBe(b)
  expect(applyDiff(b, a, invert(diff))).toBe(a)
  for (const { id } of diff.moves) expect(diff.changes.filter(change => change.moved === id)).toHaveLength(2)
}

describe('moved blocks', () => {
  it('never overlap, and no text is missing, however blocks were moved and edited', () => {
    fc.assert(
      fc.property(moved, ([a, b]) => expectWhole(a, b)),
      { numRuns: 1_500 },
    )
  })

  it('do not grow over a line that another move has taken', () => {
    const blocks = Array.from({ length: 12 }, (_, at) => paragraph(`number ${at}`))
    const after = [1, 7, 0, 8, 9, 10, 2, 3, 4, 5, 6, 11].map(at => blocks[at])
    expectWhole(blocks.join(''), after.join(''))
  })
})
