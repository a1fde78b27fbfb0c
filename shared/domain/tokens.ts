/**
 * Token counts. No vendor publishes an offline tokenizer for every model, so o200k (OpenAI's public vocabulary) stands in for
 * all of them: good for 'how much more than before', an estimate for any one model. Written '≈' on screen.
 */
import ranks from 'gpt-tokenizer/bpeRanks/o200k_base'
import { GptEncoding } from 'gpt-tokenizer/GptEncoding'
import { parseSkillMd } from './skill-md.ts'
import { estimateTokens } from './text.ts'

/** Tokens by when an agent pays for them (Agent Skills specification, 'Progressive disclosure'). */
export type TokenTiers = {
  /** Name and description: in the system prompt of every session. */
  always: number
  /** The body of SKILL.md: once the skill is triggered. */
  onTrigger: number
  /** Every other text file of the bundle: when the agent opens it. */
  onDemand: number
}

/** The merge of one unbroken run is quadratic in its length, so longer runs are cut: at most one token too many per cut. */
const MAX_RUN = 256
/** The library's cache keeps slices of what it counted, and so whole texts, alive; after this many characters it is emptied. */
const CACHE_CHARACTERS = 4_000_000
const PLAIN_TEXT = { disallowedSpecial: new Set<string>() }
/** Of a longer text the rest is estimated by what its beginning came to: hostile text takes a second for as much as this. */
const COUNTED_CHARACTERS = 200_000
/** Counted without a pause: some milliseconds at the worst, and less than a call costs at the best. */
const PIECE = 4_000

/** Built on first use (50 ms): who imports this file need not count. The ranks alone make it a file of 2.4 MB. */
let encoding: GptEncoding | undefined
let charactersInCache = 0

/** Work that may be long, done a piece at each step, so that others can have their turn in between. */
export type Pieces<T> = Generator<void, T, void>

function atOnce<T>(pieces: Pieces<T>): T {
  for (;;) {
    const { done, value } = pieces.next()
    if (done) return value
  }
}

/**
 * Tokens of a text in o200k, of a text beyond 200,000 characters an estimate. Linear; never throws: '<|endoftext|>' counts as the
 * text it is.
 */
export const countTokens = (text: string): number => atOnce(countingTokens(text))

/** `countTokens` in pieces of some milliseconds. */
export function* countingTokens(text: string): Pieces<number> {
  const counted = text.length > COUNTED_CHARACTERS ? text.slice(0, endOfPiece(text, COUNTED_CHARACTERS)) : text
  let total = 0
  let start = 0
  for (const cut of cutsOf(counted)) {
    total += countPart(counted.slice(start, cut))
    start = cut
    yield
  }
  total += countPart(start === 0 ? counted : counted.slice(start))
  if (counted.length === text.length) return total
  const ratio = total / estimateTokens(counted)
  let estimated = 0
  for (let at = counted.length; at < text.length; at += COUNTED_CHARACTERS) {
    yield
    estimated += estimateTokens(text.slice(at, at + COUNTED_CHARACTERS))
  }
  return total + Math.round(ratio * estimated)
}

const endOfPiece = (text: string, at: number): number => (splitsPair(text, at) ? at - 1 : at)

function countPart(text: string): number {
  encoding ??= GptEncoding.getEncodingApi('o200k_base', () => ranks)
  charactersInCache += text.length
  if (charactersInCache > CACHE_CHARACTERS) {
    encoding.clearMergeCache()
    charactersInCache = text.length
  }
  return encoding.countTokens(text, PLAIN_TEXT)
}

/**
 * Where to cut so that no run of blanks, or of anything else, is longer than MAX_RUN, and no piece much longer than PIECE: that one
 * before a letter that begins a line, over which no token reaches, or where there is none for long, anywhere.
 */
function* cutsOf(text: string): Generator<number> {
  let runStart = 0
  let inBlank = false
  let piece = PIECE
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    const blank = code === 32 || (code >= 9 && code <= 13) || code === 0xa0 || code === 0x3000
    if (blank !== inBlank) {
      inBlank = blank
      runStart = i
      if (i >= piece && ((isLetter(code) && text.charCodeAt(i - 1) === 10) || (!blank && i >= piece + PIECE))) {
        yield i
        piece = i + PIECE
      }
    } else if (i - runStart >= MAX_RUN && !splitsPair(text, i)) {
      yield i
      runStart = i
    }
  }
}

const isLetter = (code: number): boolean => (code >= 97 && code <= 122) || (code >= 65 && code <= 90)

/**
 * The three tiers of a bundle, in pieces. `others`: the text of every other text file, each asked for when it is its turn; binary
 * files cost no tokens until run.
 */
export function* countingTiers(skillMdText: string, others: Iterable<string>): Pieces<TokenTiers> {
  const skill = parseSkillMd(skillMdText)
  const always = [skill.name, skill.description].filter(part => part !== undefined).join('\n')
  const tiers = { always: yield* countingTokens(always), onTrigger: yield* countingTokens(skill.body), onDemand: 0 }
  for (const text of others) {
    yield
    tiers.onDemand += yield* countingTokens(text)
  }
  return tiers
}

export const tiersOf = (skillMdText: string, others: Iterable<string>): TokenTiers =>
  atOnce(countingTiers(skillMdText, others))

/** A cut inside a surrogate pair would make two broken characters of one. */
function splitsPair(text: string, at: number): boolean {
  const low = text.charCodeAt(at)
  const high = text.charCodeAt(at - 1)
  return low >= 0xdc00 && low <= 0xdfff && high >= 0xd800 && high <= 0xdbff
}
