/** Which files of two bundles and their common base are one file, also where a side gave it another name. */

import type { Manifest, ManifestEntry } from './bundle.ts'
import type { FileChange } from './bundle-diff.ts'

/** One file on both sides and in the base; each entry has the path it has there. */
export type MatchedFiles = {
  base: ManifestEntry | undefined
  left: ManifestEntry | undefined
  right: ManifestEntry | undefined
}

type Side = 'left' | 'right'
type Bundles = { base: Manifest; left: Manifest; right: Manifest }

/**
 * Every file of the three by its path in the result: the new name where one side renamed it or both did alike, the base's
 * where they gave it two. `changes` are those from the base to either side. A rename to a name that the other side uses for
 * another file is not followed.
 */
export function matchFiles(
  bundles: Bundles,
  changes: Record<Side, readonly FileChange[]>,
): ({ path: string } & MatchedFiles)[] {
  const renames = { left: renamesOf(changes.left), right: renamesOf(changes.right) }
  for (;;) {
    const files = matched(bundles, renames)
    const places = new Map<string, number>()
    for (const { path } of files) places.set(path, (places.get(path) ?? 0) + 1)
    const colliding = files.filter(({ path, base }) => base && (places.get(path) ?? 0) > 1)
    const followed = colliding.filter(
      ({ base }) => base && (renames.left.has(base.path) || renames.right.has(base.path)),
    )
    if (followed.length === 0) return files.sort((one, other) => (one.path < other.path ? -1 : 1))
    for (const { base } of followed) {
      renames.left.delete(base?.path ?? '')
      renames.right.delete(base?.path ?? '')
    }
  }
}

/** New path by old one. */
const renamesOf = (changes: readonly FileChange[]): Map<string, string> =>
  new Map(changes.flatMap(({ kind, fromPath, path }) => (kind === 'renamed' && fromPath ? [[fromPath, path]] : [])))

function matched(bundles: Bundles, renames: Record<Side, ReadonlyMap<string, string>>) {
  const [left, right] = [byPath(bundles.left), byPath(bundles.right)]
  const files: ({ path: string } & MatchedFiles)[] = []
  for (const base of bundles.base) {
    const names = { left: renames.left.get(base.path) ?? base.path, right: renames.right.get(base.path) ?? base.path }
    const path = mergedName(base.path, names.left, names.right)
    files.push({ path, base, left: take(left, names.left), right: take(right, names.right) })
  }
  for (const path of new Set([...left.keys(), ...right.keys()]))
    files.push({ path, base: undefined, left: left.get(path), right: right.get(path) })
  return files
}

const byPath = (manifest: Manifest) => new Map(manifest.map(entry => [entry.path, entry]))

function take(files: Map<string, ManifestEntry>, path: string): ManifestEntry | undefined {
  const entry = files.get(path)
  files.delete(path)
  return entry
}

const mergedName = (base: string, left: string, right: string): string =>
  left === right || right === base ? left : left === base ? right : base
