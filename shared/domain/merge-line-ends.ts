/** Line ends in a merge: one fact about each text, so that a side that changed them all collides with nothing. */

import type { MergePiece } from './merge.ts'

export type LineEnd = 'LF' | 'CRLF'

/** How all lines of a text end; undefined where they end in different ways, `none` for a single line without an end. */
export function lineEndOf(text: string): LineEnd | 'none' | undefined {
  let crlf = 0
  let all = 0
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) {
    all++
    if (text.charCodeAt(at - 1) === 0x0d) crlf++
  }
  if (all === 0) return 'none'
  return crlf === all ? 'CRLF' : crlf === 0 ? 'LF' : undefined
}

/**
 * The line end of the merged text: what one side changed it to, or what all have. Undefined where there is nothing to
 * settle: all three end their lines alike, or one of them in different ways, so that its line ends are part of its text.
 */
export function mergedLineEnd(base: string, left: string, right: string): LineEnd | undefined {
  const [b, l, r] = [lineEndOf(base), lineEndOf(left), lineEndOf(right)]
  if (b === undefined || l === undefined || r === undefined) return undefined
  const ends = new Set([b, l, r].filter(end => end !== 'none'))
  if (ends.size < 2) return undefined
  // With a base of neither, the two sides differ and nobody can say which was meant.
  if (b === 'none') return undefined
  const changed = [l, r].find(end => end !== 'none' && end !== b)
  return changed === 'LF' || changed === 'CRLF' ? changed : undefined
}

export const withLf = (text: string): string => text.replaceAll('\r\n', '\n')

export function withLineEnd(pieces: readonly MergePiece[], lineEnd: LineEnd): MergePiece[] {
  const ended = (text: string) => (lineEnd === 'CRLF' ? withLf(text).replaceAll('\n', '\r\n') : text)
  return pieces.map(piece =>
    piece.kind === 'conflict'
      ? { ...piece, base: ended(piece.base), left: ended(piece.left), right: ended(piece.right) }
      : { ...piece, text: ended(piece.text) },
  )
}
