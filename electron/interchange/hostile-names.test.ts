import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { zipSync } from 'fflate'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { checkPath } from '../../shared/domain/bundle.ts'
import { git, gitEnvironment, gitMissing, initRepository } from '../../test/support/git-repository.ts'
import { HOSTILE_PATHS, PLAIN_PATHS } from '../../test/support/hostile-names.ts'
import { readFolder } from './folder.ts'
import { readGit } from './git-history.ts'
import { RecordingSink } from './recording-sink.ts'
import { treeOfPath } from './source-tree.ts'
import { readZip } from './zip.ts'

/** One rule for names, whichever way a skill comes in: what is refused is left out and named, the rest comes in. */

const windows = process.platform === 'win32'
const SKILL = Buffer.from('---\nname: a\ndescription: Does a thing.\n---\n')
const signal = new AbortController().signal
let root = ''
let sink = new RecordingSink()
beforeEach(() => {
  root = fs.realpathSync(fs.mkdtempSync(path.join(tmpdir(), 'names-')))
  sink = new RecordingSink()
})
afterEach(() => fs.rmSync(root, { recursive: true, force: true }))

const paths = () => (sink.skills[0]?.versions.at(-1)?.manifest ?? []).map(file => file.path).sort()
/** Left out of every import without a word: what version control and systems leave behind. */
const isSilent = (name: string): boolean => name.split('/').includes('.git')
const told = () => sink.skips.map(skip => skip.message).join('\n')

describe('archives', () => {
  // Names that end in a slash are folders, '' is none, and what cannot be a key of an object cannot be packed by this packer.
  const packable = HOSTILE_PATHS.filter(name => name !== '' && !name.endsWith('/') && !/\ud800|\0/.test(name))

  test.each(packable)('%j in a skill’s folder is left out', async name => {
    const files = { 'skill/SKILL.md': SKILL, 'skill/plain.md': SKILL, [`skill/${name}`]: Buffer.from('program') }
    expect(await readZip(zipSync(files), sink, { signal })).toMatchObject({ ok: true, skills: 1 })
    expect(paths()).toEqual(['SKILL.md', 'plain.md'])
    if (!isSilent(name)) expect(sink.skips, name).not.toEqual([])
  })

  test('what authors have comes in', async () => {
    const files = Object.fromEntries(PLAIN_PATHS.map(name => [`skill/${name}`, SKILL]))
    await readZip(zipSync(files), sink, { signal })
    expect(paths()).toEqual([...PLAIN_PATHS].sort())
    expect(sink.skips).toEqual([])
  })

  test('a spelling of .git beside the skills is named, too', async () => {
    const names = ['.GIT/config', 'GIT~1/config', '.g\u200cit/config', 'skill/.GIT/config']
    const files = Object.fromEntries([...names, 'skill/SKILL.md'].map(name => [name, SKILL]))
    await readZip(zipSync(files), sink, { signal })
    expect(paths()).toEqual(['SKILL.md'])
    expect(sink.skips.map(skip => [skip.path, skip.code])).toEqual(names.map(name => [name, 'PATH_RESERVED']))
  })
})

describe.skipIf(windows)('folders (Windows cannot have these names)', () => {
  test('what cannot be is left out and named; a spelling of .git in one line with all that is in it', async () => {
    const folder = path.join(root, 'skill')
    const possible = HOSTILE_PATHS.filter(
      name =>
        name !== '' &&
        !/[/\0\ud800]/.test(name) &&
        name !== '.' &&
        name !== '..' &&
        name !== '.git' &&
        Buffer.byteLength(name) <= 255,
    )
    fs.mkdirSync(folder)
    for (const name of ['SKILL.md', 'plain.md', ...possible]) fs.writeFileSync(path.join(folder, name), SKILL)
    fs.mkdirSync(path.join(folder, '.giT', 'hooks'), { recursive: true })
    for (let n = 0; n < 50; n++) fs.writeFileSync(path.join(folder, '.giT', 'hooks', `h${n}`), 'program')
    expect(await readFolder(folder, sink, { signal })).toMatchObject({ ok: true, skills: 1 })
    expect(paths()).toEqual(['SKILL.md', 'plain.md'])
    for (const name of possible) expect(told(), name).toContain(checkPath(name)?.message.replace(/\.$/, ''))
    expect(sink.skips.filter(skip => skip.path.startsWith('.giT'))).toHaveLength(1)
  })

  test('pipes and sockets are read by no reader', async () => {
    const folder = path.join(root, 'skill')
    fs.mkdirSync(folder)
    fs.writeFileSync(path.join(folder, 'SKILL.md'), SKILL)
    const pipe = path.join(folder, 'pipe.zip')
    expect(spawnSync('mkfifo', [pipe]).status).toBe(0)
    await readFolder(folder, sink, { signal })
    expect(sink.skips).toMatchObject([{ path: 'pipe.zip', code: 'NOT_A_FILE' }])
    expect(await readZip(pipe, sink, { signal })).toMatchObject({ ok: false, code: 'PLACE_UNREADABLE' })
    expect(treeOfPath(pipe)).toMatchObject({ ok: false, message: expect.stringContaining('neither a file nor') })
    const tree = treeOfPath(folder)
    expect(tree).toMatchObject({ ok: true })
    if (tree.ok) expect([tree.tree.paths, tree.tree.read('pipe.zip')]).toEqual([['SKILL.md'], undefined])
  })
})

test.skipIf(gitMissing)('a repository: git’s own checks are passed by, ours are not', async () => {
  initRepository(root)
  const put = (text: string, ...args: string[]): string => {
    const run = spawnSync('git', ['-C', root, ...args], { input: text, env: gitEnvironment(), encoding: 'utf8' })
    expect(run.stderr).toBe('')
    return run.stdout.trim()
  }
  const blob = put(SKILL.toString(), 'hash-object', '-w', '--stdin')
  const names = HOSTILE_PATHS.filter(name => name !== '' && !/[/\0\ud800]/.test(name) && name !== '.' && name !== '..')
  const entries = ['SKILL.md', 'plain.md', ...names].map(name => `100644 blob ${blob}\t${name}\0`).join('')
  const tree = put(entries, 'mktree', '-z')
  git(root, 'update-ref', 'refs/heads/main', put('hostile', 'commit-tree', tree))
  expect(await readGit(root, sink, { signal, env: gitEnvironment() })).toMatchObject({ ok: true, skills: 1 })
  expect(paths()).toEqual(['SKILL.md', 'plain.md'])
  for (const name of names.filter(one => !isSilent(one))) expect(told(), name).toContain(checkPath(name)?.message)
})
