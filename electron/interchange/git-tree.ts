import { isSkillMd } from '../../shared/domain/bundle.ts'
import { isLeftOutFile, isLeftOutFolder } from './skill-files.ts'

/**
 * The files of a repository at one commit, as a tree of folders that commits share: a folder is copied only when a
 * commit changes it that may not change it in place. So a straight history changes one tree, and a fork costs the
 * folders on the way to what it changes.
 */

export type Leaf =
  | { kind: 'file'; oid: string; executable: boolean }
  /** Things no bundle can hold: they are reported when they lie in a skill. */
  | { kind: 'link' | 'submodule' | 'bad-path' }

/** That a folder is a skill, and which version of it; `alive` is false where it was deleted. Never changed, replaced. */
export type Mark<Chain> = { readonly chain: Chain; readonly version: number; readonly alive: boolean }

export class Folder<Chain> {
  readonly files: Map<string, Leaf>
  readonly folders: Map<string, Folder<Chain>>
  mark: Mark<Chain> | undefined
  /** Who may change this folder in place; all others copy it. */
  readonly editor: number

  constructor(editor: number, from?: Folder<Chain>) {
    this.editor = editor
    this.files = new Map(from?.files)
    this.folders = new Map(from?.folders)
    this.mark = from?.mark
  }

  get isSkill(): boolean {
    return this.files.get('SKILL.md')?.kind === 'file' || this.files.get('skill.md')?.kind === 'file'
  }

  get isEmpty(): boolean {
    return this.files.size === 0 && this.folders.size === 0 && this.mark === undefined
  }

  /** The folder itself if `editor` may change it, or else a copy that it may. */
  editedBy(editor: number): Folder<Chain> {
    return this.editor === editor ? this : new Folder(editor, this)
  }
}

/** The folder at a path, if it is there. Paths are walked by index, not split: this runs for every change. */
export function folderAt<Chain>(root: Folder<Chain>, path: string): Folder<Chain> | undefined {
  let folder: Folder<Chain> | undefined = root
  for (let from = 0; folder && from < path.length; ) {
    const slash = path.indexOf('/', from)
    const end = slash === -1 ? path.length : slash
    folder = folder.folders.get(path.slice(from, end))
    from = end + 1
  }
  return folder
}

/** The folder at a path, made where it is missing, that the root's editor may change. The root must be its own. */
export function editFolder<Chain>(root: Folder<Chain>, path: string): Folder<Chain> {
  let folder = root
  for (let from = 0; from < path.length; ) {
    const slash = path.indexOf('/', from)
    const end = slash === -1 ? path.length : slash
    const name = path.slice(from, end)
    const inner = folder.folders.get(name)
    const edited = inner ? inner.editedBy(root.editor) : new Folder<Chain>(root.editor)
    if (edited !== inner) folder.folders.set(name, edited)
    folder = edited
    from = end + 1
  }
  return folder
}

export function writeLeaf<Chain>(root: Folder<Chain>, path: string, leaf: Leaf): void {
  const slash = path.lastIndexOf('/')
  editFolder(root, path.slice(0, Math.max(0, slash))).files.set(path.slice(slash + 1), leaf)
}

/** Takes a file out, and the folders that it leaves empty. */
export function deleteLeaf<Chain>(root: Folder<Chain>, path: string): void {
  const slash = path.lastIndexOf('/')
  const folder = path.slice(0, Math.max(0, slash))
  if (!folderAt(root, folder)?.files.has(path.slice(slash + 1))) return
  editFolder(root, folder).files.delete(path.slice(slash + 1))
  prune(root, folder)
}

/** Removes the folder at a path when nothing is left in it, and so upwards. */
export function prune<Chain>(root: Folder<Chain>, path: string): void {
  for (let at = path; at !== '' && folderAt(root, at)?.isEmpty; at = at.slice(0, Math.max(0, at.lastIndexOf('/')))) {
    const slash = at.lastIndexOf('/')
    editFolder(root, at.slice(0, Math.max(0, slash))).folders.delete(at.slice(slash + 1))
  }
}

/** The path of the outermost skill that owns a path, itself included when it is a folder; undefined for none. */
export function ownerOf<Chain>(root: Folder<Chain>, path: string): string | undefined {
  let folder: Folder<Chain> | undefined = root
  for (let slash = -1; folder; ) {
    if (folder.isSkill) return path.slice(0, Math.max(0, slash))
    if (slash === path.length) return undefined
    const next = path.indexOf('/', slash + 1)
    const end = next === -1 ? path.length : next
    const name = path.slice(slash + 1, end)
    if (isLeftOutFolder(name)) return undefined
    folder = folder.folders.get(name)
    slash = end
  }
  return undefined
}

/** Calls for every folder below and including one, with its path. */
export function walkFolders<Chain>(
  folder: Folder<Chain>,
  path: string,
  visit: (folder: Folder<Chain>, path: string) => void,
): void {
  visit(folder, path)
  for (const [name, inner] of folder.folders)
    if (!isLeftOutFolder(name)) walkFolders(inner, path === '' ? name : `${path}/${name}`, visit)
}

/** Calls for each folder that both trees have but do not share, with its path: only these can differ. */
export function walkUnshared<Chain>(
  a: Folder<Chain>,
  b: Folder<Chain>,
  path: string,
  visit: (a: Folder<Chain>, b: Folder<Chain>, path: string) => void,
): void {
  if (a === b) return
  visit(a, b, path)
  for (const [name, inner] of a.folders) {
    const other = b.folders.get(name)
    if (other) walkUnshared(inner, other, path === '' ? name : `${path}/${name}`, visit)
  }
}

/** What a skill's folder holds, sorted by path, and what lies in it that no bundle can hold. Paths from the folder. */
export type Content = {
  files: { path: string; oid: string; executable: boolean }[]
  others: { path: string; kind: Exclude<Leaf['kind'], 'file'> }[]
}

export function contentOf<Chain>(folder: Folder<Chain>): Content {
  const content: Content = { files: [], others: [] }
  collect(folder, '', content)
  if (content.files.length > 1) content.files.sort((a, b) => (a.path < b.path ? -1 : 1))
  return content
}

function collect<Chain>(folder: Folder<Chain>, prefix: string, into: Content): void {
  for (const [name, leaf] of folder.files) {
    if (isLeftOutFile(name)) continue
    const path = prefix + name
    if (leaf.kind === 'file') into.files.push({ path, oid: leaf.oid, executable: leaf.executable })
    else into.others.push({ path, kind: leaf.kind })
  }
  for (const [name, inner] of folder.folders) if (!isLeftOutFolder(name)) collect(inner, `${prefix}${name}/`, into)
}

export const sameFiles = (a: Content['files'], b: Content['files']): boolean =>
  a.length === b.length &&
  a.every((file, index) => {
    const other = b[index]
    return file.oid === other?.oid && file.path === other.path && file.executable === other.executable
  })

/** Whether a path ends in a SKILL.md's name. */
export const isSkillPath = (path: string): boolean => isSkillMd(path.slice(path.lastIndexOf('/') + 1))
