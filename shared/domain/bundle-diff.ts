/**
 * What changed between two bundles, short of line diffs: which files, and which frontmatter fields.
 */
import { byPath, type Manifest, type ManifestEntry } from './bundle.ts'
import type { FrontmatterField, SkillMd } from './skill-md.ts'

export type FileChange = {
  kind: 'added' | 'removed' | 'changed' | 'renamed' | 'mode'
  /** Where the file is now; for one removed, where it was. */
  path: string
  fromPath?: string
  left?: ManifestEntry
  right?: ManifestEntry
  /** Of a rename: 0–1, 1 for the same bytes. */
  similarity?: number
}

/** git's own threshold for a rename (diff.renames). */
const MIN_SIMILARITY = 0.5
/** Similarity is the caller's and costs a read of both files; beyond this many pairs only equal bytes count (git: diff.renameLimit). */
const MAX_PAIRS = 10_000

/**
 * Changes by path. A file that vanished and one that appeared are a rename when their bytes are equal, the same name first;
 * else when `similarity` (0–1, undefined for 'cannot tell') says they are at least half the same, the most alike first.
 * `mode`: only the executable bit differs.
 */
export function diffManifests(
  left: Manifest,
  right: Manifest,
  options: { similarity?: (a: ManifestEntry, b: ManifestEntry) => number | undefined } = {},
): FileChange[] {
  const before = new Map(left.map(entry => [entry.path, entry]))
  const after = new Map(right.map(entry => [entry.path, entry]))
  const removed = new Set(left.filter(entry => !after.has(entry.path)).sort(byPath))
  const added = new Set(right.filter(entry => !before.has(entry.path)).sort(byPath))
  const changes: FileChange[] = []
  for (const entry of right) {
    const old = before.get(entry.path)
    if (!old) continue
    const kind = old.sha256 !== entry.sha256 ? 'changed' : old.executable !== entry.executable ? 'mode' : undefined
    if (kind) changes.push({ kind, path: entry.path, left: old, right: entry })
  }
  changes.push(...exactRenames(removed, added))
  if (options.similarity) changes.push(...similarRenames(removed, added, options.similarity))
  for (const entry of removed) changes.push({ kind: 'removed', path: entry.path, left: entry })
  for (const entry of added) changes.push({ kind: 'added', path: entry.path, right: entry })
  return changes.sort(byPath)
}

const renamed = (left: ManifestEntry, right: ManifestEntry, similarity: number): FileChange => ({
  kind: 'renamed',
  path: right.path,
  fromPath: left.path,
  left,
  right,
  similarity,
})

const nameOf = (path: string) => path.slice(path.lastIndexOf('/') + 1)

/** Takes matched entries out of both sets. Empty files are all alike, so they are only matched by name. */
function exactRenames(removed: Set<ManifestEntry>, added: Set<ManifestEntry>): FileChange[] {
  const changes: FileChange[] = []
  for (const sameName of [true, false]) {
    const byHash = new Map<string, ManifestEntry[]>()
    const keyOf = (entry: ManifestEntry) => (sameName ? `${entry.sha256}/${nameOf(entry.path)}` : entry.sha256)
    for (const entry of removed) {
      if (!sameName && entry.size === 0) continue
      byHash.set(keyOf(entry), [...(byHash.get(keyOf(entry)) ?? []), entry])
    }
    for (const entry of [...added]) {
      const old = byHash.get(keyOf(entry))?.shift()
      if (!old) continue
      removed.delete(old)
      added.delete(entry)
      changes.push(renamed(old, entry, 1))
    }
  }
  return changes
}

function similarRenames(
  removed: Set<ManifestEntry>,
  added: Set<ManifestEntry>,
  similarity: (a: ManifestEntry, b: ManifestEntry) => number | undefined,
): FileChange[] {
  if (removed.size * added.size > MAX_PAIRS) return []
  const pairs: { old: ManifestEntry; now: ManifestEntry; score: number }[] = []
  for (const old of removed)
    for (const now of added) {
      const score = couldBeAlike(old, now) ? (similarity(old, now) ?? 0) : 0
      if (score >= MIN_SIMILARITY) pairs.push({ old, now, score })
    }
  pairs.sort((a, b) => b.score - a.score || Number(sameName(b)) - Number(sameName(a)))
  const changes: FileChange[] = []
  for (const { old, now, score } of pairs) {
    if (!removed.has(old) || !added.has(now)) continue
    removed.delete(old)
    added.delete(now)
    changes.push(renamed(old, now, score))
  }
  return changes
}

const sameName = (pair: { old: ManifestEntry; now: ManifestEntry }) => nameOf(pair.old.path) === nameOf(pair.now.path)

/** Sizes that differ more than twofold cannot share half of their bytes. */
const couldBeAlike = (a: ManifestEntry, b: ManifestEntry) =>
  Math.min(a.size, b.size) >= MIN_SIMILARITY * Math.max(a.size, b.size) && a.size > 0

export type FieldChange = {
  /** `metadata`'s entries are told one by one, as 'metadata.version'. */
  key: string
  kind: 'added' | 'removed' | 'changed'
  /** What a person would read: text as text, everything else as written. */
  left?: string
  right?: string
}

/** Fields whose value differs, in the order of the right side, removed ones last. Order, quoting and comments are no change. */
export function diffFrontmatter(left: SkillMd, right: SkillMd): FieldChange[] {
  const before = entriesOf(left)
  const after = entriesOf(right)
  const changes: FieldChange[] = []
  for (const [key, now] of after) {
    const old = before.get(key)
    if (!old) changes.push({ key, kind: 'added', right: shown(now) })
    else if (!sameValue(old.value, now.value)) changes.push(changed(key, old, now))
  }
  for (const [key, old] of before) if (!after.has(key)) changes.push({ key, kind: 'removed', left: shown(old) })
  return changes
}

function entriesOf(skill: SkillMd): Map<string, FrontmatterField> {
  const flat = skill.fields.flatMap(field =>
    field.key === 'metadata' && skill.metadata.length > 0
      ? skill.metadata.map(entry => ({ ...entry, key: `metadata.${entry.key}` }))
      : [field],
  )
  return new Map(flat.map(field => [field.key, field]))
}

const shown = (field: FrontmatterField): string => (typeof field.value === 'string' ? field.value : field.source)

/** `true` and "true" read the same but are not; then both are shown as written. */
function changed(key: string, old: FrontmatterField, now: FrontmatterField): FieldChange {
  const same = shown(old) === shown(now)
  return { key, kind: 'changed', left: same ? old.source : shown(old), right: same ? now.source : shown(now) }
}

function sameValue(a: unknown, b: unknown): boolean {
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return Object.is(a, b)
  try {
    return JSON.stringify(a) === JSON.stringify(b)
  } catch {
    // Aliases can make a value that holds itself; two of those are compared as unlike.
    return false
  }
}
