import { randomUUID } from 'node:crypto'
import { constants } from 'node:fs'
import { type FileHandle, link, lstat, mkdir, open, readdir, readlink, realpath, rename, rm } from 'node:fs/promises'
import { dirname, join, sep } from 'node:path'
import { checkPath } from '../shared/domain/bundle.ts'

/**
 * The one door through which content that somebody else may have written reaches a disk: exports, archives of the command
 * line, agents' workspaces. A folder is opened once; what is written then lands below it, whatever the paths say and whatever
 * links lie there or are put there meanwhile:
 *
 *  - every path is checked (`checkPath`), and walked part by part from the opened folder;
 *  - no part may be a link; a file that is there is replaced only where that was asked for, and then by its name, so a link
 *    in its place is replaced and never followed;
 *  - a file appears whole: it is written beside its place under another name, looked at once more, and then put there.
 *
 * Node has no `openat`. On Linux /proc/self/fd/N is the opened folder itself, so each step starts from a handle and a folder
 * that is swapped for a link changes nothing. Elsewhere the steps go by path, and after a file was opened it is asked whether
 * it lies where it should; what was swapped in between is noticed before a byte is written.
 */

export type FolderFile = { path: string; bytes: Uint8Array; executable: boolean }

export type Refused = {
  ok: false
  code: 'TARGET_NOT_EMPTY' | 'NOT_A_FOLDER' | 'LINK_IN_THE_WAY' | 'PATH_REFUSED' | 'FILE_EXISTS' | 'WRITE_FAILED'
  /** A sentence or two for a person. */
  message: string
}

/** A folder on the way to a file. `at` is how its entries are addressed, `real` where it should be. */
type Step = { path: string; at: string; real: string; handle: FileHandle | undefined }

const FOLDER = constants.O_RDONLY | (constants.O_DIRECTORY ?? 0) | (constants.O_NOFOLLOW ?? 0)
const FRESH = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | (constants.O_NOFOLLOW ?? 0)

/** `byHandle`: through /proc/self/fd, which is Linux's alone. Left out: wherever that works. */
export type SafeFolderOptions = { byHandle?: boolean }

export class SafeFolder {
  /** The folder's real path. */
  readonly path: string
  readonly #byHandle: boolean
  /** The folders from the root to the last file's, open: files come sorted, so most of the way is walked once. */
  readonly #way: Step[]

  private constructor(root: Step, byHandle: boolean) {
    this.path = root.real
    this.#byHandle = byHandle
    this.#way = [root]
  }

  /** Opens a folder that the person named, made where it is missing. Links on the way to it are theirs, and followed. */
  static async open(path: string, options: SafeFolderOptions = {}): Promise<SafeFolder | Refused> {
    try {
      await mkdir(path, { recursive: true })
      const real = await realpath(path)
      const byHandle = options.byHandle ?? (await hasHandles())
      const handle = byHandle ? await open(real, FOLDER) : undefined
      return new SafeFolder({ path: '', at: handle ? placeOf(handle) : real, real, handle }, byHandle)
    } catch (error) {
      return refusedPlace(path, error)
    }
  }

  /**
   * Opens one folder directly below this one, by a name that somebody else may have chosen. `empty`: it must have no files.
   * It is refused where it is a link, wherever that leads.
   */
  async below(name: string, { empty }: { empty: boolean }): Promise<SafeFolder | Refused> {
    if (name.includes('/')) return pathRefused(`“${name}” is no name for a folder.`)
    const bad = checkPath(name)
    if (bad) return pathRefused(bad.message)
    const step = await this.#walk(name)
    if ('ok' in step) return step
    // It is the new folder's to close.
    this.#way.pop()
    const inner = new SafeFolder({ ...step, path: '' }, this.#byHandle)
    try {
      if (!empty || (await readdir(step.at)).length === 0) return inner
      await inner.close()
      const message = `“${step.real}” already has files in it. Nothing was written.`
      return { ok: false, code: 'TARGET_NOT_EMPTY', message }
    } catch (error) {
      await inner.close()
      return writeFailed(step.real, error)
    }
  }

  /** Writes one file; folders on its way are made. Undefined when it is there. */
  async write(file: FolderFile, { replace }: { replace: boolean }): Promise<Refused | undefined> {
    const bad = checkPath(file.path)
    if (bad) return pathRefused(bad.message)
    const slash = file.path.lastIndexOf('/')
    const step = await this.#walk(file.path.slice(0, Math.max(0, slash)))
    return 'ok' in step ? step : put(step, file.path.slice(slash + 1), file, replace)
  }

  async close(): Promise<void> {
    for (const { handle } of this.#way.splice(0)) await handle?.close()
  }

  async #walk(path: string): Promise<Step | Refused> {
    for (let last = this.#way.at(-1); last && !isAbove(last.path, path); last = this.#way.at(-1)) {
      this.#way.pop()
      await last.handle?.close()
    }
    let step = this.#way.at(-1)
    if (!step) throw new Error('the folder is closed')
    const rest = step.path === '' ? path : path.slice(step.path.length + 1)
    for (const name of rest === '' ? [] : rest.split('/')) {
      const next = await this.#enter(step, name)
      if ('ok' in next) return next
      this.#way.push(next)
      step = next
    }
    return step
  }

  async #enter(above: Step, name: string): Promise<Step | Refused> {
    const at = join(above.at, name)
    const path = above.path === '' ? name : `${above.path}/${name}`
    const shown = join(above.real, name)
    let handle: FileHandle | undefined
    try {
      await mkdir(at).catch(error => {
        if (codeOf(error) !== 'EEXIST') throw error
      })
      if (!(await lstat(at)).isDirectory()) return await inTheWay(at, shown)
      handle = this.#byHandle ? await open(at, FOLDER) : undefined
      const step = { path, at: handle ? placeOf(handle) : at, real: '', handle }
      // Its name on the disk, which may be of another case than the one that was asked for.
      step.real = await whereIs(step)
      if (dirname(step.real) === above.real) return step
      await handle?.close()
      return await inTheWay(at, shown)
    } catch (error) {
      await handle?.close().catch(() => {})
      // It became a link between looking and opening.
      if (codeOf(error) === 'ELOOP' || codeOf(error) === 'ENOTDIR') return await inTheWay(at, shown)
      return writeFailed(shown, error)
    }
  }
}

const whereIs = ({ at, handle }: Pick<Step, 'at' | 'handle'>): Promise<string> => (handle ? readlink(at) : realpath(at))

const isAbove = (folder: string, path: string): boolean =>
  folder === '' || path === folder || path.startsWith(`${folder}/`)

/** Beside its place first, then under its name. */
async function put(step: Step, name: string, file: FolderFile, replace: boolean): Promise<Refused | undefined> {
  const place = join(step.at, name)
  const temporary = join(step.at, `.${randomUUID()}.part`)
  try {
    const handle = await open(temporary, FRESH, file.executable ? 0o755 : 0o644)
    try {
      const moved = await isElsewhere(step, temporary, handle)
      if (moved) return moved
      await handle.writeFile(file.bytes)
    } finally {
      await handle.close()
    }
    if (replace) await rename(temporary, place)
    else await moveBeside(temporary, place)
    return undefined
  } catch (error) {
    const shown = join(step.real, name)
    if (codeOf(error) !== 'EEXIST') return writeFailed(shown, error)
    return { ok: false, code: 'FILE_EXISTS', message: `“${shown}” is there already, so it was not replaced.` }
  } finally {
    await rm(temporary, { force: true }).catch(() => {})
  }
}

/** A hard link cannot take a name that is taken. Disks without them (FAT) are asked first. */
async function moveBeside(from: string, to: string): Promise<void> {
  try {
    await link(from, to)
  } catch (error) {
    if (codeOf(error) === 'EEXIST') throw error
    const there = await lstat(to).catch(() => undefined)
    if (there) throw Object.assign(new Error('it is there already'), { code: 'EEXIST' })
    await rename(from, to)
  }
}

/** Whether the folder is no longer where it was, or the file that was just opened is not the one in it. */
async function isElsewhere(step: Step, file: string, handle: FileHandle): Promise<Refused | undefined> {
  const real = await whereIs(step)
  const [opened, there] = [await handle.stat({ bigint: true }), await lstat(file, { bigint: true })]
  if (real === step.real && opened.ino === there.ino && opened.dev === there.dev) return undefined
  const message = `“${step.real}” was moved or replaced while it was written to. What was written before is still there.`
  return { ok: false, code: 'LINK_IN_THE_WAY', message }
}

async function inTheWay(at: string, real: string): Promise<Refused> {
  const stats = await lstat(at).catch(() => undefined)
  const what = stats?.isSymbolicLink() ? 'a link' : 'a file'
  const message = `“${real}” is ${what} where a folder is needed. Remove it and export again.`
  return { ok: false, code: 'LINK_IN_THE_WAY', message }
}

const placeOf = (handle: FileHandle): string => `/proc/self/fd/${handle.fd}`

let handles: Promise<boolean> | undefined
/** Whether a folder's handle can be gone on from. Asked once: it does not change while a process runs. */
const hasHandles = (): Promise<boolean> => {
  handles ??= tryHandles()
  return handles
}
async function tryHandles(): Promise<boolean> {
  if (process.platform !== 'linux') return false
  const handle = await open(sep, FOLDER).catch(() => undefined)
  const works = handle && (await readdir(placeOf(handle)).catch(() => undefined))
  await handle?.close()
  return works !== undefined
}

const pathRefused = (words: string): Refused => ({
  ok: false,
  code: 'PATH_REFUSED',
  message: `${words} Nothing was written.`,
})

function refusedPlace(path: string, error: unknown): Refused {
  const code = codeOf(error)
  if (code === 'EEXIST' || code === 'ENOTDIR')
    return { ok: false, code: 'NOT_A_FOLDER', message: `“${path}” is not a folder. Nothing was written.` }
  return writeFailed(path, error)
}

const writeFailed = (path: string, error: unknown): Refused => ({
  ok: false,
  code: 'WRITE_FAILED',
  message: `“${path}” could not be written (${reason(error)}).`,
})

const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined

/** A file system's error in words. */
function reason(error: unknown): string {
  const code = codeOf(error)
  if (code === 'EACCES' || code === 'EPERM') return 'no permission'
  if (code === 'ENOENT') return 'it is gone'
  if (code === 'ELOOP') return 'it is a link'
  if (code === 'ENOSPC') return 'the disk is full'
  if (code === 'EROFS') return 'the disk is read-only'
  return code ?? 'unknown error'
}
