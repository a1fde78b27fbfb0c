import { constants } from 'node:fs'
import { lstat, mkdir, open, readdir, realpath, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { checkManifest } from '../../shared/domain/bundle.ts'
import { errorCode, onDisk, reason } from './disk.ts'

export type FolderFile = { path: string; bytes: Uint8Array; executable: boolean }

/** `overwrite`: the folder may have files already; those of the same name are replaced, all others stay. */
export type WriteFolderOptions = { overwrite?: boolean; signal?: AbortSignal }

export type WriteFolderResult =
  | { ok: true; path: string; files: number }
  | {
      ok: false
      code: 'TARGET_NOT_EMPTY' | 'NOT_A_FOLDER' | 'LINK_IN_THE_WAY' | 'PATH_REFUSED' | 'WRITE_FAILED'
      message: string
    }

type Failure = Extract<WriteFolderResult, { ok: false }>

/**
 * Writes a bundle's files to a folder, which is made when it is missing. Each file appears whole (a temporary file beside
 * it, then renamed), keeps its executable bit, and lands inside the folder: paths are checked before anything is written,
 * and a link on the way is refused. On a failure the files written before it stay; the message says which one failed.
 */
export async function writeFolder(
  target: string,
  files: readonly FolderFile[],
  options: WriteFolderOptions = {},
): Promise<WriteFolderResult> {
  const bad = refusedPath(files)
  if (bad) return bad
  const folder = await openTarget(target, options.overwrite ?? false)
  if (typeof folder !== 'string') return folder
  const checked = new Set<string>()
  for (const file of files) {
    options.signal?.throwIfAborted()
    const failed = (await makeFolders(folder, dirname(file.path), checked)) ?? (await writeFile(folder, file))
    if (failed) return failed
  }
  return { ok: true, path: folder, files: files.length }
}

/** Bundles are checked when they are made; this is the last door before the disk. */
function refusedPath(files: readonly FolderFile[]): Failure | undefined {
  const entries = files.map(({ path, bytes, executable }) => ({ path, size: bytes.byteLength, sha256: '', executable }))
  const problem = checkManifest(entries).find(({ code }) => code.startsWith('PATH_'))
  return problem && { ok: false, code: 'PATH_REFUSED', message: `${problem.message} Nothing was written.` }
}

async function openTarget(target: string, overwrite: boolean): Promise<string | Failure> {
  try {
    await mkdir(target, { recursive: true })
    const folder = await realpath(target)
    const there = await readdir(folder)
    if (there.length === 0 || overwrite) return folder
    const message = `“${target}” already has files in it. Nothing was written.`
    return { ok: false, code: 'TARGET_NOT_EMPTY', message }
  } catch (error) {
    const code = errorCode(error)
    if (code === 'EEXIST' || code === 'ENOTDIR')
      return { ok: false, code: 'NOT_A_FOLDER', message: `“${target}” is not a folder. Nothing was written.` }
    return failed(target, error)
  }
}

/** Makes the folders of a relative path one by one, so that none of them can be a link that leads out. */
async function makeFolders(root: string, path: string, checked: Set<string>): Promise<Failure | undefined> {
  if (path === '.' || checked.has(path)) return undefined
  const above = await makeFolders(root, dirname(path), checked)
  if (above) return above
  const folder = onDisk(root, path)
  try {
    await mkdir(folder)
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') return failed(folder, error)
    const stats = await lstat(folder)
    if (!stats.isDirectory()) {
      const what = stats.isSymbolicLink() ? 'a link' : 'a file'
      const message = `“${folder}” is ${what} where a folder is needed. Remove it and export again.`
      return { ok: false, code: 'LINK_IN_THE_WAY', message }
    }
  }
  checked.add(path)
  return undefined
}

/** A link in the file's own place is replaced by the rename, not followed. */
async function writeFile(root: string, { path, bytes, executable }: FolderFile): Promise<Failure | undefined> {
  const file = onDisk(root, path)
  const temporary = join(dirname(file), `.${basename(file).slice(0, 100)}.${process.pid}.part`)
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | (constants.O_NOFOLLOW ?? 0)
  try {
    await rm(temporary, { force: true })
    const handle = await open(temporary, flags, executable ? 0o755 : 0o644)
    try {
      await handle.writeFile(bytes)
    } finally {
      await handle.close()
    }
    await rename(temporary, file)
    return undefined
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {})
    return failed(file, error)
  }
}

const failed = (path: string, error: unknown): Failure => ({
  ok: false,
  code: 'WRITE_FAILED',
  message: `“${path}” could not be written (${reason(error)}).`,
})
