/** Takes re-wrapped paragraphs out of larger changes: beside an insertion they have still only been wrapped. */

import { align } from './align.ts'
import { type Change, changeOf, type TextPair } from './change.ts'
import { type Paragraph, paragraphsOf } from './classify.ts'
import type { Deadline } from './deadline.ts'
import { internLines } from './intern.ts'
import type { Span } from './lines.ts'

/** Lines on either side beyond which a change is not looked into. */
const MAX_LINES = 500

/** The same changes, those with re-wrapped paragraphs in them cut into several that touch. */
export const cutRewrapped = (changes: readonly Change[], texts: TextPair, deadline: Deadline): Change[] =>
  changes.flatMap(change => {
    const lines = Math.max(change.aLineEnd - change.aLine, change.bLineEnd - change.bLine)
    if (change.kind !== 'changed' || lines < 2 || lines > MAX_LINES || deadline.expired()) return change
    const wrapped = rewrappedIn(change, texts, deadline)
    return wrapped.length === 0 ? change : cutAt(change, wrapped, texts)
  })

/** Paragraphs of both sides with the same words on other lines, in order. */
function rewrappedIn(change: Change, texts: TextPair, deadline: Deadline): Span[] {
  const a = paragraphsIn(texts.a, texts.aStarts, change.aLine, change.aLineEnd)
  const b = paragraphsIn(texts.b, texts.bStarts, change.bLine, change.bLineEnd)
  if (![...a, ...b].some(paragraph => paragraph.to - paragraph.from > 1)) return []
  const words = (paragraphs: readonly Paragraph[]) => paragraphs.map(paragraph => paragraph.words)
  const interned = internLines(words(a), words(b), false)
  const marks = align(interned.a, interned.b, interned.symbols, deadline)
  const found: Span[] = []
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    if (marks.a[i] === 1) i++
    else if (marks.b[j] === 1) j++
    else {
      const [one, other] = [a[i++], b[j++]]
      if (!one || !other || one.words === '' || Math.max(one.to - one.from, other.to - other.from) < 2) continue
      const span = { aStart: one.from, aEnd: one.to, bStart: other.from, bEnd: other.to }
      if (changeOf(span, texts).kind === 'rewrapped') found.push(span)
    }
  }
  return found
}

function paragraphsIn(text: string, starts: Int32Array, from: number, to: number): Paragraph[] {
  const lines = Array.from({ length: to - from }, (_, at) => text.slice(starts[from + at], starts[from + at + 1]))
  return paragraphsOf(lines).map(({ words, ...place }) => ({ words, from: place.from + from, to: place.to + from }))
}

function cutAt(change: Change, spans: readonly Span[], texts: TextPair): Change[] {
  const parts: Change[] = []
  let [aStart, bStart] = [change.aLine, change.bLine]
  const end = { aStart: change.aLineEnd, aEnd: change.aLineEnd, bStart: change.bLineEnd, bEnd: change.bLineEnd }
  for (const span of [...spans, end]) {
    if (aStart < span.aStart || bStart < span.bStart)
      parts.push(changeOf({ aStart, aEnd: span.aStart, bStart, bEnd: span.bStart }, texts))
    if (span !== end) parts.push(changeOf(span, texts))
    ;[aStart, bStart] = [span.aEnd, span.bEnd]
  }
  return parts
}
