import { EditorState } from '@codemirror/state'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { lineBreakOf, smallestChange } from './line-breaks.ts'

test('any text comes back from the editor as it went in', () => {
  const piece = fc.constantFrom('a', 'bc', '\n', '\r\n', '\r', '', ' ')
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), pieces => {
      const text = pieces.join('')
      const state = EditorState.create({ doc: text, extensions: EditorState.lineSeparator.of(lineBreakOf(text)) })
      expect(state.sliceDoc()).toBe(text)
    }),
  )
})

test('a file of CRLF lines is edited as such, a mixed one by LF', () => {
  expect(lineBreakOf('a\r\nb\r\n')).toBe('\r\n')
  expect(lineBreakOf('a\r\nb\n')).toBe('\n')
  expect(lineBreakOf('a\nb')).toBe('\n')
  expect(lineBreakOf('')).toBe('\n')
})

test('the smallest change makes the new text of the old', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b', '\n') })
  fc.assert(
    fc.property(text, text, (was, now) => {
      const change = smallestChange(was, now)
      const made = change ? was.slice(0, change.from) + change.insert + was.slice(change.to) : was
      expect(made).toBe(now)
    }),
  )
})
