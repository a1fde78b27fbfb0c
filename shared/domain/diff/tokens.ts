/**
 * Text as words. ASCII and the plain letters of Latin, Greek and Cyrillic are cut by a table, because that is nearly all
 * there is and it is fast; a stretch between white space with anything else in it (combining marks, emoji, scripts
 * without spaces) is cut by `Intl.Segmenter`, so that nothing a person sees as one character is ever halved.
 */

const OTHER = 0
const WORD = 1
const SPACE = 2
const LINE_END = 3
/** Needs `Intl.Segmenter`. */
const COMPLEX = 4

const CLASS = classTable()

function classTable(): Uint8Array {
  const table = new Uint8Array(0x10000).fill(COMPLEX)
  const set = (from: number, to: number, kind: number) => table.fill(kind, from, to + 1)
  set(0x00, 0x7f, OTHER)
  set(0x30, 0x39, WORD)
  set(0x41, 0x5a, WORD)
  set(0x61, 0x7a, WORD)
  set(0x5f, 0x5f, WORD)
  for (const space of [0x09, 0x0b, 0x0c, 0x20, 0xa0]) table[space] = SPACE
  set(0x0a, 0x0a, LINE_END)
  set(0x0d, 0x0d, LINE_END)
  set(0xa1, 0xbf, OTHER)
  set(0xad, 0xad, COMPLEX)
  set(0xc0, 0x24f, WORD)
  table[0xd7] = OTHER
  table[0xf7] = OTHER
  set(0x388, 0x3ff, WORD)
  set(0x400, 0x481, WORD)
  set(0x48a, 0x52f, WORD)
  // Dashes, quotation marks, bullets, ellipsis, arrows, box drawing: single signs unless a selector follows.
  set(0x2010, 0x2027, OTHER)
  set(0x2030, 0x205e, OTHER)
  set(0x2190, 0x21ff, OTHER)
  set(0x2500, 0x259f, OTHER)
  return table
}

const classAt = (text: string, at: number): number => CLASS[text.charCodeAt(at)] ?? OTHER

/** True when every UTF-16 unit in the range is a character of its own. */
export function isSimple(text: string, from: number, to: number): boolean {
  for (let i = from; i < to; i++) if (classAt(text, i) === COMPLEX) return false
  return true
}

export const isSpaceAt = (text: string, at: number): boolean => {
  const kind = classAt(text, at)
  return kind === SPACE || kind === LINE_END
}

export const isWordAt = (text: string, at: number): boolean => {
  const kind = classAt(text, at)
  return kind === WORD || kind === COMPLEX
}

/** True where a word begins after white space, whatever came before. */
export const isWordStart = (text: string, at: number): boolean =>
  isSpaceAt(text, at - 1) && !isSpaceAt(text, at) && classAt(text, at) !== COMPLEX

/** A mark, skin tone or joiner: part of the character before it, even of a space. */
const JOINS_BEFORE = /^[\p{Grapheme_Extend}\p{M}\p{Emoji_Modifier}\u200d]/u

/** Words of one text: `starts[i]` to `starts[i + 1]` in UTF-16 offsets, equal words with equal `ids`. */
export type Tokens = { starts: Int32Array; ids: Int32Array; count: number }

/** Cuts stretches of two texts into words and numbers them; one interner serves all stretches of the pair. */
export class Tokenizer {
  private readonly texts: readonly [string, string]
  private slots = new Int32Array(1024)
  private hashes = new Int32Array(512)
  private places = new Int32Array(512)
  private lengths = new Int32Array(512)
  private sides = new Uint8Array(512)
  private starts = new Int32Array(256)
  private ids = new Int32Array(256)
  private count = 0
  /** By ASCII code: the id + 1 of the sign alone. Most words are single spaces. */
  private readonly signs = new Int32Array(128)
  /** One more than the greatest id so far. */
  symbols = 0

  constructor(aText: string, bText: string) {
    this.texts = [aText, bText]
  }

  tokenize(side: 0 | 1, from: number, to: number): Tokens {
    const text = this.texts[side]
    this.count = 0
    let at = from
    while (at < to) {
      const kind = classAt(text, at)
      if (kind === SPACE) {
        let end = at + 1
        while (end < to && classAt(text, end) === SPACE) end++
        this.push(side, text, at, end)
        at = end
      } else if (kind === LINE_END) {
        const end = text.charCodeAt(at) === 0x0d && at + 1 < to && text.charCodeAt(at + 1) === 0x0a ? at + 2 : at + 1
        this.push(side, text, at, end)
        at = end
      } else at = this.stretch(side, text, at, to)
    }
    const starts = this.starts.slice(0, this.count + 1)
    starts[this.count] = to
    return { starts, ids: this.ids.slice(0, this.count), count: this.count }
  }

  /** What stands between white space. Returns its end. */
  private stretch(side: 0 | 1, text: string, from: number, to: number): number {
    const before = this.count
    let at = from
    while (at < to) {
      const kind = classAt(text, at)
      if (kind === SPACE || kind === LINE_END) return at
      if (kind === COMPLEX) {
        this.count = before
        return this.segment(side, text, from, to)
      }
      let end = at + 1
      if (kind === WORD) while (end < to && classAt(text, end) === WORD) end++
      // A mark may follow: then the whole stretch is cut again.
      if (end < to && classAt(text, end) === COMPLEX) {
        this.count = before
        return this.segment(side, text, from, to)
      }
      this.push(side, text, at, end)
      at = end
    }
    return at
  }

  private segment(side: 0 | 1, text: string, from: number, to: number): number {
    let start = from
    // A mark straight after a space belongs to the space.
    if (this.count > 0 && classAt(text, from - 1) === SPACE && JOINS_BEFORE.test(text.slice(from, from + 2)))
      start = this.starts[--this.count] ?? from
    let end = from
    while (end < to && !isSpaceAt(text, end)) end++
    for (const { index, segment } of words().segment(text.slice(start, end)))
      this.push(side, text, start + index, start + index + segment.length)
    return end
  }

  private push(side: 0 | 1, text: string, from: number, to: number): void {
    if (this.count + 1 >= this.starts.length) {
      this.starts = grown(this.starts)
      this.ids = grown(this.ids)
    }
    this.starts[this.count] = from
    const code = text.charCodeAt(from)
    this.ids[this.count++] =
      to - from === 1 && code < 128 ? this.internSign(code, side, text, from) : this.intern(side, text, from, to)
  }

  private internSign(code: number, side: 0 | 1, text: string, from: number): number {
    const known = this.signs[code] ?? 0
    if (known > 0) return known - 1
    const id = this.intern(side, text, from, from + 1)
    this.signs[code] = id + 1
    return id
  }

  private intern(side: 0 | 1, text: string, from: number, to: number): number {
    let hash = to - from
    for (let i = from; i < to; i++) hash = (Math.imul(hash, 31) + text.charCodeAt(i)) | 0
    hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d)
    hash ^= hash >>> 12
    const mask = this.slots.length - 1
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const id = (this.slots[slot] ?? 0) - 1
      if (id < 0) return this.add(slot, hash, side, from, to)
      if (this.hashes[id] === hash && this.lengths[id] === to - from && this.same(id, text, from, to)) return id
    }
  }

  private same(id: number, text: string, from: number, to: number): boolean {
    const other = this.texts[this.sides[id] === 0 ? 0 : 1]
    const shift = (this.places[id] ?? 0) - from
    for (let i = from; i < to; i++) if (text.charCodeAt(i) !== other.charCodeAt(i + shift)) return false
    return true
  }

  private add(slot: number, hash: number, side: 0 | 1, from: number, to: number): number {
    const id = this.symbols++
    this.slots[slot] = id + 1
    this.hashes[id] = hash
    this.places[id] = from
    this.lengths[id] = to - from
    this.sides[id] = side
    if (this.symbols >= this.hashes.length) this.grow()
    return id
  }

  private grow(): void {
    this.hashes = grown(this.hashes)
    this.places = grown(this.places)
    this.lengths = grown(this.lengths)
    const sides = new Uint8Array(this.sides.length * 2)
    sides.set(this.sides)
    this.sides = sides
    this.slots = new Int32Array(this.slots.length * 2)
    const mask = this.slots.length - 1
    for (let id = 0; id < this.symbols; id++) {
      let slot = (this.hashes[id] ?? 0) & mask
      while (this.slots[slot] !== 0) slot = (slot + 1) & mask
      this.slots[slot] = id + 1
    }
  }
}

function grown(array: Int32Array): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(array.length * 2)
  larger.set(array)
  return larger
}

// Made on first use: most texts never need them, and making one takes a millisecond.
let wordSegmenter: Intl.Segmenter | undefined
let graphemeSegmenter: Intl.Segmenter | undefined

function words(): Intl.Segmenter {
  wordSegmenter ??= new Intl.Segmenter('en', { granularity: 'word' })
  return wordSegmenter
}

/** The offsets in `text` at which a character, as a person sees it, begins; its length included. */
export function characterStarts(text: string): Set<number> {
  graphemeSegmenter ??= new Intl.Segmenter('en', { granularity: 'grapheme' })
  const starts = new Set<number>([text.length])
  for (const { index } of graphemeSegmenter.segment(text)) starts.add(index)
  return starts
}
