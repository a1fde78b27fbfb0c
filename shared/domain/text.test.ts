import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { codePoints, countLines, decodeText, estimateTokens, figure, positionsIn } from './text.ts'

const bytes = (...values: number[]) => new Uint8Array(values)
const utf8 = (text: string) => new TextEncoder().encode(text)

describe('decodeText', () => {
  test('gives UTF-8 back as it was, byte order mark included', () => {
    expect(decodeText(utf8('naïve — 漢字 😀\r\n'))).toEqual({ kind: 'text', text: 'naïve — 漢字 😀\r\n', bom: false })
    expect(decodeText(utf8('\uFEFF---\n'))).toEqual({ kind: 'text', text: '\uFEFF---\n', bom: true })
    expect(decodeText(bytes())).toEqual({ kind: 'text', text: '', bom: false })
  })

  test('any text decodes to itself', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 0, maxLength: 60 }), text => {
        fc.pre(!/[\u0000-\u001f]/.test(text))
        const decoded = decodeText(utf8(text))
        expect(decoded.kind === 'text' && decoded.text).toBe(text)
      }),
    )
  })

  test('NUL or many control characters are binary, a few are not', () => {
    expect(decodeText(bytes(0x89, 0x50, 0x4e, 0x47, 0, 0))).toEqual({ kind: 'binary' })
    expect(decodeText(bytes(1, 2, 3, 4, 65, 66))).toEqual({ kind: 'binary' })
    expect(decodeText(utf8(`\u001b[31mred\u001b[0m\f${'x'.repeat(20)}`)).kind).toBe('text')
    expect(decodeText(utf8(`${'x'.repeat(99)}\u0001`)).kind).toBe('text')
  })

  test.each([
    ['Latin-1', bytes(0x61, 0xe9, 0x62), 1],
    ['a lone continuation byte', bytes(0x61, 0x80), 1],
    ['an overlong slash', bytes(0xc0, 0xaf), 0],
    ['an overlong three-byte form', bytes(0x61, 0xe0, 0x80, 0x80), 1],
    ['a surrogate', bytes(0xed, 0xa0, 0x80), 0],
    ['beyond U+10FFFF', bytes(0xf4, 0x90, 0x80, 0x80), 0],
    ['a cut sequence at the end', bytes(0x61, 0x62, 0xf0, 0x9f, 0x98), 2],
  ])('%s is not UTF-8, with the offset', (_, input, offset) => {
    expect(decodeText(input)).toEqual({ kind: 'not-utf8', offset })
  })

  test('agrees with the platform on what is UTF-8, and everything before the offset is', () => {
    const strict = (input: Uint8Array) => {
      try {
        new TextDecoder('utf-8', { fatal: true }).decode(input)
        return true
      } catch {
        return false
      }
    }
    const byte = fc.oneof(fc.integer({ min: 0x20, max: 0x7e }), fc.integer({ min: 0x80, max: 0xff }))
    fc.assert(
      fc.property(fc.array(byte, { maxLength: 12 }), values => {
        const input = new Uint8Array(values)
        const decoded = decodeText(input)
        expect(decoded.kind).toBe(strict(input) ? 'text' : 'not-utf8')
        if (decoded.kind === 'not-utf8') expect(strict(input.subarray(0, decoded.offset))).toBe(true)
      }),
      { numRuns: 2000 },
    )
  })
})

describe('measures', () => {
  test('code points, as the specification counts', () => {
    expect(codePoints('a😀é')).toBe(3)
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), text => {
        expect(codePoints(text)).toBe([...text].length)
      }),
    )
  })

  test('lines', () => {
    expect(['', 'a', 'a\n', 'a\nb', '\n\n'].map(countLines)).toEqual([0, 1, 1, 2, 2])
  })

  test('positions agree with counting by hand, at every offset', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('a', '\n', '\r') }), text => {
        const place = positionsIn(text)
        for (let at = 0; at <= text.length; at++) {
          const before = text.slice(0, at).split('\n')
          expect(place(at)).toEqual({ line: before.length, column: (before.at(-1)?.length ?? 0) + 1 })
        }
      }),
    )
  })

  test('figures have a comma each three digits', () => {
    expect([7, 1093, 1024000].map(figure)).toEqual(['7', '1,093', '1,024,000'])
  })

  test('the estimate of no text is 0, and more text is never fewer tokens', () => {
    expect(estimateTokens('')).toBe(0)
    fc.assert(
      fc.property(fc.string(), fc.string(), (a, b) => {
        expect(estimateTokens(a + b)).toBeGreaterThanOrEqual(estimateTokens(a))
      }),
    )
  })
})
