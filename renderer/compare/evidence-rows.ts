import type { Comparison } from '../../shared/contract/compare.ts'
import type { Evidence } from '../../shared/contract/evidence.ts'
import { compact, formatNumber, money, quality, signed } from '../ui/format.ts'

/**
 * What both versions did, one row a figure. A difference stands only where both sides were measured alike; otherwise the
 * reason stands there. Null is 'not measured', never 0.
 */
export type Row = {
  key: 'always' | 'onTrigger' | 'onDemand' | 'quality' | 'cost' | 'latency' | 'rating' | 'hours' | 'feedback'
  name: string
  left: string
  right: string
  /** The difference with sign, word and interval, or why there is none. */
  said: string
  tone: 'good' | 'bad' | 'plain' | 'unknown'
}

const NOT_MEASURED = 'not measured'

const TIERS = [
  ['always', 'Tokens, always'],
  ['onTrigger', 'Tokens, on trigger'],
  ['onDemand', 'Tokens, on demand'],
] as const

/** Tokens are counted, not sampled: their difference is a fact. */
export function tokenRows({ left, right }: Comparison): Row[] {
  return TIERS.map(([key, name]) => {
    const [a, b] = [left.tokens[key], right.tokens[key]]
    const change = b - a
    const share = a > 0 ? (change / a) * 100 : 0
    const percent = Math.abs(share) >= 1 ? `, ${signed(share, size => `${compact(size)}%`)}` : ''
    return {
      key,
      name,
      left: `≈ ${formatNumber(a)}`,
      right: `≈ ${formatNumber(b)}`,
      said: change === 0 ? 'the same' : `${signed(change)} ${change > 0 ? 'more' : 'fewer'}${percent}`,
      tone: change === 0 ? 'plain' : change > 0 ? 'bad' : 'good',
    }
  })
}

export type Measured = { rows: Row[]; unmeasured: string[] }

/** Rows for what was measured on either side, and the names of what was measured on neither. */
export function evidenceRows(evidence: Evidence): Measured {
  const rows = [
    qualityRow(evidence.quality),
    meansRow('cost', 'Cost per use', evidence.cost, money),
    meansRow('latency', 'Time per use', evidence.latency, ms => `${(ms / 1_000).toFixed(1)} s`),
    meansRow('rating', 'Rating, of 5', evidence.rating, stars => stars.toFixed(1)),
    hoursRow(evidence.hours),
    feedbackRow(evidence.feedback),
  ]
  const isNowhere = (row: Row): boolean => row.left === NOT_MEASURED && row.right === NOT_MEASURED
  return {
    rows: rows.filter(row => row !== undefined && !isNowhere(row)).filter(row => row !== undefined),
    unmeasured: rows.flatMap(row => (row && isNowhere(row) ? row.name.replace(/,.*/, '').toLowerCase() : [])),
  }
}

const toneOf = (verdict: 'better' | 'worse' | 'cannot-tell'): Row['tone'] =>
  verdict === 'better' ? 'good' : verdict === 'worse' ? 'bad' : 'unknown'

function qualityRow(found: Evidence['quality']): Row {
  const row = { key: 'quality', name: 'Quality, of 100' } as const
  switch (found.state) {
    case 'compared':
      return {
        ...row,
        left: quality(found.left.mean),
        right: quality(found.right.mean),
        said: found.words,
        tone: toneOf(found.verdict),
      }
    case 'unlike':
      return {
        ...row,
        left: 'measured',
        right: 'measured',
        said: `cannot tell: not measured alike. ${found.reasons.join(' ')}`,
        tone: 'unknown',
      }
    case 'not-measured':
      return {
        ...row,
        left: found.left ? 'measured' : NOT_MEASURED,
        right: found.right ? 'measured' : NOT_MEASURED,
        said: `cannot tell: ${found.left || found.right ? 'one side was' : 'neither side was'} not measured`,
        tone: 'unknown',
      }
    default:
      return found satisfies never
  }
}

type Means = Evidence['cost']

function meansRow(
  key: 'cost' | 'latency' | 'rating',
  name: string,
  found: Means,
  write: (mean: number) => string,
): Row {
  const side = ({ mean, samples }: Means['left']): string =>
    mean === null ? NOT_MEASURED : `${write(mean)} (${formatNumber(samples)})`
  const row = { key, name, left: side(found.left), right: side(found.right) }
  if (found.difference) return { ...row, said: found.difference.words, tone: toneOf(found.difference.verdict) }
  const missing = found.left.samples === 0 || found.right.samples === 0
  const what = key === 'rating' ? 'ratings' : 'uses'
  return {
    ...row,
    said: missing ? 'cannot tell: one side was not measured' : `cannot tell: too few ${what}`,
    tone: 'unknown',
  }
}

/** Sums of what different people estimated: shown, not subtracted. */
function hoursRow({ left, right }: Evidence['hours']): Row | undefined {
  if (left === null && right === null) return undefined
  const side = (hours: number | null): string => (hours === null ? 'not said' : `${formatNumber(hours)} h`)
  return {
    key: 'hours',
    name: 'Hours saved',
    left: side(left),
    right: side(right),
    said: 'as rated by different people: not compared',
    tone: 'plain',
  }
}

function feedbackRow(notes: Evidence['feedback']): Row | undefined {
  if (notes.length === 0) return undefined
  const of = (side: 'left' | 'right'): number => notes.filter(note => note.side === side).length
  const done = notes.filter(note => note.side === 'right' && note.relation === 'implemented').length
  return {
    key: 'feedback',
    name: 'Feedback',
    left: formatNumber(of('left')),
    right: formatNumber(of('right')),
    said: done === 0 ? 'what people said of either' : `${formatNumber(done)} of it answered by the right side`,
    tone: 'plain',
  }
}
