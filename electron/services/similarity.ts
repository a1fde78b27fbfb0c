import type { ManifestEntry } from '../../shared/domain/bundle.ts'
import { diffManifests } from '../../shared/domain/bundle-diff.ts'
import { diffLines, splitLines } from '../../shared/domain/diff/lines.ts'
import { takeTurns } from '../interchange/turns.ts'
import { type Content, getText } from './content.ts'
import type { Context, Damaged } from './context.ts'

/** Larger files are told apart by their hash alone: a comparison should not wait for their lines. */
const LOOKED_AT_BYTES = 512 * 1024
/** A pair is only looked at where one could have become the other: neither is twice as long. */
const LENGTH_RATIO = 2
/** More pairs than this, or more of both sides' bytes, and only equal bytes count: a comparison of two large bundles stays quick. */
const PAIRS = 400
const COMPARED_BYTES = 32 * 1024 * 1024

export type Similarity = (a: ManifestEntry, b: ManifestEntry) => number | undefined

/**
 * How much of two files' text is the same, 0 to 1, by lines that stayed; undefined where they cannot be compared. For
 * telling a file that was renamed and edited from one removed and another added. Looked at in turns, before it is asked.
 */
export async function similarityOf(
  context: Context,
  left: Content,
  right: Content,
  errors: Damaged,
): Promise<Similarity> {
  const rest = takeTurns()
  const lines = new Map<string, string[] | undefined>()
  const linesOf = (content: Content, file: ManifestEntry): string[] | undefined => {
    const key = `${file.sha256} ${file.path}`
    if (!lines.has(key)) {
      const text = getText(context, content, file, errors)
      lines.set(key, text === undefined ? undefined : splitLines(text))
    }
    return lines.get(key)
  }
  const known = new Map<string, number>()
  for (const [a, b] of pairsOf(left, right)) {
    await rest()
    const [before, after] = [linesOf(left, a), linesOf(right, b)]
    if (before && after) known.set(keyOf(a, b), alike(before, after))
  }
  return (a, b) => known.get(keyOf(a, b))
}

const keyOf = (a: ManifestEntry, b: ManifestEntry): string => `${a.path}\n${b.path}`

/** The pairs that telling renames apart asks for, in its order, as far as the limits go. */
function pairsOf(left: Content, right: Content): [ManifestEntry, ManifestEntry][] {
  const pairs: [ManifestEntry, ManifestEntry][] = []
  let bytes = 0
  const similarity = (a: ManifestEntry, b: ManifestEntry): undefined => {
    const [small, large] = a.size < b.size ? [a.size, b.size] : [b.size, a.size]
    if (large > LOOKED_AT_BYTES || large > small * LENGTH_RATIO) return
    bytes += a.size + b.size
    if (pairs.length < PAIRS && bytes <= COMPARED_BYTES) pairs.push([a, b])
  }
  diffManifests(left.files, right.files, { similarity })
  return pairs
}

function alike(before: readonly string[], after: readonly string[]): number {
  const { hunks } = diffLines(before, after)
  const gone = hunks.reduce((sum, hunk) => sum + hunk.aEnd - hunk.aStart, 0)
  return (2 * (before.length - gone)) / Math.max(1, before.length + after.length)
}
