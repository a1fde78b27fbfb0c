/** Blocks that were moved from one place to another, also when edited on the way. */

import type { Deadline } from './deadline.ts'
import type { Change } from './text.ts'
import type { CharRange } from './words.ts'

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

export type TextPair = {
  a: string
  b: string
  aStarts: Int32Array
  bStarts: Int32Array
}

/** Finds moved blocks among what was deleted and inserted; cuts the changes so that each end of a move is a change. */
export function findMoves(
  changes: Change[],
  _texts: TextPair,
  _deadline: Deadline,
): { changes: Change[]; moves: Move[] } {
  return { changes, moves: [] }
}
