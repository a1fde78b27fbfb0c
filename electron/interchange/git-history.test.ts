import { mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  type Change,
  type Commit,
  gitMissing,
  initRepository,
  writeCommits,
} from '../../test/support/git-repository.ts'
import { readGit } from './git-history.ts'
import { RecordingSink } from './recording-sink.ts'
import type { FoundSkill } from './source.ts'

/** What a history becomes. How git is found, asked and stopped is in git-reading.test.ts. */

const text = (name: string, body = 'Does a thing.') =>
  `---\nname: ${name}\ndescription: ${body}\n---\n# ${name}\n\n${'A line that stays as it is.\n'.repeat(10)}`
const write = (path: string, bytes: string | Uint8Array, mode?: '100644' | '100755' | '120000'): Change => ({
  write: path,
  bytes,
  mode,
})
const remove = (path: string): Change => ({ delete: path })

let folder = ''
let sink = new RecordingSink()
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'history-')))
  sink = new RecordingSink()
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

async function read(...commits: Commit[]): Promise<FoundSkill[]> {
  initRepository(folder)
  await writeCommits(folder, commits)
  expect(await readGit(folder, sink, { signal: new AbortController().signal })).toMatchObject({ ok: true })
  return sink.skills
}

const commit = (message: string, ...changes: Change[]): Commit => ({ name: message, message, changes })
const merge = (message: string, parents: string[], ...changes: Change[]): Commit => ({
  message,
  name: message,
  parents,
  changes,
})

/** A chain as `message<parents: path, path`, one line a version. */
const drawing = (skill: FoundSkill): string[] =>
  skill.versions.map(
    ({ message, parents, manifest }) =>
      `${message}<${parents.join(',')}: ${manifest.map(entry => entry.path).join(' ')}`,
  )

describe.skipIf(gitMissing)(`chains (skipped where git is missing: ${gitMissing ?? 'it is here'})`, () => {
  test('a version for each change of a folder, and for nothing else', async () => {
    const [skill, ...others] = await read(
      commit('add', write('a/SKILL.md', text('a')), write('README.md', 'x')),
      commit('elsewhere', write('README.md', 'y')),
      commit('script', write('a/scripts/run.py', 'print(1)')),
      commit('edit', write('a/SKILL.md', text('a', 'New.')), write('a/scripts/run.py', 'print(2)')),
      commit('less', remove('a/scripts/run.py')),
    )
    expect(others).toEqual([])
    expect(skill && drawing(skill)).toEqual([
      'add<: SKILL.md',
      'script<0: SKILL.md scripts/run.py',
      'edit<1: SKILL.md scripts/run.py',
      'less<2: SKILL.md',
    ])
    expect(sink.files(skill?.versions[2])).toEqual({ 'SKILL.md': text('a', 'New.'), 'scripts/run.py': 'print(2)' })
  })

  test('files that were there before the SKILL.md belong to its first version', async () => {
    const [skill] = await read(
      commit('notes', write('a/notes.md', 'n'), write('a/deep/er.md', 'd')),
      commit('skill', write('a/SKILL.md', text('a'))),
    )
    expect(skill && drawing(skill)).toEqual(['skill<: SKILL.md deep/er.md notes.md'])
  })

  test('author, date in milliseconds, whole message trimmed, commit', async () => {
    initRepository(folder)
    await writeCommits(folder, [
      {
        message: '\n\nSubject line\n\n  indented: body\n\ttab\n:100644 looks like a change\n\n\n',
        date: '2024-02-29T12:00:01Z',
        author: { name: 'Zoë "Z" O’Neil', email: 'zoe@example.com' },
        changes: [write('a/SKILL.md', text('a'))],
      },
    ])
    await readGit(folder, sink, { signal: new AbortController().signal })
    expect(sink.skills[0]?.versions[0]).toMatchObject({
      message: 'Subject line\n\n  indented: body\n\ttab\n:100644 looks like a change',
      author: { name: 'Zoë "Z" O’Neil', email: 'zoe@example.com' },
      createdAt: Date.UTC(2024, 1, 29, 12, 0, 1),
      sourceRef: expect.stringMatching(/^[0-9a-f]{40}$/),
    })
  })

  test('an empty message and a message that is not UTF-8 are no obstacle', async () => {
    const [skill] = await read(
      { message: '', changes: [write('a/SKILL.md', '1')] },
      { message: Uint8Array.of(0x63, 0x61, 0x66, 0xe9), changes: [write('a/SKILL.md', '2')] },
      { message: '', changes: [] },
    )
    expect(skill?.versions.map(version => version.message)).toEqual(['', 'caf\uFFFD'])
  })

  test('a root skill is named after the repository, and owns all of it', async () => {
    const [skill] = await read(commit('one', write('SKILL.md', text('x')), write('lib/a.py', 'a')))
    expect(skill).toMatchObject({ path: '', folderName: folder.split(/[\\/]/).at(-1) })
    expect(skill && drawing(skill)).toEqual(['one<: SKILL.md lib/a.py'])
  })

  test('the executable bit is a change', async () => {
    const [skill] = await read(
      commit('add', write('a/SKILL.md', 'x'), write('a/run.sh', '#!')),
      commit('chmod', write('a/run.sh', '#!', '100755')),
    )
    expect(skill?.versions.map(version => Object.keys(sink.files(version)))).toEqual([
      ['SKILL.md', 'run.sh'],
      ['SKILL.md', 'run.sh*'],
    ])
  })

  test('CRLF, byte order mark, NUL and letters of every script stay byte for byte', async () => {
    const content = '\uFEFF---\r\nname: größe\r\n---\r\n版本 🎏\r\n'
    const [skill] = await read(
      commit('add', write('größe/SKILL.md', content), write('größe/ "quoted"\'s\tß.md'.replace('"quoted"', 'q'), 'q')),
      commit('bin', write('größe/x.bin', Uint8Array.of(0, 10, 13, 255))),
    )
    expect(skill?.path).toBe('größe')
    expect(sink.files(skill?.versions[0])['SKILL.md']).toBe(content)
    const bin = skill?.versions[1]?.manifest.find(entry => entry.path === 'x.bin')
    expect([...(sink.blobs.get(bin?.sha256 ?? '') ?? [])]).toEqual([0, 10, 13, 255])
    // A tab is no name that every system allows.
    expect(sink.skippedLines).toEqual(["PATH_INVALID größe/ q's\tß.md"])
  })

  test('many commits and blobs larger than any pipe’s buffer', async () => {
    const large = (at: number) => `${at}\n${'0123456789abcdef'.repeat(20_000)}\n${at}`
    const [skill] = await read(
      ...Array.from({ length: 12 }, (_, at) =>
        commit(`${at}`, write('a/SKILL.md', text('a')), write('a/large.txt', large(at))),
      ),
    )
    expect(skill?.versions.map(version => sink.files(version)['large.txt'])).toEqual(
      Array.from({ length: 12 }, (_, at) => large(at)),
    )
  })

  test('the same content in two skills is handed over once', async () => {
    let handed = 0
    const blob = sink.blob.bind(sink)
    sink.blob = bytes => {
      handed += 1
      return blob(bytes)
    }
    await read(commit('one', write('a/SKILL.md', 'same'), write('b/SKILL.md', 'same'), write('b/x', 'same')))
    expect(handed).toBe(1)
    expect(sink.skills).toHaveLength(2)
  })
})

describe.skipIf(gitMissing)('renames and deletions', () => {
  test('a renamed folder goes on, also when it is edited on the way', async () => {
    const [skill, ...others] = await read(
      commit('add', write('a/SKILL.md', text('a')), write('a/x.md', 'some text that is long enough to be found again')),
      commit('move', { rename: 'a', to: 'b/c' }),
      commit('move and edit', { rename: 'b/c', to: 'd' }, write('d/SKILL.md', text('d', 'Other words here.'))),
    )
    expect(others).toEqual([])
    expect(skill).toMatchObject({ path: 'd', folderName: 'd', deleted: false })
    expect(skill?.origin).toMatch(/^git:[0-9a-f]{40}:a$/)
    // The move alone changed nothing in the folder.
    expect(skill && drawing(skill)).toEqual(['add<: SKILL.md x.md', 'move and edit<0: SKILL.md x.md'])
  })

  test('two skills that move along a line keep who they are', async () => {
    const skills = await read(
      commit('add', write('a/SKILL.md', text('a')), write('b/SKILL.md', `${'b\n'.repeat(40)}`)),
      commit('b away', { rename: 'b', to: 'c' }),
      commit('a there', { rename: 'a', to: 'b' }),
      commit('edit', write('b/SKILL.md', text('a', 'Edited.'))),
    )
    expect(skills.map(skill => [skill.path, skill.origin.split(':').at(-1), skill.versions.length])).toEqual([
      ['b', 'a', 2],
      ['c', 'b', 1],
    ])
  })

  test('skill.md that becomes SKILL.md is the same skill', async () => {
    const [skill, ...others] = await read(
      commit('add', write('a/skill.md', text('a'))),
      commit('case', { rename: 'a/skill.md', to: 'a/SKILL.md' }),
    )
    expect(others).toEqual([])
    expect(skill && drawing(skill)).toEqual(['add<: skill.md', 'case<0: SKILL.md'])
  })

  test('a place that is taken anew after its skill moved away is another skill', async () => {
    const skills = await read(
      commit('add', write('a/SKILL.md', text('a'))),
      commit('move', { rename: 'a', to: 'b' }),
      commit('anew', write('a/SKILL.md', `another\n${'z\n'.repeat(40)}`)),
    )
    expect(skills.map(skill => [skill.path, skill.versions.length])).toEqual([
      ['a', 1],
      ['b', 1],
    ])
    expect(new Set(skills.map(skill => skill.origin)).size).toBe(2)
    expect(skills[0]?.origin).toMatch(/:a@[0-9a-f]{40}$/)
  })

  test('a deleted skill is told as deleted, with its history', async () => {
    const [skill] = await read(
      commit('add', write('a/SKILL.md', text('a')), write('a/x', 'x')),
      commit('drop', remove('a/SKILL.md'), remove('a/x')),
    )
    expect(skill).toMatchObject({ path: 'a', deleted: true })
    expect(skill && drawing(skill)).toEqual(['add<: SKILL.md x'])
  })

  test('one whose SKILL.md alone is gone is deleted too', async () => {
    const [skill] = await read(
      commit('add', write('a/SKILL.md', text('a')), write('a/x', 'x')),
      commit('drop', remove('a/SKILL.md')),
      commit('more', write('a/x', 'y')),
    )
    expect(skill).toMatchObject({ deleted: true, versions: [{ message: 'add' }] })
  })

  test('one that comes back goes on where it ended', async () => {
    const [skill, ...others] = await read(
      commit('add', write('a/SKILL.md', text('a'))),
      commit('drop', remove('a/SKILL.md')),
      commit('back', write('a/SKILL.md', text('a'))),
      commit('drop again', remove('a/SKILL.md')),
      commit('back, new', write('a/SKILL.md', 'completely different')),
    )
    expect(others).toEqual([])
    expect(skill).toMatchObject({ deleted: false })
    expect(skill && drawing(skill)).toEqual(['add<: SKILL.md', 'back, new<0: SKILL.md'])
  })
})

describe.skipIf(gitMissing)('forks and merges', () => {
  const base = commit('base', write('a/SKILL.md', text('a')), write('a/one', '1'), write('a/two', '2'))

  test('a merge of two changes is a version with two parents', async () => {
    const [skill] = await read(
      base,
      { ...commit('left', write('a/one', 'left')), parents: ['base'] },
      { ...commit('right', write('a/two', 'right')), parents: ['base'] },
      merge('merge', ['left', 'right'], write('a/two', 'right')),
      commit('after', write('a/one', 'after')),
    )
    const lines = skill && drawing(skill).map(line => line.split(':')[0])
    const [left, right] = [lines?.indexOf('left<0') ?? -1, lines?.indexOf('right<0') ?? -1]
    expect([left, right].sort()).toEqual([1, 2])
    expect(lines?.slice(3)).toEqual([`merge<${left},${right}`, 'after<3'])
    expect(sink.files(skill?.versions[3])).toMatchObject({ one: 'left', two: 'right' })
  })

  test('a merge that takes one side is that side’s version', async () => {
    const [skill] = await read(
      base,
      { ...commit('left', write('a/one', 'left')), parents: ['base'] },
      { ...commit('right', write('a/one', 'right')), parents: ['base'] },
      merge('take right', ['left', 'right'], write('a/one', 'right')),
      commit('after', write('a/one', 'after')),
    )
    const lines = skill && drawing(skill).map(line => line.split(':')[0])
    expect(lines).toHaveLength(4)
    expect(lines?.at(-1)).toBe(`after<${lines?.indexOf('right<0')}`)
  })

  test('the newest commit’s version is the last, whatever order git tells the sides in', async () => {
    for (const [first, second] of [
      ['left', 'right'],
      ['right', 'left'],
    ] as const) {
      rmSync(folder, { recursive: true })
      sink = new RecordingSink()
      const [skill] = await read(
        base,
        { ...commit('left', write('a/one', 'left')), parents: ['base'] },
        { ...commit('right', write('a/one', 'right')), parents: ['base'] },
        merge('take the first', [first, second], write('a/one', first)),
      )
      expect(skill?.versions.map(version => version.message)).toEqual(['base', second, first])
    }
  })

  test('a merge that undoes a newer version is a version of its own', async () => {
    const [skill] = await read(
      base,
      { ...commit('branch', write('a/one', 'branch')), parents: ['base'] },
      { ...commit('main', write('README.md', 'x')), parents: ['base'] },
      merge('ours', ['main', 'branch']),
    )
    expect(skill && drawing(skill).map(line => line.split(':')[0])).toEqual(['base<', 'branch<0', 'ours<1'])
    expect(sink.files(skill?.versions[2]).one).toBe('1')
  })

  test('a branch that left the skill alone adds neither version nor parent', async () => {
    const [skill] = await read(
      base,
      { ...commit('main', write('a/one', 'main')), parents: ['base'] },
      { ...commit('branch', write('README.md', 'x')), parents: ['base'] },
      merge('merge', ['main', 'branch'], write('README.md', 'x'), write('a/two', 'changed in the merge')),
    )
    expect(skill && drawing(skill).map(line => line.split(':')[0])).toEqual(['base<', 'main<0', 'merge<1'])
  })

  test('a skill that a branch brought keeps its history there', async () => {
    const skills = await read(
      commit('base', write('README.md', 'x')),
      { ...commit('branch', write('n/SKILL.md', text('n'))), parents: ['base'] },
      commit('branch 2', write('n/SKILL.md', text('n', 'More.'))),
      { ...commit('main', write('README.md', 'y')), parents: ['base'] },
      merge('merge', ['main', 'branch 2'], write('n/SKILL.md', text('n', 'More.'))),
      commit('after', write('n/SKILL.md', text('n', 'Even more.'))),
    )
    expect(skills).toHaveLength(1)
    expect(drawing(sink.at('n')).map(line => line.split(':')[0])).toEqual(['branch<', 'branch 2<0', 'after<1'])
  })

  test('renamed on one side and edited on the other', async () => {
    for (const first of ['renamed', 'edited']) {
      rmSync(folder, { recursive: true })
      sink = new RecordingSink()
      const sides = first === 'renamed' ? ['renamed', 'edited'] : ['edited', 'renamed']
      const edited = text('a', 'Edited over there.')
      const [skill, ...others] = await read(
        commit('base', write('a/SKILL.md', text('a'))),
        { ...commit('renamed', { rename: 'a', to: 'b' }, write('b/x', 'x')), parents: ['base'] },
        { ...commit('edited', write('a/SKILL.md', edited)), parents: ['base'] },
        first === 'renamed'
          ? merge('merge', sides, write('b/SKILL.md', edited))
          : merge('merge', sides, { rename: 'a', to: 'b' }, write('b/x', 'x')),
      )
      expect(others, first).toEqual([])
      expect(skill, first).toMatchObject({ path: 'b', deleted: false })
      const lines = skill && drawing(skill).map(line => line.split(':')[0])
      const [one, two] = sides.map(side => lines?.indexOf(`${side}<0`))
      expect(lines?.[3], first).toBe(`merge<${one},${two}`)
    }
  })

  test('the same skill added on both sides is one skill with two beginnings', async () => {
    const skills = await read(
      commit('base', write('README.md', 'x')),
      { ...commit('left', write('a/SKILL.md', text('a', 'Left.'))), parents: ['base'] },
      { ...commit('right', write('a/SKILL.md', text('a', 'Right.'))), parents: ['base'] },
      merge('merge', ['left', 'right'], write('a/SKILL.md', text('a', 'Both.'))),
    )
    expect(skills).toHaveLength(1)
    const lines = drawing(sink.at('a')).map(line => line.split(':')[0])
    expect(lines?.slice(0, 2).sort()).toEqual(['left<', 'right<'])
    expect(lines?.[2]).toBe(`merge<${lines?.indexOf('left<')},${lines?.indexOf('right<')}`)
  })

  test('deleted on one side, edited on the other, kept by the merge', async () => {
    const [skill, ...others] = await read(
      base,
      { ...commit('gone', remove('a/SKILL.md'), remove('a/one'), remove('a/two')), parents: ['base'] },
      { ...commit('edited', write('a/one', 'edited')), parents: ['base'] },
      merge('kept', ['gone', 'edited'], write('a/SKILL.md', text('a')), write('a/one', 'edited'), write('a/two', '2')),
      commit('after', write('a/one', 'after')),
    )
    expect(others).toEqual([])
    expect(skill?.deleted).toBe(false)
    expect(skill && drawing(skill).map(line => line.split(':')[0])).toEqual(['base<', 'edited<0', 'after<1'])
  })

  test('a merge of three has the first two as parents; unrelated histories may join', async () => {
    await read(
      base,
      { ...commit('l', write('a/one', 'l')), parents: ['base'] },
      { ...commit('m', write('a/two', 'm')), parents: ['base'] },
      { ...commit('r', write('a/three', 'r')), parents: ['base'] },
      merge('octopus', ['l', 'm', 'r'], write('a/two', 'm'), write('a/three', 'r')),
      { ...commit('other root', write('z/SKILL.md', text('z'))), parents: [] },
      merge('join', ['octopus', 'other root'], write('z/SKILL.md', text('z'))),
    )
    expect(sink.at('a').versions[4]?.parents).toHaveLength(2)
    expect(drawing(sink.at('z'))).toEqual(['other root<: SKILL.md'])
    expect(sink.at('z').origin).not.toBe(sink.at('a').origin.replace(/a$/, 'z'))
  })

  test('a long zigzag of branches leaves every version right', async () => {
    const commits: Commit[] = [commit('0', ...[0, 1, 2, 3].map(at => write(`s${at}/SKILL.md`, text(`s${at}`))))]
    for (let at = 1; at < 60; at++) {
      const changes = [write(`s${at % 4}/f`, `${at}`)]
      const earlier = `${Math.max(0, at - 1 - (at % 5))}`
      commits.push({
        name: `${at}`,
        message: `${at}`,
        parents: at % 3 === 0 ? [`${at - 1}`, earlier] : [earlier],
        changes,
      })
    }
    // `main` ends at the last commit; what is not its ancestor is not read.
    const skills = await read(...commits)
    for (const skill of skills)
      for (const version of skill.versions)
        if (version.message !== '0') expect(sink.files(version).f).toBe(version.message)
  })
})

describe.skipIf(gitMissing)('skills inside skills', () => {
  test('belong to the outer one; the report says so', async () => {
    const skills = await read(
      commit('both', write('o/SKILL.md', text('o')), write('o/t/i/SKILL.md', text('i'))),
      commit('inner', write('o/t/i/SKILL.md', text('i', 'Changed.'))),
    )
    expect(skills).toHaveLength(1)
    expect(drawing(sink.at('o'))).toEqual(['both<: SKILL.md t/i/SKILL.md', 'inner<0: SKILL.md t/i/SKILL.md'])
    expect(sink.skippedLines).toEqual(['NESTED_SKILL o/t/i/SKILL.md'])
  })

  test('an outer one that comes later takes them in, and gives them back when it goes', async () => {
    const skills = await read(
      commit('inner', write('o/i/SKILL.md', text('i'))),
      commit('outer', write('o/SKILL.md', 'outer, quite different\n')),
      commit('edit', write('o/i/SKILL.md', text('i', 'Edited inside.'))),
      commit('gone', remove('o/SKILL.md')),
    )
    expect(skills.map(skill => [skill.path, skill.deleted])).toEqual([
      ['o', true],
      ['o/i', false],
    ])
    expect(drawing(sink.at('o')).map(line => line.split(':')[0])).toEqual(['outer<', 'edit<0'])
    expect(drawing(sink.at('o/i')).map(line => line.split(':')[0])).toEqual(['inner<', 'gone<0'])
  })

  test('what package managers and systems leave behind is no part and no skill', async () => {
    await read(
      commit('add', write('a/SKILL.md', 'x'), write('a/.DS_Store', 'j'), write('a/node_modules/m.js', 'j')),
      commit('junk', write('a/.DS_Store', 'k'), write('node_modules/m/SKILL.md', 'm')),
    )
    expect(sink.skills).toHaveLength(1)
    expect(drawing(sink.at('a'))).toEqual(['add<: SKILL.md'])
  })
})

describe.skipIf(gitMissing)('what is left out, each with one line', () => {
  test('links, submodules and names that are not UTF-8', async () => {
    const [skill] = await read(
      commit('add', write('a/SKILL.md', text('a')), write('a/passwd', '/etc/passwd', '120000')),
      commit('more', write('a/passwd', '/etc/shadow', '120000'), {
        submodule: 'a/lib',
        commit: '0123456789012345678901234567890123456789',
      }),
      commit('latin', { write: Buffer.from('612f636166e92e6d64', 'hex'), bytes: 'x' }),
      commit('link', write('l/SKILL.md', '../a/SKILL.md', '120000')),
    )
    expect(sink.skills).toHaveLength(1)
    expect(skill && drawing(skill)).toEqual(['add<: SKILL.md'])
    expect(sink.skippedLines).toEqual([
      'LINK_LEFT_OUT a/passwd',
      'LINK_LEFT_OUT l/SKILL.md',
      'PATH_NOT_UTF8 a/caf\uFFFD.md',
      'SUBMODULE a/lib',
    ])
  })

  test('a huge blob is refused by its size, unread; the versions stand without it', async () => {
    const [skill] = await read(
      commit('add', write('a/SKILL.md', text('a'))),
      commit('huge', write('a/huge.bin', Buffer.alloc(51 * 1024 * 1024))),
      commit('both', write('a/huge.bin', Buffer.alloc(52 * 1024 * 1024)), write('a/x', 'x')),
    )
    expect(skill && drawing(skill)).toEqual(['add<: SKILL.md', 'both<0: SKILL.md x'])
    expect(sink.skippedLines).toEqual(['FILE_TOO_LARGE a/huge.bin'])
    expect([...sink.blobs.values()].every(bytes => bytes.byteLength < 1000)).toBe(true)
  })

  test('names that clash by case, versions whose SKILL.md is not UTF-8, invalid YAML at the end', async () => {
    const [skill] = await read(
      commit('clash', write('a/SKILL.md', text('a')), write('a/Notes.md', 'N'), write('a/notes.md', 'n')),
      commit('latin', write('a/SKILL.md', Uint8Array.of(0x63, 0xe9))),
      commit('yaml', write('a/SKILL.md', '---\nname: a\ndescription: a: b: c\n---\n')),
    )
    expect(skill && drawing(skill)).toEqual(['clash<: Notes.md SKILL.md', 'yaml<0: Notes.md SKILL.md'])
    expect(sink.skippedLines).toEqual([
      'FRONTMATTER_INVALID a/SKILL.md',
      'NOT_UTF8 a/SKILL.md',
      'PATH_CLASH a/notes.md',
    ])
  })

  test('a version with too many files is left out, the next one follows the one before', async () => {
    const many = Array.from({ length: 2000 }, (_, at) => `a/many/${at}`)
    const [skill] = await read(
      commit('add', write('a/SKILL.md', text('a'))),
      commit('many', ...many.map(path => write(path, ''))),
      commit('fewer', ...many.slice(10).map(remove)),
    )
    expect(skill?.versions.map(version => [version.message, version.parents, version.manifest.length])).toEqual([
      ['add', [], 1],
      ['fewer', [0], 11],
    ])
    expect(sink.skippedLines).toEqual(['TOO_MANY_FILES a'])
  })
})
