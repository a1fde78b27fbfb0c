import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isSlug } from './slug.ts'

test('folder names of every script are slugs', () => {
  for (const name of [
    'pdf-forms',
    'a',
    '9',
    'v1.2_final',
    'Écrire',
    'e\u0301crire',
    'формы',
    '文档',
    'हिन्दी',
    'עברית',
    'x'.repeat(64),
  ])
    expect(isSlug(name), name).toBe(true)
})

test('what leads elsewhere, is not seen or is reserved is no slug', () => {
  for (const name of [
    '',
    '.',
    '..',
    '../x',
    '../../x',
    'a/b',
    'a\\b',
    '/etc',
    'C:\\',
    'C:',
    'a:b',
    '.git',
    '.ssh',
    '-rf',
    '_x',
    '__proto__',
    'x.',
    'x ',
    ' x',
    'a b',
    'con',
    'CON',
    'con.txt',
    'nul.a.b',
    'com0',
    'COM9',
    'com¹',
    'lpt³.md',
    'x\u0000',
    'x\n',
    'x\u001b[31m',
    'x\u009b',
    'x\u202ey',
    'x\u2066y',
    'x\u200by',
    'x\u200dy',
    'x\ufeff',
    'x\u00ady',
    'x\u034fy',
    'x\ufe0f',
    'x\u{e0041}',
    '\u3164',
    '\u115f\u1160',
    'x\ud800',
    '\ud83d\ude00',
    '／',
    '．．／x',
    '$(id)',
    'a;b',
    "a'b",
    '\u0301x',
    'x'.repeat(65),
    '\u{20000}'.repeat(64),
  ])
    expect(isSlug(name), JSON.stringify(name)).toBe(false)
})

test('whatever a slug is, it is one part of a path that stays as it is', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 70 }), text => {
      if (!isSlug(text)) return true
      return !/[/\\:*?"<>|\s]/.test(text) && text !== '.' && text !== '..' && !/[\p{C}\p{Z}]/u.test(text)
    }),
    { numRuns: 2_000 },
  )
})
