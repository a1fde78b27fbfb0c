/** Long lines that were taken out in one place and put in, reworded, in another: a moved paragraph that was edited. */

import type { Deadline } from './deadline.ts'

/** A changed line: its number, the change it is in, what it says without white space around it. */
export type ChangedLine = { line: number; change: number; key: string }

/** Characters a line must have: short ones are alike by chance. */
const MIN_LENGTH = 40
/** Words in a row that are compared. */
const SHINGLE = 3
/** Share of shingles in common (Dice's coefficient) from which two lines are the same, edited; about 3 words of 4. */
const MIN_SHARE = 0.45
/** Lines remembered for one shingle: a phrase that is everywhere tells nothing. */
const MAX_LINES = 8

/** Adds to `partners` (by index in a: index in b, -1 for none) each line's most similar one of another change. */
export function similarLines(
  a: readonly ChangedLine[],
  b: readonly ChangedLine[],
  partners: Int32Array,
  deadline: Deadline,
): void {
  const taken = new Set(partners)
  const places = new Map<string, number[]>()
  const sizes = new Map<number, number>()
  b.forEach((line, j) => {
    if (taken.has(j) || line.key.length < MIN_LENGTH) return
    const shingles = shinglesOf(line.key)
    sizes.set(j, shingles.size)
    for (const shingle of shingles) {
      const lines = places.get(shingle)
      if (!lines) places.set(shingle, [j])
      else if (lines.length < MAX_LINES) lines.push(j)
    }
  })
  const found: { i: number; j: number; share: number }[] = []
  a.forEach((line, i) => {
    if (partners[i] !== -1 || line.key.length < MIN_LENGTH || deadline.expired()) return
    const best = mostSimilar(line, b, places, sizes)
    if (best) found.push({ i, ...best })
  })
  // The most similar first, so that no line is taken from its better partner.
  found.sort((one, other) => other.share - one.share)
  for (const { i, j } of found) {
    if (taken.has(j)) continue
    taken.add(j)
    partners[i] = j
  }
}

function mostSimilar(
  line: ChangedLine,
  b: readonly ChangedLine[],
  places: ReadonlyMap<string, readonly number[]>,
  sizes: ReadonlyMap<number, number>,
): { j: number; share: number } | undefined {
  const shingles = shinglesOf(line.key)
  const votes = new Map<number, number>()
  for (const shingle of shingles) for (const j of places.get(shingle) ?? []) votes.set(j, (votes.get(j) ?? 0) + 1)
  let best: { j: number; share: number } | undefined
  for (const [j, common] of votes) {
    // In the same change it was edited where it stands.
    if (b[j]?.change === line.change) continue
    const share = (2 * common) / (shingles.size + (sizes.get(j) ?? 0))
    if (share >= MIN_SHARE && share > (best?.share ?? 0)) best = { j, share }
  }
  return best
}

/** Words; of scripts that are written without spaces, characters. */
const WORDS =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]|[^\s\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]+/gu

function shinglesOf(text: string): Set<string> {
  const words = text.toLowerCase().match(WORDS) ?? []
  const shingles = new Set<string>()
  for (let at = 0; at + SHINGLE <= words.length; at++) shingles.add(words.slice(at, at + SHINGLE).join(' '))
  return shingles
}
