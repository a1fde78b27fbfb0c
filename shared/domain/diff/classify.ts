/** What kind of change a changed stretch is. */

export type ChangeKind = 'changed' | 'inserted' | 'deleted' | 'whitespace' | 'rewrapped'

/** Beyond this many UTF-16 units a stretch is not looked at: nobody re-wraps that much at once. */
const MAX_UNITS = 100_000

/** The kind of the change from the lines `a` to the lines `b`. */
export function kindOf(a: string, b: string): ChangeKind {
  if (a === '') return 'inserted'
  if (b === '') return 'deleted'
  if (a.length > MAX_UNITS || b.length > MAX_UNITS) return 'changed'
  if (!sameBesidesSpace(a, b)) return 'changed'
  if (sameLinesBesidesSpace(a, b)) return 'whitespace'
  return sameParagraphs(a, b) ? 'rewrapped' : 'changed'
}

const isSpace = (code: number): boolean => code === 0x20 || (code >= 0x09 && code <= 0x0d) || code === 0xa0

/** Quick refusal: the same characters when white space and quote signs are left out. */
function sameBesidesSpace(a: string, b: string): boolean {
  const skip = (text: string, from: number): number => {
    let at = from
    while (at < text.length && (isSpace(text.charCodeAt(at)) || text.charCodeAt(at) === 0x3e)) at++
    return at
  }
  let i = skip(a, 0)
  let j = skip(b, 0)
  while (i < a.length && j < b.length) {
    if (a.charCodeAt(i) !== b.charCodeAt(j)) return false
    i = skip(a, i + 1)
    j = skip(b, j + 1)
  }
  return i === a.length && j === b.length
}

function sameLinesBesidesSpace(a: string, b: string): boolean {
  const words = (text: string) =>
    text
      .split('\n')
      .map(line => line.trim().replace(/\s+/g, ' '))
      .filter(line => line !== '')
      .join('\n')
  return words(a) === words(b)
}

/** Re-wrapped: the same words in the same paragraphs, broken into lines elsewhere. */
const sameParagraphs = (a: string, b: string): boolean => flowed(a) === flowed(b)

const flowed = (text: string): string =>
  paragraphsOf(text.split('\n'))
    .flatMap(({ words }) => (words === '' ? [] : words))
    .join('\n')

/** Lines, half-open, that Markdown reads as one; `words` is what it reads, with its depth of quotation, '' of a blank line. */
export type Paragraph = { from: number; to: number; words: string }

/**
 * Lines put together wherever Markdown reads the break between two as a space. Breaks that mean something stay: blank
 * lines, headings, list items, tables, fences, hard breaks, and a change of quotation depth.
 */
export function paragraphsOf(lines: readonly string[]): Paragraph[] {
  const paragraphs: Paragraph[] = []
  let quote = ''
  let open = false
  lines.forEach((line, at) => {
    const mark = /^(?:\s*>)*/.exec(line)?.[0] ?? ''
    const depth = mark.replace(/\s/g, '')
    const content = line.slice(mark.length).trim().replace(/\s+/g, ' ')
    const starts =
      content === '' || depth !== quote || /^(?:#{1,6} |[-*+] |\d{1,9}[.)] |\||```|~~~|---|===)/.test(content)
    const last = paragraphs.at(-1)
    if (last && open && !starts) {
      last.words += ` ${content}`
      last.to = at + 1
    } else paragraphs.push({ from: at, to: at + 1, words: `${depth}${content}` })
    quote = depth
    open = content !== '' && !/^(?:#{1,6} |\||```|~~~|---|===)/.test(content) && !/(?: {2}|\\)\r?\n?$/.test(line)
  })
  return paragraphs
}
