import { type BundleProblem, checkManifest, isSkillMd } from '../../shared/domain/bundle.ts'
import type { Skipped } from './source.ts'

/**
 * Which files of a folder belong to a skill. Folder, zip and git all decide by these rules, so that the same skill
 * gets the same content hash whichever way it comes in.
 *
 * A SKILL.md inside another skill's folder belongs to the outer skill and starts no skill of its own: the
 * specification gives a skill its whole folder, and inner ones are mostly templates and examples. It is reported.
 */

/** What version control, package managers and caches leave behind: never looked into, never part of a skill. */
const LEFT_OUT_FOLDERS = new Set([
  '.git',
  '.hg',
  '.svn',
  'node_modules',
  '__pycache__',
  '.venv',
  '.tox',
  '.mypy_cache',
  '.pytest_cache',
  '.ruff_cache',
  '__MACOSX',
  '.Spotlight-V100',
  '.Trashes',
  '.fseventsd',
])
/** What operating systems drop into folders. `.git` is a file in worktrees and submodules. */
const LEFT_OUT_FILES = new Set(['.DS_Store', 'Thumbs.db', 'ehthumbs.db', 'desktop.ini', 'Desktop.ini', '.git'])

export const isLeftOutFolder = (name: string): boolean => LEFT_OUT_FOLDERS.has(name)
export const isLeftOutFile = (name: string): boolean => LEFT_OUT_FILES.has(name) || name.startsWith('._')

/** Whether a relative path is left out, by its own name or by a folder on its way. */
export function isLeftOut(path: string): boolean {
  const names = path.split('/')
  const file = names.pop()
  return names.some(isLeftOutFolder) || (file !== undefined && isLeftOutFile(file))
}

/** Joins a folder's relative path ('' for the root) and a path in it. */
export const joinPath = (folder: string, path: string): string =>
  folder === '' ? path : path === '' ? folder : `${folder}/${path}`
/** The last name of a relative path; '' for the root. */
export const lastName = (path: string): string => path.slice(path.lastIndexOf('/') + 1)
/** The folder of a relative path; '' at the root. */
export const folderOf = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf('/')))

/** The paths of each outermost folder with a SKILL.md, by folder ('' for the root), sorted by folder; junk is gone. */
export function outermostSkills(paths: readonly string[]): Map<string, string[]> {
  const kept = paths.filter(path => !isLeftOut(path))
  const folders = new Set(kept.filter(path => isSkillMd(lastName(path))).map(folderOf))
  const skills = new Map<string, string[]>()
  for (const folder of [...folders].sort()) if (ownerAbove(folder, folders) === undefined) skills.set(folder, [])
  for (const path of kept) {
    const folder = folderOf(path)
    const owner = ownerAbove(folder, folders) ?? folder
    skills.get(owner)?.push(path)
  }
  return skills
}

/** The outermost of the folders that a folder lies in, itself not counted. */
function ownerAbove(folder: string, folders: ReadonlySet<string>): string | undefined {
  if (folder === '') return undefined
  if (folders.has('')) return ''
  for (let at = folder.indexOf('/'); at !== -1; at = folder.indexOf('/', at + 1))
    if (folders.has(folder.slice(0, at))) return folder.slice(0, at)
  return undefined
}

const WHOLE_SKILL: ReadonlySet<BundleProblem['code']> = new Set([
  'TOO_MANY_FILES',
  'BUNDLE_TOO_LARGE',
  'SKILL_MD_MISSING',
])

/**
 * Drops the files that no bundle may hold (bad path, clash by case, too large), each with a line in the report, and
 * gives the rest sorted by path; undefined, again with a line, when what is left is no skill. `folder` is the skill's
 * path for the report, `consequence` the sentence that says what was lost with it. Of two names that clash the first in
 * code unit order is kept.
 */
export function chooseFiles<T extends { path: string; size: number }>(
  files: readonly T[],
  folder: string,
  report: (skip: Skipped) => void,
  consequence = 'The skill was left out.',
): T[] | undefined {
  const sorted =
    files.length < 2 ? [...files] : [...files].sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0))
  const problems = problemsOf(sorted)
  if (problems.length === 0) return sorted
  const dropped = new Set<string>()
  for (const problem of problems) {
    if (WHOLE_SKILL.has(problem.code)) continue
    dropped.add(problem.path)
    report({ path: joinPath(folder, problem.path), code: problem.code, message: problem.message })
  }
  const kept = sorted.filter(file => !dropped.has(file.path))
  const fatal = problemsOf(kept).find(problem => WHOLE_SKILL.has(problem.code))
  if (!fatal) return kept
  report({ path: joinPath(folder, fatal.path), code: fatal.code, message: `${fatal.message} ${consequence}` })
  return undefined
}

const problemsOf = (files: readonly { path: string; size: number }[]): BundleProblem[] =>
  checkManifest(files.map(({ path, size }) => ({ path, size, sha256: '', executable: false })))

/** The lines that more than one reader writes, so that the same trouble reads the same. `path` is where it was found. */
export const skipLine = {
  nested: (path: string, owner: string): Skipped => ({
    path,
    code: 'NESTED_SKILL',
    message: `“${path}” lies inside the skill “${owner}” and came in as one of its files, not as a skill of its own.`,
  }),
  notUtf8: (path: string): Skipped => ({
    path,
    code: 'NOT_UTF8',
    message: `“${path}” is not UTF-8 text, so the skill was left out. Save the file as UTF-8 and import it again.`,
  }),
  link: (path: string): Skipped => ({
    path,
    code: 'LINK_LEFT_OUT',
    message: `“${path}” is a symbolic link and was left out.`,
  }),
  frontmatter: (path: string, reason: string): Skipped => ({
    path,
    code: 'FRONTMATTER_INVALID',
    message: `“${path}”, ${reason} The skill came in as it is, to be mended here.`,
  }),
}
