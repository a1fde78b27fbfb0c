import type { Interval } from './bounds.ts'
import type { PairedResult } from './compare-paired.ts'
import type { UnpairedResult } from './compare-unpaired.ts'
import { FEWEST_CASES } from './verdict.ts'

/** What a difference is counted in: points of quality, stars, milliseconds, microcents (1,000,000 to the cent). */
export type Unit = 'points' | 'stars' | 'ms' | 'cost'

/**
 * Words first: 'better: +6.1 points (95%: 2.0 to 10.4), 14 won, 3 lost, 23 tied'; 'cannot tell yet: …; about 20 more cases
 * would tell'.
 */
export function sayPaired(result: PairedResult, { unit }: { unit: Unit }): string {
  const { cases, clusters, wins, losses, ties, moreCases } = result
  const figures = `${sayDelta(result, unit)}, ${wins} won, ${losses} lost, ${ties} tied`
  if (result.verdict !== 'cannot-tell') return `${result.verdict}: ${figures}`
  switch (result.why) {
    case 'no-scores':
      return 'cannot tell: no case has a score on both sides'
    case 'too-few-cases':
      return `cannot tell: ${cases === 1 ? '1 case is' : `${cases} cases are`} too few, at least ${FEWEST_CASES} are needed`
    case 'too-few-clusters':
      return `cannot tell: the ${cases} cases come from ${count(clusters, 'source')}, at least ${FEWEST_CASES} are needed`
    case 'all-equal':
      return `no difference seen: the same on all ${cases} cases${sayBound(result, unit)}`
    case 'too-few-differ':
      return `cannot tell yet: ${figures}; too few cases differ${sayMore(moreCases)}`
    case 'many-compared':
      return `cannot tell: ${figures}; among so many comparisons one like this comes up by chance`
    default:
      return `cannot tell yet: ${figures}${sayMore(moreCases) || '; so small a difference would take over 1,000 cases more'}`
  }
}

/** ' (95%: −13.9 to 13.9 points)': what so many ties may have missed. */
function sayBound({ low, high }: Interval, unit: Unit): string {
  return low === 0 && high === 0 ? '' : sayDelta({ delta: 0, low, high }, unit).replace(/^[^(]*/, ' ')
}

/** 'better: +0.4 stars (95%: 0.1 to 0.7)'; of cost and time also by how much of what it was: '…, 12% less'. */
export function sayUnpaired(result: UnpairedResult, { unit }: { unit: Unit }): string {
  if (result.why === 'no-scores') return 'cannot tell: not measured on both sides'
  if (result.why === 'too-few-cases') return 'cannot tell: too few were measured'
  if (result.why === 'all-equal') return 'no difference seen: all the same'
  const share = (unit === 'cost' || unit === 'ms') && result.ratio ? sayRatio(result.ratio.value) : ''
  const verdict = result.verdict === 'cannot-tell' ? 'cannot tell yet' : result.verdict
  return `${verdict}: ${sayDelta(result, unit)}${share}`
}

/** '; about 20 more cases would tell'. More than ten are rounded up: the figure is rough, and should look it. */
function sayMore(moreCases: number | undefined): string {
  if (moreCases === undefined) return ''
  const step = moreCases <= 10 ? 1 : moreCases <= 100 ? 5 : 50
  const about = Math.ceil(moreCases / step) * step
  return `; about ${count(about, 'more case')} would tell`
}

/** '+6.1 points (95%: 2.0 to 10.4)': one unit and the same decimals for all three. */
function sayDelta({ delta, low, high }: Interval & { delta: number }, unit: Unit): string {
  const { per, sign, name, decimals } = scaleOf(unit, Math.max(Math.abs(delta), Math.abs(low), Math.abs(high)))
  const values = [delta, low, high].map(value => value / per)
  // A figure that is not 0 should not read 0, if up to two more decimals help.
  const places =
    decimals + ([0, 1, 2].find(more => values.every(one => one === 0 || !isZero(one, decimals + more))) ?? 0)
  const write = (value: number) => {
    const minus = value < 0 && !isZero(value / per, places) ? '−' : ''
    return `${minus}${sign}${Math.abs(value / per).toFixed(places)}`
  }
  const plus = delta > 0 ? '+' : delta === 0 ? '±' : ''
  return `${plus}${write(delta)}${name} (95%: ${write(low)} to ${write(high)})`
}

const isZero = (value: number, decimals: number): boolean => Number(Math.abs(value).toFixed(decimals)) === 0

type Scale = { per: number; sign: '' | '$'; name: string; decimals: number }

/** The unit in which the largest of some figures is well written. */
function scaleOf(unit: Unit, largest: number): Scale {
  if (unit === 'points' || unit === 'stars') return { per: 1, sign: '', name: ` ${unit}`, decimals: 1 }
  if (unit === 'ms') {
    if (largest >= 1_000) return { per: 1_000, sign: '', name: ' s', decimals: 1 }
    return { per: 1, sign: '', name: ' ms', decimals: largest >= 10 ? 0 : 1 }
  }
  if (largest >= 100_000_000) return { per: 100_000_000, sign: '$', name: '', decimals: 2 }
  const cents = largest / 1_000_000
  const decimals = cents >= 0.1 || cents === 0 ? 2 : Math.min(6, 1 - Math.floor(Math.log10(cents)))
  return { per: 1_000_000, sign: '', name: '¢', decimals }
}

/** ', 12% less', ', 2.4 times as much'. */
function sayRatio(ratio: number): string {
  if (ratio >= 2) return `, ${ratio.toFixed(1)} times as much`
  const percent = Math.abs(ratio - 1) * 100
  if (percent === 0) return ''
  return `, ${percent < 1 ? '<1' : Math.round(percent)}% ${ratio < 1 ? 'less' : 'more'}`
}

const count = (n: number, noun: string): string => `${n} ${noun}${n === 1 ? '' : 's'}`
