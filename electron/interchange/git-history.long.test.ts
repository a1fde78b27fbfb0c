import { describe, expect, test } from 'vitest'
import { type Commit, gitMissing } from '../../test/support/git-repository.ts'
import { commit, drawing, HistoryInTest, remove, text, write } from '../../test/support/history-in-test.ts'

/** What a history becomes. Forks and merges are in git-merges.test.ts; how git is found, asked and stopped in git-reading.long.test.ts. */

const history = new HistoryInTest()
const read = (...commits: Commit[]) => history.read(...commits)

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
    expect(history.sink.files(skill?.versions[2])).toEqual({
      'SKILL.md': text('a', 'New.'),
      'scripts/run.py': 'print(2)',
    })
  })

  test('files that were there before the SKILL.md belong to its first version', async () => {
    const [skill] = await read(
      commit('notes', write('a/notes.md', 'n'), write('a/deep/er.md', 'd')),
      commit('skill', write('a/SKILL.md', text('a'))),
    )
    expect(skill && drawing(skill)).toEqual(['skill<: SKILL.md deep/er.md notes.md'])
  })

  test('author, date in milliseconds, whole message trimmed, commit', async () => {
    await read({
      message: '\n\nSubject line\n\n  indented: body\n\ttab\n:100644 looks like a change\n\n\n',
      date: '2024-02-29T12:00:01Z',
      author: { name: 'Zoë "Z" O’Neil', email: 'zoe@example.com' },
      changes: [write('a/SKILL.md', text('a'))],
    })
    expect(history.sink.skills[0]?.versions[0]).toMatchObject({
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
    expect(skill).toMatchObject({ path: '', folderName: history.folder.split(/[\\/]/).at(-1) })
    expect(skill && drawing(skill)).toEqual(['one<: SKILL.md lib/a.py'])
  })

  test('the executable bit is a change', async () => {
    const [skill] = await read(
      commit('add', write('a/SKILL.md', 'x'), write('a/run.sh', '#!')),
      commit('chmod', write('a/run.sh', '#!', '100755')),
    )
    expect(skill?.versions.map(version => Object.keys(history.sink.files(version)))).toEqual([
      ['SKILL.md', 'run.sh'],
      ['SKILL.md', 'run.sh*'],
    ])
  })

  test('CRLF, byte order mark, NUL and letters of every script stay byte for byte', async () => {
    const content = '\uFEFF---\r\nname: größe\r\n---\r\n版本 🎏\r\n'
    const [skill] = await read(
      commit('add', write('größe/SKILL.md', content), write("größe/ q's\tß.md", 'q')),
      commit('bin', write('größe/x.bin', Uint8Array.of(0, 10, 13, 255))),
    )
    expect(skill?.path).toBe('größe')
    expect(history.sink.files(skill?.versions[0])['SKILL.md']).toBe(content)
    const bin = skill?.versions[1]?.manifest.find(entry => entry.path === 'x.bin')
    expect([...(history.sink.blobs.get(bin?.sha256 ?? '') ?? [])]).toEqual([0, 10, 13, 255])
    // A tab is no name that every system allows.
    expect(history.sink.skippedLines).toEqual(["PATH_INVALID größe/ q's\tß.md"])
  })

  test('many commits and blobs larger than any pipe’s buffer', async () => {
    const large = (at: number) => `${at}\n${'0123456789abcdef'.repeat(20_000)}\n${at}`
    const [skill] = await read(
      ...Array.from({ length: 12 }, (_, at) =>
        commit(`${at}`, write('a/SKILL.md', text('a')), write('a/large.txt', large(at))),
      ),
    )
    expect(skill?.versions.map(version => history.sink.files(version)['large.txt'])).toEqual(
      Array.from({ length: 12 }, (_, at) => large(at)),
    )
  })

  test('the same content in two skills is handed over once', async () => {
    let handed = 0
    const blob = history.sink.blob.bind(history.sink)
    history.sink.blob = bytes => {
      handed += 1
      return blob(bytes)
    }
    await read(commit('one', write('a/SKILL.md', 'same'), write('b/SKILL.md', 'same'), write('b/x', 'same')))
    expect(handed).toBe(1)
    expect(history.sink.skills).toHaveLength(2)
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

describe.skipIf(gitMissing)('skills inside skills', () => {
  test('belong to the outer one; the report says so', async () => {
    const skills = await read(
      commit('both', write('o/SKILL.md', text('o')), write('o/t/i/SKILL.md', text('i'))),
      commit('inner', write('o/t/i/SKILL.md', text('i', 'Changed.'))),
    )
    expect(skills).toHaveLength(1)
    expect(drawing(history.sink.at('o'))).toEqual(['both<: SKILL.md t/i/SKILL.md', 'inner<0: SKILL.md t/i/SKILL.md'])
    expect(history.sink.skippedLines).toEqual(['NESTED_SKILL o/t/i/SKILL.md'])
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
    expect(drawing(history.sink.at('o')).map(line => line.split(':')[0])).toEqual(['outer<', 'edit<0'])
    expect(drawing(history.sink.at('o/i')).map(line => line.split(':')[0])).toEqual(['inner<', 'gone<0'])
  })

  test('what package managers and systems leave behind is no part and no skill', async () => {
    await read(
      commit('add', write('a/SKILL.md', 'x'), write('a/.DS_Store', 'j'), write('a/node_modules/m.js', 'j')),
      commit('junk', write('a/.DS_Store', 'k'), write('node_modules/m/SKILL.md', 'm')),
    )
    expect(history.sink.skills).toHaveLength(1)
    expect(drawing(history.sink.at('a'))).toEqual(['add<: SKILL.md'])
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
    expect(history.sink.skills).toHaveLength(1)
    expect(skill && drawing(skill)).toEqual(['add<: SKILL.md'])
    expect(history.sink.skippedLines).toEqual([
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
    expect(history.sink.skippedLines).toEqual(['FILE_TOO_LARGE a/huge.bin'])
    expect([...history.sink.blobs.values()].every(bytes => bytes.byteLength < 1000)).toBe(true)
  })

  test('names that clash by case, versions whose SKILL.md is not UTF-8, invalid YAML at the end', async () => {
    const [skill] = await read(
      commit('clash', write('a/SKILL.md', text('a')), write('a/Notes.md', 'N'), write('a/notes.md', 'n')),
      commit('latin', write('a/SKILL.md', Uint8Array.of(0x63, 0xe9))),
      commit('yaml', write('a/SKILL.md', '---\nname: a\ndescription: a: b: c\n---\n')),
    )
    expect(skill && drawing(skill)).toEqual(['clash<: Notes.md SKILL.md', 'yaml<0: Notes.md SKILL.md'])
    expect(history.sink.skippedLines).toEqual([
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
    expect(history.sink.skippedLines).toEqual(['TOO_MANY_FILES a'])
  })
})
