import { count, formatNumber } from '../../ui/format.ts'
import { COMPARE_BOUNDS, type Compared } from './compared.ts'
import type { Model } from './model.ts'
import type { TextSide } from './text-diff.tsx'

/** What is true of the comparison as a whole and cannot be seen in its lines. */
export function facts(left: TextSide, right: TextSide, compared: Compared, quiet: boolean): string[] {
  const { model, hitTimeout, coarse, cut } = compared
  const notes: string[] = []
  if (left.text === undefined) notes.push(`Not in ${left.name}: everything here was added.`)
  if (right.text === undefined) notes.push(`Not in ${right.name}: everything here was removed.`)
  if (left.text === undefined || right.text === undefined) return notes
  const hidden = model.changes.length - model.shown.length
  if (left.text === right.text) notes.push('Both sides are the same, byte for byte.')
  else if (model.shown.length === 0 && !cut)
    notes.push(
      model.changes.length === 0 && !quiet
        ? 'Only the line breaks differ.'
        : 'Only white space, wrapping or line breaks differ, and those are hidden.',
    )
  else if (hidden > 0) notes.push(`${count(hidden, 'change')} of white space or wrapping alone: hidden.`)
  const [a, b] = [breaksOf(left.text), breaksOf(right.text)]
  if (a !== b && a !== 'none' && b !== 'none') notes.push(`Line breaks: ${a} → ${b}.`)
  const [endA, endB] = [endsWithBreak(left.text), endsWithBreak(right.text)]
  if (endA !== endB)
    notes.push(endA ? `${right.name} ends without a line break.` : `${left.name} ends without a line break.`)
  if (cut) notes.push(`Compared up to line ${formatNumber(COMPARE_BOUNDS.lines)}.`)
  if (coarse) notes.push('Too many changes to show each.')
  if (hitTimeout) notes.push('Shown coarsely so far: these texts are long and differ much.')
  return notes
}

function breaksOf(text: string): 'none' | 'LF' | 'CRLF' | 'mixed' {
  if (!text.includes('\n')) return 'none'
  if (!text.includes('\r\n')) return 'LF'
  return /(?<!\r)\n/.test(text) ? 'mixed' : 'CRLF'
}

const endsWithBreak = (text: string): boolean => text === '' || text.endsWith('\n')

/** 'Change 3 of 17: 2 lines removed, 3 lines added' – the `at`th of those shown, from 0 – for those who listen. */
export function sayChange(model: Model, at: number): string {
  const change = model.changes[model.shown[at] ?? -1]
  if (!change) return ''
  const place = `Change ${at + 1} of ${model.shown.length}`
  const [removed, added] = [change.aLineEnd - change.aLine, change.bLineEnd - change.bLine]
  if (change.moved !== undefined) return `${place}: ${count(Math.max(removed, added), 'line')} moved`
  if (change.kind === 'whitespace') return `${place}: only white space differs`
  if (change.kind === 'rewrapped') return `${place}: re-wrapped, no word differs`
  const parts = [
    removed > 0 && `${count(removed, 'line')} removed`,
    added > 0 && `${count(added, 'line')} added`,
  ].filter(part => part !== false)
  const line = change.bLine + 1
  return `${place}: ${parts.join(', ')}, at line ${line}`
}
