import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { constants } from 'node:fs'
import { access } from 'node:fs/promises'
import { delimiter, isAbsolute, join } from 'node:path'
import { childEnvironment } from '../../shared/domain/child-environment.ts'

/**
 * Runs the git that the person has, on repositories that may be hostile. Nothing here goes through a shell, and no
 * setting of the repository can start a program or open a connection.
 */

/** The first `git` on the PATH. Relative PATH entries are skipped: they could be the repository's own folder. */
export async function findGit(env: NodeJS.ProcessEnv): Promise<string | undefined> {
  const path = Object.entries(env).find(([name]) => name.toUpperCase() === 'PATH')?.[1] ?? ''
  const name = process.platform === 'win32' ? 'git.exe' : 'git'
  for (const folder of path.split(delimiter)) {
    if (!isAbsolute(folder)) continue
    try {
      await access(join(folder, name), constants.X_OK)
      return join(folder, name)
    } catch {
      // Not in this one.
    }
  }
  return undefined
}

const NOTHING = process.platform === 'win32' ? 'NUL' : '/dev/null'

/** Settings of a repository or a person that would start programs, change the output or reach the network. */
const HARMLESS = [
  'core.fsmonitor=false',
  `core.hooksPath=${NOTHING}`,
  'core.pager=cat',
  // Files that could be anywhere, and no plain ones.
  `diff.orderFile=${NOTHING}`,
  `core.attributesFile=${NOTHING}`,
  `core.excludesFile=${NOTHING}`,
  'protocol.allow=never',
  'gc.auto=0',
  'maintenance.auto=false',
].flatMap(setting => ['-c', setting])

/** Git's own variables may point at another repository (a hook sets them); ours are the only ones. Messages in English. */
function hardened(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  // The person's own configuration stays in force for safe.directory alone, where the tests' empty one is kept too.
  const global = env.GIT_CONFIG_GLOBAL === undefined ? {} : { GIT_CONFIG_GLOBAL: env.GIT_CONFIG_GLOBAL }
  return {
    ...childEnvironment(env, ['XDG_CONFIG_HOME', 'LD_LIBRARY_PATH', 'ProgramFiles', 'ProgramData']),
    ...global,
    LC_ALL: 'C',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_OPTIONAL_LOCKS: '0',
    GIT_TERMINAL_PROMPT: '0',
    GIT_ALLOW_PROTOCOL: 'none',
    GIT_NO_LAZY_FETCH: '1',
    GIT_NO_REPLACE_OBJECTS: '1',
    GIT_PAGER: 'cat',
  }
}

/**
 * `folder` is the repository's own (`.git`), once it is known. git then works in there, so that no file of the work tree is
 * opened: attributes would be, and one that is a pipe is waited for.
 */
export type Git = { program: string; repository: string; env: NodeJS.ProcessEnv; folder?: string }
/** How a process ended. `thrown` is what `onData` threw, which ends the process. */
export type GitEnd = { code: number | null; stderr: string; thrown?: unknown }

/** One git process, its output given to `onData` as it comes. It never rejects: how it ended is a value. */
export class GitProcess {
  readonly closed: Promise<GitEnd>
  readonly #child: ChildProcessWithoutNullStreams

  constructor(git: Git, args: readonly string[], onData: (chunk: Buffer) => void) {
    const where = git.folder === undefined ? ['-C', git.repository] : ['-C', git.folder, '--git-dir=.', '--work-tree=.']
    this.#child = spawn(git.program, [...where, '--no-pager', ...HARMLESS, ...args], {
      env: hardened(git.env),
      stdio: ['pipe', 'pipe', 'pipe'],
      windowsHide: true,
    })
    let stderr = ''
    this.#child.stderr.setEncoding('utf8').on('data', (text: string) => {
      if (stderr.length < 4096) stderr += text
    })
    let thrown: { thrown?: unknown } = {}
    this.#child.stdout.on('data', (chunk: Buffer) => {
      if ('thrown' in thrown) return
      try {
        onData(chunk)
      } catch (error) {
        thrown = { thrown: error }
        this.kill()
      }
    })
    // A process that ended early leaves its input broken; how it ended says why.
    this.#child.stdin.on('error', () => {})
    this.closed = new Promise(resolve => {
      this.#child.on('error', error => resolve({ code: null, stderr: stderr || error.message, ...thrown }))
      this.#child.on('close', code => resolve({ code, stderr, ...thrown }))
    })
  }

  write(text: string): void {
    this.#child.stdin.write(text, 'latin1')
  }

  end(): void {
    this.#child.stdin.end()
  }

  /** Ends it at once; git only reads here, so there is nothing to clean up. */
  kill(): void {
    this.#child.kill('SIGKILL')
  }
}

/** A short command that takes longer waits for something that never comes. */
const SHORT_MS = 30_000

/** Runs a short git command to its end and gives its output as text. Rejects with the signal's reason, git being ended. */
export async function runGit(
  git: Git,
  args: readonly string[],
  signal: AbortSignal,
  limitMs = SHORT_MS,
): Promise<GitEnd & { stdout: string }> {
  signal.throwIfAborted()
  const chunks: Buffer[] = []
  const process = new GitProcess(git, args, chunk => chunks.push(chunk))
  const stop = AbortSignal.any([signal, AbortSignal.timeout(limitMs)])
  const kill = () => process.kill()
  stop.addEventListener('abort', kill, { once: true })
  process.end()
  try {
    const end = await process.closed
    signal.throwIfAborted()
    const late = stop.aborted ? { stderr: `fatal: no answer within ${limitMs / 1000} s` } : {}
    return { ...end, ...late, stdout: Buffer.concat(chunks).toString('utf8') }
  } finally {
    stop.removeEventListener('abort', kill)
  }
}
