/** What changed inside changed text: words first, then characters inside a changed word. */

import { Aligner } from './align.ts'
import { type Deadline, deadlineIn } from './deadline.ts'
import { type DiffOptions, type Span, spansOf } from './lines.ts'
import { type Judge, slide } from './slide.ts'
import { characterStarts, isSimple, isSpaceAt, isWordAt, Tokenizer, type Tokens } from './tokens.ts'

/** UTF-16 offsets into the two texts, half-open. Outside of all ranges the two texts are equal. */
export type CharRange = { aFrom: number; aTo: number; bFrom: number; bTo: number }

/** Beyond this many UTF-16 units on one side nobody reads single words: the whole is one change. */
const MAX_UNITS = 400_000

/** The changed words and characters between two texts; empty when they are equal. */
export function refine(aText: string, bText: string, options: DiffOptions = {}): CharRange[] {
  const deadline = deadlineIn(options.budgetMs, options.now)
  return new Refiner(aText, bText, deadline).refine(0, aText.length, 0, bText.length)
}

/** `refine` for many stretches of one pair of texts. */
export class Refiner {
  private readonly aText: string
  private readonly bText: string
  private readonly deadline: Deadline
  private readonly tokenizer: Tokenizer
  private readonly aligner: Aligner

  constructor(aText: string, bText: string, deadline: Deadline) {
    this.aText = aText
    this.bText = bText
    this.deadline = deadline
    this.tokenizer = new Tokenizer(aText, bText)
    this.aligner = new Aligner(deadline)
  }

  /** Ranges between a[aFrom, aTo) and b[bFrom, bTo), in offsets of the whole texts. */
  refine(aFrom: number, aTo: number, bFrom: number, bTo: number): CharRange[] {
    if (aFrom === aTo && bFrom === bTo) return []
    const whole = { aFrom, aTo, bFrom, bTo }
    if (aFrom === aTo || bFrom === bTo || this.deadline.expired()) return [whole]
    if (aTo - aFrom > MAX_UNITS || bTo - bFrom > MAX_UNITS) return [whole]
    const a = this.tokenizer.tokenize(0, aFrom, aTo)
    const b = this.tokenizer.tokenize(1, bFrom, bTo)
    const marks = this.aligner.align(a.ids, b.ids, this.tokenizer.symbols)
    slide(a.ids, marks.a, marks.b, wordJudge(this.aText, a), this.deadline)
    slide(b.ids, marks.b, marks.a, wordJudge(this.bText, b), this.deadline)
    const ranges = this.joined(spansOf(marks.a, marks.b), a, b)
    return ranges.map(range => this.charactersOf(range))
  }

  /**
   * Joins changes with too little in common between them to be worth an interruption: only spaces, or a word that is
   * short beside the changes around it.
   */
  private joined(spans: Span[], a: Tokens, b: Tokens): CharRange[] {
    const stack: CharRange[] = []
    for (const span of spans) {
      let range = {
        aFrom: a.starts[span.aStart] ?? 0,
        aTo: a.starts[span.aEnd] ?? 0,
        bFrom: b.starts[span.bStart] ?? 0,
        bTo: b.starts[span.bEnd] ?? 0,
      }
      for (let last = stack.at(-1); last !== undefined && this.belongTogether(last, range); last = stack.at(-1)) {
        range = { aFrom: last.aFrom, aTo: range.aTo, bFrom: last.bFrom, bTo: range.bTo }
        stack.pop()
      }
      stack.push(range)
    }
    return stack
  }

  private belongTogether(left: CharRange, right: CharRange): boolean {
    const smaller = Math.min(sizeOf(left), sizeOf(right))
    let weight = 0
    for (let i = left.aTo; i < right.aFrom; i++) {
      if (!isSpaceAt(this.aText, i)) weight++
      else if (this.aText.charCodeAt(i) === 0x0a) return false
      if (weight * 2 > smaller) return false
    }
    if (weight > 0) return true
    // Only spaces between: one change if both replace something, two if one merely adds or takes away.
    return isReplacement(left) && isReplacement(right)
  }

  /** A changed word whose beginning or end is kept shows only what differs. */
  private charactersOf(range: CharRange): CharRange {
    const { aText, bText } = this
    let { aFrom, aTo, bFrom, bTo } = range
    if (!isReplacement(range) || !isOneWord(aText, aFrom, aTo) || !isOneWord(bText, bFrom, bTo)) return range
    const shorter = Math.min(aTo - aFrom, bTo - bFrom)
    while (aFrom < aTo && bFrom < bTo && aText.charCodeAt(aFrom) === bText.charCodeAt(bFrom)) {
      aFrom++
      bFrom++
    }
    while (aTo > aFrom && bTo > bFrom && aText.charCodeAt(aTo - 1) === bText.charCodeAt(bTo - 1)) {
      aTo--
      bTo--
    }
    const kept = aFrom - range.aFrom + (range.aTo - aTo)
    if (kept * 2 < shorter) return range
    const inner = { aFrom, aTo, bFrom, bTo }
    if (isSimple(aText, range.aFrom, range.aTo) && isSimple(bText, range.bFrom, range.bTo)) return inner
    return wholeCharacters(aText, bText, range, inner)
  }
}

const sizeOf = (range: CharRange): number => Math.max(range.aTo - range.aFrom, range.bTo - range.bFrom)
const isReplacement = (range: CharRange): boolean => range.aFrom < range.aTo && range.bFrom < range.bTo

function isOneWord(text: string, from: number, to: number): boolean {
  for (let i = from; i < to; i++) if (!isWordAt(text, i)) return false
  return true
}

/** Widens `inner` until it cuts no character of either text in half. */
function wholeCharacters(aText: string, bText: string, range: CharRange, inner: CharRange): CharRange {
  const aStarts = characterStarts(aText.slice(range.aFrom, range.aTo))
  const bStarts = characterStarts(bText.slice(range.bFrom, range.bTo))
  const isStart = (a: number, b: number) => aStarts.has(a - range.aFrom) && bStarts.has(b - range.bFrom)
  let { aFrom, aTo, bFrom, bTo } = inner
  while (!isStart(aFrom, bFrom)) {
    aFrom--
    bFrom--
  }
  while (!isStart(aTo, bTo)) {
    aTo++
    bTo++
  }
  return { aFrom, aTo, bFrom, bTo }
}

/** Words read best when a change begins with a line, a sentence or a word, and ends where the next one begins. */
function wordJudge(text: string, tokens: Tokens): Judge {
  const rank = (token: number): number => {
    const at = tokens.starts[token] ?? 0
    if (token === 0 || token >= tokens.count) return 4
    const before = text.charCodeAt(at - 1)
    if (before === 0x0a) return 5
    if (!isSpaceAt(text, at - 1)) return isSpaceAt(text, at) ? 1 : 0
    return at > 1 && '.!?:;'.includes(text.charAt(at - 2)) ? 3 : 2
  }
  return (size, top, bottom) => {
    let best = bottom
    let bestRank = -1
    for (let end = bottom; end >= top; end--) {
      const value = rank(end - size) + rank(end)
      if (value > bestRank) {
        best = end
        bestRank = value
      }
    }
    return best
  }
}
