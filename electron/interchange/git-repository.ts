import { basename, dirname } from 'node:path'
import { folderFailure } from './disk.ts'
import { findGit, type Git, type GitEnd, runGit } from './git-process.ts'
import type { ReadFailure } from './source.ts'

/**
 * A repository that can be read. `name` is its folder's; `prefix` is where the given folder lies in it ('' for its root,
 * otherwise with a final slash); `store` is the folder of its objects, the same for all its worktrees.
 */
export type Repository = { git: Git; name: string; prefix: string; store: string; shallow: boolean }

/** Finds git and asks it about a folder: the root of a repository, a folder in one, a worktree, or a bare one. */
export async function openRepository(path: string, env: NodeJS.ProcessEnv): Promise<Repository | ReadFailure> {
  const program = await findGit(env)
  if (program === undefined) return GIT_MISSING
  const unusable = await folderFailure(path)
  if (unusable) return unusable
  const git = { program, repository: path, env }
  const asked = await runGit(git, [
    'rev-parse',
    '--is-shallow-repository',
    '--show-prefix',
    '--path-format=absolute',
    '--git-common-dir',
  ])
  if (asked.code !== 0) return failureOf(asked, path)
  const [shallow, prefix = '', ...rest] = asked.stdout.split('\n')
  const store = rest.join('\n').trimEnd()
  return { git, name: nameOf(store), prefix, store, shallow: shallow === 'true' }
}

/** Whether there is no commit yet, which makes `git log` fail. */
export async function isEmpty({ git }: Repository): Promise<boolean> {
  return (await runGit(git, ['rev-parse', '--verify', '--quiet', 'HEAD^{commit}'])).code === 1
}

const nameOf = (store: string): string =>
  basename(store) === '.git' ? basename(dirname(store)) : basename(store).replace(/\.git$/, '')

const GIT_MISSING: ReadFailure = {
  ok: false,
  code: 'GIT_MISSING',
  message: 'git is not installed, so the history cannot be read. Install git, or import the folder as it is now.',
}

/** Why git would not go on, from what it wrote (in English: its environment asks for that). */
export function failureOf({ stderr }: GitEnd, path: string): ReadFailure {
  const fail = (code: ReadFailure['code'], message: string): ReadFailure => ({ ok: false, code, message })
  if (/xcrun: error|xcode-select/.test(stderr)) return GIT_MISSING
  if (/not a git repository/.test(stderr))
    return fail('NOT_A_REPOSITORY', `“${path}” is not in a git repository. Import it as a folder instead.`)
  if (/dubious ownership/.test(stderr))
    return fail(
      'REPOSITORY_NOT_TRUSTED',
      `“${path}” belongs to another user, so git does not open it. If you trust it, run: git config --global --add safe.directory "${safeDirectory(stderr) ?? path}"`,
    )
  if (/safe\.bareRepository|cannot use bare repository/.test(stderr))
    return fail('REPOSITORY_NOT_TRUSTED', `Your git is set to not open bare repositories, and “${path}” is one.`)
  if (/unrecognized argument|unknown option|unknown value for/.test(stderr))
    return fail('GIT_TOO_OLD', 'This git is too old to read the history. Version 2.31 or newer can.')
  if (/promisor|partial clone|lazy fetch/i.test(stderr))
    return fail('GIT_FAILED', `“${path}” was cloned without all of its content. Run “git fetch --refetch” in it first.`)
  const words = /^(?:fatal|error): (.*)$/m.exec(stderr)?.[1] ?? stderr.trim().split('\n')[0]
  return fail('GIT_FAILED', `git could not read “${path}”${words ? `: ${words}` : '.'}`)
}

const safeDirectory = (stderr: string): string | undefined =>
  /safe\.directory '?(.*?)'?$/m.exec(stderr)?.[1] || undefined
