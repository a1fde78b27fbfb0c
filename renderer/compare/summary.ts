import type { Comparison } from '../../shared/contract/compare.ts'
import { count, signed } from '../ui/format.ts'

/** '4 files, description shortened by 212 characters, +340 tokens on trigger': the comparison in one line. */
export function summaryOf({ left, right, changes, fields }: Pick<Comparison, 'left' | 'right' | 'changes' | 'fields'>) {
  if (changes.length === 0) return 'Both sides are the same.'
  const parts = [count(changes.length, 'file')]
  for (const kind of ['added', 'removed', 'renamed'] as const) {
    const of = changes.filter(change => change.kind === kind).length
    if (of > 0) parts.push(`${of} ${kind}`)
  }
  const description = fields.find(field => field.key === 'description')
  if (description) parts.push(`description ${sayLength(description)}`)
  const others = fields.filter(field => field.key !== 'description')
  if (others.length > 0) parts.push(`${others.map(field => field.key).join(' and ')} ${wordFor(others)}`)
  for (const [tier, name] of [
    ['always', 'always'],
    ['onTrigger', 'on trigger'],
    ['onDemand', 'on demand'],
  ] as const) {
    const change = right.tokens[tier] - left.tokens[tier]
    if (change !== 0) parts.push(`${signed(change)} ${Math.abs(change) === 1 ? 'token' : 'tokens'} ${name}`)
  }
  return parts.join(', ')
}

function sayLength({ kind, left, right }: Comparison['fields'][number]): string {
  if (kind !== 'changed') return kind
  const change = lengthOf(right) - lengthOf(left)
  if (change === 0) return 'changed'
  return `${change < 0 ? 'shortened' : 'lengthened'} by ${count(Math.abs(change), 'character')}`
}

/** Characters as the specification counts them: code points. */
const lengthOf = (text: string | undefined): number => [...(text ?? '')].length

function wordFor(fields: Comparison['fields']): string {
  const kinds = new Set(fields.map(field => field.kind))
  const [only] = kinds
  return kinds.size === 1 && only !== undefined ? only : 'changed'
}
