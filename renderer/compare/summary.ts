import type { Comparison } from '../../shared/contract/compare.ts'
import { count, signed } from '../ui/format.ts'

/** '4 files · description −212 characters · +340 tokens on trigger': the comparison in one line. */
export function summaryOf({ left, right, changes, fields }: Comparison): string {
  if (changes.length === 0) return 'Both sides are the same.'
  const parts = [`${count(changes.length, 'file')} ${changes.length === 1 ? 'differs' : 'differ'}`]
  const renamed = changes.filter(change => change.kind === 'renamed').length
  if (renamed > 0) parts.push(`${renamed} renamed`)
  const description = fields.find(field => field.key === 'description')
  if (description) {
    const change = lengthOf(description.right) - lengthOf(description.left)
    parts.push(change === 0 ? 'description changed' : `description ${signed(change)} characters`)
  }
  const others = fields.filter(field => field.key !== 'description')
  if (others.length > 0) parts.push(`${others.map(field => field.key).join(', ')} ${wordFor(others)}`)
  for (const [tier, name] of [
    ['always', 'always'],
    ['onTrigger', 'on trigger'],
    ['onDemand', 'on demand'],
  ] as const) {
    const change = right.tokens[tier] - left.tokens[tier]
    if (change !== 0) parts.push(`${signed(change)} tokens ${name}`)
  }
  return parts.join(' · ')
}

/** Characters as the specification counts them: code points. */
const lengthOf = (text: string | undefined): number => [...(text ?? '')].length

function wordFor(fields: Comparison['fields']): string {
  const kinds = new Set(fields.map(field => field.kind))
  const [only] = kinds
  return kinds.size === 1 && only !== undefined ? only : 'changed'
}
