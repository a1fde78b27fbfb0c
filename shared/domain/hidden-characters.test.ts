import fc from 'fast-check'
import { expect, test } from 'vitest'
import { hiddenCharacters, safeName, showHiddenRun, withHiddenShown } from './hidden-characters.ts'

test('a name with an override, a zero-width space, an escape code or a line break shows each of them', () => {
  expect(safeName('invoice\u202efdp.exe')).toBe('invoice⟨U+202E⟩fdp.exe')
  expect(safeName('a\u200bb')).toBe('a⟨U+200B⟩b')
  expect(safeName('a\u001b]52;c;x\u0007')).toBe('a⟨U+001B⟩]52;c;x⟨U+0007⟩')
  expect(safeName('a\nb\tc\rd')).toBe('a⟨U+000A⟩b⟨U+0009⟩c⟨U+000D⟩d')
  expect(safeName('\ud800x')).toBe('⟨U+D800⟩x')
  expect(safeName('\u{e0068}\u{e0069}')).toBe('⟨hi⟩')
})

test('names of every script stay as they are spelled', () => {
  for (const name of ['pdf-forms', 'Übung', '技能', 'कौशल', '👩‍👧', '❤️', 'क्‍ष']) expect(safeName(name)).toBe(name)
  // The non-joiner inside a Persian word, apart from what is around it.
  expect(safeName('می\u200cخواهم')).toBe('\u2068می\u200cخواهم\u2069')
  expect(safeName('a\u200c.exe')).toBe('a⟨U+200C⟩.exe')
  expect(safeName('שלום')).toBe('\u2068שלום\u2069')
})

const points = fc.oneof(fc.integer({ min: 0, max: 0x24ff }), fc.integer({ min: 0xd800, max: 0x10ffff }))
const names = fc.array(points, { maxLength: 40 }).map(codes => String.fromCodePoint(...codes))

test('whatever the name, nothing hidden is left but the isolate around it', () => {
  const hidden = new RegExp(hiddenCharacters().source, 'u')
  const spelled = /(?<=[\p{L}\p{M}])\u200c(?=[\p{L}\p{M}])/gu
  fc.assert(
    fc.property(names, name => {
      const shown = safeName(name)
        .replace(/^\u2068/, '')
        .replace(/\u2069$/, '')
      expect(hidden.test(shown.replaceAll(spelled, ''))).toBe(false)
    }),
  )
})

test('a text of several lines keeps its lines and tabs', () => {
  expect(withHiddenShown('a\r\nb\tc\nd\u202e')).toBe('a\nb\tc\nd⟨U+202E⟩')
})

test('a very long name is cut', () => {
  expect(safeName('x'.repeat(1_000_000)).length).toBeLessThan(1_000)
  expect(safeName('\u202e'.repeat(1_000_000))).toBe('⟨U+202E × 500⟩…')
})

test('a run of hidden characters is written as one', () => {
  expect(showHiddenRun('\u200b').label).toBe('⟨U+200B⟩')
  expect(showHiddenRun('\u200b'.repeat(1_000_000)).label).toBe('⟨U+200B × 1,000,000⟩')
  expect(showHiddenRun('\u{e0068}\u{e0069}').label).toBe('⟨hi⟩')
  expect(showHiddenRun('\u{e0041}'.repeat(3)).label).toBe('⟨A × 3⟩')
  const mixed = showHiddenRun('\u200b\u200e'.repeat(500))
  expect(mixed.label).toBe('⟨1,000 hidden characters⟩')
  expect(mixed.title).toMatch(/^U\+200B U\+200E U\+200B/)
})
