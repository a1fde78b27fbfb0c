import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { readFolder } from './folder.ts'
import { RecordingSink } from './recording-sink.ts'
import { type FolderFile, type WriteFolderOptions, writeFolder as writeBelow } from './write-folder.ts'

const windows = process.platform === 'win32'
let root = ''
let target = ''
beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'write-')))
  target = join(root, 'out', 'my-skill')
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

const writeFolder = (place: string, files: readonly FolderFile[], options?: WriteFolderOptions) =>
  writeBelow(dirname(place), basename(place), files, options)
const file = (path: string, text = path, executable = false): FolderFile => ({
  path,
  bytes: Buffer.from(text),
  executable,
})
const SKILL = file('SKILL.md', '# A\r\n')
const everything = () => readdirSync(root, { recursive: true, encoding: 'utf8' }).sort()

test('what is written is what a reader finds: bytes, names, executable bits', async () => {
  const files = [SKILL, file('scripts/run.sh', '#!', true), file('a/b/größe.md'), file('empty', '')]
  expect(await writeFolder(target, files)).toEqual({ ok: true, path: target, files: 4 })
  const sink = new RecordingSink()
  await readFolder(target, sink, { signal: new AbortController().signal })
  expect(sink.files(sink.skills[0]?.versions[0])).toEqual({
    'SKILL.md': '# A\r\n',
    'a/b/größe.md': 'a/b/größe.md',
    empty: '',
    [windows ? 'scripts/run.sh' : 'scripts/run.sh*']: '#!',
  })
  if (!windows) expect(statSync(join(target, 'SKILL.md')).mode & 0o111).toBe(0)
})

describe('a folder that has files', () => {
  beforeEach(() => {
    mkdirSync(target, { recursive: true })
    writeFileSync(join(target, 'SKILL.md'), 'mine')
    writeFileSync(join(target, 'other.md'), 'mine too')
  })

  test('is refused, untouched', async () => {
    expect(await writeFolder(target, [SKILL, file('x')])).toMatchObject({ ok: false, code: 'TARGET_NOT_EMPTY' })
    expect(readFileSync(join(target, 'SKILL.md'), 'utf8')).toBe('mine')
    expect(readdirSync(target).sort()).toEqual(['SKILL.md', 'other.md'])
  })

  test('is written over when told; what has another name stays', async () => {
    expect(await writeFolder(target, [SKILL, file('x')], { overwrite: true })).toMatchObject({ ok: true })
    expect(readFileSync(join(target, 'SKILL.md'), 'utf8')).toBe('# A\r\n')
    expect(readFileSync(join(target, 'other.md'), 'utf8')).toBe('mine too')
    expect(readdirSync(target).sort()).toEqual(['SKILL.md', 'other.md', 'x'])
  })

  test('a folder where a file should be, or a file where a folder should be, is said', async () => {
    mkdirSync(join(target, 'x'))
    expect(await writeFolder(target, [SKILL, file('x')], { overwrite: true })).toMatchObject({ code: 'WRITE_FAILED' })
    const blocked = await writeFolder(target, [SKILL, file('other.md/y')], { overwrite: true })
    expect(blocked).toMatchObject({ ok: false, code: 'LINK_IN_THE_WAY' })
    // Nothing half done is left beside them.
    expect(readdirSync(target).sort()).toEqual(['SKILL.md', 'other.md', 'x'])
  })
})

test('a file as the target, or on the way to it', async () => {
  writeFileSync(join(root, 'file'), '')
  expect(await writeFolder(join(root, 'file'), [SKILL])).toMatchObject({ ok: false, code: 'LINK_IN_THE_WAY' })
  expect(await writeFolder(join(root, 'file', 'x'), [SKILL])).toMatchObject({ ok: false, code: 'NOT_A_FOLDER' })
})

test.each(['../x', 'a/../../x', '/x', 'C:/x', 'a//b', './a', '', 'a\\b', 'nul', 'a\0b'])(
  'a path that leads elsewhere (%j) stops everything before the first file',
  async path => {
    expect(await writeFolder(target, [SKILL, file(path)])).toMatchObject({ ok: false, code: 'PATH_REFUSED' })
    expect(everything()).toEqual([])
  },
)

test('two names that are one where case is ignored', async () => {
  expect(await writeFolder(target, [SKILL, file('A'), file('a')])).toMatchObject({ ok: false, code: 'PATH_REFUSED' })
})

describe.skipIf(windows)('links in the way (Windows makes them only for administrators)', () => {
  beforeEach(() => {
    mkdirSync(target, { recursive: true })
    mkdirSync(join(root, 'elsewhere'))
    writeFileSync(join(root, 'elsewhere/file'), 'not mine')
  })

  test('to a folder outside: refused, nothing is written there', async () => {
    symlinkSync('../../elsewhere', join(target, 'scripts'))
    const result = await writeFolder(target, [SKILL, file('scripts/x')], { overwrite: true })
    expect(result).toMatchObject({ ok: false, code: 'LINK_IN_THE_WAY' })
    expect(readdirSync(join(root, 'elsewhere'))).toEqual(['file'])
  })

  test('to a file outside, in a file’s own place: replaced, not followed', async () => {
    symlinkSync('../../elsewhere/file', join(target, 'SKILL.md'))
    expect(await writeFolder(target, [SKILL], { overwrite: true })).toMatchObject({ ok: true })
    expect(lstatSync(join(target, 'SKILL.md')).isSymbolicLink()).toBe(false)
    expect(readFileSync(join(root, 'elsewhere/file'), 'utf8')).toBe('not mine')
  })

  test('the folder of the skill is one: refused, for it leads out of the folder that the person chose', async () => {
    symlinkSync('../elsewhere', join(root, 'out', 'linked'))
    const linked = join(root, 'out', 'linked')
    expect(await writeFolder(linked, [SKILL], { overwrite: true })).toMatchObject({ code: 'LINK_IN_THE_WAY' })
    expect(readdirSync(join(root, 'elsewhere'))).toEqual(['file'])
  })

  test('the folder that the person chose may be one, or lie behind one', async () => {
    symlinkSync('elsewhere', join(root, 'link'))
    const place = join(root, 'link', 'my-skill')
    expect(await writeFolder(place, [SKILL])).toMatchObject({ ok: true, path: join(root, 'elsewhere', 'my-skill') })
  })
})

test('whoever reads meanwhile finds a file as it was or as it will be', async () => {
  const [was, is] = ['was '.repeat(250_000), 'will '.repeat(250_000)]
  mkdirSync(target, { recursive: true })
  writeFileSync(join(target, 'SKILL.md'), was)
  const looks = new Set<string>()
  let written = false
  const look = (): void => {
    const there = join(target, 'SKILL.md')
    const text = existsSync(there) ? readFileSync(there, 'utf8') : 'nothing'
    looks.add(text === was ? 'was' : text === is ? 'is' : `${text.length} characters`)
    if (!written) setImmediate(look)
  }
  look()
  expect(await writeFolder(target, [file('SKILL.md', is)], { overwrite: true })).toMatchObject({ ok: true })
  written = true
  look()
  expect([...looks]).toEqual(['was', 'is'])
})

test('a cancel rejects with its reason and leaves no file half written', async () => {
  const controller = new AbortController()
  const files = [SKILL, ...Array.from({ length: 20 }, (_, at) => file(`f${at}`))]
  const writing = writeFolder(target, files, { signal: controller.signal })
  controller.abort(new Error('enough'))
  await expect(writing).rejects.toThrow('enough')
  const there = existsSync(target) ? readdirSync(target) : []
  expect(there.filter(name => name.endsWith('.part'))).toEqual([])
})

test.skipIf(windows || process.getuid === undefined)('a folder without permission is said in words', async () => {
  mkdirSync(target, { recursive: true, mode: 0o755 })
  const before = process.getuid?.()
  if (before === 0) process.seteuid?.(65534)
  else rmSync(target, { recursive: true })
  try {
    const closed = before === 0 ? target : '/'
    const result = await writeFolder(closed, [SKILL], { overwrite: true })
    expect(result).toMatchObject({
      ok: false,
      code: 'WRITE_FAILED',
      message: expect.stringMatching(/no permission|read-only/),
    })
  } finally {
    if (before === 0) process.seteuid?.(0)
  }
})
