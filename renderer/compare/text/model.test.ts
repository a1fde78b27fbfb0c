import fc from 'fast-check'
import { expect, test } from 'vitest'
import { diffText } from '../../../shared/domain/diff/text.ts'
import { type Model, modelOf, type Pane } from './model.ts'

const texts = fc
  .array(fc.constantFrom('one', 'two words', 'three more words', '', '# head', '  one'), { maxLength: 25 })
  .chain(lines => fc.constantFrom(lines.join('\n'), lines.map(line => `${line}\n`).join('')))

const lay = (a: string, b: string, quiet = false): Model => modelOf(a, b, diffText(a, b), quiet)
const linesOf = (pane: Pane): string[] => pane.text.split('\n')
const engineLines = (text: string): string[] => (text === '' ? [] : text.replace(/\n$/, '').split('\n'))

test('each line of both texts is in the inline document once, with its number', () => {
  fc.assert(
    fc.property(texts, texts, (a, b) => {
      const { inline } = lay(a, b)
      const lines = linesOf(inline)
      expect(lines.length).toBe(inline.change.length)
      for (const [text, numbers] of [
        [a, inline.left],
        [b, inline.right],
      ] as const) {
        const found = [...numbers].flatMap((number, index) => (number > 0 ? [[number, lines[index]]] : []))
        expect(found.map(([number]) => number)).toEqual(engineLines(text).map((_, index) => index + 1))
        expect(found.map(([, line]) => line)).toEqual(engineLines(text))
      }
    }),
  )
})

test('the side documents are the texts, and an unchanged line stands beside its equal', () => {
  fc.assert(
    fc.property(texts, texts, (a, b) => {
      const model = lay(a, b)
      expect(model.left.text).toBe(a.replace(/\n$/, ''))
      expect(model.right.text).toBe(b.replace(/\n$/, ''))
      const [left, right, inline] = [linesOf(model.left), linesOf(model.right), linesOf(model.inline)]
      for (const same of model.same)
        for (let i = 0; i < same.length; i++) {
          expect(model.left.change[same.left + i]).toBe(-1)
          expect(left[same.left + i]).toBe(right[same.right + i])
          expect(inline[same.inline + i]).toBe(right[same.right + i])
        }
    }),
  )
})

test('points never go back, and the lines that follow them are the same', () => {
  fc.assert(
    fc.property(texts, texts, (a, b) => {
      const model = lay(a, b)
      const { points } = model
      const [left, right] = [linesOf(model.left), linesOf(model.right)]
      for (let i = 0; i < points.length; i += 3) {
        const [atLeft = 0, atRight = 0, run = 0] = points.slice(i, i + 3)
        if (i > 0) {
          expect(atLeft).toBeGreaterThanOrEqual(points[i - 3] ?? 0)
          expect(atRight).toBeGreaterThanOrEqual(points[i - 2] ?? 0)
        }
        if (a !== '' && b !== '') for (let k = 0; k < run; k++) expect(left[atLeft + k]).toBe(right[atRight + k])
      }
    }),
  )
})

test('marks lie within the text, in order, in every document', () => {
  fc.assert(
    fc.property(texts, texts, (a, b) => {
      const model = lay(a, b)
      for (const pane of [model.left, model.right, model.inline])
        for (let i = 0; i < pane.marks.length; i += 2) {
          const [from = 0, to = 0] = [pane.marks[i], pane.marks[i + 1]]
          expect(from).toBeLessThanOrEqual(to)
          expect(to).toBeLessThanOrEqual(pane.text.length)
          if (i > 0) expect(from).toBeGreaterThanOrEqual(pane.marks[i - 1] ?? 0)
        }
    }),
  )
})

test('the changed word of a line is marked on both sides and inline', () => {
  const model = lay('keep\nthe quick fox\n', 'keep\nthe slow fox\n')
  const marked = (pane: Pane): string[] =>
    [...pane.marks].flatMap((from, i) => (i % 2 === 0 ? pane.text.slice(from, pane.marks[i + 1]) : []))
  expect(marked(model.left)).toEqual(['quick'])
  expect(marked(model.right)).toEqual(['slow'])
  expect(marked(model.inline)).toEqual(['quick', 'slow'])
  expect(linesOf(model.inline)).toEqual(['keep', 'the quick fox', 'the slow fox'])
})

test('quietly, white space and re-wrapping are no change', () => {
  const [a, b] = ['one two\nthree\n', 'one   two\nthree\n']
  expect(lay(a, b).shown).toHaveLength(1)
  const quiet = lay(a, b, true)
  expect(quiet.shown).toEqual([])
  expect([...quiet.right.change]).toEqual([-1, -1])
  expect(linesOf(quiet.inline)).toEqual(['one   two', 'three'])
})

test('an empty side is one empty line and everything on the other is a change', () => {
  const model = lay('', 'one\ntwo\n')
  expect(model.left.text).toBe('')
  expect([...model.right.change]).toEqual([0, 0])
  expect([...model.inline.right]).toEqual([1, 2])
})
