/**
 * Which skills a description has to hold its own against: those whose names and descriptions share the rarest words with it.
 * Cosine similarity of tf–idf vectors (Manning, Raghavan, Schütze: Introduction to Information Retrieval, 6.3), by any script's words.
 */
import type { Described } from './trigger.ts'

/** `others`, the most alike first; those that share no word come last, by name. */
export function byLikeness<Other extends Described>(self: Described, others: readonly Other[]): Other[] {
  const texts = others.map(wordsOf)
  const own = wordsOf(self)
  const documents = new Map<string, number>()
  for (const words of [own, ...texts]) for (const word of words) documents.set(word, (documents.get(word) ?? 0) + 1)
  const weight = (word: string): number => Math.log((texts.length + 2) / (documents.get(word) ?? 1))
  const lengthOf = (words: ReadonlySet<string>): number =>
    Math.sqrt([...words].reduce((sum, word) => sum + weight(word) ** 2, 0)) || 1
  const score = (words: ReadonlySet<string>): number => {
    const shared = [...own].filter(word => words.has(word))
    return shared.reduce((sum, word) => sum + weight(word) ** 2, 0) / (lengthOf(own) * lengthOf(words))
  }
  return others
    .map((other, at) => ({ other, score: score(texts[at] ?? new Set()) }))
    .sort((a, b) => b.score - a.score || (a.other.name < b.other.name ? -1 : a.other.name > b.other.name ? 1 : 0))
    .map(({ other }) => other)
}

const segmenter = new Intl.Segmenter('en', { granularity: 'word' })

/** English plurals count as their singulars, for descriptions use both. */
function wordsOf({ name, description }: Described): Set<string> {
  const words = new Set<string>()
  for (const { segment, isWordLike } of segmenter.segment(
    `${name.replaceAll('-', ' ')} ${description}`.normalize('NFKC'),
  ))
    if (isWordLike) words.add(segment.toLowerCase().replace(/(?<=[a-z]{3})s$/, ''))
  return words
}
