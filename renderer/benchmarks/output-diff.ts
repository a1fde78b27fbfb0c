import { diffText } from '../../shared/domain/diff/text.ts'

export type Piece = { text: string; marked: boolean }
export type ShownLine = { number: number; pieces: Piece[]; changed: boolean }

/** Lines of two outputs with what differs in each marked, down to the words. Outputs are short; the budget is for the rest. */
export function diffOutputs(left: string, right: string): { left: ShownLine[]; right: ShownLine[] } {
  // Whether a model ended its last line is nothing to look at.
  const { changes } = diffText(`${left}\n`, `${right}\n`, { budgetMs: 200 })
  const side = (text: string, of: 'a' | 'b'): ShownLine[] => {
    const ranges = changes.map(change =>
      of === 'a'
        ? { from: change.aFrom, to: change.aTo, inner: change.inner.map(one => [one.aFrom, one.aTo] as const) }
        : { from: change.bFrom, to: change.bTo, inner: change.inner.map(one => [one.bFrom, one.bTo] as const) },
    )
    const marks = ranges.flatMap(range => range.inner).filter(([from, to]) => to > from)
    let from = 0
    return text.split('\n').map((line, place) => {
      const start = from
      from += line.length + 1
      const changed = ranges.some(
        range => range.to > range.from && start < range.to && start + line.length >= range.from && start >= range.from,
      )
      return { number: place + 1, changed, pieces: cut(line, start, marks) }
    })
  }
  return { left: side(left, 'a'), right: side(right, 'b') }
}

function cut(line: string, start: number, marks: readonly (readonly [number, number])[]): Piece[] {
  const pieces: Piece[] = []
  let at = 0
  for (const [from, to] of marks) {
    const [low, high] = [Math.max(at, from - start), Math.min(line.length, to - start)]
    if (high <= low) continue
    if (low > at) pieces.push({ text: line.slice(at, low), marked: false })
    pieces.push({ text: line.slice(low, high), marked: true })
    at = high
  }
  if (at < line.length || pieces.length === 0) pieces.push({ text: line.slice(at), marked: false })
  return pieces
}
