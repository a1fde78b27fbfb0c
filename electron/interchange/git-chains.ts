import type { Commit, LogChange, LogEntry } from './git-log.ts'
import {
  type Content,
  contentOf,
  deleteLeaf,
  editFolder,
  Folder,
  folderAt,
  isSkillPath,
  type Leaf,
  type Mark,
  ownerOf,
  prune,
  sameFiles,
  walkFolders,
  walkUnshared,
  writeLeaf,
} from './git-tree.ts'
import { folderOf, isLeftOut } from './skill-files.ts'

/**
 * Turns commits, oldest first, into a chain of versions for each skill. At each commit a skill whose files differ from
 * those at every parent gets a new version, whose parents are the versions there; where they equal a parent's, it is at
 * that version. So the versions of a skill form the same graph as the commits that changed it. One exception: a merge
 * that goes back to an older version although another parent has a newer one made from it undoes that one, which is a
 * version of its own. So what the newest commit has is never the parent of anything.
 *
 * A skill is the same skill as long as its SKILL.md stays in place or is renamed (as git tells renames); one that is
 * deleted and comes back to its place goes on where it ended.
 */

export type ChainVersion = { files: Content['files']; parents: number[]; commit: Commit }
/** `paths` are the folders where the skill has ever been; `path` is the latest of them. */
export type Chain = { origin: string; path: string; paths: string[]; versions: ChainVersion[] }

type State = {
  root: Folder<Chain>
  /** The first commit of the line of first parents. */
  firstCommit: string
  /** Children that have not been seen; at 0 the state is let go. */
  remaining: number
  /** Another commit has the same tree, so nobody may change it in place any more. */
  shared: boolean
}

export type ChainEvents = {
  /** A version was found whose files will be needed. */
  version(files: Content['files']): void
  /** Something in a skill that no bundle can hold; may come more than once. */
  leftOut(path: string, kind: Exclude<Leaf['kind'], 'file'>): void
}

/** What the newest commit has: where each living skill is and at which version, and each SKILL.md inside another skill's folder. */
export type Head = { living: Map<Chain, { path: string; version: number }>; nested: { path: string; owner: string }[] }

export class ChainBuilder {
  readonly chains: Chain[] = []
  readonly #events: ChainEvents
  readonly #originBase: (firstCommit: string) => string
  readonly #states = new Map<string, State>()
  readonly #byOrigin = new Map<string, Chain>()
  #editors = 0
  #last: State | undefined

  /** `originBase` gives what a skill's origin starts with, from the first commit of its line. */
  constructor(originBase: (firstCommit: string) => string, events: ChainEvents) {
    this.#originBase = originBase
    this.#events = events
  }

  add(entry: LogEntry): void {
    const parents = entry.parents.flatMap(id => this.#states.get(id) ?? [])
    const moves = parents[0] ? movesOf(parents[0].root, entry.changes) : []
    const state = this.#open(entry, parents[0])
    this.#apply(state.root, entry.changes)
    new Step(this, state, parents.slice(1), entry).settle(moves)
    for (const id of entry.parents) {
      const parent = this.#states.get(id)
      if (parent && --parent.remaining <= 0) this.#states.delete(id)
    }
    this.#last = state
    if (state.remaining > 0) this.#states.set(entry.commit.id, state)
  }

  /** The last commit added is the newest. */
  head(): Head {
    const head: Head = { living: new Map(), nested: [] }
    if (!this.#last) return head
    walkFolders(this.#last.root, '', (folder, path) => {
      if (!folder.mark?.alive) return
      head.living.set(folder.mark.chain, { path, version: folder.mark.version })
      walkFolders(folder, path, (inner, at) => {
        if (inner === folder) return
        for (const name of ['SKILL.md', 'skill.md'])
          if (inner.files.has(name)) head.nested.push({ path: `${at}/${name}`, owner: path })
      })
    })
    return head
  }

  /** Moves the first parent's tree on when no other child needs it, and shares it otherwise. */
  #open(entry: LogEntry, first: State | undefined): State {
    const state = { firstCommit: first?.firstCommit ?? entry.commit.id, remaining: entry.children, shared: false }
    if (!first) return { ...state, root: new Folder(++this.#editors) }
    if (first.remaining === 1 && !first.shared) return { ...state, root: first.root }
    first.shared = true
    return { ...state, root: first.root.editedBy(++this.#editors) }
  }

  /** Deletions first: a file may become a folder, and a name may pass from one file to another. */
  #apply(root: Folder<Chain>, changes: readonly LogChange[]): void {
    for (const change of changes) {
      if (change.kind === 'delete') deleteLeaf(root, change.path)
      else if (change.from !== undefined) deleteLeaf(root, change.from)
    }
    for (const change of changes) {
      if (change.kind === 'delete') continue
      const leaf = leafOf(change)
      writeLeaf(root, change.path, leaf)
      if (leaf.kind !== 'file' && isSkillPath(change.path) && !isLeftOut(change.path))
        this.#events.leftOut(change.path, leaf.kind)
    }
  }

  /** A chain goes on with a new version. Gives its index. */
  push(chain: Chain, version: ChainVersion): number {
    this.#events.version(version.files)
    return chain.versions.push(version) - 1
  }

  report(skill: string, others: Content['others']): void {
    for (const { path, kind } of others) this.#events.leftOut(skill === '' ? path : `${skill}/${path}`, kind)
  }

  /** The chain that first appeared at this path in this line of history, or a new one where that lives elsewhere now. */
  chainFor(state: State, path: string, commit: Commit): Chain {
    const origin = `${this.#originBase(state.firstCommit)}:${path}`
    const known = this.#byOrigin.get(origin)
    if (known && !livesElsewhere(state.root, path, known)) return known
    const chain: Chain = { origin: known ? `${origin}@${commit.id}` : origin, path, paths: [], versions: [] }
    this.#byOrigin.set(chain.origin, chain)
    this.chains.push(chain)
    return chain
  }
}

/** Modes as in git's tree objects: 100644, 100755, 120000 (symbolic link), 160000 (submodule). */
function leafOf({ mode, oid, badPath }: LogChange): Leaf {
  if (badPath) return { kind: 'bad-path' }
  if (mode === '120000') return { kind: 'link' }
  if (mode === '160000') return { kind: 'submodule' }
  return { kind: 'file', oid, executable: mode === '100755' }
}

type Move = { from: string; to: string; mark: Mark<Chain> }

/** The living skills whose SKILL.md was renamed into another folder. */
function movesOf(root: Folder<Chain>, changes: readonly LogChange[]): Move[] {
  return changes.flatMap(({ kind, from: source, path }) => {
    if (kind !== 'rename' || source === undefined || !isSkillPath(source) || !isSkillPath(path)) return []
    const [from, to] = [folderOf(source), folderOf(path)]
    const mark = from === to ? undefined : folderAt(root, from)?.mark
    return mark?.alive ? [{ from, to, mark }] : []
  })
}

/** What one commit does to the skills, once its files are in place. */
class Step {
  readonly #builder: ChainBuilder
  readonly #state: State
  readonly #others: readonly State[]
  readonly #entry: LogEntry
  readonly #moved = new Map<string, Mark<Chain>>()

  constructor(builder: ChainBuilder, state: State, others: readonly State[], entry: LogEntry) {
    this.#builder = builder
    this.#state = state
    this.#others = others
    this.#entry = entry
  }

  settle(moves: readonly Move[]): void {
    for (const move of moves) this.#move(move)
    const touched = new Set<string>()
    for (const change of this.#entry.changes) {
      this.#touch(change.path, touched)
      if (change.from !== undefined) this.#touch(change.from, touched)
    }
    for (const other of this.#others)
      walkUnshared(this.#state.root, other.root, '', (mine, theirs, path) => {
        if (mine.mark?.alive && theirs.mark?.alive && mine.mark.version !== theirs.mark.version) touched.add(path)
      })
    for (const path of touched) this.#settle(path)
  }

  /** Takes the mark along, unless another parent knows a different skill at the new place. */
  #move({ from, to, mark }: Move): void {
    const { root } = this.#state
    if (folderAt(root, from)?.isSkill) return
    const there = this.#markElsewhere(to)
    if (there && there.chain !== mark.chain) return
    this.#moved.set(to, mark)
    editFolder(root, from).mark = undefined
    prune(root, from)
  }

  /** Notes the skills that a changed path concerns, and ends those that it put an end to. */
  #touch(path: string, touched: Set<string>): void {
    const { root } = this.#state
    const owner = ownerOf(root, path)
    if (owner !== undefined) touched.add(owner)
    if (!isSkillPath(path)) return
    const at = folderOf(path)
    const folder = folderAt(root, at)
    if (!folder) return
    if (owner === at) {
      if (!folder.mark?.alive) this.#endInside(folder, at)
      return
    }
    if (folder.mark?.alive) editFolder(root, at).mark = { ...folder.mark, alive: false }
    if (owner !== undefined) return
    // What lay inside it stands on its own again.
    walkFolders(folder, at, (inner, innerAt) => {
      if (inner.isSkill && ownerOf(root, innerAt) === innerAt) touched.add(innerAt)
    })
  }

  /** A SKILL.md came into the folder: the skills inside are its files now. */
  #endInside(folder: Folder<Chain>, at: string): void {
    const ended: [string, Mark<Chain>][] = []
    walkFolders(folder, at, (inner, innerAt) => {
      if (inner !== folder && inner.mark?.alive) ended.push([innerAt, inner.mark])
    })
    for (const [innerAt, mark] of ended) editFolder(this.#state.root, innerAt).mark = { ...mark, alive: false }
  }

  #settle(path: string): void {
    const { root } = this.#state
    const folder = folderAt(root, path)
    if (!folder) return
    const content = contentOf(folder)
    this.#builder.report(path, content.others)
    const chain = this.#chainAt(folder, path)
    const before = this.#versionsBefore(folder, path, chain)
    const same = before.find(
      version =>
        sameFiles(chain.versions[version]?.files ?? [], content.files) &&
        !before.some(other => isAncestor(chain, version, other)),
    )
    const version =
      same ??
      this.#builder.push(chain, { files: content.files, parents: nearest(chain, before), commit: this.#entry.commit })
    if (!chain.paths.includes(path)) chain.paths.push(path)
    chain.path = path
    editFolder(root, path).mark = { chain, version, alive: true }
  }

  /** Which skill this is: what was here, what another parent has here, what moved here, what was here once, or a new one. */
  #chainAt(folder: Folder<Chain>, path: string): Chain {
    if (folder.mark?.alive) return folder.mark.chain
    const elsewhere = this.#markElsewhere(path)
    const known = [elsewhere, this.#moved.get(path), folder.mark, this.#markElsewhere(path, false)]
    const mark = known.find(mark => mark && !livesElsewhere(this.#state.root, path, mark.chain))
    return mark?.chain ?? this.#builder.chainFor(this.#state, path, this.#entry.commit)
  }

  #markElsewhere(path: string, alive = true): Mark<Chain> | undefined {
    for (const other of this.#others) {
      const mark = folderAt(other.root, path)?.mark
      if (mark?.alive === alive) return mark
    }
    return undefined
  }

  /** The skill's version at each parent that has one, the first parent's first, each once. */
  #versionsBefore(folder: Folder<Chain>, path: string, chain: Chain): number[] {
    if (this.#others.length === 0 && folder.mark?.alive) return [folder.mark.version]
    const marks = [folder.mark, this.#moved.get(path)].filter(mark => mark?.chain === chain)
    for (const other of this.#others) {
      const found = chain.paths.map(at => folderAt(other.root, at)?.mark).filter(mark => mark?.chain === chain)
      marks.push(found.find(mark => mark?.alive) ?? found[0])
    }
    return [...new Set(marks.flatMap(mark => (mark ? [mark.version] : [])))]
  }
}

const livesElsewhere = (root: Folder<Chain>, path: string, chain: Chain): boolean =>
  chain.paths.some(at => {
    const mark = at === path ? undefined : folderAt(root, at)?.mark
    return mark?.alive === true && mark.chain === chain
  })

/**
 * The versions that are no ancestors of another one: what a side branch left alone is no second parent. At most two, as
 * a version has a parent and a merged one; a merge of more keeps its first two.
 */
function nearest(chain: Chain, versions: readonly number[]): number[] {
  if (versions.length < 2) return [...versions]
  return versions.filter(version => !versions.some(other => isAncestor(chain, version, other))).slice(0, 2)
}

function isAncestor(chain: Chain, version: number, of: number): boolean {
  const waiting = [...(chain.versions[of]?.parents ?? [])]
  const seen = new Set<number>()
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
    if (at === version) return true
    // Parents come before their children, so nothing below can lead back up.
    if (at < version || seen.has(at)) continue
    seen.add(at)
    waiting.push(...(chain.versions[at]?.parents ?? []))
  }
  return false
}
