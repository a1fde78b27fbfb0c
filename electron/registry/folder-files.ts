import { randomUUID } from 'node:crypto'
import { constants, type Stats } from 'node:fs'
import { type FileHandle, link, lstat, mkdir, open, rename, unlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { codeOf } from './folder-failures.ts'

/**
 * How a file comes into a shared folder whole or not at all, and only once:
 *
 *   incoming/<random>.part ──write, fsync──► link to its name ──► fsync its folder ──► unlink the .part
 *
 * A crash leaves at most a `.part` that nobody reads. `link` refuses a name that is taken, on a local disk and on NFS.
 * Where there are no hard links (FAT, some SMB shares) it is renamed instead, after a look whether the name is free:
 * two at once may then replace one another's file, by the same bytes.
 */
export const INCOMING = 'incoming'

/** Windows has no such flag, and no way to make a link without being an administrator. */
const NO_FOLLOW = constants.O_NOFOLLOW ?? 0
const NO_LINKS = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EXDEV', 'EMLINK', 'EINVAL'])
const WRITE_BYTES = 1024 * 1024

/** Whether something that is not followed where it points is a real folder; an error that reads as one otherwise. */
async function checkFolder(path: string): Promise<void> {
  const stat = await lstat(path)
  if (!stat.isDirectory()) throw Object.assign(new Error('A link or file in a folder’s place.'), { code: 'ELOOP' })
}

/** Every folder from below `root` down to the file's, each a real one: a link could lead writing or reading elsewhere. */
export async function checkFolders(root: string, parts: readonly string[]): Promise<void> {
  let path = root
  for (const part of parts) {
    path = join(path, part)
    await checkFolder(path)
  }
}

/** The same for a folder that may be missing yet: then it is made, durably, in one that must be there. */
export async function makeFolder(above: string, name: string): Promise<void> {
  const path = join(above, name)
  try {
    await checkFolder(path)
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error
    await mkdir(path).catch(ignore('EEXIST'))
    await checkFolder(path)
    await syncFolder(above)
  }
}

/** What lies under a name itself: a link is a link. Undefined where there is nothing. */
export async function findEntry(path: string): Promise<Stats | undefined> {
  try {
    return await lstat(path)
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw error
  }
}

/** A plain file to read from, or undefined where there is none. A link or a device is an error. */
export async function openFile(path: string): Promise<{ file: FileHandle; stat: Stats } | undefined> {
  const entry = await findEntry(path)
  if (entry === undefined) return undefined
  if (!entry.isFile()) throw Object.assign(new Error('Not a plain file.'), { code: 'ELOOP' })
  const file = await open(path, constants.O_RDONLY | NO_FOLLOW)
  return { file, stat: await file.stat() }
}

/** Writes bytes durably into a file of its own in `incoming`; takes it away again where that fails. */
export async function writeIncoming(root: string, bytes: Uint8Array, signal: AbortSignal | undefined): Promise<string> {
  await checkFolders(root, [INCOMING])
  const path = join(root, INCOMING, `${randomUUID()}.part`)
  const file = await open(path, 'wx', 0o644)
  try {
    for (let at = 0; at < bytes.length; at += WRITE_BYTES) {
      signal?.throwIfAborted()
      await file.writeFile(bytes.subarray(at, at + WRITE_BYTES))
    }
    await file.sync()
    await file.close()
    return path
  } catch (error) {
    await file.close().catch(() => {})
    await discard(path)
    throw error
  }
}

/**
 * Gives a written file its name, unless that is taken. The `.part` is gone afterwards in either case.
 *
 * @param hardLink the system's, or for a test one of a file system that has none.
 */
export async function giveName(part: string, path: string, hardLink = link): Promise<'created' | 'taken'> {
  try {
    const created = await linkOnce(part, path, hardLink)
    if (created) await syncFolder(dirname(path))
    return created ? 'created' : 'taken'
  } finally {
    await discard(part)
  }
}

async function linkOnce(part: string, path: string, hardLink: typeof link): Promise<boolean> {
  try {
    await hardLink(part, path)
    return true
  } catch (error) {
    const code = codeOf(error)
    if (code === 'EEXIST') return false
    if (code === undefined || !NO_LINKS.has(code)) throw error
  }
  if ((await findEntry(path)) !== undefined) return false
  await rename(part, path)
  return true
}

/** Puts a written file in another's place. */
export async function replaceFile(part: string, path: string): Promise<void> {
  try {
    await rename(part, path)
    await syncFolder(dirname(path))
  } finally {
    await discard(part)
  }
}

/** Makes names in a folder durable. Windows cannot open a folder, and some shares cannot sync one: they do so themselves. */
export async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return
  const folder = await open(path, 'r')
  try {
    await folder.sync().catch(ignore('EINVAL', 'ENOTSUP', 'EPERM', 'EACCES', 'EBADF'))
  } finally {
    await folder.close()
  }
}

const discard = (path: string): Promise<void> => unlink(path).catch(() => {})

const ignore =
  (...codes: string[]) =>
  (error: unknown): undefined => {
    if (!codes.includes(codeOf(error) ?? '')) throw error
  }
