import { EditorState, type Text } from '@codemirror/state'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { documentSteps, positionOf, textAfter } from './document.ts'
import { lineBreakOf } from './line-breaks.ts'

function documentOf(text: string): Text {
  const steps = documentSteps(text, lineBreakOf(text))
  for (;;) {
    const next = steps.next()
    if (next.done) return next.value
  }
}

const stateOf = (text: string) =>
  EditorState.create({ doc: documentOf(text), extensions: EditorState.lineSeparator.of(lineBreakOf(text)) })

test('a document made in pieces is the one made at once, and gives back its text byte for byte', () => {
  const texts = [
    '',
    'one line',
    '\n',
    'a\r\nb\r\n'.repeat(40_000),
    'a\rb\nc\r\n'.repeat(40_000),
    'x'.repeat(200_000),
    '\n'.repeat(300_000),
    `${'y'.repeat(49_999)}\r\n${'z'.repeat(60_000)}\r\n`,
  ]
  for (const text of texts) {
    const { doc } = EditorState.create({ doc: text, extensions: EditorState.lineSeparator.of(lineBreakOf(text)) })
    expect(documentOf(text).eq(doc)).toBe(true)
    expect(stateOf(text).sliceDoc()).toBe(text)
  }
})

const words = fc.array(fc.constantFrom('a', 'bc', '\n', '\r\n', '\r', '\u{1f600}'), { maxLength: 40 })
const wide = fc.array(fc.constantFrom('a', 'bc', '\r\n'), { maxLength: 40 })
const changesOf = fc.array(fc.tuple(fc.nat(60), fc.nat(5), fc.constantFrom('', 'x', 'y\nz', '\r\n', '\n\n')), {
  maxLength: 4,
})

test('the text after a change is the document after it, whatever the line breaks', () => {
  fc.assert(
    fc.property(fc.oneof(words, wide), changesOf, (pieces, changes) => {
      const text = pieces.join('')
      const state = stateOf(text)
      const lineBreak = lineBreakOf(text)
      const specs = changes.map(([at, length, insert]) => {
        const from = Math.min(at, state.doc.length)
        return { from, to: Math.min(from + length, state.doc.length), insert: state.toText(insert) }
      })
      const set = state.changes(specs)
      const after = state.update({ changes: set }).state
      expect(textAfter(text, state.doc, set, lineBreak)).toBe(after.sliceDoc())
    }),
  )
})

test('a place in the text is found in the document, and is where the same text is', () => {
  fc.assert(
    fc.property(fc.oneof(words, wide), fc.nat(80), (pieces, offset) => {
      const text = pieces.join('')
      const lineBreak = lineBreakOf(text)
      const { doc } = stateOf(text)
      const at = positionOf(doc, offset, lineBreak)
      const before = doc.sliceString(0, at, lineBreak)
      const cut = text.slice(0, offset)
      expect(before).toBe(lineBreak === '\r\n' && cut.endsWith('\r') ? cut.slice(0, -1) : cut)
    }),
  )
})
