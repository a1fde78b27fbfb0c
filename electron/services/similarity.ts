import type { ManifestEntry } from '../../shared/domain/bundle.ts'
import { diffLines, splitLines } from '../../shared/domain/diff/lines.ts'
import { type Content, getText } from './content.ts'
import type { Context, Damaged } from './context.ts'

/** Larger files are told apart by their hash alone: a comparison should not wait for their lines. */
const LOOKED_AT_BYTES = 512 * 1024
/** A pair is only looked at where one could have become the other: neither is twice as long. */
const LENGTH_RATIO = 2
/** More pairs than this, and only equal bytes count: a comparison of two large bundles stays quick. */
const PAIRS = 400

/**
 * How much of two files' text is the same, 0 to 1, by lines that stayed; undefined where they cannot be compared. For
 * telling a file that was renamed and edited from one removed and another added.
 */
export function similarityOf(context: Context, left: Content, right: Content, errors: Damaged) {
  const lines = new Map<string, string[] | undefined>()
  let looked = 0
  const linesOf = (content: Content, file: ManifestEntry): string[] | undefined => {
    const key = `${file.sha256} ${file.path}`
    if (!lines.has(key)) {
      const text = getText(context, content, file, errors)
      lines.set(key, text === undefined ? undefined : splitLines(text))
    }
    return lines.get(key)
  }
  return (a: ManifestEntry, b: ManifestEntry): number | undefined => {
    const [small, large] = a.size < b.size ? [a.size, b.size] : [b.size, a.size]
    if (large > LOOKED_AT_BYTES || large > small * LENGTH_RATIO) return undefined
    looked += 1
    if (looked > PAIRS) return undefined
    const [before, after] = [linesOf(left, a), linesOf(right, b)]
    if (!before || !after) return undefined
    const { hunks } = diffLines(before, after)
    const gone = hunks.reduce((sum, hunk) => sum + hunk.aEnd - hunk.aStart, 0)
    const kept = before.length - gone
    return (2 * kept) / Math.max(1, before.length + after.length)
  }
}
