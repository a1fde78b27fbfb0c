import type { Manifest, ManifestEntry } from './manifest.ts'
import { foldName, type PartProblem, partProblem, showName } from './paths.ts'

/**
 * A bundle is the content of one version: the files of a skill's folder. It is named by the SHA-256 of its
 * manifest, a canonical JSON array sorted by path, so equal folders have equal names on every machine.
 * Bytes are addressed by their own SHA-256 and stored once. Hashing itself is the caller's (`Sha256`), so that this
 * file runs unchanged in Node and in the browser.
 */

export type { Manifest, ManifestEntry }
/** Lowercase hex SHA-256 of bytes, or of a string's UTF-8. */
export type Sha256 = (data: Uint8Array | string) => string

/** What one bundle may hold. Beyond these an import or a save answers with a `BundleProblem`. */
export const BUNDLE_LIMITS = {
  files: 2_000,
  fileBytes: 50 * 1024 * 1024,
  totalBytes: 200 * 1024 * 1024,
  pathCharacters: 512,
} as const

export type BundleProblem = {
  code:
    | 'PATH_EMPTY'
    | 'PATH_ABSOLUTE'
    | 'PATH_TRAVERSAL'
    | 'PATH_TOO_LONG'
    | 'PATH_INVALID'
    /** A part of it means something to a program: `.git` in any spelling, `__proto__`. */
    | 'PATH_RESERVED'
    | 'PATH_CLASH'
    | 'FILE_TOO_LARGE'
    | 'SIZE_INVALID'
    | 'TOO_MANY_FILES'
    | 'BUNDLE_TOO_LARGE'
    | 'SKILL_MD_MISSING'
  path: string
  /** One sentence for a person. */
  message: string
}

const FORBIDDEN = /[\u0000-\u001f\u007f<>:"|?*\\]/
const CODES = {
  windows: 'PATH_INVALID',
  invisible: 'PATH_INVALID',
  long: 'PATH_TOO_LONG',
  meaning: 'PATH_RESERVED',
} as const satisfies Record<PartProblem['kind'], BundleProblem['code']>

/**
 * Checks one relative path; undefined when it can live on every platform. Paths use `/` and are kept as given otherwise. What
 * a part may be called is in paths.ts.
 */
export function checkPath(path: string): BundleProblem | undefined {
  const problem = (code: BundleProblem['code'], message: string): BundleProblem => ({ code, path, message })
  if (path === '') return problem('PATH_EMPTY', 'A file has no name.')
  if (path.length > BUNDLE_LIMITS.pathCharacters)
    return problem('PATH_TOO_LONG', `The path is longer than ${BUNDLE_LIMITS.pathCharacters} characters.`)
  const shown = showName(path)
  if (path.startsWith('/') || path.startsWith('\\') || /^[A-Za-z]:/.test(path))
    return problem('PATH_ABSOLUTE', `“${shown}” is an absolute path.`)
  const parts = path.split('/')
  if (parts.some(part => part === '..')) return problem('PATH_TRAVERSAL', `“${shown}” points outside its folder.`)
  if (parts.some(part => part === '' || part === '.'))
    return problem('PATH_INVALID', `“${shown}” is not a plain relative path.`)
  for (const part of parts) {
    const bad = partProblem(part)
    if (bad?.kind === 'meaning') return problem(CODES[bad.kind], bad.message)
    if (FORBIDDEN.test(part))
      return problem('PATH_INVALID', `“${shown}” has a character that not every system allows in a file name.`)
    if (bad) return problem(CODES[bad.kind], bad.message)
  }
  return undefined
}

/** Byte-wise order of UTF-16 code units: the same on every machine, unlike `localeCompare`. */
export const byPath = (a: { path: string }, b: { path: string }): number =>
  a.path < b.path ? -1 : a.path > b.path ? 1 : 0

/** What makes two names one file on some systems, where they may look the same. */
function sayTwins(one: string, other: string): string {
  const [left, right] = [showName(one), showName(other)]
  if (one.normalize('NFC') === other.normalize('NFC'))
    return `“${left}” is there twice, with accents as parts of their letters and as characters of their own (NFC and NFD): one file on a Mac.`
  if (one.toLowerCase() === other.toLowerCase())
    return `“${left}” and “${right}” are one file where capitals do not count.`
  return `“${left}” and “${right}” are one file where capitals and invisible characters do not count.`
}

/** What keeps a path from standing beside others: one that is the same file somewhere, or a file where it needs a folder. */
export function findClash(
  paths: readonly string[],
  path: string,
): { other: string; kind: 'same' | 'folder'; message: string } | undefined {
  const folded = foldName(path)
  for (const other of paths) {
    const known = foldName(other)
    if (known === folded) {
      const message = other === path ? `“${showName(path)}” is there already.` : sayTwins(other, path)
      return { other, kind: 'same', message }
    }
    if (known.startsWith(`${folded}/`) || folded.startsWith(`${known}/`))
      return {
        other,
        kind: 'folder',
        message: `“${showName(other)}” is there, and a name cannot be a file and a folder.`,
      }
  }
  return undefined
}

/** Everything wrong with a set of files as a bundle; empty when it may be stored. */
export function checkManifest(entries: readonly ManifestEntry[]): BundleProblem[] {
  const problems: BundleProblem[] = []
  const seen = new Map<string, string>()
  const folders = new Map<string, string>()
  let total = 0
  for (const entry of entries) {
    const bad = checkPath(entry.path)
    if (bad) problems.push(bad)
    const folded = foldName(entry.path)
    const other = seen.get(folded)
    if (other !== undefined)
      problems.push({
        code: 'PATH_CLASH',
        path: entry.path,
        message: sayTwins(other, entry.path),
      })
    seen.set(folded, entry.path)
    for (let at = folded.indexOf('/'); at !== -1; at = folded.indexOf('/', at + 1))
      folders.set(folded.slice(0, at), entry.path)
    if (!Number.isSafeInteger(entry.size) || entry.size < 0)
      problems.push({
        code: 'SIZE_INVALID',
        path: entry.path,
        message: `“${showName(entry.path)}” has no size that can be.`,
      })
    if (entry.size > BUNDLE_LIMITS.fileBytes)
      problems.push({
        code: 'FILE_TOO_LARGE',
        path: entry.path,
        message: `“${entry.path}” is ${megabytes(entry.size)}; a file may have ${megabytes(BUNDLE_LIMITS.fileBytes)}.`,
      })
    total += entry.size
  }
  for (const [folded, path] of seen) {
    const inside = folders.get(folded)
    if (inside !== undefined)
      problems.push({
        code: 'PATH_CLASH',
        path,
        message: `“${path}” would be a file and, for “${inside}”, a folder.`,
      })
  }
  if (entries.length > BUNDLE_LIMITS.files)
    problems.push({
      code: 'TOO_MANY_FILES',
      path: '',
      message: `The folder has ${entries.length} files; a skill may have ${BUNDLE_LIMITS.files}.`,
    })
  if (total > BUNDLE_LIMITS.totalBytes)
    problems.push({
      code: 'BUNDLE_TOO_LARGE',
      path: '',
      message: `The folder has ${megabytes(total)}; a skill may have ${megabytes(BUNDLE_LIMITS.totalBytes)}.`,
    })
  if (!entries.some(entry => isSkillMd(entry.path)))
    problems.push({ code: 'SKILL_MD_MISSING', path: 'SKILL.md', message: 'There is no SKILL.md.' })
  return problems
}

/** `SKILL.md` at the bundle's top; `skill.md` is accepted when reading (Agent Skills specification). */
export const isSkillMd = (path: string): boolean => path === 'SKILL.md' || path === 'skill.md'

export const findSkillMd = <T extends { path: string }>(entries: readonly T[]): T | undefined =>
  entries.find(entry => entry.path === 'SKILL.md') ?? entries.find(entry => entry.path === 'skill.md')

/** The canonical text of a manifest: what is hashed, stored and sent. */
export function encodeManifest(entries: readonly ManifestEntry[]): string {
  const rows = [...entries].sort(byPath)
  return JSON.stringify(rows.map(({ path, sha256, size, executable }) => ({ path, sha256, size, executable })))
}

const megabytes = (bytes: number): string => `${(bytes / 1024 / 1024).toFixed(bytes < 10 * 1024 * 1024 ? 1 : 0)} MB`
