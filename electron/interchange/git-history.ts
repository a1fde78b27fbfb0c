import { encodeManifest, findSkillMd, type ManifestEntry } from '../../shared/domain/bundle.ts'
import { frontmatterProblem } from './frontmatter-check.ts'
import { BlobReader, type GitBlob, newBlob } from './git-blobs.ts'
import { type Chain, ChainBuilder, type ChainVersion, type Head } from './git-chains.ts'
import { LOG_ARGUMENTS, LogParser } from './git-log.ts'
import { type GitEnd, GitProcess } from './git-process.ts'
import { failureOf, isEmpty, openRepository, type Repository } from './git-repository.ts'
import type { Leaf } from './git-tree.ts'
import { chooseFiles, joinPath, lastName, skipLine } from './skill-files.ts'
import type { FoundSkill, FoundVersion, ReadOptions, ReadResult, Sink, Skipped } from './source.ts'
import { takeTurns } from './turns.ts'

/** `env` (this process's own when left out) is where git is looked up and runs; its GIT_ variables are not passed on. */
export type ReadGitOptions = ReadOptions & { env?: NodeJS.ProcessEnv }

/**
 * Reads the history of HEAD: every skill that was ever in the repository, each with all its versions, from one pass of
 * `git log` and one of `git cat-file` that run side by side. For a folder of a repository only the skills that are in it
 * now (or were when they were deleted) are handed over, with the history they had elsewhere.
 *
 * Blobs are handed over as they are found, skills at the end, in the order of their paths. An origin is
 * `git:<first commit>:<path where the skill first appeared>`, the same in every complete clone; a shallow clone's first
 * commit moves, so there it is the repository's own folder instead. Where another skill has that origin,
 * `@<commit>` follows. Rejects with the signal's reason when cancelled, once the git processes have ended.
 */
export async function readGit(path: string, sink: Sink, options: ReadGitOptions): Promise<ReadResult> {
  const { signal } = options
  signal.throwIfAborted()
  const repository = await openRepository(path, options.env ?? process.env, signal)
  signal.throwIfAborted()
  if ('code' in repository) return repository
  const report = reporter(repository, sink)
  if (repository.shallow)
    report({
      path: '',
      code: 'SHALLOW',
      message: 'This clone has only the newest part of its history. For all of it, run “git fetch --unshallow” first.',
    })
  const history = new History(repository, sink, report)
  const failed = await history.read(signal)
  if (failed) {
    if ('thrown' in failed) throw failed.thrown
    if (await isEmpty(repository, signal)) return { ok: true, skills: 0, versions: 0 }
    return failureOf(failed, path)
  }
  return handOver(history, sink, report, signal)
}

type Report = (skip: Skipped) => void
type Living = { path: string; version: number }

/** Many versions have the same trouble; each is told once, with its path as seen from the folder that is read. */
function reporter({ prefix }: Repository, sink: Sink): Report {
  const told = new Set<string>()
  return skip => {
    const key = `${skip.code} ${skip.path}`
    if (told.has(key)) return
    told.add(key)
    sink.skipped(skip.path.startsWith(prefix) ? { ...skip, path: skip.path.slice(prefix.length) } : skip)
  }
}

/** The commits as chains, and their blobs. */
class History {
  readonly repository: Repository
  readonly chains: ChainBuilder
  readonly blobs = new Map<string, GitBlob>()
  readonly #sink: Sink
  #commits = 0
  #reader: BlobReader | undefined

  constructor(repository: Repository, sink: Sink, report: Report) {
    this.repository = repository
    this.#sink = sink
    const { shallow, store } = repository
    this.chains = new ChainBuilder(first => (shallow ? `git:${store}` : `git:${first}`), {
      // In a folder of a repository most versions may be of no use, and which are is known only at the end.
      version: files => repository.prefix === '' && this.#want(files),
      leftOut: (path, kind) => isOf(repository, path) && report(leftOutLine(path, kind)),
    })
  }

  /** Runs git to its end; gives how it failed, or undefined. Rejects when cancelled. */
  async read(signal: AbortSignal): Promise<GitEnd | undefined> {
    const { git } = this.repository
    const stop = () => {
      log.kill()
      reader.kill()
    }
    const reader = new BlobReader(git, this.#sink, () => this.#tell(), stop)
    this.#reader = reader
    const parser = new LogParser(entry => {
      this.chains.add(entry)
      this.#commits += 1
    })
    const log = new GitProcess(git, LOG_ARGUMENTS, chunk => {
      parser.push(chunk)
      this.#tell()
    })
    log.end()
    signal.addEventListener('abort', stop)
    try {
      const logEnd = await log.closed
      signal.throwIfAborted()
      if (reader.failure) return reader.failure
      if (logEnd.code !== 0) return logEnd
      parser.end()
      for (const chain of this.wanted().keys()) for (const { files } of chain.versions) this.#want(files)
      const failure = await reader.end()
      signal.throwIfAborted()
      return failure
    } finally {
      signal.removeEventListener('abort', stop)
      stop()
      await reader.closed
    }
  }

  /** The chains to hand over, with where they are at the newest commit; undefined for one that is gone. */
  wanted(head: Head = this.chains.head()): Map<Chain, Living | undefined> {
    const chosen = this.chains.chains.filter(chain => isOf(this.repository, head.living.get(chain)?.path ?? chain.path))
    return new Map(chosen.map(chain => [chain, head.living.get(chain)]))
  }

  #want(files: ChainVersion['files']): void {
    for (const { path, oid } of files) {
      let blob = this.blobs.get(oid)
      if (!blob) {
        blob = newBlob(oid)
        this.blobs.set(oid, blob)
        this.#reader?.want(blob)
      }
      if (path === 'SKILL.md' || path === 'skill.md') blob.keepStart = true
    }
  }

  #tell(): void {
    const reader = this.#reader
    if (!reader) return
    if (reader.done === 0) this.#sink.progress({ phase: 'looking', done: this.#commits, total: undefined, what: '' })
    else this.#sink.progress({ phase: 'reading', done: reader.done, total: reader.wanted, what: '' })
  }
}

/** Whether a path lies in the folder that is read, or is that folder. */
const isOf = ({ prefix }: Repository, path: string): boolean =>
  prefix === '' || path.startsWith(prefix) || path === prefix.slice(0, -1)

async function handOver(history: History, sink: Sink, report: Report, signal: AbortSignal): Promise<ReadResult> {
  const { repository } = history
  const head = history.chains.head()
  const wanted = [...history.wanted(head)].sort(([a], [b]) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0))
  for (const { path, owner } of head.nested)
    if (isOf(repository, owner)) report(skipLine.nested(path, owner || repository.name))
  let skills = 0
  let versions = 0
  const rest = takeTurns()
  for (const [chain, living] of wanted) {
    signal.throwIfAborted()
    const found = foundSkill(history, chain, living, report)
    if (found) {
      await sink.skill(found)
      skills += 1
      versions += found.versions.length
    }
    await rest()
  }
  return { ok: true, skills, versions }
}

function foundSkill(
  { blobs, repository }: History,
  chain: Chain,
  living: Living | undefined,
  report: Report,
): FoundSkill | undefined {
  const path = living?.path ?? chain.path
  const versions = foundVersions(living ? endingWith(chain, living.version) : chain.versions, blobs, path, report)
  if (versions.length === 0) return undefined
  if (living) reportFrontmatter(chain.versions[living.version], blobs, path, report)
  return {
    origin: chain.origin,
    folderName: lastName(path) || repository.name,
    path: path.slice(repository.prefix.length),
    versions,
    deleted: living === undefined,
  }
}

/** The versions with the newest commit's at the end, where nothing is made from it (see git-chains.ts). */
function endingWith({ versions }: Chain, newest: number): ChainVersion[] {
  const last = versions[newest]
  if (!last || newest === versions.length - 1 || versions.some(({ parents }) => parents.includes(newest)))
    return versions
  const place = (index: number): number => (index === newest ? versions.length - 1 : index > newest ? index - 1 : index)
  const ordered = [...versions.slice(0, newest), ...versions.slice(newest + 1), last]
  return ordered.map(version => ({ ...version, parents: version.parents.map(place) }))
}

/**
 * A version that cannot be kept is left out, and its children take its place; one that, without the files that cannot be
 * kept, says nothing new is its parent.
 */
function foundVersions(
  versions: readonly ChainVersion[],
  blobs: Map<string, GitBlob>,
  path: string,
  report: Report,
): FoundVersion[] {
  const found: FoundVersion[] = []
  const places: (number | undefined)[] = []
  let lossy = false
  for (const version of versions) {
    const parents = [...new Set(version.parents.flatMap(parent => places[parent] ?? []))]
    const manifest = manifestOf(version, blobs, path, report)
    lossy ||= manifest?.length !== version.files.length
    const same = lossy && manifest ? parents.find(parent => sameManifest(found[parent], manifest)) : undefined
    if (manifest === undefined) places.push(parents[0])
    else if (same !== undefined) places.push(same)
    else {
      const { id, author, message, time } = version.commit
      places.push(found.push({ manifest, message, author, createdAt: time, parents, sourceRef: id }) - 1)
    }
  }
  return found
}

const sameManifest = (version: FoundVersion | undefined, manifest: FoundVersion['manifest']): boolean =>
  version !== undefined && encodeManifest(version.manifest) === encodeManifest(manifest)

function manifestOf(
  version: ChainVersion,
  blobs: Map<string, GitBlob>,
  path: string,
  report: Report,
): FoundVersion['manifest'] | undefined {
  const files: (ManifestEntry & { utf8: boolean })[] = []
  for (const { path: file, oid, executable } of version.files) {
    const blob = blobs.get(oid)
    if (blob && blob.size >= 0)
      files.push({ path: file, sha256: blob.sha256, size: blob.size, executable, utf8: blob.utf8 })
    else report(missingLine(joinPath(path, file)))
  }
  const kept = chooseFiles(files, path, report, 'Versions like this were left out.')
  const skillMd = kept && findSkillMd(kept)
  if (!kept || !skillMd) return undefined
  if (!skillMd.utf8) {
    report(notUtf8Line(joinPath(path, skillMd.path)))
    return undefined
  }
  return kept.map(({ path, sha256, size, executable }) => ({ path, sha256, size, executable }))
}

/** Only the newest version's is told: the older ones cannot be mended. */
function reportFrontmatter(
  newest: ChainVersion | undefined,
  blobs: Map<string, GitBlob>,
  path: string,
  report: Report,
): void {
  const skillMd = findSkillMd(newest?.files ?? [])
  const start = skillMd && blobs.get(skillMd.oid)?.start
  const problem = start && frontmatterProblem(start)
  if (skillMd && problem) report(skipLine.frontmatter(joinPath(path, skillMd.path), problem))
}

function leftOutLine(path: string, kind: Exclude<Leaf['kind'], 'file'>): Skipped {
  switch (kind) {
    case 'link':
      return skipLine.link(path)
    case 'submodule':
      return { path, code: 'SUBMODULE', message: `“${path}” is another repository (a submodule) and was left out.` }
    case 'bad-path':
      return { path, code: 'PATH_NOT_UTF8', message: `The name of “${path}” is not UTF-8, so it was left out.` }
    default:
      return kind satisfies never
  }
}

const missingLine = (path: string): Skipped => ({
  path,
  code: 'CONTENT_MISSING',
  message: `The repository lacks the content of “${path}” in some commits. Versions came in without it.`,
})
const notUtf8Line = (path: string): Skipped => ({
  path,
  code: 'NOT_UTF8',
  message: `“${path}” is not UTF-8 text in some commits. These versions were left out.`,
})
