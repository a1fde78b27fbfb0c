import { isUtf8 } from 'node:buffer'
import { realpath } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { findSkillMd, isSkillMd, type ManifestEntry } from '../../shared/domain/bundle.ts'
import { folderFailure, followLink, isFolder, isUnknown, list, onDisk, readBytes, unreadable } from './disk.ts'
import { type FileOnDisk, listSkill, outside, type Tree } from './folder-files.ts'
import { frontmatterProblem } from './frontmatter-check.ts'
import { chooseFiles, isLeftOutFolder, joinPath, skipLine } from './skill-files.ts'
import type { FoundSkill, ReadOptions, ReadResult, Sink } from './source.ts'

/** Folders looked into, and files read, at the same time: enough to keep a disk busy, far from the limit of open files. */
const AT_ONCE = 8

/**
 * Finds every SKILL.md (or skill.md) below `root` and hands over each with its whole folder, in the order of their
 * paths. Which files belong to a skill: see skill-files.ts. Symbolic links are followed only inside a skill's folder,
 * and only to places in the same tree; all others are reported. `createdAt` is the newest file's time; the origin is
 * `folder:` and the folder's real path. Rejects with the signal's reason when cancelled.
 */
export async function readFolder(root: string, sink: Sink, options: ReadOptions): Promise<ReadResult> {
  options.signal.throwIfAborted()
  const failure = await folderFailure(root)
  if (failure) return failure
  const tree: Tree = { root: await realpath(root), sink, signal: options.signal }
  const folders = await findSkillFolders(tree)
  let skills = 0
  for (const [done, folder] of folders.entries()) {
    options.signal.throwIfAborted()
    sink.progress({ phase: 'reading', done, total: folders.length, what: folder || basename(tree.root) })
    const found = await readSkill(tree, folder)
    if (!found) continue
    await sink.skill(found)
    skills += 1
  }
  sink.progress({ phase: 'reading', done: folders.length, total: folders.length, what: '' })
  return { ok: true, skills, versions: skills }
}

/** The relative paths of the outermost folders with a SKILL.md, sorted. */
async function findSkillFolders(tree: Tree): Promise<string[]> {
  const found: string[] = []
  const waiting = ['']
  let looked = 0
  const look = async (folder: string): Promise<void> => {
    const entries = await list(onDisk(tree.root, folder))
    if ('reason' in entries) tree.sink.skipped(unreadable(folder, entries.reason))
    else if (entries.some(entry => isSkillMd(entry.name) && !entry.isDirectory())) found.push(folder)
    else
      for (const entry of entries) {
        if (isLeftOutFolder(entry.name)) continue
        const path = joinPath(folder, entry.name)
        if (entry.isSymbolicLink()) await reportFolderLink(tree, path)
        else if (entry.isDirectory()) waiting.push(path)
        else if (isUnknown(entry) && (await isFolder(onDisk(tree.root, path)))) waiting.push(path)
      }
  }
  while (waiting.length > 0) {
    tree.signal.throwIfAborted()
    const batch = waiting.splice(-AT_ONCE)
    await Promise.all(batch.map(look))
    looked += batch.length
    tree.sink.progress({ phase: 'looking', done: looked, total: undefined, what: batch.at(-1) ?? '' })
  }
  return found.sort()
}

/** A linked folder in the tree is met at its real place; one outside is not ours to read, and its owner should know. */
async function reportFolderLink(tree: Tree, path: string): Promise<void> {
  const target = await followLink(tree.root, onDisk(tree.root, path))
  if (target.kind === 'outside' && target.folder) tree.sink.skipped(outside(path, target.real))
}

async function readSkill(tree: Tree, folder: string): Promise<FoundSkill | undefined> {
  const home = join(tree.root, folder)
  const listed = await listSkill(tree, folder, home)
  const files = listed && chooseFiles(listed, folder, skip => tree.sink.skipped(skip))
  const skillMd = files && findSkillMd(files)
  if (!skillMd) return undefined
  // SKILL.md first: without it nothing else is worth reading.
  const text = await readFile(tree, folder, skillMd)
  if (!text) return undefined
  if (!isUtf8(text)) {
    tree.sink.skipped(skipLine.notUtf8(joinPath(folder, skillMd.path)))
    return undefined
  }
  const problem = frontmatterProblem(text)
  if (problem) tree.sink.skipped(skipLine.frontmatter(joinPath(folder, skillMd.path), problem))
  const kept = await handOver(tree, folder, files, { file: skillMd, bytes: text })
  const version = {
    manifest: kept.map(({ entry }) => entry),
    message: `Imported from the folder “${basename(home)}”`,
    createdAt: Math.round(Math.max(...kept.map(({ modified }) => modified))),
    parents: [],
  }
  return { origin: `folder:${home}`, folderName: basename(home), path: folder, versions: [version], deleted: false }
}

type Kept = { entry: ManifestEntry; modified: number }

/** Gives every readable file to the sink, a few at a time; `first` is read already. */
async function handOver(
  tree: Tree,
  folder: string,
  files: readonly FileOnDisk[],
  first: { file: FileOnDisk; bytes: Uint8Array },
): Promise<Kept[]> {
  const keep = async (file: FileOnDisk): Promise<Kept[]> => {
    const bytes = file === first.file ? first.bytes : await readFile(tree, folder, file)
    if (!bytes) return []
    const { path, executable, modified } = file
    return [{ entry: { path, sha256: tree.sink.blob(bytes), size: bytes.byteLength, executable }, modified }]
  }
  const kept: Kept[] = []
  for (let at = 0; at < files.length; at += AT_ONCE) {
    tree.signal.throwIfAborted()
    kept.push(...(await Promise.all(files.slice(at, at + AT_ONCE).map(keep))).flat())
  }
  return kept
}

async function readFile(tree: Tree, folder: string, file: FileOnDisk): Promise<Uint8Array | undefined> {
  const bytes = await readBytes(file.file)
  if (!('reason' in bytes)) return bytes
  tree.sink.skipped(unreadable(joinPath(folder, file.path), bytes.reason))
  return undefined
}
