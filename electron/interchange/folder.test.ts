import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { checkManifest } from '../../shared/domain/bundle.ts'
import { readFolder } from './folder.ts'
import { RecordingSink } from './recording-sink.ts'

const windows = process.platform === 'win32'
const SKILL = '---\nname: a\ndescription: Does a thing.\n---\n# A\n'
let root = ''
let sink = new RecordingSink()

beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'folder-')))
  sink = new RecordingSink()
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

const never = (): AbortSignal => new AbortController().signal
const read = (path = root) => readFolder(path, sink, { signal: never() })

function write(path: string, content: string | Uint8Array = SKILL): string {
  const file = join(root, path)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, content)
  return file
}

function link(path: string, target: string): void {
  const file = join(root, path)
  mkdirSync(dirname(file), { recursive: true })
  symlinkSync(target, file)
}

describe('what is found', () => {
  test('every skill at any depth, with its whole folder', async () => {
    write('one/SKILL.md', 'one')
    write('one/scripts/run.py', 'print()')
    write('one/assets/data.bin', Uint8Array.of(0, 255, 128))
    write('deep/er/two/skill.md', 'two')
    write('README.md', 'not part of a skill')
    expect(await read()).toEqual({ ok: true, skills: 2, versions: 2 })
    expect(sink.skills.map(skill => skill.path)).toEqual(['deep/er/two', 'one'])
    const one = sink.at('one')
    expect(one).toMatchObject({ folderName: 'one', deleted: false, origin: `folder:${join(root, 'one')}` })
    expect(Object.keys(sink.files(one.versions[0]))).toEqual(['SKILL.md', 'assets/data.bin', 'scripts/run.py'])
    expect(checkManifest(one.versions[0]?.manifest ?? [])).toEqual([])
    expect(sink.skips).toEqual([])
  })

  test('the root itself may be a skill', async () => {
    write('SKILL.md', 'root')
    await read()
    expect(sink.at('')).toMatchObject({ origin: `folder:${root}`, folderName: root.split(/[\\/]/).at(-1) })
  })

  test('what was read twice is told by its origin, also through a link to the root', async () => {
    write('a/SKILL.md')
    await read()
    const again = new RecordingSink()
    symlinkSync(root, `${root}-link`)
    await readFolder(`${root}-link`, again, { signal: never() })
    rmSync(`${root}-link`)
    expect(again.skills).toEqual(sink.skills)
  })

  test('a SKILL.md inside a skill belongs to the outer one, and the report says so', async () => {
    write('outer/SKILL.md')
    write('outer/templates/inner/SKILL.md', 'a template')
    await read()
    expect(sink.skills).toHaveLength(1)
    expect(sink.files(sink.at('outer').versions[0])['templates/inner/SKILL.md']).toBe('a template')
    expect(sink.skippedLines).toEqual(['NESTED_SKILL outer/templates/inner/SKILL.md'])
  })

  test('what version control, package managers and systems leave behind stays out', async () => {
    write('node_modules/pkg/SKILL.md')
    write('.git/SKILL.md')
    for (const junk of ['.DS_Store', 'Thumbs.db', '._SKILL.md', '__pycache__/x.pyc', 'node_modules/x.js', '.git'])
      write(`a/${junk}`, 'junk')
    write('a/SKILL.md')
    write('a/.hidden', 'kept')
    await read()
    expect(sink.skills.map(skill => skill.path)).toEqual(['a'])
    expect(Object.keys(sink.files(sink.at('a').versions[0]))).toEqual(['.hidden', 'SKILL.md'])
  })

  test('createdAt is the newest file’s time', async () => {
    utimesSync(write('a/SKILL.md'), 1_000, 1_000)
    utimesSync(write('a/b.txt', ''), 2_000, 2_000.5)
    await read()
    expect(sink.at('a').versions[0]?.createdAt).toBe(2_000_500)
  })

  test.skipIf(windows)('the executable bit is kept (Windows has none)', async () => {
    write('a/SKILL.md', 'x')
    chmodSync(write('a/run.sh', 'y'), 0o755)
    await read()
    expect(sink.files(sink.at('a').versions[0])).toEqual({ 'SKILL.md': 'x', 'run.sh*': 'y' })
  })

  test('CRLF, a byte order mark and letters of every script stay as they are', async () => {
    write('größe/SKILL.md', '\uFEFF---\r\nname: größe\r\n---\r\n版本\r\n')
    write('größe/名前.md', 'x')
    await read()
    expect(sink.files(sink.at('größe').versions[0])).toEqual({
      'SKILL.md': '\uFEFF---\r\nname: größe\r\n---\r\n版本\r\n',
      '名前.md': 'x',
    })
  })

  test('an empty folder has nothing, and that is no error', async () => {
    expect(await read()).toEqual({ ok: true, skills: 0, versions: 0 })
  })
})

describe('what is refused, each with a line, while the rest comes in', () => {
  beforeEach(() => {
    write('good/SKILL.md')
  })
  const goodCameIn = () => expect(sink.skills.some(skill => skill.path === 'good')).toBe(true)

  test('invalid YAML is imported and said', async () => {
    write('bad/SKILL.md', '---\nname: bad\ndescription: Use when: it: breaks\n---\n')
    await read()
    goodCameIn()
    expect(sink.at('bad').versions).toHaveLength(1)
    expect(sink.skippedLines).toEqual(['FRONTMATTER_INVALID bad/SKILL.md'])
    expect(sink.skips[0]?.message).toContain('line 3')
  })

  test('a SKILL.md that is not UTF-8 takes its skill out; other files may be anything', async () => {
    write('latin/SKILL.md', Uint8Array.of(0x2d, 0xe9, 0x0a))
    write('good/picture.png', Uint8Array.of(0x89, 0xff, 0xfe))
    await read()
    goodCameIn()
    expect(sink.skills).toHaveLength(1)
    expect(sink.skippedLines).toEqual(['NOT_UTF8 latin/SKILL.md'])
  })

  test('a 300 MB file is refused by its size, unread', async () => {
    truncateSync(write('good/huge.bin', ''), 300 * 1024 * 1024)
    await read()
    goodCameIn()
    expect(sink.skips).toEqual([
      {
        path: 'good/huge.bin',
        code: 'FILE_TOO_LARGE',
        message: '“huge.bin” is 300 MB; a file may have 50 MB.',
      },
    ])
    expect([...sink.blobs.values()].every(bytes => bytes.byteLength < 1000)).toBe(true)
  })

  test('too many files: the skill stays out', async () => {
    write('many/SKILL.md')
    for (let at = 0; at < 2000; at++) write(`many/f${at}`, '')
    await read()
    goodCameIn()
    expect(sink.skills).toHaveLength(1)
    expect(sink.skippedLines).toEqual(['TOO_MANY_FILES many'])
  })

  test.skipIf(windows || process.platform === 'darwin')(
    'names that clash by case (needs a disk that tells them apart)',
    async () => {
      write('good/Notes.md', 'first')
      write('good/notes.md', 'second')
      write('good/skill.md', 'second')
      await read()
      expect(Object.keys(sink.files(sink.at('good').versions[0]))).toEqual(['Notes.md', 'SKILL.md'])
      expect(sink.skippedLines).toEqual(['PATH_CLASH good/notes.md', 'PATH_CLASH good/skill.md'])
    },
  )

  test.skipIf(windows)('names that not every system allows', async () => {
    for (const name of ['ab:c', 'back\\slash', 'aux.txt', 'dot.', 'line\nbreak']) write(`good/${name}`, '')
    await read()
    expect(Object.keys(sink.files(sink.at('good').versions[0]))).toEqual(['SKILL.md'])
    expect(sink.skips.map(skip => skip.code)).toEqual(Array(5).fill('PATH_INVALID'))
  })

  test.skipIf(process.platform !== 'linux')('a name that is not UTF-8 (only Linux allows one)', async () => {
    writeFileSync(Buffer.concat([Buffer.from(`${root}/good/caf`), Buffer.of(0xe9)]), 'x')
    await read()
    goodCameIn()
    expect(sink.skips[0]).toMatchObject({ code: 'UNREADABLE', path: 'good/caf\uFFFD' })
    expect(sink.skips[0]?.message).toContain('not UTF-8')
  })

  test.skipIf(windows || process.getuid === undefined)('files and folders without permission', async () => {
    chmodSync(write('good/secret.md', 'x'), 0)
    chmodSync(dirname(write('closed/SKILL.md')), 0)
    chmodSync(write('shut/SKILL.md'), 0)
    chmodSync(root, 0o755)
    await asNobody(read)
    goodCameIn()
    expect(sink.skills).toHaveLength(1)
    expect(sink.skippedLines).toEqual(['UNREADABLE closed', 'UNREADABLE good/secret.md', 'UNREADABLE shut/SKILL.md'])
  })

  test.skipIf(windows)('a pipe is left out, and nobody waits for its other end', async () => {
    execFileSync('mkfifo', [join(root, 'good/pipe')])
    await read()
    goodCameIn()
    expect(sink.skippedLines).toEqual(['NOT_A_FILE good/pipe'])
  })

  test('a place that is missing, or is a file', async () => {
    expect(await read(join(root, 'nowhere'))).toMatchObject({ ok: false, code: 'PLACE_MISSING' })
    expect(await read(join(root, 'good/SKILL.md'))).toMatchObject({ ok: false, code: 'NOT_A_FOLDER' })
  })
})

/** Root may read everything; as it, the test borrows a user who may not. */
async function asNobody<T>(work: () => Promise<T>): Promise<T> {
  if (process.getuid?.() !== 0) return work()
  process.seteuid?.(65534)
  try {
    return await work()
  } finally {
    process.seteuid?.(0)
  }
}

describe.skipIf(windows)('symbolic links (Windows makes them only for administrators)', () => {
  test('are followed to files and folders in the same tree', async () => {
    write('shared/guide.md', 'guide')
    write('shared/more/x.md', 'x')
    write('a/SKILL.md', 'a')
    link('a/guide.md', '../shared/guide.md')
    link('a/more', '../shared/more')
    await read()
    expect(sink.files(sink.at('a').versions[0])).toEqual({ 'SKILL.md': 'a', 'guide.md': 'guide', 'more/x.md': 'x' })
    expect(sink.skips).toEqual([])
  })

  test('a skill linked from a second place comes in once', async () => {
    write('.agents/skills/a/SKILL.md')
    link('.claude/skills/a', '../../.agents/skills/a')
    await read()
    expect(sink.skills.map(skill => skill.path)).toEqual(['.agents/skills/a'])
    expect(sink.skips).toEqual([])
  })

  test('that lead out of the tree, nowhere, or into .git are reported', async () => {
    const elsewhere = realpathSync(mkdtempSync(join(tmpdir(), 'elsewhere-')))
    writeFileSync(join(elsewhere, 'SKILL.md'), SKILL)
    write('.git/config', 'secret')
    write('a/SKILL.md')
    link('a/passwd', '/etc/passwd')
    link('a/gone', 'nothing')
    link('a/config', '../.git/config')
    link('b', elsewhere)
    link('c/SKILL.md', join(elsewhere, 'SKILL.md'))
    await read()
    rmSync(elsewhere, { recursive: true })
    expect(Object.keys(sink.files(sink.at('a').versions[0]))).toEqual(['SKILL.md'])
    expect(sink.skippedLines).toEqual([
      'LINK_BROKEN a/gone',
      'LINK_OUTSIDE a/config',
      'LINK_OUTSIDE a/passwd',
      'LINK_OUTSIDE b',
      'LINK_OUTSIDE c/SKILL.md',
      'SKILL_MD_MISSING c/SKILL.md',
    ])
  })

  test('that lead back, in one step, in two or to themselves, end', async () => {
    write('a/SKILL.md')
    write('a/x/1', '1')
    write('a/y/2', '2')
    link('a/self', 'self')
    link('a/x/up', '..')
    link('a/x/there', '../y')
    link('a/y/back', '../x')
    await read()
    const lines = sink.skippedLines
    expect(lines).toContain('LINK_BROKEN a/self')
    expect(lines).toContain('LINK_LOOP a/x/up')
    expect(lines).toContain('LINK_LOOP a/x/there/back')
    expect(sink.files(sink.at('a').versions[0])).toMatchObject({ 'x/1': '1', 'x/there/2': '2' })
  })

  test('that double a folder at every level are cut off', async () => {
    write('a/SKILL.md')
    for (let level = 0; level < 30; level++) {
      mkdirSync(join(root, `d${level}`))
      link(`d${level}/left`, `../d${level + 1}`)
      link(`d${level}/right`, `../d${level + 1}`)
    }
    mkdirSync(join(root, 'd30'))
    link('a/d', '../d0')
    write('b/SKILL.md')
    await read()
    expect(sink.skills.map(skill => skill.path)).toEqual(['b'])
    expect(sink.skippedLines).toEqual(['TOO_MANY_FILES a'])
  })
})

describe('progress and cancel', () => {
  test('looking, then reading up to the total', async () => {
    for (let at = 0; at < 20; at++) write(`s${at}/SKILL.md`)
    await read()
    expect(sink.steps[0]).toMatchObject({ phase: 'looking', total: undefined })
    expect(sink.steps.at(-1)).toEqual({ phase: 'reading', done: 20, total: 20, what: '' })
  })

  test('a cancel rejects with its reason; the skills before it were whole', async () => {
    for (let at = 0; at < 20; at++) write(`s${at}/SKILL.md`)
    const controller = new AbortController()
    const add = sink.skill.bind(sink)
    sink.skill = found => {
      add(found)
      if (sink.skills.length === 3) controller.abort(new Error('enough'))
    }
    await expect(readFolder(root, sink, { signal: controller.signal })).rejects.toThrow('enough')
    expect(sink.skills).toHaveLength(3)
    await expect(readFolder(root, sink, { signal: controller.signal })).rejects.toThrow('enough')
  })

  test('the event loop stays free while thousands of folders are looked at', async () => {
    for (let at = 0; at < 500; at++) write(`deep/${at % 20}/${at}/x.md`, '')
    let turns = 0
    const timer = setInterval(() => turns++, 0)
    await read()
    clearInterval(timer)
    expect(turns).toBeGreaterThan(3)
  })
})
