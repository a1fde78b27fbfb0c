import fc from 'fast-check'
import { expect, test } from 'vitest'
import { lengthOf, slugFrom, slugProblem } from './slug.ts'

test.each(['pdf-forms', 'a', 'x2-y3-z', '7', 'a'.repeat(64)])('%s is a name', slug => {
  expect(slugProblem(slug)).toBeUndefined()
})

test.each([
  ['PDF', 'lowercase'],
  ['pdf forms', 'spaces'],
  ['pdf_förms', '“_ö”'],
  ['-pdf', 'not at an end'],
  ['pdf-', 'not at an end'],
  ['pdf--forms', 'One hyphen'],
  ['a'.repeat(65), '65 characters'],
])('%s is none, and it says why', (slug, words) => expect(slugProblem(slug)).toContain(words))

test('nothing typed yet is no mistake', () => expect(slugProblem('')).toBeUndefined())

test('what is offered instead is always allowed, and leaves a good name alone', () => {
  expect(slugFrom('PDF Förms!')).toBe('pdf-forms')
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 200 }), text => {
      const slug = slugFrom(text)
      expect(slugProblem(slug)).toBeUndefined()
      expect(slugFrom(slug)).toBe(slug)
    }),
  )
})

test('lengths are code points', () => expect(lengthOf('a😀')).toBe(2))
