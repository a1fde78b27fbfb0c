import type { Batch } from '../../../shared/contract/benchmarks.ts'
import { count, money } from '../../ui/format.ts'

/** What a model without a price took nobody knows, and it is never nothing. */
export function saySpent({
  spentMicrocents,
  unpriced,
  budgetMicrocents,
}: Pick<Batch, 'spentMicrocents' | 'unpriced' | 'budgetMicrocents'>): string {
  const of = budgetMicrocents === null ? '' : ` of ${money(budgetMicrocents)}`
  if (unpriced === 0) return `${money(spentMicrocents)} spent${of}`
  const cells = `${count(unpriced, 'cell')} ${unpriced === 1 ? 'has' : 'have'} no known price`
  if (spentMicrocents === 0) return `what was spent is not known: ${cells}`
  return `at least ${money(spentMicrocents)} spent${of}; ${cells}`
}
