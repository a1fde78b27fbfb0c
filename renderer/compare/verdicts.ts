import type { CompareSide } from '../../shared/contract/compare.ts'
import { compact, formatNumber, money, quality, signed, stars } from '../ui/format.ts'

/**
 * What a version did, beside what the other did. A difference is only taken where both sides were measured; where too little
 * was measured to tell a difference from luck, it says so. Null is 'not measured', never 0.
 */
export type Verdict = {
  name: string
  left: string
  right: string
  /** The difference with its sign and a word, or why there is none. */
  difference: string
  /** Only what is counted, not sampled, is called good or bad. */
  tone: 'good' | 'bad' | 'measured' | 'plain' | 'unknown'
  /** What the figures rest on. */
  note?: string
}

const NOT_MEASURED = 'not measured'
/** With fewer than this a mean says little; nothing here has an interval yet, so nothing is called real. */
const FEW = 5

/** Verdicts, and the names of what was measured on neither side, which are said together. */
export function verdictsOf(left: CompareSide, right: CompareSide): { verdicts: Verdict[]; unmeasured: string[] } {
  const all = [
    ...tokenVerdicts(left, right),
    qualityVerdict(left, right),
    costVerdict(left, right),
    latencyVerdict(left, right),
    ratingVerdict(left, right),
    hoursVerdict(left, right),
  ].filter(verdict => verdict !== undefined)
  const unmeasured = all.filter(verdict => verdict.difference === NOT_MEASURED)
  return {
    verdicts: all.filter(verdict => verdict.difference !== NOT_MEASURED),
    unmeasured: unmeasured.map(verdict => verdict.name.replace(/,.*/, '')),
  }
}

const TIERS = [
  ['always', 'Tokens, always'],
  ['onTrigger', 'Tokens, on trigger'],
  ['onDemand', 'Tokens, on demand'],
] as const

function tokenVerdicts(left: CompareSide, right: CompareSide): Verdict[] {
  return TIERS.map(([tier, name]) => {
    const [a, b] = [left.tokens[tier], right.tokens[tier]]
    const change = b - a
    const percent = a > 0 && change !== 0 ? `, ${signed((change / a) * 100, size => `${formatPercent(size)}%`)}` : ''
    return {
      name,
      left: `≈ ${formatNumber(a)}`,
      right: `≈ ${formatNumber(b)}`,
      difference: change === 0 ? 'the same' : `${signed(change)} ${change > 0 ? 'more' : 'fewer'}${percent}`,
      tone: change === 0 ? 'plain' : change > 0 ? 'bad' : 'good',
    }
  })
}

const formatPercent = (size: number): string => (size < 1 ? '<1' : compact(size))

type Measured = { value: number; count: number } | null
type Wording = {
  name: string
  write: (value: number) => string
  /** 'results', 'ratings': what was counted. */
  of: string
  words: { more: string; less: string }
  difference: (a: number, b: number) => string
}

function verdict(a: Measured, b: Measured, wording: Wording): Verdict {
  const side = (measured: Measured): string =>
    measured === null ? NOT_MEASURED : `${wording.write(measured.value)} (${formatNumber(measured.count)})`
  const shown = { name: wording.name, left: side(a), right: side(b) }
  const note = `In brackets: how many ${wording.of}.`
  if (a === null && b === null) return { ...shown, difference: NOT_MEASURED, tone: 'unknown' }
  if (a === null || b === null)
    return { ...shown, difference: 'cannot tell: one side was not measured', tone: 'unknown', note }
  if (a.count < FEW || b.count < FEW)
    return { ...shown, difference: `cannot tell: too few ${wording.of}`, tone: 'unknown', note }
  if (wording.write(a.value) === wording.write(b.value))
    return { ...shown, difference: 'about the same', tone: 'plain', note }
  const word = b.value > a.value ? wording.words.more : wording.words.less
  return {
    ...shown,
    difference: `${wording.difference(a.value, b.value)} ${word}; may be luck`,
    tone: 'measured',
    note: `${note} Two means without an interval: the difference may be luck.`,
  }
}

const percentOf = (a: number, b: number): string =>
  a === 0 ? '' : signed(((b - a) / a) * 100, size => `${formatPercent(size)}%`)

function qualityVerdict(left: CompareSide, right: CompareSide): Verdict {
  const of = (side: CompareSide): Measured => side.quality && { value: side.quality.score, count: side.quality.results }
  return verdict(of(left), of(right), {
    name: 'Quality, of 100',
    write: quality,
    of: 'results',
    words: { more: 'higher', less: 'lower' },
    difference: (a, b) => signed(b - a, size => size.toFixed(1)),
  })
}

function costVerdict(left: CompareSide, right: CompareSide): Verdict {
  const of = (side: CompareSide): Measured =>
    side.costMicrocents === null ? null : { value: side.costMicrocents, count: side.costSamples }
  return verdict(of(left), of(right), {
    name: 'Cost per use',
    write: money,
    of: 'uses',
    words: { more: 'dearer', less: 'cheaper' },
    difference: percentOf,
  })
}

function latencyVerdict(left: CompareSide, right: CompareSide): Verdict | undefined {
  if (left.latencyMs === null && right.latencyMs === null) return undefined
  const of = (side: CompareSide): Measured =>
    side.latencyMs === null ? null : { value: side.latencyMs, count: side.costSamples }
  return verdict(of(left), of(right), {
    name: 'Time per use',
    write: ms => `${(ms / 1000).toFixed(1)} s`,
    of: 'uses',
    words: { more: 'slower', less: 'quicker' },
    difference: percentOf,
  })
}

function ratingVerdict(left: CompareSide, right: CompareSide): Verdict {
  const of = (side: CompareSide): Measured =>
    side.averageRating === null ? null : { value: side.averageRating, count: side.totalRatings }
  return verdict(of(left), of(right), {
    name: 'Rating, of 5',
    write: stars,
    of: 'ratings',
    words: { more: 'higher', less: 'lower' },
    difference: (a, b) => signed((b - a) / 100, size => size.toFixed(1)),
  })
}

/** Hours are what raters said, summed; sums of different crowds are shown and not subtracted. */
function hoursVerdict(left: CompareSide, right: CompareSide): Verdict | undefined {
  if (left.hoursSaved === null && right.hoursSaved === null) return undefined
  const side = (hours: number | null): string => (hours === null ? 'not said' : `${formatNumber(hours)} h`)
  return {
    name: 'Hours saved, as rated',
    left: side(left.hoursSaved),
    right: side(right.hoursSaved),
    difference: 'cannot tell: other raters',
    tone: 'unknown',
  }
}
