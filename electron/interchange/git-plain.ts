import { lstat, readdir, realpath, stat } from 'node:fs/promises'
import { dirname, isAbsolute, join, parse, resolve } from 'node:path'
import { readBytes } from './disk.ts'
import { type Git, runGit } from './git-process.ts'
import type { ReadFailure } from './source.ts'

/**
 * git waits for ever for a named pipe that nobody writes to, wherever in a repository it lies. So before git is started, all
 * that it would open is looked at: the repository's own folder with what that refers to (a worktree's common folder, other
 * object folders, included configuration). What is put there later is ended by the reader's signal or its time limit.
 */

/** Looking further would take longer than git's own time limit is worth: a repository of this size is read as it is. */
const MOST_ENTRIES = 500_000
const MOST_REFERRED = 20

/** Why a repository must not be opened; undefined when it may, or when there is none (git says that better). */
export async function unplainRepository(git: Git, signal: AbortSignal): Promise<ReadFailure | undefined> {
  // Windows has no such files.
  if (process.platform === 'win32') return undefined
  const folder = await gitFolderOf(git.repository)
  if (folder === undefined) return undefined
  if (typeof folder !== 'string') return refused(folder.unplain)
  const look = new Look(signal)
  const found = (await look.folder(folder)) ?? (await look.configuration(git, folder))
  return found === undefined ? undefined : refused(found)
}

const refused = (path: string): ReadFailure => ({
  ok: false,
  code: 'GIT_FAILED',
  message: `“${path}” is no plain file (a pipe or a device), so git would wait for it without end. Nothing was read. Remove it, then import again.`,
})

/** Where git finds the repository of a folder: `.git` in it or above it, or the folder itself. */
async function gitFolderOf(path: string): Promise<string | { unplain: string } | undefined> {
  for (let folder = resolve(path); ; folder = dirname(folder)) {
    const inside = join(folder, '.git')
    const kind = await kindOf(inside)
    if (kind === 'folder') return inside
    if (kind === 'other') return { unplain: inside }
    if (kind === 'file') return (await referred(inside, folder, 'gitdir: ')) ?? inside
    // A bare repository, or a folder inside one.
    if ((await kindOf(join(folder, 'objects'))) === 'folder' && (await kindOf(join(folder, 'HEAD'))) !== 'nothing')
      return folder
    if (dirname(folder) === folder) return undefined
  }
}

/** What a path leads to, links followed. */
async function kindOf(path: string): Promise<'file' | 'folder' | 'other' | 'nothing'> {
  const stats = await stat(path).catch(() => undefined)
  if (!stats) return 'nothing'
  return stats.isFile() ? 'file' : stats.isDirectory() ? 'folder' : 'other'
}

/** The path that a file holds, from `base`. */
async function referred(file: string, base: string, prefix = ''): Promise<string | undefined> {
  const [line] = await linesOf(file)
  return line?.startsWith(prefix) ? resolve(base, line.slice(prefix.length)) : undefined
}

async function linesOf(file: string): Promise<string[]> {
  const bytes = await readBytes(await realpath(file).catch(() => file))
  if ('reason' in bytes) return []
  return Buffer.from(bytes)
    .toString('utf8')
    .split('\n')
    .map(line => line.trim())
    .filter(line => line !== '')
}

class Look {
  readonly #signal: AbortSignal
  readonly #seen = new Set<string>()
  #entries = 0

  constructor(signal: AbortSignal) {
    this.#signal = signal
  }

  /** The first entry below a repository's folder, or below what it refers to, that is no plain file. Sockets are let be: opening one fails at once. */
  async folder(folder: string): Promise<string | undefined> {
    const waiting = [folder]
    for (let next = waiting.pop(); next !== undefined && this.#entries < MOST_ENTRIES; next = waiting.pop()) {
      this.#signal.throwIfAborted()
      const real = await realpath(next).catch(() => undefined)
      if (real === undefined || this.#seen.has(real)) continue
      this.#seen.add(real)
      const entries = await readdir(real, { withFileTypes: true }).catch(() => [])
      this.#entries += entries.length
      for (const entry of entries) {
        const path = join(real, entry.name)
        if (entry.isFile() || entry.isSocket()) continue
        if (entry.isDirectory()) waiting.push(path)
        else {
          // A link, or of a kind that the listing does not tell.
          const kind = await kindOf(path)
          if (kind === 'folder') waiting.push(path)
          else if (kind === 'other' && !(await isSocket(path))) return path
        }
      }
      for (const more of await refersTo(real)) if (this.#seen.size < MOST_ENTRIES) waiting.push(more)
    }
    return undefined
  }

  /** Files that the configuration includes, and those that these include. */
  async configuration(git: Git, folder: string): Promise<string | undefined> {
    const common = (await referred(join(folder, 'commondir'), folder)) ?? folder
    const waiting = [join(common, 'config'), join(folder, 'config.worktree')]
    for (let n = 0; n < MOST_REFERRED; n++) {
      const file = waiting.shift()
      if (file === undefined) return undefined
      const kind = await kindOf(file)
      if (kind === 'other') return file
      if (kind !== 'file') continue
      const asked = await runGit(
        // From outside of it: in it git would read the configuration that is only now looked at.
        { ...git, repository: parse(file).root },
        ['config', '--file', file, '--no-includes', '-z', '--get-regexp', '^include(if\\..*)?\\.path$'],
        this.#signal,
      )
      for (const entry of asked.stdout.split('\0')) {
        const value = entry.slice(entry.indexOf('\n') + 1)
        if (value !== '') waiting.push(included(value, file, git.env))
      }
    }
    return undefined
  }
}

const isSocket = async (path: string): Promise<boolean> =>
  (await lstat(path).catch(() => undefined))?.isSocket() ?? false

/** Other folders that git opens because of one of a repository's. */
async function refersTo(folder: string): Promise<string[]> {
  const common = await referred(join(folder, 'commondir'), folder)
  // Of an `objects` folder; relative paths start there.
  const others = await linesOf(join(folder, 'info', 'alternates'))
  return [...(common === undefined ? [] : [common]), ...others.slice(0, MOST_REFERRED).map(one => resolve(folder, one))]
}

/** An included path as git understands it: `~/` is the person's, the rest starts where the including file lies. */
function included(value: string, file: string, env: NodeJS.ProcessEnv): string {
  if (value.startsWith('~/')) return join(env.HOME ?? '', value.slice(2))
  return isAbsolute(value) ? value : join(dirname(file), value)
}
