/**
 * Lines as small integers: equal lines have equal numbers, on both sides. For whole texts without making a string a
 * line: on large files the strings would cost more than the diff.
 */

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

/** As `internLines(splitLines(a), splitLines(b))`. */
export function internTexts(a: string, b: string): InternedTexts {
  const aStarts = lineStarts(a)
  const bStarts = lineStarts(b)
  const table = new LineTable(a, b, aStarts, bStarts)
  const left = table.internA()
  return { a: left, b: table.internB(left), symbols: table.symbols, aStarts, bStarts }
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

/** A hash table of lines, open-addressed, two integers a slot: the line's number + 1 and its whole hash. */
class LineTable {
  private readonly aText: string
  private readonly bText: string
  private readonly aStarts: Int32Array
  private readonly bStarts: Int32Array
  private readonly slots: Int32Array
  private readonly mask: number
  /** By number: the line that had it first, as i for a's and ~j for b's. */
  private readonly firsts: Int32Array
  symbols = 0

  constructor(aText: string, bText: string, aStarts: Int32Array, bStarts: Int32Array) {
    this.aText = aText
    this.bText = bText
    this.aStarts = aStarts
    this.bStarts = bStarts
    const lines = aStarts.length + bStarts.length
    let size = 16
    while (size < lines * 1.3) size *= 2
    this.slots = new Int32Array(size * 2)
    this.mask = size - 1
    this.firsts = new Int32Array(lines)
  }

  internA(): Int32Array {
    const { aText, aStarts } = this
    const ids = new Int32Array(aStarts.length - 1)
    for (let i = 0; i < ids.length; i++) ids[i] = this.lookUp(aText, aStarts[i] ?? 0, aStarts[i + 1] ?? 0, i)
    return ids
  }

  /**
   * Most lines of b follow the same line as in a, so the two next ones of a are compared before the table is asked.
   */
  internB(aIds: Int32Array): Int32Array {
    const { bText, bStarts, firsts } = this
    const ids = new Int32Array(bStarts.length - 1)
    let next = 0
    for (let j = 0; j < ids.length; j++) {
      const from = bStarts[j] ?? 0
      const to = bStarts[j + 1] ?? 0
      if (next < aIds.length && this.isLineOfA(next, from, to)) ids[j] = aIds[next++] ?? 0
      else if (next + 1 < aIds.length && this.isLineOfA(next + 1, from, to)) {
        ids[j] = aIds[next + 1] ?? 0
        next += 2
      } else {
        const known = this.symbols
        const id = this.lookUp(bText, from, to, ~j)
        ids[j] = id
        // A short line stands in many places and says little about where we are.
        if (id < known && to - from > 8 && (firsts[id] ?? 0) >= 0) next = (firsts[id] ?? 0) + 1
      }
    }
    return ids
  }

  private isLineOfA(line: number, from: number, to: number): boolean {
    const start = this.aStarts[line] ?? 0
    return (this.aStarts[line + 1] ?? 0) - start === to - from && sameText(this.aText, start, this.bText, from, to)
  }

  private lookUp(text: string, from: number, to: number, line: number): number {
    let hash = to - from
    for (let at = from; at < to; at++) hash = (Math.imul(hash, 31) + text.charCodeAt(at)) | 0
    hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d)
    hash ^= hash >>> 13
    const { slots, mask } = this
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const id = (slots[slot * 2] ?? 0) - 1
      if (id < 0) {
        slots[slot * 2] = this.symbols + 1
        slots[slot * 2 + 1] = hash
        this.firsts[this.symbols] = line
        return this.symbols++
      }
      if (slots[slot * 2 + 1] === hash && this.isLine(id, text, from, to)) return id
    }
  }

  private isLine(id: number, text: string, from: number, to: number): boolean {
    const first = this.firsts[id] ?? 0
    const starts = first < 0 ? this.bStarts : this.aStarts
    const line = first < 0 ? ~first : first
    const start = starts[line] ?? 0
    if ((starts[line + 1] ?? 0) - start !== to - from) return false
    return sameText(first < 0 ? this.bText : this.aText, start, text, from, to)
  }
}

function sameText(one: string, start: number, other: string, from: number, to: number): boolean {
  for (let at = from, shift = start - from; at < to; at++)
    if (other.charCodeAt(at) !== one.charCodeAt(at + shift)) return false
  return true
}
