/**
 * Bytes to text, and cheap measures of text. Everything here is linear and safe on each keystroke.
 */

export type DecodedText =
  | { kind: 'text'; text: string; bom: boolean }
  | { kind: 'binary' }
  /** `offset`: where in the bytes the first invalid UTF-8 sequence starts. */
  | { kind: 'not-utf8'; offset: number }

/** A text file may hold a stray control character (form feed, escape codes in a log); beyond this share it is binary. */
const CONTROL_SHARE = 0.02

/**
 * Decodes UTF-8 strictly. NUL, or more than 2% control characters, is binary; invalid UTF-8 is told with its offset.
 * A byte order mark stays in `text` (as U+FEFF), so that encoding `text` again gives the same bytes.
 */
export function decodeText(bytes: Uint8Array): DecodedText {
  if (looksBinary(bytes)) return { kind: 'binary' }
  const bom = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf
  try {
    return { kind: 'text', text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes), bom }
  } catch {
    return { kind: 'not-utf8', offset: firstInvalidUtf8(bytes) }
  }
}

function looksBinary(bytes: Uint8Array): boolean {
  if (bytes.includes(0)) return true
  let controls = 0
  // By index: an iterator takes five times as long.
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0
    // Tab, line feed, form feed, carriage return and escape belong to text.
    if (byte < 0x20 && byte !== 9 && byte !== 10 && byte !== 12 && byte !== 13 && byte !== 27) controls++
  }
  return controls > bytes.length * CONTROL_SHARE
}

/** The offset of the first byte that is not part of well-formed UTF-8 (Unicode 16, table 3-7), or the length. */
function firstInvalidUtf8(bytes: Uint8Array): number {
  let at = 0
  while (at < bytes.length) {
    const length = sequenceLength(bytes, at)
    if (length === 0) return at
    at += length
  }
  return at
}

function sequenceLength(bytes: Uint8Array, at: number): number {
  const lead = bytes[at] ?? 0
  if (lead < 0x80) return 1
  const second = bytes[at + 1] ?? 0
  const tail = (offset: number) => ((bytes[at + offset] ?? 0) & 0xc0) === 0x80
  if (lead >= 0xc2 && lead <= 0xdf) return tail(1) ? 2 : 0
  if (lead >= 0xe0 && lead <= 0xef) {
    const low = lead === 0xe0 ? 0xa0 : 0x80
    const high = lead === 0xed ? 0x9f : 0xbf
    return second >= low && second <= high && tail(2) ? 3 : 0
  }
  if (lead >= 0xf0 && lead <= 0xf4) {
    const low = lead === 0xf0 ? 0x90 : 0x80
    const high = lead === 0xf4 ? 0x8f : 0xbf
    return second >= low && second <= high && tail(2) && tail(3) ? 4 : 0
  }
  return 0
}

/** Length in Unicode code points: what the specification's limits count. */
export function codePoints(text: string): number {
  let count = 0
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code >= 0xd800 && code <= 0xdbff) {
      const next = text.charCodeAt(i + 1)
      if (next >= 0xdc00 && next <= 0xdfff) i++
    }
    count++
  }
  return count
}

/**
 * Gives line and column of offsets, both from 1; columns count UTF-16 units, as editors do. Line breaks are found once,
 * up to the offset `until`, so that asking for many places stays cheap.
 */
export function positionsIn(text: string, until = text.length): (offset: number) => { line: number; column: number } {
  const starts = [0]
  for (let at = text.indexOf('\n'); at !== -1 && at < until; at = text.indexOf('\n', at + 1)) starts.push(at + 1)
  return offset => {
    let low = 0
    let high = starts.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if ((starts[middle] ?? 0) <= offset) low = middle
      else high = middle - 1
    }
    return { line: low + 1, column: offset - (starts[low] ?? 0) + 1 }
  }
}

/** Lines as an editor numbers them; a last line break ends a line and starts none. Empty text has none. */
export function countLines(text: string): number {
  if (text === '') return 0
  let lines = text.endsWith('\n') ? 0 : 1
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) lines++
  return lines
}

/** 1093 → '1,093': figures in sentences look the same on every machine. */
export const figure = (n: number): string => String(Math.round(n)).replace(/\B(?=(\d{3})+(?!\d))/g, ',')

/** What one run of a kind of character costs in tokens: its first, each further one, each from the eighth on. */
const RUN_COST = {
  letter: [1.07, 0, 0.027],
  digit: [1.45, 0.48, 0.48],
  mark: [0.86, 0.22, 0.22],
  break: [0.61, 0, 0],
  blank: [0, 0.1, 0.01],
  other: [0.52, 0.52, 0.52],
} as const
/** 'camelCase' is two words in one run. */
const HUMP_COST = 0.58

/**
 * About how many tokens a text has, without a tokenizer: one pass, a millisecond for 100 kB. The costs are a least-squares fit to
 * o200k on 668 public SKILL.md files; nine in ten come within 6% (see tokens.ts for the count). '≈' on screen.
 */
export function estimateTokens(text: string): number {
  let tokens = 0
  let run = 0
  let before: keyof typeof RUN_COST | undefined
  let lower = false
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    const kind = kindOf(code)
    run = kind === before ? run + 1 : 1
    tokens += RUN_COST[kind][run === 1 ? 0 : run < 8 ? 1 : 2]
    const isLower = code >= 97 && code <= 122
    if (kind === 'letter' && lower && !isLower) tokens += HUMP_COST
    lower = isLower
    before = kind
  }
  return Math.ceil(tokens)
}

function kindOf(code: number): keyof typeof RUN_COST {
  if (code >= 0x80) return 'other'
  if ((code >= 97 && code <= 122) || (code >= 65 && code <= 90)) return 'letter'
  if (code === 32 || code === 9) return 'blank'
  if (code === 10 || code === 13) return 'break'
  return code >= 48 && code <= 57 ? 'digit' : 'mark'
}
