/**
 * Where a change of whole lines reads best. Git's indent heuristic (M. Haggerty's weights, learned from hand-rated
 * diffs) and, for Markdown, what an author would call the beginning of something: a heading, a list item, a fence.
 */

import type { Judge } from './slide.ts'

const BLANK = -1
const MAX_INDENT = 200
const MAX_BLANKS = 20

const WEIGHT = {
  indent: 60,
  startOfFile: 1,
  endOfFile: 21,
  blanks: -30,
  afterBlank: 6,
  indented: -4,
  indentedWithBlank: 10,
  outdented: 24,
  outdentedWithBlank: 17,
  dedented: 23,
  dedentedWithBlank: 17,
  // Ours. A boundary before a heading is worth more than one before a blank line; before a list item a little.
  heading: -40,
  listItem: -14,
  fenceClose: 12,
} as const

/** The lines of one side: `lineAt(n)` for n in [0, count). */
type Lines = { lineAt: (at: number) => string; count: number }

/** Judges runs of the `count` lines that `lineAt` gives. */
export function lineJudge(lineAt: (at: number) => string, count: number): Judge {
  const lines = { lineAt, count }
  const indents = new Map<number, number>()
  const indentAt = (at: number): number => {
    let indent = indents.get(at)
    if (indent === undefined) {
      indent = indentOf(lineAt(at))
      indents.set(at, indent)
    }
    return indent
  }
  const boundary = (at: number) => boundaryScore(lines, at, indentAt)
  return (size, top, bottom) => {
    let best = bottom
    let bestScore = add(boundary(bottom - size), boundary(bottom))
    for (let end = bottom - 1; end >= top; end--) {
      const score = add(boundary(end - size), boundary(end))
      if (compare(score, bestScore) < 0) {
        best = end
        bestScore = score
      }
    }
    return best
  }
}

type Score = { indent: number; penalty: number }

const add = (a: Score, b: Score): Score => ({ indent: a.indent + b.indent, penalty: a.penalty + b.penalty })

/** Negative when `a` is the better place. Which is indented less counts, by how much does not. */
const compare = (a: Score, b: Score): number => WEIGHT.indent * Math.sign(a.indent - b.indent) + a.penalty - b.penalty

function boundaryScore(lines: Lines, at: number, indentAt: (at: number) => number): Score {
  const ended = at >= lines.count
  const indent = ended ? BLANK : indentAt(at)
  let before = 0
  let up = at - 1
  while (up >= 0 && indentAt(up) === BLANK && before < MAX_BLANKS) {
    before++
    up--
  }
  const beforeIndent = up >= 0 && before < MAX_BLANKS ? indentAt(up) : BLANK
  let after = 0
  let down = at + 1
  while (down < lines.count && indentAt(down) === BLANK && after < MAX_BLANKS) {
    after++
    down++
  }
  const afterIndent = down < lines.count && after < MAX_BLANKS ? indentAt(down) : BLANK
  let penalty = 0
  if (beforeIndent === BLANK && before === 0) penalty += WEIGHT.startOfFile
  if (ended) penalty += WEIGHT.endOfFile
  const here = indent === BLANK && !ended ? 1 + after : 0
  const blanks = before + here
  penalty += WEIGHT.blanks * blanks + WEIGHT.afterBlank * here
  const effective = indent === BLANK ? afterIndent : indent
  if (effective !== BLANK && beforeIndent !== BLANK)
    penalty += indentPenalty(effective, beforeIndent, afterIndent, blanks > 0)
  if (!ended) penalty += markPenalty(lines.lineAt(at))
  return { indent: effective === BLANK ? 0 : effective, penalty }
}

function indentPenalty(effective: number, before: number, after: number, withBlank: boolean): number {
  if (effective > before) return withBlank ? WEIGHT.indentedWithBlank : WEIGHT.indented
  if (effective === before) return 0
  // Less than the line before: an 'else' or closing brace if what follows is deeper again.
  if (after !== BLANK && after > effective) return withBlank ? WEIGHT.outdentedWithBlank : WEIGHT.outdented
  return withBlank ? WEIGHT.dedentedWithBlank : WEIGHT.dedented
}

function markPenalty(line: string): number {
  if (/^#{1,6}\s/.test(line)) return WEIGHT.heading
  if (/^\s*(?:[-*+]|\d{1,9}[.)])\s/.test(line)) return WEIGHT.listItem
  if (/^\s*(?:```|~~~)\s*$/.test(line)) return WEIGHT.fenceClose
  return 0
}

/** Columns of white space before the text, a tab reaching to the next multiple of 8; BLANK for an empty line. */
function indentOf(line: string): number {
  let column = 0
  for (let i = 0; i < line.length; i++) {
    const c = line.charCodeAt(i)
    if (c === 0x20) column++
    else if (c === 0x09) column += 8 - (column % 8)
    else if (c !== 0x0a && c !== 0x0d) return column
    if (column >= MAX_INDENT) return MAX_INDENT
  }
  return BLANK
}
