import type { MergePiece } from '../../shared/domain/merge.ts'

/** Where some text of the result comes from; `same` is unchanged on both sides. */
export type From = 'same' | 'left' | 'right' | 'both'
export type Segment = { from: From; text: string }

/** A merged text as it is shown: whole lines of one origin, lines put together by words, and conflicts. */
export type Block =
  | { kind: 'lines'; from: From; text: string; count: number }
  | { kind: 'mixed'; segments: Segment[] }
  /** Something was deleted here. */
  | { kind: 'removed'; from: From }
  | { kind: 'conflict'; index: number; base: string; left: string; right: string }

type Line = { segments: Segment[] }

/** Pieces need not be whole lines; blocks are. */
export function blocksOf(pieces: readonly MergePiece[]): Block[] {
  const blocks: Block[] = []
  let line: Line = { segments: [] }
  let conflicts = 0
  const endLine = () => {
    if (line.segments.length > 0) addLine(blocks, line)
    line = { segments: [] }
  }
  for (const piece of pieces) {
    if (piece.kind === 'conflict') {
      endLine()
      const { base, left, right } = piece
      blocks.push({ kind: 'conflict', index: conflicts, base, left, right })
      conflicts += 1
    } else if (piece.text === '') {
      // In the middle of a line the words around it tell; between lines there would be nothing to see.
      if (line.segments.length === 0) blocks.push({ kind: 'removed', from: piece.kind })
    } else {
      for (const part of piece.text.match(/[^\n]*\n|[^\n]+$/g) ?? []) {
        line.segments.push({ from: piece.kind, text: part })
        if (part.endsWith('\n')) endLine()
      }
    }
  }
  endLine()
  return blocks
}

function addLine(blocks: Block[], { segments }: Line): void {
  const [first] = segments
  if (!first) return
  const last = blocks.at(-1)
  if (segments.some(segment => segment.from !== first.from)) {
    if (last?.kind === 'mixed') last.segments.push(...segments)
    else blocks.push({ kind: 'mixed', segments })
    return
  }
  const text = segments.map(segment => segment.text).join('')
  if (last?.kind === 'lines' && last.from === first.from) {
    last.text += text
    last.count += 1
  } else blocks.push({ kind: 'lines', from: first.from, text, count: 1 })
}

/** Unchanged lines left standing beside a change. */
export const CONTEXT = 3

/** An unchanged stretch without its middle; undefined where nothing would be gained. */
export function foldOf(
  block: Extract<Block, { kind: 'lines' }>,
  place: { first: boolean; last: boolean },
): { head: string; hidden: number; tail: string } | undefined {
  const before = place.first ? 0 : CONTEXT
  const after = place.last ? 0 : CONTEXT
  const hidden = block.count - before - after
  if (block.from !== 'same' || hidden < 3) return undefined
  const lines = block.text.match(/[^\n]*\n|[^\n]+$/g) ?? []
  return {
    head: lines.slice(0, before).join(''),
    hidden,
    tail: lines.slice(lines.length - after).join(''),
  }
}
