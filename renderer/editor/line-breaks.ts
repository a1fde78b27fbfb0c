export type LineBreak = '\n' | '\r\n'

/**
 * How a file breaks its lines. CodeMirror normalises breaks unless told which one a file uses, and a skill's bytes must
 * come back as they were: a file with CRLF throughout is edited as such; in a mixed one only LF breaks lines and each
 * stray CR stays in the text, where it is shown.
 */
export function lineBreakOf(text: string): LineBreak {
  const first = text.indexOf('\n')
  if (first < 1 || text[first - 1] !== '\r') return '\n'
  return /(?<!\r)\n|\r(?!\n)/.test(text) ? '\n' : '\r\n'
}

/** The smallest replacement that turns one text into another; undefined when they are equal. */
export function smallestChange(was: string, now: string): { from: number; to: number; insert: string } | undefined {
  if (was === now) return undefined
  const shorter = Math.min(was.length, now.length)
  let from = 0
  while (from < shorter && was.charCodeAt(from) === now.charCodeAt(from)) from++
  let end = 0
  while (end < shorter - from && was.charCodeAt(was.length - 1 - end) === now.charCodeAt(now.length - 1 - end)) end++
  return { from, to: was.length - end, insert: now.slice(from, now.length - end) }
}
