/**
 * Token counts. No vendor publishes an offline tokenizer for every model, so o200k (OpenAI's public vocabulary) stands in for
 * all of them: good for 'how much more than before', an estimate for any one model. Written '≈' on screen.
 */
import ranks from 'gpt-tokenizer/bpeRanks/o200k_base'
import { GptEncoding } from 'gpt-tokenizer/GptEncoding'
import { parseSkillMd } from './skill-md.ts'

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

/** Built on first use (50 ms): who imports this file need not count. The ranks alone make it a file of 2.4 MB. */
let encoding: GptEncoding | undefined
let charactersInCache = 0

/** Tokens of a text in o200k. Linear; never throws: '<|endoftext|>' counts as the text it is. */
export function countTokens(text: string): number {
  let total = 0
  let start = 0
  for (const cut of cutsOf(text)) {
    total += countPart(text.slice(start, cut))
    start = cut
  }
  return total + countPart(start === 0 ? text : text.slice(start))
}

function countPart(text: string): number {
  encoding ??= GptEncoding.getEncodingApi('o200k_base', () => ranks)
  charactersInCache += text.length
  if (charactersInCache > CACHE_CHARACTERS) {
    encoding.clearMergeCache()
    charactersInCache = text.length
  }
  return encoding.countTokens(text, PLAIN_TEXT)
}

/** Where to cut so that no run of blanks, or of anything else, is longer than MAX_RUN; none in ordinary prose. */
function* cutsOf(text: string): Generator<number> {
  let runStart = 0
  let inBlank = false
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    const blank = code === 32 || (code >= 9 && code <= 13) || code === 0xa0 || code === 0x3000
    if (blank !== inBlank) {
      inBlank = blank
      runStart = i
    } else if (i - runStart >= MAX_RUN && !splitsPair(text, i)) {
      yield i
      runStart = i
    }
  }
}

/** The three tiers of a bundle. `others`: the text of every other text file; binary files cost no tokens until run. */
export function tiersOf(skillMdText: string, others: Iterable<string>): TokenTiers {
  const skill = parseSkillMd(skillMdText)
  const always = [skill.name, skill.description].filter(part => part !== undefined).join('\n')
  let onDemand = 0
  for (const text of others) onDemand += countTokens(text)
  return { always: countTokens(always), onTrigger: countTokens(skill.body), onDemand }
}

/** A cut inside a surrogate pair would make two broken characters of one. */
function splitsPair(text: string, at: number): boolean {
  const low = text.charCodeAt(at)
  const high = text.charCodeAt(at - 1)
  return low >= 0xdc00 && low <= 0xdfff && high >= 0xd800 && high <= 0xdbff
}
