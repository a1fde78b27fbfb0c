import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { crc32, deflateRawSync } from 'node:zlib'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { checkManifest } from '../../shared/domain/bundle.ts'
import { RecordingSink } from './recording-sink.ts'
import { readZip, writeZip, type ZipInput } from './zip.ts'

const SKILL = '---\nname: a\ndescription: Does a thing.\n---\n'
let root = ''
let sink = new RecordingSink()
beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'zip-')))
  sink = new RecordingSink()
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

/** An entry written by hand, so that it can lie. `bytes` is what is packed; the rest is what is said of it. */
type Made = {
  name: string | Buffer
  bytes?: string | Uint8Array
  stored?: boolean
  size?: number
  crc?: number
  mode?: number
  flags?: number
  method?: number
  system?: number
  date?: number
  /** Instead of the packed bytes. */
  raw?: Uint8Array
}

/** PKWARE's APPNOTE 4.3.7 and 4.3.12: local header, data, then the central directory and its end. */
function makeZip(...entries: Made[]): Buffer {
  const local: Buffer[] = []
  const central: Buffer[] = []
  let offset = 0
  for (const entry of entries) {
    const name = Buffer.from(entry.name)
    const bytes = Buffer.from(entry.bytes ?? '')
    const data = Buffer.from(entry.raw ?? (entry.stored ? bytes : deflateRawSync(bytes)))
    const common = Buffer.alloc(26)
    common.writeUInt16LE(20, 0)
    common.writeUInt16LE(entry.flags ?? 0x800, 2)
    common.writeUInt16LE(entry.method ?? (entry.stored ? 0 : 8), 4)
    common.writeUInt16LE(0, 6)
    common.writeUInt16LE(entry.date ?? 0x5821, 8)
    common.writeUInt32LE(entry.crc ?? crc32(bytes), 10)
    common.writeUInt32LE(data.length, 14)
    common.writeUInt32LE(entry.size ?? bytes.length, 18)
    common.writeUInt16LE(name.length, 22)
    local.push(Buffer.from('504b0304', 'hex'), common, name, data)
    const tail = Buffer.alloc(14)
    tail.writeUInt32LE(((entry.mode ?? 0o100644) << 16) >>> 0, 6)
    tail.writeUInt32LE(offset, 10)
    central.push(Buffer.from('504b0102', 'hex'), Buffer.of(20, entry.system ?? 3), common, tail, name)
    offset += 30 + name.length + data.length
  }
  const directory = Buffer.concat(central)
  const end = Buffer.alloc(22)
  end.write('504b0506', 'hex')
  end.writeUInt16LE(entries.length, 8)
  end.writeUInt16LE(entries.length, 10)
  end.writeUInt32LE(directory.length, 12)
  end.writeUInt32LE(offset, 16)
  return Buffer.concat([...local, directory, end])
}

const good: Made = { name: 'good/SKILL.md', bytes: SKILL }
const read = (zip: string | Uint8Array, name?: string) =>
  readZip(zip, sink, { signal: new AbortController().signal, name, now: 1_000 })
const goodCameIn = () => expect(sink.skills.some(skill => skill.path === 'good')).toBe(true)

describe('what is found', () => {
  test('skills at any depth, with their folders; junk stays out', async () => {
    const zip = makeZip(
      good,
      { name: 'good/scripts/run.sh', bytes: '#!', mode: 0o100755 },
      { name: 'good/empty', bytes: '', stored: true },
      { name: 'good/folder/', bytes: '', mode: 0o040755 },
      { name: 'very/deep/größe/skill.md', bytes: 'x', stored: true },
      { name: '__MACOSX/good/._SKILL.md', bytes: 'j' },
      { name: 'good/.DS_Store', bytes: 'j' },
      { name: 'README.md', bytes: 'not part of a skill' },
    )
    expect(await read(zip)).toEqual({ ok: true, skills: 2, versions: 2 })
    expect(sink.files(sink.at('good').versions[0])).toEqual({ 'SKILL.md': SKILL, empty: '', 'scripts/run.sh*': '#!' })
    expect(sink.at('very/deep/größe').folderName).toBe('größe')
    expect(checkManifest(sink.at('good').versions[0]?.manifest ?? [])).toEqual([])
    expect(sink.skips).toEqual([])
  })

  test('from a file: named after it, origin by its path, dated by its files', async () => {
    const file = join(root, 'pdf-forms.skill')
    writeFileSync(file, makeZip({ name: 'SKILL.md', bytes: SKILL, date: ((2024 - 1980) << 9) | (2 << 5) | 29 }))
    await read(file)
    expect(sink.skills[0]).toMatchObject({ origin: `zip:${file}:`, folderName: 'pdf-forms', path: '' })
    expect(sink.skills[0]?.versions[0]).toMatchObject({
      message: 'Imported from “pdf-forms.skill”',
      createdAt: new Date(2024, 1, 29).getTime(),
    })
  })

  test('from bytes: origin by their hash, the same each time; without dates, now', async () => {
    const zip = makeZip({ name: 'SKILL.md', bytes: SKILL, date: 0x21 })
    await read(zip, 'dropped.zip')
    await read(Uint8Array.from(zip), 'dropped.zip')
    expect(sink.skills[1]).toEqual(sink.skills[0])
    expect(sink.skills[0]?.origin).toMatch(/^zip:[0-9a-f]{64}:$/)
    expect(sink.skills[0]).toMatchObject({ folderName: 'dropped', versions: [{ createdAt: 1_000 }] })
  })

  test('a SKILL.md inside a skill is one of its files', async () => {
    await read(makeZip(good, { name: 'good/t/SKILL.md', bytes: 'template' }))
    expect(sink.skills).toHaveLength(1)
    expect(sink.skippedLines).toEqual(['NESTED_SKILL good/t/SKILL.md'])
  })

  test('names in UTF-8 with and without its mark, and in code page 437', async () => {
    await read(
      makeZip(
        good,
        { name: 'good/ä.md', bytes: '1' },
        { name: 'good/ö.md', bytes: '2', flags: 0 },
        { name: Buffer.from('good/\x81.md', 'latin1'), bytes: '3', flags: 0 },
      ),
    )
    expect(Object.keys(sink.files(sink.at('good').versions[0]))).toEqual(['SKILL.md', 'ä.md', 'ö.md', 'ü.md'])
  })
})

describe('what is refused, each with a line, while the rest comes in', () => {
  const refused: [string, Made, string][] = [
    ['a path that climbs out', { name: '../evil/SKILL.md' }, 'PATH_TRAVERSAL ../evil/SKILL.md'],
    ['one that climbs out later', { name: 'good/../../x' }, 'PATH_TRAVERSAL good/../../x'],
    ['an absolute path', { name: '/etc/SKILL.md' }, 'PATH_ABSOLUTE /etc/SKILL.md'],
    ['a drive', { name: 'C:/x/SKILL.md' }, 'PATH_ABSOLUTE C:/x/SKILL.md'],
    ['a backslash', { name: 'good\\..\\x' }, 'PATH_INVALID good\\..\\x'],
    ['a leading backslash', { name: '\\x' }, 'PATH_ABSOLUTE \\x'],
    ['a NUL', { name: 'good/a\0b' }, 'PATH_INVALID good/a\0b'],
    ['an empty name on the way', { name: 'good//x' }, 'PATH_INVALID good//x'],
    ['a dot on the way', { name: 'good/./x' }, 'PATH_INVALID good/./x'],
    ['a name that Windows lacks', { name: 'good/aux.txt' }, 'PATH_INVALID good/aux.txt'],
    ['a symbolic link', { name: 'good/l', bytes: '/etc/passwd', mode: 0o120777 }, 'LINK_LEFT_OUT good/l'],
    ['a link made on macOS', { name: 'good/l', bytes: '..', mode: 0o120777, system: 19 }, 'LINK_LEFT_OUT good/l'],
    ['a device', { name: 'good/d', mode: 0o020666 }, 'NOT_A_FILE good/d'],
    ['an encrypted file', { name: 'good/e', bytes: 'x', flags: 0x801 }, 'ENCRYPTED good/e'],
    ['an unknown packing', { name: 'good/z', bytes: 'x', method: 93 }, 'COMPRESSION_UNKNOWN good/z'],
    ['a wrong checksum', { name: 'good/c', bytes: 'x', crc: 1 }, 'CHECKSUM_WRONG good/c'],
    ['more than it says', { name: 'good/b', bytes: 'a'.repeat(10_000_000), size: 10 }, 'SIZE_WRONG good/b'],
    ['less than it says', { name: 'good/b', bytes: 'a', size: 10 }, 'SIZE_WRONG good/b'],
    ['more than it says, unpacked', { name: 'good/b', bytes: 'abc', size: 1, stored: true }, 'SIZE_WRONG good/b'],
    ['no deflate stream', { name: 'good/b', bytes: 'abc', raw: Buffer.from('ffffffff', 'hex') }, 'DAMAGED good/b'],
    ['a declared bomb', { name: 'good/b', bytes: 'x', size: 300 * 1024 * 1024 }, 'FILE_TOO_LARGE good/b'],
    ['a name twice', { name: 'good/SKILL.md', bytes: 'other' }, 'DUPLICATE_NAME good/SKILL.md'],
    ['the same name with a dot before', { name: './good/SKILL.md', bytes: 'other' }, 'DUPLICATE_NAME good/SKILL.md'],
    ['names that clash by case', { name: 'good/skill.md', bytes: 'x' }, 'PATH_CLASH good/skill.md'],
    ['a name that is no UTF-8', { name: Buffer.from('good/\xff', 'latin1') }, 'PATH_NOT_UTF8 good/\uFFFD'],
    ['a SKILL.md that is no UTF-8', { name: 'bad/SKILL.md', bytes: Uint8Array.of(0xe9) }, 'NOT_UTF8 bad/SKILL.md'],
    ['invalid YAML', { name: 'odd/SKILL.md', bytes: '---\na: b: c\n---\n' }, 'FRONTMATTER_INVALID odd/SKILL.md'],
  ]
  for (const [what, entry, line] of refused)
    test(what, async () => {
      expect(await read(makeZip(good, entry))).toMatchObject({ ok: true })
      goodCameIn()
      expect(sink.files(sink.at('good').versions[0])).toEqual({ 'SKILL.md': SKILL })
      expect(sink.skippedLines).toEqual([line])
      expect(sink.skips[0]?.message).toMatch(/\.$/)
    })

  test('a bomb of many files, each within the limit', async () => {
    const bomb = Array.from({ length: 6 }, (_, at) => ({ name: `bomb/${at}`, bytes: 'x', size: 40 * 1024 * 1024 }))
    await read(makeZip(good, { name: 'bomb/SKILL.md', bytes: 'x' }, ...bomb))
    goodCameIn()
    expect(sink.skills).toHaveLength(1)
    expect(sink.skippedLines).toEqual(['BUNDLE_TOO_LARGE bomb'])
  })

  test('a bomb of many skills, each within the limit', async () => {
    const skills = Array.from({ length: 8 }, (_, skill) => [
      { name: `s${skill}/SKILL.md`, bytes: 'x' },
      ...[0, 1, 2, 3].map(at => ({ name: `s${skill}/${at}`, bytes: 'x', size: 48 * 1024 * 1024 })),
    ])
    await read(makeZip(good, ...skills.flat()))
    expect(sink.skippedLines.filter(line => line.startsWith('ARCHIVE'))).toEqual([
      'ARCHIVE_TOO_LARGE s5',
      'ARCHIVE_TOO_LARGE s6',
      'ARCHIVE_TOO_LARGE s7',
    ])
    expect(sink.skippedLines).toContain('SIZE_WRONG s4/3')
  })

  test('what is no archive, or a broken one', async () => {
    const whole = makeZip(good)
    for (const bytes of ['', 'PK', 'no zip at all', whole.subarray(0, -30)])
      expect(await read(Buffer.from(bytes), 'x.zip')).toEqual({
        ok: false,
        code: 'NOT_A_ZIP',
        message: '“x.zip” is not a zip archive, or it is damaged.',
      })
    const broken = Buffer.from(whole)
    broken.write('XXXX', whole.length - 22 - 59)
    expect(await read(broken)).toMatchObject({ ok: false, code: 'NOT_A_ZIP' })
    expect(await read(join(root, 'nowhere.zip'))).toMatchObject({ ok: false, code: 'PLACE_MISSING' })
    expect(await read(root)).toMatchObject({ ok: false, code: 'PLACE_UNREADABLE' })
    expect(sink.skills).toEqual([])
  })

  test('any bytes: an answer, never a throw', async () => {
    const whole = makeZip(good, { name: 'good/x', bytes: 'x'.repeat(100) })
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { minLength: 1, maxLength: 8 }),
        async changes => {
          const bytes = Buffer.from(whole)
          for (const [at, value] of changes) bytes[at] = value
          sink = new RecordingSink()
          expect(await read(bytes)).toHaveProperty('ok')
        },
      ),
      { numRuns: 500 },
    )
  })
})

test('a cancel rejects with its reason, between two files or in one', async () => {
  const zip = makeZip(good, { name: 'good/x', bytes: 'x' }, { name: 'h/SKILL.md', bytes: 'x' })
  const controller = new AbortController()
  const blob = sink.blob.bind(sink)
  sink.blob = bytes => {
    controller.abort(new Error('enough'))
    return blob(bytes)
  }
  await expect(readZip(zip, sink, { signal: controller.signal })).rejects.toThrow('enough')
  expect(sink.skills).toEqual([])
  await expect(readZip(zip, sink, { signal: controller.signal })).rejects.toThrow('enough')
})

describe('writing', () => {
  const file = fc.record({
    path: fc.stringMatching(/^[a-zäöß0-9_-]{1,8}(\/[a-z0-9.]{1,5}x){0,2}$/),
    bytes: fc.uint8Array({ maxLength: 2000 }),
    executable: fc.boolean(),
  })

  test('what is written comes back: bytes, names, executable bits', async () => {
    const bundle = fc.uniqueArray(file, { selector: one => one.path.toLowerCase(), maxLength: 12 })
    await fc.assert(
      fc.asyncProperty(bundle, async files => {
        const all: ZipInput[] = [...files, { path: 'SKILL.md', bytes: Buffer.from(SKILL), executable: false }]
        const kept = all.filter(one => !all.some(other => other.path.startsWith(`${one.path}/`)))
        sink = new RecordingSink()
        await read(await writeZip(kept.map(one => ({ ...one, path: `s/${one.path}` }))))
        const found = sink.at('s').versions[0]?.manifest.map(({ path, sha256, executable }) => ({
          path,
          bytes: Buffer.from(sink.blobs.get(sha256) ?? []).toString('hex'),
          executable,
        }))
        const expected = kept.map(one => ({ ...one, bytes: Buffer.from(one.bytes).toString('hex') }))
        expect(found).toEqual(expected.sort((a, b) => (a.path < b.path ? -1 : 1)))
      }),
      { numRuns: 60 },
    )
  })

  test('the same files give the same bytes, in any order and time zone', async () => {
    const files: ZipInput[] = ['b', 'a', 'SKILL.md'].map(path => ({
      path,
      bytes: Buffer.from(path),
      executable: false,
    }))
    const before = process.env.TZ
    const written: string[] = []
    for (const zone of ['UTC', 'Pacific/Auckland', 'America/Los_Angeles']) {
      process.env.TZ = zone
      written.push(Buffer.from(await writeZip([...files].reverse())).toString('hex'))
    }
    process.env.TZ = before ?? 'UTC'
    expect(new Set([...written, Buffer.from(await writeZip(files)).toString('hex')]).size).toBe(1)
  })
})
