import type { PairedResult } from './compare-paired.ts'
import type { UnpairedResult } from './compare-unpaired.ts'

/** What a difference is counted in: points of quality, stars × 1, milliseconds, microcents. */
export type Unit = 'points' | 'stars' | 'ms' | 'cost'

/** 'better: +6.1 points (95%: 2.0 to 10.4), 14 won, 3 lost, 23 tied'. */
export function sayPaired(result: PairedResult, options: { unit: Unit }): string {
  return `${result.verdict}: ${result.delta.toFixed(1)} ${options.unit} (95%: ${result.low.toFixed(1)} to ${result.high.toFixed(1)}), ${result.wins} won, ${result.losses} lost, ${result.ties} tied`
}

/** 'better: +0.4 stars (95%: 0.1 to 0.7)'. */
export function sayUnpaired(result: UnpairedResult, options: { unit: Unit }): string {
  return `${result.verdict}: ${result.delta.toFixed(1)} ${options.unit} (95%: ${result.low.toFixed(1)} to ${result.high.toFixed(1)})`
}
