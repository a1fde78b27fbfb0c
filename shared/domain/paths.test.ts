import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { CONFIGURING, HOSTILE_PATHS, HOSTILE_SLUGS, PLAIN_PATHS } from '../../test/support/hostile-names.ts'
import { configures } from './agent-files.ts'
import { checkManifest, checkPath } from './bundle.ts'
import { folderNameOf } from './folder-name.ts'
import { manifestEntry } from './manifest.ts'
import { foldName, isGitName, showName } from './paths.ts'
import { isSlug } from './slug.ts'

describe('paths', () => {
  test('there are enough hostile ones to mean something', () => {
    expect(new Set(HOSTILE_PATHS).size).toBe(HOSTILE_PATHS.length)
    expect(HOSTILE_PATHS.length).toBeGreaterThan(80)
  })
  test.each(HOSTILE_PATHS)('%j is refused, in a sentence without what cannot be seen', path => {
    const bad = checkPath(path)
    expect(bad?.message).toMatch(/\.$/)
    expect(bad?.message).toBe(bad && showName(bad.message))
  })
  test.each(PLAIN_PATHS)('%j may be', path => {
    expect(checkPath(path)).toBeUndefined()
  })
  test('names that differ by case, normal form or invisible characters alone are one', () => {
    const same = [
      ['a.md', 'A.MD'],
      ['é'.normalize('NFC'), 'é'.normalize('NFD')],
      ['می\u200cخواهم', 'میخواهم'],
      ['\u2764\ufe0f', '\u2764'],
      ['settings', '\u017fettings'],
      ['kit', '\u212ait'],
    ]
    for (const [a = '', b = ''] of same) {
      expect(foldName(a)).toBe(foldName(b))
      const entries = ['SKILL.md', a, b].map(path => ({ path, sha256: '0'.repeat(64), size: 1, executable: false }))
      expect(checkManifest(entries).map(({ code }) => code)).toEqual(['PATH_CLASH'])
    }
    expect(foldName('straße')).not.toBe(foldName('strasse'))
  })
  test('a spelling of .git stays one, whatever invisible characters and cases are put into it', () => {
    const ignorable = fc.constantFrom(
      '',
      '\u200c',
      '\u200d',
      '\u200e',
      '\u200f',
      '\u202a',
      '\u202e',
      '\u206a',
      '\u206f',
      '\ufeff',
    )
    const letter = (a: string) => fc.constantFrom(a.toLowerCase(), a.toUpperCase())
    const spelt = fc.tuple(
      ignorable,
      fc.constant('.'),
      ignorable,
      letter('g'),
      ignorable,
      letter('i'),
      ignorable,
      letter('t'),
    )
    fc.assert(
      fc.property(spelt, ignorable, fc.constantFrom('', '.', ' ', '. .', ':x'), (parts, last, tail) => {
        expect(isGitName(parts.join('') + last + tail)).toBe(true)
      }),
    )
  })
})

describe('what configures an agent', () => {
  test.each(CONFIGURING)('%j is known', path => {
    expect(configures(path)).toEqual(expect.any(String))
  })
  test.each(['a.md', 'data/input.csv', '.gitignore', '.gitattributes', 'README.md', 'scripts/run.cmd', 'agents/a.md'])(
    '%s is a plain file',
    path => {
      expect(configures(path)).toBeUndefined()
    },
  )
})

describe('the folder of a skill', () => {
  test.each(HOSTILE_SLUGS)('%j becomes a plain name of one folder', slug => {
    expect(isSlug(slug)).toBe(false)
    const name = folderNameOf(slug)
    expect(isSlug(name)).toBe(true)
    expect(checkPath(name)).toBeUndefined()
  })
  test('any text at all becomes one; a slug stays what it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), slug => {
        const name = folderNameOf(slug)
        expect(isSlug(name)).toBe(true)
        expect(checkPath(name)).toBeUndefined()
        expect(folderNameOf(name)).toBe(name)
      }),
    )
    expect(folderNameOf('größe_2.x')).toBe('größe_2.x')
    expect(folderNameOf('../.ssh')).toBe('ssh')
  })
})

test('a manifest has sizes and hashes that can be', () => {
  const entry = { path: 'a', sha256: 'a'.repeat(64), size: 1, executable: false }
  expect(manifestEntry.safeParse(entry).success).toBe(true)
  for (const bad of [
    { size: -1 },
    { size: 0.5 },
    { size: 2 ** 53 },
    { size: '1' },
    { sha256: '../x' },
    { sha256: 'A'.repeat(64) },
  ])
    expect(manifestEntry.safeParse({ ...entry, ...bad }).success, JSON.stringify(bad)).toBe(false)
  expect(checkManifest([{ ...entry, path: 'SKILL.md', size: -1 }]).map(({ code }) => code)).toEqual(['SIZE_INVALID'])
})
