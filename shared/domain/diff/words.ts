/** What changed inside changed text: words first, then characters inside a changed word. */

import { Aligner } from './align.ts'
import { type Deadline, deadlineIn } from './deadline.ts'
import type { DiffOptions, Span } from './lines.ts'
import { type Judge, slide } from './slide.ts'
import { spansOf } from './spans.ts'
import { characterStarts, isSimple, isSpaceAt, isWordAt, isWordStart, Tokenizer, type Tokens } from './tokens.ts'

/** UTF-16 offsets into the two texts, half-open. Outside of all ranges the two texts are equal. */
export type CharRange = { aFrom: number; aTo: number; bFrom: number; bTo: number }

/** Beyond this many UTF-16 units on one side nobody reads single words: the whole is one change. */
const MAX_UNITS = 200_000

/** Words around a difference that are looked at although they are the same. */
const CONTEXT_WORDS = 2
/** Texts of at least so many words, of which less than one in `MIN_COMMON` is in both, are one change. */
const MIN_WORDS = 12
const MIN_COMMON = 8
/** Where in Unicode the scripts begin whose words are short, for they are written without spaces: Thai, Lao … Han, Kana. */
const FIRST_UNSPACED = 0x0e00
/** Characters of change on both sides of a line end from which the two may be one. */
const MIN_REWRITTEN = 24

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
  /** By word: whether b has it. All 0 between uses. */
  private seen: Uint8Array = new Uint8Array(0)

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
    const lead = this.commonLead(whole)
    const tail = this.commonTail(whole, lead)
    const a = this.tokenizer.tokenize(0, aFrom + lead, aTo - tail)
    const b = this.tokenizer.tokenize(1, bFrom + lead, bTo - tail)
    if (!this.haveMuchInCommon(a, b, lead + tail)) return [whole]
    const marks = this.aligner.align(a.ids, b.ids, this.tokenizer.symbols)
    slide(a.ids, marks.a, marks.b, wordJudge(this.aText, a), this.deadline)
    slide(b.ids, marks.b, marks.a, wordJudge(this.bText, b), this.deadline)
    const ranges = this.joined(spansOf(marks.a, marks.b), a, b)
    if (isRewritten(ranges, whole)) return [whole]
    return ranges.map(range => this.charactersOf(range))
  }

  /**
   * How much both begin with, up to the beginning of a word and some words short of the difference, so that what is to
   * be moved to a better place still can.
   */
  private commonLead({ aFrom, aTo, bFrom, bTo }: CharRange): number {
    const { aText, bText } = this
    const most = Math.min(aTo - aFrom, bTo - bFrom)
    let lead = 0
    while (lead < most && aText.charCodeAt(aFrom + lead) === bText.charCodeAt(bFrom + lead)) lead++
    let words = 0
    for (; lead > 0; lead--) if (isWordStart(aText, aFrom + lead) && ++words > CONTEXT_WORDS) return lead
    return 0
  }

  private commonTail({ aFrom, aTo, bFrom, bTo }: CharRange, lead: number): number {
    const { aText, bText } = this
    const most = Math.min(aTo - aFrom, bTo - bFrom) - lead
    let tail = 0
    while (tail < most && aText.charCodeAt(aTo - tail - 1) === bText.charCodeAt(bTo - tail - 1)) tail++
    let words = 0
    // The space before the word must be common too, or the word could begin elsewhere in the other text.
    for (tail--; tail > 0; tail--) if (isWordStart(aText, aTo - tail) && ++words > CONTEXT_WORDS) return tail
    return 0
  }

  /** False for texts of which hardly a word is the same: single words in common would only confuse. */
  private haveMuchInCommon(a: Tokens, b: Tokens, trimmed: number): boolean {
    if (a.count < MIN_WORDS || b.count < MIN_WORDS) return true
    if (this.seen.length < this.tokenizer.symbols) this.seen = new Uint8Array(this.tokenizer.symbols * 2)
    const { seen } = this
    for (let j = 0; j < b.count; j++) seen[b.ids[j] ?? 0] = 1
    let common = trimmed
    let all = trimmed
    for (let i = 0; i < a.count; i++) {
      const length = (a.starts[i + 1] ?? 0) - (a.starts[i] ?? 0)
      // Spaces, signs and the shortest words are in every text; of scripts without spaces, single characters.
      const letters = this.aText.charCodeAt(a.starts[i] ?? 0) < FIRST_UNSPACED ? 4 : 2
      if (length < letters) continue
      all += length
      if (seen[a.ids[i] ?? 0] === 1) common += length
    }
    for (let j = 0; j < b.count; j++) seen[b.ids[j] ?? 0] = 0
    return common * MIN_COMMON >= all
  }

  /**
   * Joins changes with too little in common between them to be worth an interruption: only spaces, or a word that is
   * short beside the changes around it. Joined changes are larger, so it is done until nothing more joins.
   */
  private joined(spans: readonly Span[], a: Tokens, b: Tokens): CharRange[] {
    let ranges = spans.map(span => ({
      aFrom: a.starts[span.aStart] ?? 0,
      aTo: a.starts[span.aEnd] ?? 0,
      bFrom: b.starts[span.bStart] ?? 0,
      bTo: b.starts[span.bEnd] ?? 0,
    }))
    for (let before = 0; before !== ranges.length && ranges.length > 1; ) {
      before = ranges.length
      ranges = this.joinedOnce(ranges)
    }
    return ranges
  }

  private joinedOnce(ranges: readonly CharRange[]): CharRange[] {
    const stack: CharRange[] = []
    for (const one of ranges) {
      let range = one
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
    const bothReplace = isReplacement(left) && isReplacement(right)
    // A word alone among rewritten text says nothing, however small the change on one side of it.
    const limit = Math.max(smaller / 2, bothReplace ? (sizeOf(left) + sizeOf(right)) / 12 : 0)
    let weight = 0
    for (let i = left.aTo; i < right.aFrom; i++) {
      if (!isSpaceAt(this.aText, i)) weight++
      // Lines keep apart what is not rewritten altogether.
      else if (this.aText.charCodeAt(i) === 0x0a && smaller < MIN_REWRITTEN) return false
      if (weight > limit) return false
    }
    // Only spaces between: one change if both replace something, two if one merely adds or takes away.
    return weight > 0 || bothReplace
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

/** Several changes that leave hardly anything of the shorter text: the few words between them are there by chance. */
function isRewritten(ranges: readonly CharRange[], { aFrom, aTo, bFrom, bTo }: CharRange): boolean {
  const size = Math.min(aTo - aFrom, bTo - bFrom)
  if (ranges.length < 3 || size < MIN_REWRITTEN) return false
  let kept = size
  for (const range of ranges) kept -= size === aTo - aFrom ? range.aTo - range.aFrom : range.bTo - range.bFrom
  return kept * 4 < size
}

/** One word; of numbers, half a change would be read as another number. */
function isOneWord(text: string, from: number, to: number): boolean {
  let digits = true
  for (let i = from; i < to; i++) {
    if (!isWordAt(text, i)) return false
    const code = text.charCodeAt(i)
    if (code < 0x30 || code > 0x39) digits = false
  }
  return !digits
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
