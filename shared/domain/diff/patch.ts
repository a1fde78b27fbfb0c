/** Diffs as text that other tools read, and back: unified patches, applying, inverting. */

import type { Change } from './change.ts'
import { diffLinesOfTexts, type Span, splitLines } from './lines.ts'
import type { TextDiff } from './text.ts'

/** b, made from a and the changed stretches of b alone. */
export function applyDiff(a: string, b: string, diff: { changes: readonly Change[] }): string {
  let text = ''
  let at = 0
  for (const change of diff.changes) {
    text += a.slice(at, change.aFrom) + b.slice(change.bFrom, change.bTo)
    at = change.aTo
  }
  return text + a.slice(at)
}

/** The diff from b to a, given the one from a to b. */
export function invert(diff: TextDiff): TextDiff {
  return {
    ...diff,
    changes: diff.changes.map(change => ({
      ...swapped(change),
      kind: change.kind === 'inserted' ? 'deleted' : change.kind === 'deleted' ? 'inserted' : change.kind,
    })),
    moves: diff.moves.map(swapped),
    linesAdded: diff.linesRemoved,
    linesRemoved: diff.linesAdded,
  }
}

type Sided = Pick<Change, 'aFrom' | 'aTo' | 'bFrom' | 'bTo' | 'aLine' | 'aLineEnd' | 'bLine' | 'bLineEnd' | 'inner'>

const swapped = <T extends Sided>(one: T): T => ({
  ...one,
  aFrom: one.bFrom,
  aTo: one.bTo,
  bFrom: one.aFrom,
  bTo: one.aTo,
  aLine: one.bLine,
  aLineEnd: one.bLineEnd,
  bLine: one.aLine,
  bLineEnd: one.aLineEnd,
  inner: one.inner.map(({ aFrom, aTo, bFrom, bTo }) => ({ aFrom: bFrom, aTo: bTo, bFrom: aFrom, bTo: aTo })),
})

export type PatchOptions = {
  /** Names for the two header lines, as they shall stand there: 'a/SKILL.md', or '/dev/null'. */
  aName: string
  bName: string
  /** Unchanged lines around each change; 3 unless given. */
  context?: number
}

/** A unified diff as `patch` and `git apply` accept it; '' when the texts are equal. */
export function unifiedPatch(a: string, b: string, options: PatchOptions): string {
  const aLines = splitLines(a)
  const bLines = splitLines(b)
  const { hunks } = diffLinesOfTexts(a, b)
  if (hunks.length === 0) return ''
  const context = Math.max(0, options.context ?? 3)
  const parts = [`--- ${headerName(options.aName)}\n+++ ${headerName(options.bName)}\n`]
  for (const group of grouped(hunks, context)) parts.push(hunkText(group, aLines, bLines, context))
  return parts.join('')
}

/** Hunks whose contexts would touch belong in one. */
function grouped(hunks: readonly Span[], context: number): Span[][] {
  const groups: Span[][] = []
  for (const hunk of hunks) {
    const group = groups.at(-1)
    const last = group?.at(-1)
    if (group && last && hunk.aStart - last.aEnd <= 2 * context) group.push(hunk)
    else groups.push([hunk])
  }
  return groups
}

function hunkText(group: readonly Span[], aLines: readonly string[], bLines: readonly string[], context: number) {
  const first = group[0]
  const last = group.at(-1)
  if (!first || !last) return ''
  const lead = Math.min(context, first.aStart)
  const tail = Math.min(context, aLines.length - last.aEnd)
  const aStart = first.aStart - lead
  const bStart = first.bStart - lead
  const aCount = last.aEnd + tail - aStart
  const bCount = last.bEnd + tail - bStart
  let text = `@@ -${rangeText(aStart, aCount)} +${rangeText(bStart, bCount)} @@\n`
  let at = aStart
  for (const hunk of group) {
    for (; at < hunk.aStart; at++) text += lineText(' ', aLines[at] ?? '')
    for (; at < hunk.aEnd; at++) text += lineText('-', aLines[at] ?? '')
    for (let j = hunk.bStart; j < hunk.bEnd; j++) text += lineText('+', bLines[j] ?? '')
  }
  for (; at < last.aEnd + tail; at++) text += lineText(' ', aLines[at] ?? '')
  return text
}

/** Lines are counted from 1; an empty range names the line before it. */
const rangeText = (start: number, count: number): string =>
  count === 1 ? `${start + 1}` : `${count === 0 ? start : start + 1},${count}`

const lineText = (sign: string, line: string): string =>
  line.endsWith('\n') ? `${sign}${line}` : `${sign}${line}\n\\ No newline at end of file\n`

/** As git writes the names of a header: with a tab after one that has spaces. */
function headerName(name: string): string {
  const quoted = quotedName(name)
  return quoted === name && name.includes(' ') ? `${name}\t` : quoted
}

/** As git writes names: like a C string where there are control characters or quotes. */
export const quotedName = (name: string): string =>
  /[\u0000-\u001f"\\\u007f]/.test(name) ? `"${name.replace(/[\u0000-\u001f"\\\u007f]/g, escaped)}"` : name

const ESCAPES: Record<string, string> = { '\n': '\\n', '\t': '\\t', '\r': '\\r', '"': '\\"', '\\': '\\\\' }

const escaped = (character: string): string =>
  ESCAPES[character] ?? `\\${character.charCodeAt(0).toString(8).padStart(3, '0')}`
