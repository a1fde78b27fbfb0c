/** One changed stretch of lines, made from its lines' numbers. */

import { type ChangeKind, kindOf } from './classify.ts'
import type { Span } from './lines.ts'
import type { CharRange } from './words.ts'

/**
 * One changed stretch of whole lines: UTF-16 offsets and 0-based line numbers, both half-open. Two changes may touch when
 * a moved block or a re-wrapped paragraph was cut out of a larger one.
 */
export type Change = {
  aFrom: number
  aTo: number
  bFrom: number
  bTo: number
  aLine: number
  aLineEnd: number
  bLine: number
  bLineEnd: number
  /** What changed inside, in offsets of the whole texts; empty where one side is empty or words were not asked for. */
  inner: CharRange[]
  kind: ChangeKind
  /** The id of the `Move` of which this is one end: all of this change's lines, on its only side. */
  moved?: number
}

/** A moved block: UTF-16 offsets and 0-based lines on both sides, half-open. */
export type Move = {
  id: number
  aFrom: number
  aTo: number
  bFrom: number
  bTo: number
  aLine: number
  aLineEnd: number
  bLine: number
  bLineEnd: number
  /** Whether the text of the block changed as well; `inner` then says what. */
  edited: boolean
  inner: CharRange[]
}

/** Two texts and the offset of each line, with the text's length at the end. */
export type TextPair = {
  a: string
  b: string
  aStarts: Int32Array
  bStarts: Int32Array
  /** Whether a line break at this offset of a is no more than a space. */
  flowsAt: (aOffset: number) => boolean
}

/** The change of the lines of `span`, its words not looked at yet. */
export function changeOf(span: Span, { a, b, aStarts, bStarts, flowsAt }: TextPair): Change {
  const aFrom = aStarts[span.aStart] ?? 0
  const aTo = aStarts[span.aEnd] ?? 0
  const bFrom = bStarts[span.bStart] ?? 0
  const bTo = bStarts[span.bEnd] ?? 0
  const kind = kindOf(a.slice(aFrom, aTo), b.slice(bFrom, bTo))
  return {
    aFrom,
    aTo,
    bFrom,
    bTo,
    aLine: span.aStart,
    aLineEnd: span.aEnd,
    bLine: span.bStart,
    bLineEnd: span.bEnd,
    inner: [],
    kind: kind === 'rewrapped' && !flowsAt(aFrom) ? 'changed' : kind,
  }
}
