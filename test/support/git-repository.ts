import { spawn, spawnSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import type { SkillHistory } from './skill-histories.ts'

/** Repositories for tests, made by the real git in one `git fast-import`, so that thousands of commits take a second. */

export type PathBytes = string | Uint8Array
export type Change =
  | { write: PathBytes; bytes: string | Uint8Array; mode?: '100644' | '100755' | '120000' }
  | { submodule: PathBytes; commit: string }
  | { delete: PathBytes }
  | { rename: PathBytes; to: PathBytes }

/** `parents` are names of earlier commits; left out, it is the commit before; [] makes a root. `date`: ISO 8601. */
export type Commit = {
  name?: string
  parents?: readonly string[]
  message: string | Uint8Array
  date?: string
  author?: { name: string; email: string }
  changes: readonly Change[]
}

/** Why git tests cannot run here; undefined when they can. */
export const gitMissing: string | undefined =
  spawnSync('git', ['--version']).status === 0 ? undefined : 'no git on the PATH'

/** Runs git in a folder and gives its output; throws with git's own words when it fails. */
export function git(folder: string, ...args: string[]): string {
  const run = spawnSync('git', ['-C', folder, ...args], { env: gitEnvironment(), encoding: 'utf8' })
  if (run.status !== 0) throw new Error(`git ${args.join(' ')}: ${run.stderr}`)
  return run.stdout
}

/** Makes an empty repository whose branch is `main`. */
export function initRepository(folder: string, options: { bare?: boolean } = {}): void {
  mkdirSync(folder, { recursive: true })
  git(folder, 'init', '--quiet', '--initial-branch=main', ...(options.bare ? ['--bare'] : []))
}

/** Writes commits to `main`, in their order; the last one is its tip. The work tree stays as it is. */
export async function writeCommits(folder: string, commits: readonly Commit[]): Promise<void> {
  const marks = new Map<string, number>()
  await fastImport(folder, function* () {
    for (const [index, commit] of commits.entries()) {
      const parents = commit.parents?.map(name => {
        const mark = marks.get(name)
        if (mark === undefined) throw new Error(`no commit named ${name} before ${String(commit.message)}`)
        return mark
      })
      if (commit.name !== undefined) marks.set(commit.name, index + 1)
      yield* commitLines(commit, index, parents ?? (index === 0 ? [] : [index]))
    }
  })
}

/**
 * Rebuilds chains of versions as a repository: one commit a version, with its date, message and author, interleaved by
 * date; within a chain the order of the versions is kept even where their dates go backwards.
 */
export async function writeHistories(
  folder: string,
  histories: readonly SkillHistory[],
  author = { name: 'A. Author', email: 'author@example.com' },
): Promise<void> {
  const commits = histories.flatMap(history => {
    let latest = 0
    return history.versions.map(version => {
      latest = Math.max(latest, Date.parse(version.date))
      const changes: Change[] = [{ write: history.path, bytes: version.content }]
      return { at: latest, commit: { message: version.message, date: version.date, author, changes } }
    })
  })
  commits.sort((a, b) => a.at - b.at)
  await writeCommits(
    folder,
    commits.map(({ commit }) => commit),
  )
}

function* commitLines(commit: Commit, index: number, parents: readonly number[]): Generator<string | Uint8Array> {
  const { name, email } = commit.author ?? { name: 'A. Author', email: 'author@example.com' }
  const time = commit.date === undefined ? 1_735_689_600 + index * 60 : Math.floor(Date.parse(commit.date) / 1000)
  if (parents.length === 0) yield 'reset refs/heads/main\n'
  yield `commit refs/heads/main\nmark :${index + 1}\n`
  yield `author ${name} <${email}> ${time} +0200\ncommitter ${name} <${email}> ${time} +0200\n`
  yield* data(commit.message)
  for (const [at, parent] of parents.entries()) yield `${at === 0 ? 'from' : 'merge'} :${parent}\n`
  for (const change of commit.changes) yield* changeLines(change)
  yield '\n'
}

function* changeLines(change: Change): Generator<string | Uint8Array> {
  if ('write' in change) {
    yield `M ${change.mode ?? '100644'} inline ${quote(change.write)}\n`
    yield* data(change.bytes)
  } else if ('submodule' in change) yield `M 160000 ${change.commit} ${quote(change.submodule)}\n`
  else if ('delete' in change) yield `D ${quote(change.delete)}\n`
  else yield `R ${quote(change.rename)} ${quote(change.to)}\n`
}

function* data(bytes: string | Uint8Array): Generator<string | Uint8Array> {
  const buffer = typeof bytes === 'string' ? Buffer.from(bytes) : bytes
  yield `data ${buffer.length}\n`
  yield buffer
  yield '\n'
}

/** fast-import's C-style quoting: every byte that is not plain becomes octal, so any path can be written. */
function quote(path: PathBytes): string {
  let text = '"'
  for (const byte of Buffer.from(path)) {
    const plain = byte >= 0x20 && byte < 0x7f && byte !== 0x22 && byte !== 0x5c
    text += plain ? String.fromCharCode(byte) : `\\${byte.toString(8).padStart(3, '0')}`
  }
  return `${text}"`
}

async function fastImport(folder: string, lines: () => Iterable<string | Uint8Array>): Promise<void> {
  const child = spawn('git', ['-C', folder, 'fast-import', '--quiet', '--force'], {
    env: gitEnvironment(),
    stdio: ['pipe', 'ignore', 'pipe'],
  })
  const errors: Buffer[] = []
  child.stderr.on('data', chunk => errors.push(chunk))
  child.stdin.on('error', () => {}) // git's own words, on stderr, say why it stopped reading
  const ended = new Promise<number | null>((resolve, reject) => child.on('error', reject).on('close', resolve))
  let buffered: Uint8Array[] = []
  let size = 0
  const flush = async () => {
    if (!child.stdin.write(Buffer.concat(buffered)) && child.exitCode === null)
      await Promise.race([new Promise(resolve => child.stdin.once('drain', resolve)), ended])
    buffered = []
    size = 0
  }
  for (const line of lines()) {
    const bytes = typeof line === 'string' ? Buffer.from(line) : line
    buffered.push(bytes)
    size += bytes.length
    if (size > 1 << 20) await flush()
  }
  await flush()
  child.stdin.end()
  if ((await ended) !== 0) throw new Error(`git fast-import: ${Buffer.concat(errors).toString()}`)
}

/** A test's git must not depend on who runs it: no system or personal configuration, no variables of a hook. */
export function gitEnvironment(): NodeJS.ProcessEnv {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('GIT_')))
  return {
    ...env,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: process.platform === 'win32' ? 'NUL' : '/dev/null',
    GIT_AUTHOR_NAME: 'A. Author',
    GIT_AUTHOR_EMAIL: 'author@example.com',
    GIT_COMMITTER_NAME: 'A. Author',
    GIT_COMMITTER_EMAIL: 'author@example.com',
  }
}
