/**
 * Numbers the lines of two texts by their UTF-8 bytes, four at a time: finding the line ends, hashing and comparing in one
 * pass each. On large files this is most of what a diff costs.
 */

/** The bytes of a text and where each line begins in them, with their size at the end. */
export type ByteLines = { bytes: DataView; size: number; starts: Int32Array; hashes: Int32Array }

const LINE_ENDS = 0x0a0a0a0a

/** The lines of a well-formed text with their hashes. */
export function linesOfBytes(text: string): ByteLines {
  const { bytes, size } = encode(text)
  let starts = new Int32Array(64 + (size >> 5))
  let hashes = new Int32Array(starts.length)
  let count = 0
  for (let at = 0; at < size; count++) {
    if (count + 2 > starts.length) {
      starts = doubled(starts)
      hashes = doubled(hashes)
    }
    starts[count] = at
    let hash = 0
    let end = -1
    // The last word of the text may reach into the zeros after it; what a line's hash is must not depend on that.
    for (; at < size; at += 4) {
      const word = bytes.getInt32(at, true)
      // The high bit of each byte that is a line end; the lowest of them is right, and only it is used.
      const zeros = word ^ LINE_ENDS
      const found = (zeros - 0x01010101) & ~zeros & 0x80808080
      if (found !== 0) {
        const kept = (31 - Math.clz32(found & -found)) >> 3
        hash = Math.imul(hash ^ (word & ~(-2 << (kept * 8 + 7))), 0x2c1b3c6d)
        end = at + kept + 1
        break
      }
      hash = Math.imul(hash ^ word, 0x2c1b3c6d)
      hash ^= hash >>> 15
    }
    at = end < 0 ? size : end
    hash = Math.imul(hash ^ (hash >>> 15), 0x297a2d39)
    hashes[count] = hash ^ (hash >>> 13)
  }
  starts[count] = size
  return { bytes, size, starts: starts.subarray(0, count + 1), hashes }
}

/** UTF-8 with four zeros after it. */
function encode(text: string): { bytes: DataView; size: number } {
  const encoder = new TextEncoder()
  let buffer = new Uint8Array(text.length + 4)
  let result = encoder.encodeInto(text, buffer.subarray(0, -4))
  if (result.read < text.length) {
    buffer = new Uint8Array(text.length * 3 + 4)
    result = encoder.encodeInto(text, buffer.subarray(0, -4))
  }
  return { bytes: new DataView(buffer.buffer), size: result.written }
}

function doubled(array: Int32Array): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(array.length * 2)
  larger.set(array)
  return larger
}

/** Equal numbers for equal lines. Undefined when the lines were made to have equal hashes, which would take for ever. */
export function internBytes(
  left: ByteLines,
  right: ByteLines,
): { a: Int32Array; b: Int32Array; symbols: number } | undefined {
  const table = new LineTable(left, right)
  const a = table.internA()
  const b = table.internB(a)
  return table.probes < 0 ? undefined : { a, b, symbols: table.symbols }
}

/** A hash table, open-addressed, two integers a slot: the line's number + 1 and its whole hash. */
class LineTable {
  private readonly left: ByteLines
  private readonly right: ByteLines
  private readonly slots: Int32Array
  private readonly mask: number
  /** By number: the line that had it first, as i for a's and ~j for b's. */
  private readonly firsts: Int32Array
  symbols = 0
  /** Slots that may yet be looked at in vain; an honest text needs less than one a line. */
  probes: number

  constructor(left: ByteLines, right: ByteLines) {
    this.left = left
    this.right = right
    const lines = left.starts.length + right.starts.length
    let size = 16
    while (size < lines * 1.3) size *= 2
    this.slots = new Int32Array(size * 2)
    this.mask = size - 1
    this.firsts = new Int32Array(lines)
    this.probes = 16 * lines + 1_000
  }

  internA(): Int32Array {
    const ids = new Int32Array(this.left.starts.length - 1)
    for (let i = 0; i < ids.length; i++) ids[i] = this.lookUp(this.left, i, i)
    return ids
  }

  /** Most lines of b follow the same line as in a, so the two next ones of a are compared before the table is asked. */
  internB(aIds: Int32Array): Int32Array {
    const { left, right, firsts } = this
    const ids = new Int32Array(right.starts.length - 1)
    let next = 0
    for (let j = 0; j < ids.length; j++) {
      if (next < aIds.length && sameLine(left, next, right, j)) ids[j] = aIds[next++] ?? 0
      else if (next + 1 < aIds.length && sameLine(left, next + 1, right, j)) {
        ids[j] = aIds[next + 1] ?? 0
        next += 2
      } else {
        const known = this.symbols
        const id = this.lookUp(right, j, ~j)
        const first = firsts[id] ?? 0
        ids[j] = id
        // A short line stands in many places and says little about where we are.
        if (id < known && first >= 0 && lengthOf(right, j) > 8) next = first + 1
      }
    }
    return ids
  }

  private lookUp(side: ByteLines, line: number, place: number): number {
    const { slots, mask } = this
    const hash = side.hashes[line] ?? 0
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const id = (slots[slot * 2] ?? 0) - 1
      if (id < 0) {
        slots[slot * 2] = this.symbols + 1
        slots[slot * 2 + 1] = hash
        this.firsts[this.symbols] = place
        return this.symbols++
      }
      if (slots[slot * 2 + 1] === hash) {
        const first = this.firsts[id] ?? 0
        if (first < 0 ? sameLine(this.right, ~first, side, line) : sameLine(this.left, first, side, line)) return id
      }
      if (--this.probes < 0) return 0
    }
  }
}

const lengthOf = ({ starts }: ByteLines, line: number): number => (starts[line + 1] ?? 0) - (starts[line] ?? 0)

function sameLine(one: ByteLines, oneLine: number, other: ByteLines, otherLine: number): boolean {
  if (one.hashes[oneLine] !== other.hashes[otherLine]) return false
  const length = lengthOf(one, oneLine)
  if (length !== lengthOf(other, otherLine)) return false
  const p = one.starts[oneLine] ?? 0
  const q = other.starts[otherLine] ?? 0
  let at = 0
  for (; at + 4 <= length; at += 4)
    if (one.bytes.getInt32(p + at, true) !== other.bytes.getInt32(q + at, true)) return false
  for (; at < length; at++) if (one.bytes.getUint8(p + at) !== other.bytes.getUint8(q + at)) return false
  return true
}
