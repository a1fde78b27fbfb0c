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
  let controls = 0
  for (const byte of bytes) {
    if (byte === 0) return true
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

/** Line and column of an offset, both from 1; columns count UTF-16 units, as editors do. */
export function positionAt(text: string, offset: number): { line: number; column: number } {
  let line = 1
  let lineStart = 0
  for (let at = text.indexOf('\n'); at !== -1 && at < offset; at = text.indexOf('\n', at + 1)) {
    line++
    lineStart = at + 1
  }
  return { line, column: offset - lineStart + 1 }
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

/**
 * About how many tokens a text has, without a tokenizer: linear and cheap, within a few per cent of o200k on SKILL.md
 * files (see tokens.ts for the count). An estimate: '≈' on screen.
 */
export function estimateTokens(text: string): number {
  let ascii = 0
  let other = 0
  for (let i = 0; i < text.length; i++) {
    if (text.charCodeAt(i) < 0x80) ascii++
    else other++
  }
  return Math.ceil(ascii / 4 + other * 0.8)
}
