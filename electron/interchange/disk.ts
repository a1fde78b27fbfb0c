import { closeSync, constants, type Dirent, fstatSync, openSync, readFileSync, type Stats } from 'node:fs'
import { type FileHandle, lstat, open, readdir, realpath, stat } from 'node:fs/promises'
import { join, sep } from 'node:path'
import { BUNDLE_LIMITS } from '../../shared/domain/bundle.ts'
import { isLeftOutFolder } from './skill-files.ts'
import type { ReadFailure, Skipped } from './source.ts'

/** A folder's entries sorted by name, or in words why they cannot be had. */
export async function list(folder: string): Promise<Dirent[] | { reason: string }> {
  try {
    const entries = await readdir(folder, { withFileTypes: true })
    return entries.sort((a, b) => (a.name < b.name ? -1 : 1))
  } catch (error) {
    return { reason: reason(error) }
  }
}

export type LinkTarget =
  | { kind: 'inside'; real: string; stats: Stats }
  | { kind: 'outside'; real: string; folder: boolean }
  | { kind: 'broken' }

/** Where an absolute path leads at last. Places in `tree` that are never looked into (.git) count as outside. */
export async function followLink(tree: string, link: string): Promise<LinkTarget> {
  try {
    const real = await realpath(link)
    const stats = await stat(real)
    const root = tree.endsWith(sep) ? tree : tree + sep
    const inside = real === tree || (real.startsWith(root) && !real.slice(root.length).split(sep).some(isLeftOutFolder))
    return inside ? { kind: 'inside', real, stats } : { kind: 'outside', real, folder: stats.isDirectory() }
  } catch {
    return { kind: 'broken' }
  }
}

/** Opens without following a link that took the file's place meanwhile, and without waiting for a pipe's other end. */
const OPEN_FLAGS = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0)

/** A plain file's bytes, never more than a bundle's file may have. */
export async function readBytes(file: string): Promise<Uint8Array | { reason: string }> {
  let handle: FileHandle | undefined
  try {
    handle = await open(file, OPEN_FLAGS)
    const stats = await handle.stat()
    if (!stats.isFile() || stats.size > BUNDLE_LIMITS.fileBytes) return { reason: 'it changed while it was read' }
    return await readAll(handle, stats.size)
  } catch (error) {
    return { reason: reason(error) }
  } finally {
    await handle?.close()
  }
}

/** The same at once, for readers that do not wait; undefined where it is no plain file, or larger than `most` bytes. */
export function readPlain(file: string, most: number): Uint8Array | undefined {
  const handle = openSync(file, OPEN_FLAGS)
  try {
    const stats = fstatSync(handle)
    return stats.isFile() && stats.size <= most ? readFileSync(handle) : undefined
  } finally {
    closeSync(handle)
  }
}

/** Reads what the file held when it was opened; one that grows meanwhile cannot grow the import. */
async function readAll(handle: FileHandle, size: number): Promise<Uint8Array> {
  const buffer = Buffer.allocUnsafeSlow(size)
  let filled = 0
  while (filled < size) {
    const { bytesRead } = await handle.read(buffer, filled, size - filled, filled)
    if (bytesRead === 0) break
    filled += bytesRead
  }
  return buffer.subarray(0, filled)
}

/** Some file systems do not tell the kind of an entry in the listing. */
export const isUnknown = (entry: Dirent): boolean =>
  !(entry.isFile() || entry.isDirectory() || entry.isSymbolicLink() || entry.isFIFO() || entry.isSocket())

/** Whether there is a folder, and not a link to one. */
export async function isFolder(path: string): Promise<boolean> {
  try {
    return (await lstat(path)).isDirectory()
  } catch {
    return false
  }
}

/** The line for what could not be read. Node shows a name that is not UTF-8 with U+FFFD, and cannot open it by that. */
export const unreadable = (path: string, why: string): Skipped => ({
  path,
  code: 'UNREADABLE',
  message: `“${path || 'The folder'}” cannot be read (${path.includes('\uFFFD') ? 'its name is not UTF-8' : why}) and was left out.`,
})

/** A path inside a folder read from disk, with the system's separators, from a relative one with `/`. */
export const onDisk = (folder: string, path: string): string => join(folder, ...path.split('/'))

export const errorCode = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined

/** Why a place cannot be opened as a folder; undefined when it can. */
export async function folderFailure(path: string): Promise<ReadFailure | undefined> {
  try {
    if ((await stat(path)).isDirectory()) return undefined
    return { ok: false, code: 'NOT_A_FOLDER', message: `“${path}” is not a folder.` }
  } catch (error) {
    return placeFailure(path, error)
  }
}

/** Why a place that was named cannot be opened. */
export function placeFailure(path: string, error: unknown): ReadFailure {
  const missing = errorCode(error) === 'ENOENT' || errorCode(error) === 'ENOTDIR'
  if (missing) return { ok: false, code: 'PLACE_MISSING', message: `“${path}” is not there.` }
  return { ok: false, code: 'PLACE_UNREADABLE', message: `“${path}” cannot be read (${reason(error)}).` }
}

/** A file system's error in words. */
export function reason(error: unknown): string {
  const code = errorCode(error)
  if (code === 'EACCES' || code === 'EPERM') return 'no permission'
  if (code === 'ENOENT') return 'it is gone'
  if (code === 'ELOOP') return 'it is a link'
  if (code === 'ENOSPC') return 'the disk is full'
  if (code === 'EROFS') return 'the disk is read-only'
  return code ?? 'unknown error'
}
