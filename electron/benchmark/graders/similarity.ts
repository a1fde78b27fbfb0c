/**
 * Likeness of two texts, 0 to 1: the F1 of their words, as SQuAD scores answers (Rajpurkar et al., 2016): the harmonic mean of
 * how many words of the output are in the other text and how many of that are in the output, each as often as it occurs.
 * Case, punctuation and order do not count. Linear in both lengths.
 */
export function wordF1(output: string, expected: string): number {
  const [left, right] = [wordsOf(output), wordsOf(expected)]
  if (left.length === 0 || right.length === 0) return left.length === right.length ? 1 : 0
  const counts = new Map<string, number>()
  for (const word of right) counts.set(word, (counts.get(word) ?? 0) + 1)
  let common = 0
  for (const word of left) {
    const rest = counts.get(word) ?? 0
    if (rest === 0) continue
    counts.set(word, rest - 1)
    common += 1
  }
  return (2 * common) / (left.length + right.length)
}

const wordsOf = (text: string): string[] => text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []
