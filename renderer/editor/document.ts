/**
 * A file's text as CodeMirror's document, and back. A million lines take CodeMirror a tenth of a second either way, so a large
 * text becomes a document piece by piece, and what is typed into it is put into the text that was there.
 */
import { type ChangeSet, Text } from '@codemirror/state'
import type { LineBreak } from './line-breaks.ts'

/** Characters of a text from which it is taken in pieces. */
export const LARGE_TEXT = 300_000
const PIECE = 50_000

export const isLarge = (text: string): boolean => text.length > LARGE_TEXT

/** Each step adds a piece; returns the document. */
export function* documentSteps(text: string, lineBreak: LineBreak): Generator<undefined, Text> {
  let made = Text.empty
  for (let at = 0; at < text.length; ) {
    const found = text.indexOf(lineBreak, at + PIECE)
    const end = found === -1 ? text.length : found + lineBreak.length
    made = made.append(Text.of(text.slice(at, end).split(lineBreak)))
    at = end
    yield
  }
  return made
}

/** `was`: the text of `before`. Gives the text of what `before` becomes by `changes`. */
export function textAfter(was: string, before: Text, changes: ChangeSet, lineBreak: LineBreak): string {
  let text = ''
  let at = 0
  changes.iterChanges((fromA, toA, _fromB, _toB, inserted) => {
    text += was.slice(at, offsetOf(before, fromA, lineBreak)) + inserted.sliceString(0, inserted.length, lineBreak)
    at = offsetOf(before, toA, lineBreak)
  })
  return text + was.slice(at)
}

/** Where a place of the document is in its text: the document counts every line break as one. */
function offsetOf(doc: Text, position: number, lineBreak: LineBreak): number {
  return lineBreak.length === 1 ? position : position + doc.lineAt(position).number - 1
}

/** Where a place of the text is in its document; its end for what is beyond. Between CR and LF is the end of that line. */
export function positionOf(doc: Text, offset: number, lineBreak: LineBreak): number {
  if (lineBreak.length === 1) return Math.min(offset, doc.length)
  // The last line that begins at or before it.
  let [low, high] = [1, doc.lines]
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if (doc.line(middle).from + middle - 1 <= offset) low = middle
    else high = middle - 1
  }
  return Math.min(offset - (low - 1), doc.line(low).to)
}
