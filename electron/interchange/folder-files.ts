import type { Stats } from 'node:fs'
import { lstat } from 'node:fs/promises'
import { basename, join, sep } from 'node:path'
import { BUNDLE_LIMITS, isSkillMd } from '../../shared/domain/bundle.ts'
import { isGitName, partProblem } from '../../shared/domain/paths.ts'
import { followLink, list, reason, unreadable } from './disk.ts'
import { isLeftOutFile, isLeftOutFolder, joinPath, skipLine } from './skill-files.ts'
import type { Sink, Skipped } from './source.ts'

/** What is being read: the real path of its root, where findings go, what stops it. */
export type Tree = { root: string; sink: Sink; signal: AbortSignal }
/** `path` is relative to the skill's folder, `file` is where the bytes are, `modified` in milliseconds since 1970. */
export type FileOnDisk = { path: string; file: string; size: number; modified: number; executable: boolean }

/** What one skill's folder may list before it is refused unread: links can make a small tree endless. */
const ENTRIES_LIMIT = 4 * BUNDLE_LIMITS.files

/** A folder to list: its path in the skill, its real path, and the real places entered on the way, itself the last. */
type Step = { path: string; real: string; entered: readonly string[] }

/**
 * Every file of the skill's folder `folder` (relative to the tree; `home` is its real path), links resolved, nothing
 * read yet; undefined, with a line in the report, when there are far too many.
 */
export async function listSkill(tree: Tree, folder: string, home: string): Promise<FileOnDisk[] | undefined> {
  const files: FileOnDisk[] = []
  const waiting: Step[] = [{ path: '', real: home, entered: [home] }]
  let seen = 0
  for (let step = waiting.pop(); step; step = waiting.pop()) {
    tree.signal.throwIfAborted()
    const entries = await list(step.real)
    if ('reason' in entries) {
      tree.sink.skipped(unreadable(joinPath(folder, step.path), entries.reason))
      continue
    }
    seen += entries.length
    if (seen > ENTRIES_LIMIT) {
      const message = `“${folder || basename(home)}” has more than ${ENTRIES_LIMIT} files and folders. The skill was left out.`
      tree.sink.skipped({ path: folder, code: 'TOO_MANY_FILES', message })
      return undefined
    }
    for (const { name } of entries) {
      if (isLeftOutFolder(name) || isLeftOutFile(name)) continue
      if (isGitName(name)) {
        const path = joinPath(folder, joinPath(step.path, name))
        const message = `${partProblem(name)?.message} It was left out with all that is in it.`
        tree.sink.skipped({ path, code: 'PATH_RESERVED', message })
        continue
      }
      const place = await placeOf(tree.root, step, name, joinPath(folder, joinPath(step.path, name)))
      if ('skip' in place) tree.sink.skipped(place.skip)
      else if ('enter' in place) waiting.push(place.enter)
      else {
        files.push(place)
        if (step.path !== '' && isSkillMd(name))
          tree.sink.skipped(skipLine.nested(joinPath(folder, place.path), folder || basename(home)))
      }
    }
  }
  return files
}

type Place = FileOnDisk | { enter: Step } | { skip: Skipped }

/** What an entry of a skill's folder is: a file to keep, a folder to enter, or something to leave out. */
async function placeOf(root: string, step: Step, name: string, shown: string): Promise<Place> {
  const file = join(step.real, name)
  try {
    const stats = await lstat(file)
    if (!stats.isSymbolicLink()) return sort(step, name, shown, file, stats)
  } catch (error) {
    return { skip: unreadable(shown, reason(error)) }
  }
  const target = await followLink(root, file)
  if (target.kind === 'outside') return { skip: outside(shown, target.real) }
  if (target.kind === 'broken')
    return { skip: { path: shown, code: 'LINK_BROKEN', message: `“${shown}” is a link to nothing and was left out.` } }
  const isAround = (real: string): boolean => target.real === real || real.startsWith(target.real + sep)
  if (target.stats.isDirectory() && step.entered.some(isAround)) {
    const message = `“${shown}” is a link to a folder that it lies in and was left out.`
    return { skip: { path: shown, code: 'LINK_LOOP', message } }
  }
  return sort(step, name, shown, target.real, target.stats)
}

function sort(step: Step, name: string, shown: string, file: string, stats: Stats): Place {
  const path = joinPath(step.path, name)
  if (stats.isDirectory()) return { enter: { path, real: file, entered: [...step.entered, file] } }
  if (!stats.isFile())
    return { skip: { path: shown, code: 'NOT_A_FILE', message: `“${shown}” is not a plain file and was left out.` } }
  // Windows has no executable bit; Node would make one up from the name.
  const executable = process.platform !== 'win32' && (stats.mode & 0o111) !== 0
  return { path, file, size: stats.size, modified: stats.mtimeMs, executable }
}

export const outside = (path: string, real: string): Skipped => ({
  path,
  code: 'LINK_OUTSIDE',
  message: `“${path}” is a link to “${real}”, outside of what is read, and was left out. To have it, import that place.`,
})
