/**
 * Text as synced rows may hold it. A *line* is a name or a label: it is shown in lists, menus and terminals, so it has no
 * control characters, no line breaks and none of Unicode's bidirectional controls, which would let a name look like another.
 */

/** In both JavaScript's and Postgres's regular expressions; NUL, which Postgres cannot store, is refused before. */
const UNSAFE = [
  ['\u0001', '\u001f'],
  ['\u007f', '\u009f'],
  ['\u061c', '\u061c'],
  ['\u200e', '\u200f'],
  ['\u2028', '\u202e'],
  ['\u2066', '\u2069'],
] as const

const escaped = (char: string): string => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`

/** A class of a regular expression, for SQL: what no line may hold. */
export const UNSAFE_IN_LINES = `[${UNSAFE.map(([first, last]) =>
  first === last ? escaped(first) : `${escaped(first)}-${escaped(last)}`,
).join('')}]`

const unsafe = new RegExp(UNSAFE_IN_LINES)
const breaks = /[\u0001-\u001f\u007f-\u009f\u2028\u2029]+/g
const invisible = new RegExp(UNSAFE_IN_LINES, 'g')

export const isLine = (text: string): boolean => !unsafe.test(text)

/** The text as a line: control characters and line breaks become one space, bidirectional controls go. */
export const plainLine = (text: string): string =>
  unsafe.test(text) ? text.replace(breaks, ' ').replace(invisible, '').trim() : text

/** Well-formed (no lone surrogate) and without NUL: what every store of ours takes and gives back unchanged. */
export const isStorable = (text: string): boolean => !text.includes('\u0000') && text.isWellFormed()

/** Whether the text has at most `most` bytes of UTF-8. */
export function fitsBytes(text: string, most: number): boolean {
  if (text.length * 3 <= most) return true
  return text.length <= most && utf8Bytes(text) <= most
}

export function utf8Bytes(text: string): number {
  let bytes = 0
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    // A surrogate pair is two units of two bytes each here, four in all.
    bytes += code < 0x80 ? 1 : code < 0x800 || (code >= 0xd800 && code <= 0xdfff) ? 2 : 3
  }
  return bytes
}
