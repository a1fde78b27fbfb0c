import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { splitLines } from './diff/lines.ts'
import { type MergePiece, merge, mergedText } from './merge.ts'

const line = fc.constantFrom(
  '\n',
  '# A\n',
  '- one\n',
  '- two three\n',
  'the quick brown fox\n',
  '}\n',
  'x',
  'a b c\r\n',
)
const text = fc.array(line, { maxLength: 20 }).map(parts => parts.join(''))
const edit = fc.array(fc.tuple(fc.nat(60), fc.nat(3), text), { maxLength: 3 })

const edited = (base: string, edits: readonly (readonly [number, number, string])[]): string => {
  const lines = splitLines(base)
  for (const [at, remove, insert] of edits)
    lines.splice(at % (lines.length + 1), remove, ...splitLines(insert).slice(0, 3))
  return lines.join('')
}

/** A base and two texts made from it. */
const triple = fc
  .tuple(text, edit, edit)
  .map(([base, one, two]) => [base, edited(base, one), edited(base, two)] as const)

const mirrored = (piece: MergePiece): MergePiece => {
  if (piece.kind === 'conflict') return { ...piece, left: piece.right, right: piece.left }
  if (piece.kind === 'left') return { ...piece, kind: 'right' }
  return piece.kind === 'right' ? { ...piece, kind: 'left' } : piece
}

describe('merge', () => {
  it('takes the only side that changed, and what both did', () => {
    fc.assert(
      fc.property(triple, ([base, a]) => {
        expect(mergedText(merge(base, a, base))).toBe(a)
        expect(mergedText(merge(base, base, a))).toBe(a)
        expect(mergedText(merge(base, a, a))).toBe(a)
      }),
    )
  })

  it('commutes: swapping the sides swaps the pieces and nothing else', () => {
    fc.assert(
      fc.property(triple, ([base, a, b]) => {
        expect(merge(base, b, a).pieces).toEqual(merge(base, a, b).pieces.map(mirrored))
      }),
    )
  })

  it('loses nothing: either side is what the pieces say it was', () => {
    fc.assert(
      fc.property(triple, ([base, a, b]) => {
        const { pieces, conflicts } = merge(base, a, b, { words: false })
        expect(pieces.filter(piece => piece.kind === 'conflict')).toHaveLength(conflicts)
        // Settling every conflict for one side, what that side wrote is all there, in order.
        const lines = pieces.flatMap(piece =>
          piece.kind === 'conflict' ? splitLines(piece.left) : piece.kind === 'right' ? [] : splitLines(piece.text),
        )
        let at = 0
        const bare = (one: string | undefined) => one?.replace('\r\n', '\n')
        for (const one of splitLines(a)) if (bare(lines[at]) === bare(one)) at++
        expect(at).toBe(lines.length)
      }),
    )
  })

  it('puts changes of different lines together', () => {
    const result = merge('a\nb\nc\nd\ne\n', 'A\nb\nc\nd\ne\n', 'a\nb\nc\nd\nE\n')
    expect(mergedText(result)).toBe('A\nb\nc\nd\nE\n')
    expect(result.pieces.map(piece => piece.kind)).toEqual(['left', 'same', 'right'])
  })

  it('settles one line by its words', () => {
    const result = merge(
      'Use this skill when the user asks for a diff.\n',
      'Use this skill whenever the user asks for a diff.\n',
      'Use this skill when the user asks for a comparison.\n',
    )
    expect(mergedText(result)).toBe('Use this skill whenever the user asks for a comparison.\n')
  })

  it('does not mix the parts of one word', () => {
    expect(merge('version: 1.2.3\n', 'version: 1.2.4\n', 'version: 1.3.3\n').conflicts).toBe(1)
  })

  it('leaves to a person what both sides changed', () => {
    const result = merge('one\ntwo\nthree\n', 'one\n2\nthree\n', 'one\nzwei\nthree\n')
    expect(mergedText(result)).toBeUndefined()
    expect(result.pieces).toEqual([
      { kind: 'same', text: 'one\n' },
      { kind: 'conflict', base: 'two\n', left: '2\n', right: 'zwei\n' },
      { kind: 'same', text: 'three\n' },
    ])
  })

  it('keeps out of a conflict what both sides did alike', () => {
    expect(merge('a\nb\n', 'a\nx\ny\nz\nb\n', 'a\nx\n1\nz\nb\n').pieces).toEqual([
      { kind: 'same', text: 'a\n' },
      { kind: 'both', text: 'x\n' },
      { kind: 'conflict', base: '', left: 'y\n', right: '1\n' },
      { kind: 'both', text: 'z\n' },
      { kind: 'same', text: 'b\n' },
    ])
  })

  it('never deletes what the other side edited', () => {
    expect(merge('a\nsome words here\nc\n', 'a\nc\n', 'a\nsome more words here\nc\n').conflicts).toBe(1)
  })

  it('takes both insertions when they are the same, and asks when they are not', () => {
    expect(mergedText(merge('a\nb\n', 'a\nx\nb\n', 'a\nx\nb\n'))).toBe('a\nx\nb\n')
    expect(merge('a\nb\n', 'a\nx\nb\n', 'a\ny\nb\n').conflicts).toBe(1)
  })

  it('asks about what both sides changed alike inside a line that words would settle', () => {
    const base = 'All 27 skills: alpha, beta and gamma.\n'
    const left = 'All 28 skills: alpha, aleph, beta and gamma.\n'
    const right = 'All 28 skills: alpha, beta and gamma, delta.\n'
    expect(merge(base, left, right).pieces).toEqual([{ kind: 'conflict', base, left, right }])
    // Without the count there is nothing to ask.
    const [one, other] = [left.replace('28', '27'), right.replace('28', '27')]
    expect(mergedText(merge(base, one, other))).toBe('All 27 skills: alpha, aleph, beta and gamma, delta.\n')
  })

  it('settles line ends apart from the text: one side made all of them CRLF, the other edited a line', () => {
    const base = 'one\ntwo\nthree\n'
    const left = 'one\r\ntwo\r\nthree\r\n'
    const right = 'one\n2\nthree\n'
    const result = merge(base, left, right)
    expect(mergedText(result)).toBe('one\r\n2\r\nthree\r\n')
    expect(result.lineEnd).toBe('CRLF')
    expect(mergedText(merge(base, right, left))).toBe('one\r\n2\r\nthree\r\n')
    // And back: of a text with CRLF, one side makes all of them LF.
    expect(mergedText(merge(left, base, right.replaceAll('\n', '\r\n')))).toBe('one\n2\nthree\n')
    expect(merge(base, left.replace('three', '3'), right.replace('three', 'III')).pieces).toContainEqual({
      kind: 'conflict',
      base: 'two\r\nthree\r\n',
      left: 'two\r\n3\r\n',
      right: '2\r\nIII\r\n',
    })
  })

  it('takes line ends for text where a file mixes them', () => {
    const mixed = 'one\r\ntwo\nthree\n'
    expect(merge('one\ntwo\nthree\n', mixed, 'one\ntwo\n3\n').lineEnd).toBeUndefined()
    expect(mergedText(merge('one\ntwo\nthree\n', mixed, 'one\ntwo\n3\n'))).toBe('one\r\ntwo\n3\n')
  })
})
