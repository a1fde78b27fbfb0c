import { basename, dirname } from 'node:path'
import { showName } from '../../shared/domain/paths.ts'
import { folderFailure } from './disk.ts'
import { unplainRepository } from './git-plain.ts'
import { findGit, type Git, type GitEnd, runGit } from './git-process.ts'
import type { ReadFailure } from './source.ts'

/**
 * A repository that can be read. `name` is its folder's; `prefix` is where the given folder lies in it ('' for its root,
 * otherwise with a final slash); `store` is the folder of its objects, the same for all its worktrees.
 */
export type Repository = { git: Git; name: string; prefix: string; store: string; shallow: boolean }

/** Finds git and asks it about a folder: the root of a repository, a folder in one, a worktree, or a bare one. */
export async function openRepository(
  path: string,
  env: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<Repository | ReadFailure> {
  const program = await findGit(env)
  if (program === undefined) return GIT_MISSING
  const unusable = await folderFailure(path)
  if (unusable) return unusable
  const git = { program, repository: path, env }
  const unplain = await unplainRepository(git, signal)
  if (unplain) return unplain
  const absolute = ['--path-format=absolute']
  const asked = await runGit(
    git,
    ['rev-parse', '--is-shallow-repository', '--show-prefix', ...absolute, '--git-common-dir'],
    signal,
  )
  if (asked.code !== 0) return failureOf(asked, path)
  // Apart, for a folder's name may hold a line's end.
  const found = await runGit(git, ['rev-parse', ...absolute, '--git-dir'], signal)
  if (found.code !== 0) return failureOf(found, path)
  const [shallow, prefix = '', ...rest] = asked.stdout.split('\n')
  const store = rest.join('\n').trimEnd()
  return {
    git: { ...git, folder: found.stdout.trimEnd() },
    name: nameOf(store),
    prefix,
    store,
    shallow: shallow === 'true',
  }
}

/** Whether there is no commit yet, which makes `git log` fail. */
export async function isEmpty({ git }: Repository, signal: AbortSignal): Promise<boolean> {
  return (await runGit(git, ['rev-parse', '--verify', '--quiet', 'HEAD^{commit}'], signal)).code === 1
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
      `“${showName(path)}” belongs to another user, so git does not open it. ${trustHint(safeDirectory(stderr) ?? path)}`,
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

/**
 * A command to paste, where every shell reads the folder's name as it is: in double quotes, letters, digits and these few
 * mean nothing else to sh, PowerShell or cmd. Any other name could hold commands of its own, so it is only told what to do.
 */
const trustHint = (folder: string): string =>
  /^[\p{L}\p{N}\p{M} ./:\\_-]+$/u.test(folder)
    ? `If you trust it, run: git config --global --add safe.directory "${folder}"`
    : 'If you trust it, add the folder to safe.directory in your git configuration. Its name has characters that a shell would run, so no command is shown.'

const safeDirectory = (stderr: string): string | undefined =>
  /safe\.directory '?(.*?)'?$/m.exec(stderr)?.[1] || undefined
