import { spawnSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { git, gitEnvironment, gitMissing, initRepository, writeCommits } from '../../test/support/git-repository.ts'
import { readGit } from './git-history.ts'
import { findGit, runGit } from './git-process.ts'
import { failureOf } from './git-repository.ts'
import { RecordingSink } from './recording-sink.ts'

/** What lies in a repository and is no plain file, and what a folder's name does to the words about it. */

const windows = process.platform === 'win32'
const skill = { write: 'skills/a/SKILL.md', bytes: '---\nname: a\n---\n' }
const readme = { write: 'README.md', bytes: 'x' }
const signal = () => new AbortController().signal

let root = ''
let folder = ''
beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'plain-')))
  folder = join(root, 'repository')
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

const read = () => readGit(folder, new RecordingSink(), { signal: signal(), env: gitEnvironment() })

async function makeRepository(): Promise<void> {
  initRepository(folder)
  await writeCommits(folder, [
    { message: 'one', changes: [skill, readme] },
    { message: 'two', changes: [{ write: 'skills/a/x.md', bytes: 'x' }] },
  ])
}

describe.skipIf(gitMissing || windows)('pipes where git expects a file', () => {
  const pipe = (path: string) => {
    rmSync(path, { force: true })
    expect(spawnSync('mkfifo', [path]).status).toBe(0)
  }

  test.each([
    'config',
    'HEAD',
    'commondir',
    'packed-refs',
    'shallow',
    'info/attributes',
    'info/grafts',
    'objects/info/alternates',
    'objects/info/commit-graph',
    'refs/heads/main',
  ])('%s: told at once, and no git is started', async name => {
    await makeRepository()
    pipe(join(folder, '.git', name))
    const end = await read()
    expect(end).toMatchObject({ ok: false, code: 'GIT_FAILED', message: expect.stringContaining(name) })
    expect(end).toMatchObject({ message: expect.stringContaining('no plain file') })
  })

  test('.git itself, what it points to, and a link to one', async () => {
    await makeRepository()
    renameSync(join(folder, '.git'), join(root, 'real'))
    pipe(join(folder, '.git'))
    expect(await read()).toMatchObject({ message: expect.stringContaining('no plain file') })
    rmSync(join(folder, '.git'))
    writeFileSync(join(folder, '.git'), `gitdir: ${join(root, 'real')}\n`)
    expect(await read()).toMatchObject({ ok: true, skills: 1 })
    pipe(join(root, 'pipe'))
    symlinkSync(join(root, 'pipe'), join(root, 'real', 'info', 'grafts'))
    expect(await read()).toMatchObject({ message: expect.stringContaining('grafts') })
  })

  test('what the configuration names: an included file, the order of files; another folder of objects', async () => {
    await makeRepository()
    pipe(join(root, 'pipe'))
    git(folder, 'config', 'diff.orderFile', join(root, 'pipe'))
    git(folder, 'config', 'core.attributesFile', join(root, 'pipe'))
    expect(await read()).toMatchObject({ ok: true, skills: 1 })
    writeFileSync(join(folder, '.git', 'more'), `[include]\n\tpath = ../../pipe\n`)
    git(folder, 'config', 'include.path', 'more')
    expect(await read()).toMatchObject({ ok: false, message: expect.stringContaining('pipe') })
    writeFileSync(join(folder, '.git', 'more'), '')
    mkdirSync(join(root, 'objects', 'info'), { recursive: true })
    pipe(join(root, 'objects', 'info', 'commit-graph'))
    writeFileSync(join(folder, '.git', 'objects', 'info', 'alternates'), `${join(root, 'objects')}\n`)
    expect(await read()).toMatchObject({ ok: false, message: expect.stringContaining('commit-graph') })
  })

  test('attributes in the work tree are not opened', async () => {
    await makeRepository()
    await writeCommits(folder, [
      { message: 'one', changes: [skill, readme] },
      {
        message: 'moved',
        changes: [
          { rename: 'skills/a/SKILL.md', to: 'skills/b/SKILL.md' },
          { write: 'skills/b/x', bytes: 'x' },
        ],
      },
    ])
    mkdirSync(join(folder, 'skills', 'b'), { recursive: true })
    for (const place of ['.', 'skills', 'skills/b']) pipe(join(folder, place, '.gitattributes'))
    expect(await read()).toMatchObject({ ok: true, skills: 1, versions: 2 })
  })

  /** A git that notes its process number before it becomes the real one, and waits for a pipe. */
  async function waitingGit() {
    await makeRepository()
    const real = await findGit(gitEnvironment())
    const noted = join(root, 'pids')
    writeFileSync(join(root, 'git'), `#!/bin/sh\necho $$ >> ${noted}\nexec ${real} "$@"\n`, { mode: 0o755 })
    pipe(join(folder, '.git', 'packed-refs'))
    const left = () =>
      readFileSync(noted, 'utf8')
        .trim()
        .split('\n')
        .filter(pid => existsSync(`/proc/${pid}`))
    return { of: { program: join(root, 'git'), repository: folder, env: gitEnvironment() }, left }
  }

  test('a call that gets no answer is ended at its limit', async () => {
    const { of, left } = await waitingGit()
    const end = await runGit(of, ['rev-parse', 'main^{commit}', 'refs/heads/none'], signal(), 200)
    expect(end).toMatchObject({ code: null, stderr: expect.stringContaining('no answer within') })
    expect(left()).toEqual([])
  })

  test('a cancel ends a git that waits for one', async () => {
    const { of, left } = await waitingGit()
    const stop = new AbortController()
    const waiting = runGit(of, ['rev-parse', 'main^{commit}', 'refs/heads/none'], stop.signal)
    await expect.poll(() => existsSync(join(root, 'pids'))).toBe(true)
    stop.abort(new Error('enough'))
    await expect(waiting).rejects.toThrow('enough')
    expect(left()).toEqual([])
  })
})

describe.skipIf(gitMissing || windows)('a folder’s name in the words about it', () => {
  const said = (name: string) =>
    failureOf({ code: 128, stderr: "fatal: detected dubious ownership in repository at 'x'" }, name)
  test.each(['/srv/skills', 'C:/My Skills/größe', '/a/b-c_d.e'])('%s: a command to paste', name => {
    expect(said(name)).toMatchObject({ message: expect.stringContaining(`safe.directory "${name}"`) })
  })
  test.each([
    'x$(touch PWN)',
    'x`id`',
    'a";id;"',
    "a'b",
    'a&b',
    'a;b',
    'a%PATH%b',
    'a!b',
    'a|b',
    'a\nb',
    'a\u202eb',
    '$HOME',
  ])('%j: no command is shown', name => {
    const { message } = said(name)
    expect(message).not.toContain('git config --global')
    expect(message).toContain('no command is shown')
    expect(message).not.toMatch(/[\n\u202e]/)
  })
})
