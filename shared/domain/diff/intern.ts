/** Lines as small integers: equal lines have equal numbers, on both sides. */

import { internBytes, linesOfBytes } from './line-table.ts'

export type Interned = {
  a: Int32Array
  b: Int32Array
  /** One more than the greatest number. */
  symbols: number
}

/** The numbers of the lines of two texts, and the offset at which each line begins, with the text's length at the end. */
export type InternedTexts = Interned & { aStarts: Int32Array; bStarts: Int32Array }

export function internLines(a: readonly string[], b: readonly string[], ignoreWhitespace: boolean): Interned {
  const ids = new Map<string, number>()
  const intern = (lines: readonly string[]) => {
    const symbols = new Int32Array(lines.length)
    for (let i = 0; i < lines.length; i++) {
      const line = lines[i] ?? ''
      const key = ignoreWhitespace ? withoutSpaceDifferences(line) : line
      let id = ids.get(key)
      if (id === undefined) {
        id = ids.size
        ids.set(key, id)
      }
      symbols[i] = id
    }
    return symbols
  }
  const left = intern(a)
  const right = intern(b)
  return { a: left, b: right, symbols: ids.size }
}

/** The line without white space at its ends and with one space for every run inside. */
const withoutSpaceDifferences = (line: string): string => line.replace(/\s+/g, ' ').trim()

/** As `internLines(splitLines(a), splitLines(b))`, without making a string a line. */
export function internTexts(a: string, b: string): InternedTexts {
  // Half a surrogate pair has no UTF-8, so different texts could have the same bytes.
  const wellFormed = a.isWellFormed() && b.isWellFormed()
  const left = wellFormed ? linesOfBytes(a) : undefined
  const right = wellFormed ? linesOfBytes(b) : undefined
  const interned = left && right && internBytes(left, right)
  if (!interned) {
    const slowly = internLines(splitLines(a), splitLines(b), false)
    return { ...slowly, aStarts: lineStarts(a), bStarts: lineStarts(b) }
  }
  // In ASCII, offsets of bytes are offsets of the text.
  return {
    ...interned,
    aStarts: left.size === a.length ? left.starts : lineStarts(a),
    bStarts: right.size === b.length ? right.starts : lineStarts(b),
  }
}

/**
 * The lines of a text, each with its own line end, so `splitLines(t).join('') === t` always: CRLF and LF lines differ, and
 * a last line without a newline differs from one with it. Only LF ends a line (as in git); '' has no lines.
 */
export function splitLines(text: string): string[] {
  const lines: string[] = []
  let from = 0
  for (let to = text.indexOf('\n'); to >= 0; to = text.indexOf('\n', from)) {
    lines.push(text.slice(from, to + 1))
    from = to + 1
  }
  if (from < text.length) lines.push(text.slice(from))
  return lines
}

/** Where each line begins, and the length of the text; `[0]` for ''. */
export function lineStarts(text: string): Int32Array {
  let starts = new Int32Array(64 + (text.length >> 5))
  let count = 0
  for (let from = 0; from < text.length; ) {
    if (count + 2 > starts.length) {
      const larger = new Int32Array(starts.length * 2)
      larger.set(starts)
      starts = larger
    }
    starts[count++] = from
    const end = text.indexOf('\n', from)
    from = end < 0 ? text.length : end + 1
  }
  starts[count] = text.length
  return starts.subarray(0, count + 1)
}
