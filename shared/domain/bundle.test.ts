import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { BUNDLE_LIMITS, checkManifest, checkPath, encodeManifest, type ManifestEntry } from './bundle.ts'

const file = (path: string, size = 1): ManifestEntry => ({ path, sha256: 'a'.repeat(64), size, executable: false })
const codes = (...entries: ManifestEntry[]) => checkManifest(entries).map(problem => `${problem.code} ${problem.path}`)

describe('paths', () => {
  test.each(['SKILL.md', 'a/b/c.txt', '.hidden', 'ünïcode/文件.md', 'with space.md', 'a..b', '...'.concat('x')])(
    '%s may be',
    path => {
      expect(checkPath(path)).toBeUndefined()
    },
  )
  test.each([
    ['', 'PATH_EMPTY'],
    ['/etc/passwd', 'PATH_ABSOLUTE'],
    ['\\\\server\\share', 'PATH_ABSOLUTE'],
    ['C:/x', 'PATH_ABSOLUTE'],
    ['../x', 'PATH_TRAVERSAL'],
    ['a/../../x', 'PATH_TRAVERSAL'],
    ['a//b', 'PATH_INVALID'],
    ['./a', 'PATH_INVALID'],
    ['a/', 'PATH_INVALID'],
    ['a\\b', 'PATH_INVALID'],
    ['a\u0000b', 'PATH_INVALID'],
    ['con.txt', 'PATH_INVALID'],
    ['a/NUL', 'PATH_INVALID'],
    ['ends.', 'PATH_INVALID'],
    ['ends ', 'PATH_INVALID'],
    ['ab:c', 'PATH_INVALID'],
    ['x'.repeat(BUNDLE_LIMITS.pathCharacters + 1), 'PATH_TOO_LONG'],
  ])('%j is refused as %s', (path, code) => {
    expect(checkPath(path)?.code).toBe(code)
  })
})

describe('a bundle', () => {
  test('needs a SKILL.md at its top; skill.md is read too', () => {
    expect(codes(file('a/SKILL.md'))).toEqual(['SKILL_MD_MISSING SKILL.md'])
    expect(codes(file('skill.md'))).toEqual([])
  })
  test('has no two names that are one where case does not count', () => {
    expect(codes(file('SKILL.md'), file('Read.me'), file('read.ME'))).toEqual(['PATH_CLASH read.ME'])
    const told = (...paths: string[]) => checkManifest(['SKILL.md', ...paths].map(file)).map(({ message }) => message)
    expect(told('Read.me', 'read.ME')).toEqual(['“Read.me” and “read.ME” are one file where capitals do not count.'])
    expect(told('é.md', 'é.md'.normalize('NFD'))[0]).toMatch(/^“é\.md” is there twice, .*\(NFC and NFD\)/)
    expect(told('a.md', 'a\u200b.md').join('\n')).toContain('capitals and invisible characters do not count')
    expect(codes(file('SKILL.md'), file('é.md'.normalize('NFC')), file('é.md'.normalize('NFD')))).toHaveLength(1)
  })
  test('has no name that is a file and a folder', () => {
    expect(codes(file('SKILL.md'), file('a'), file('A/b'))).toEqual(['PATH_CLASH a'])
    expect(codes(file('SKILL.md'), file('a/b/c'), file('a/b'))).toEqual(['PATH_CLASH a/b'])
  })
  test('keeps to its limits', () => {
    expect(codes(file('SKILL.md'), file('big', BUNDLE_LIMITS.fileBytes + 1))).toEqual(['FILE_TOO_LARGE big'])
    const halves = Array.from({ length: 5 }, (_, n) => file(`f${n}`, BUNDLE_LIMITS.totalBytes / 5))
    expect(codes(file('SKILL.md'), ...halves)).toEqual(['BUNDLE_TOO_LARGE '])
    const many = Array.from({ length: BUNDLE_LIMITS.files }, (_, n) => file(`f${n}`))
    expect(codes(file('SKILL.md'), ...many)).toEqual(['TOO_MANY_FILES '])
  })
  test('is named the same whatever order its files were found in', () => {
    const names = fc.uniqueArray(fc.string({ minLength: 1, unit: 'grapheme' }), { minLength: 1, maxLength: 12 })
    fc.assert(
      fc.property(names, fc.integer(), (paths, seed) => {
        const entries = paths.map(path => file(path))
        const shuffled = [...entries].sort(
          (a, b) => ((a.path.length * 31 + seed) % 7) - ((b.path.length * 31 + seed) % 7),
        )
        expect(encodeManifest(shuffled)).toBe(encodeManifest(entries))
      }),
    )
  })
})
