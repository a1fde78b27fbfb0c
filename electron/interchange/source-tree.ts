import fs from 'node:fs'
import path from 'node:path'
import { gunzipSync } from 'node:zlib'
import { unzipSync } from 'fflate'
import { checkPath } from '../../shared/domain/bundle.ts'
import { showName } from '../../shared/domain/paths.ts'
import type { Remark } from './case-forms.ts'
import { placeFailure, readPlain } from './disk.ts'
import { isLeftOut, isLeftOutFolder } from './skill-files.ts'
import { readTar } from './tar.ts'

/**
 * Files to be read by a reader of cases or results, wherever they are: one file with what lies beside it, a folder, an
 * archive, or bytes that were dropped on the window. Paths use `/`, relative, never outside.
 */
export type SourceTree = {
  /** What a person calls it: a file's or folder's name. */
  name: string
  /** The file that was named; undefined for a folder or an archive. */
  main: string | undefined
  /** Every file, sorted. */
  paths: string[]
  /** Undefined where there is no such file inside, or it is too large. */
  read: (path: string) => Uint8Array | undefined
  /** Files of an archive that were left out because of their names. */
  refused?: readonly Remark[]
}
export type TreeOpened = { ok: true; tree: SourceTree } | { ok: false; message: string }

/** Beyond these, reading would stall the computer. Of an archive they hold for what comes out of it. */
export const TREE_LIMITS = {
  files: 20_000,
  fileBytes: 64 * 1024 * 1024,
  totalBytes: 256 * 1024 * 1024,
  depth: 16,
} as const

/** A file or folder on this computer, or bytes that the page holds. */
export type TreeSource = { kind: 'path'; path: string } | { kind: 'bytes'; name: string; base64: string }

/** What a person named or dropped, opened for reading; `~` is `home`. */
export const openTree = (source: TreeSource, home: string): TreeOpened =>
  source.kind === 'bytes'
    ? treeOfBytes(source.name, Buffer.from(source.base64, 'base64'))
    : treeOfPath(path.resolve(source.path.trim().replace(/^~(?=$|[/\\])/, home)))

/** One file's bytes, or an archive's (.zip, .tar, .tar.gz, .tgz). */
export function treeOfBytes(name: string, bytes: Uint8Array): TreeOpened {
  if (bytes.byteLength > TREE_LIMITS.totalBytes) return failed(`“${name}” is too large to be read here.`)
  try {
    if (isZip(bytes)) return treeOf(name, unzip(bytes))
    if (bytes[0] === 0x1f && bytes[1] === 0x8b) {
      const isTar = /\.(tgz|tar\.gz)$/i.test(name)
      const maxOutputLength = isTar ? TREE_LIMITS.totalBytes : TREE_LIMITS.fileBytes
      const unpacked = gunzipSync(bytes, { maxOutputLength })
      if (isTar) return treeOf(name, readTar(unpacked, TREE_LIMITS))
      const inner = name.replace(/\.gz$/i, '')
      return {
        ok: true,
        tree: { name, main: inner, paths: [inner], read: one => (one === inner ? unpacked : undefined) },
      }
    }
    if (/\.tar$/i.test(name)) return treeOf(name, readTar(bytes, TREE_LIMITS))
  } catch (error) {
    if (error instanceof RangeError && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE')
      return failed(`“${name}” unpacks to more than is read here: 64 MB for one file, 256 MB for an archive.`)
    return failed(`“${name}” cannot be unpacked (${error instanceof Error ? error.message : String(error)}).`)
  }
  if (bytes.byteLength > TREE_LIMITS.fileBytes) return failed(`“${name}” is larger than 64 MB.`)
  const main = path.posix.basename(name.replaceAll('\\', '/')) || 'file'
  return { ok: true, tree: { name: main, main, paths: [main], read: one => (one === main ? bytes : undefined) } }
}

const failed = (message: string) => ({ ok: false, message }) as const
const isZip = (bytes: Uint8Array): boolean => bytes[0] === 0x50 && bytes[1] === 0x4b && bytes[2] === 3 && bytes[3] === 4

function unzip(bytes: Uint8Array): Map<string, Uint8Array | undefined> {
  const refused: string[] = []
  let total = 0
  let files = 0
  const unpacked = unzipSync(bytes, {
    filter: ({ name, originalSize }) => {
      if (name.endsWith('/') || originalSize > TREE_LIMITS.fileBytes) return false
      if (!isPlain(plainOf(name))) {
        // Not unpacked: some names would not even be a key of an object.
        refused.push(name)
        return false
      }
      total += originalSize
      files += 1
      if (total > TREE_LIMITS.totalBytes || files > TREE_LIMITS.files) throw new Error('it holds too much')
      return true
    },
  })
  return new Map([...refused.map(name => [name, undefined] as const), ...Object.entries(unpacked)])
}

const plainOf = (given: string): string => given.replace(/^(\.\/)+/, '')

/** How many names that cannot be are told one by one. */
const TOLD = 20

function treeOf(name: string, all: ReadonlyMap<string, Uint8Array | undefined>): TreeOpened {
  const files = new Map<string, Uint8Array>()
  const refused: Remark[] = []
  for (const [given, bytes] of all) {
    const inside = plainOf(given)
    if (isLeftOut(inside)) continue
    const bad = checkPath(inside)
    if (bad) refused.push({ path: showName(`${name}: ${given}`), message: `${bad.message} It was left out.` })
    else if (bytes) files.set(inside, bytes)
  }
  const more = refused.length - TOLD
  const told = [...refused.slice(0, TOLD), ...(more > 0 ? [{ path: name, message: `${more} more like these.` }] : [])]
  const paths = [...files.keys()].sort()
  return { ok: true, tree: { name, main: undefined, paths, read: one => files.get(one), refused: told } }
}

/** Whether a relative path stays inside: no '..', not absolute, no backslash. */
export const isPlain = (one: string): boolean =>
  checkPath(one) === undefined && !one.includes('\\') && !one.split('/').some(name => name === '' || name === '.')

/** A file with what lies beside it, a folder, or an archive on this computer's disk. Links are not followed. */
export function treeOfPath(full: string): TreeOpened {
  try {
    const stat = fs.statSync(full)
    if (stat.isDirectory()) return { ok: true, tree: folderTree(full, undefined) }
    if (!stat.isFile()) return failed(`“${full}” is neither a file nor a folder.`)
    if (stat.size > TREE_LIMITS.totalBytes) return failed(`“${full}” is too large to be read here.`)
    const name = path.basename(full)
    if (/\.(zip|tar|tgz|gz)$/i.test(name))
      return treeOfBytes(name, readPlain(fs.realpathSync(full), TREE_LIMITS.totalBytes) ?? new Uint8Array())
    const folder = path.dirname(path.resolve(full))
    // The files that evals.json names are relative to the skill's folder, one above.
    const root = path.basename(folder) === 'evals' ? path.dirname(folder) : folder
    return { ok: true, tree: folderTree(root, path.relative(root, path.resolve(full)).split(path.sep).join('/')) }
  } catch (error) {
    return failed(placeFailure(full, error).message)
  }
}

function folderTree(root: string, main: string | undefined): SourceTree {
  let listed: string[] | undefined
  return {
    name: path.basename(main ?? root),
    main,
    // A single file's neighbours are read by name, never listed: it may lie in a home folder.
    get paths() {
      listed ??= main === undefined ? walk(root) : [main]
      return listed
    },
    read: one => (isPlain(one) ? readInside(root, one) : undefined),
  }
}

function walk(root: string): string[] {
  const found: string[] = []
  const visit = (folder: string, prefix: string, depth: number) => {
    for (const entry of fs.readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
      if (found.length >= TREE_LIMITS.files) return
      if (entry.isDirectory() && depth < TREE_LIMITS.depth && !isLeftOutFolder(entry.name))
        visit(path.join(folder, entry.name), `${prefix}${entry.name}/`, depth + 1)
      else if (entry.isFile()) found.push(`${prefix}${entry.name}`)
    }
  }
  visit(root, '', 0)
  return found.filter(isPlain).sort()
}

/** Follows no link out of the root, whichever folder on the way is one. */
function readInside(root: string, one: string): Uint8Array | undefined {
  try {
    const real = fs.realpathSync(path.join(root, ...one.split('/')))
    const inside = path.relative(fs.realpathSync(root), real)
    if (inside.startsWith('..') || path.isAbsolute(inside)) return undefined
    return readPlain(real, TREE_LIMITS.fileBytes)
  } catch {
    return undefined
  }
}
