import { describe, expect, test } from 'vitest'
import { bytes, compact, count, formatNumber, money, quality, signed, stars, tokens } from './format.ts'

describe('figures', () => {
  test('unknown is a dash, and zero is a zero', () => {
    for (const write of [formatNumber, compact, tokens, money, stars, quality, bytes, signed]) {
      expect(write(null)).toBe('–')
      expect(write(undefined)).toBe('–')
      expect(write(Number.NaN)).toBe('–')
    }
    expect([formatNumber(0), compact(0), tokens(0), money(0), stars(0), quality(0), bytes(0)]).toEqual([
      '0',
      '0',
      '≈ 0',
      '0¢',
      '0.0',
      '0',
      '0 B',
    ])
  })

  test.each([
    [92, '92'],
    [999, '999'],
    [1_000, '1k'],
    [3_140, '3.1k'],
    [11_800, '11.8k'],
    [99_960, '100k'],
    [999_499, '999k'],
    [999_500, '1M'],
    [2_340_000, '2.3M'],
    [-3_140, '−3.1k'],
  ])('compact(%d) is %s', (value, text) => expect(compact(value)).toBe(text))

  test.each([
    [410_000, '0.41¢'],
    [1, '0.000001¢'],
    [3_100, '0.0031¢'],
    [99_000, '0.099¢'],
    [100_000, '0.10¢'],
    [46_000_000, '46.00¢'],
    [99_994_000, '99.99¢'],
    [99_995_000, '$1.00'],
    [120_000_000, '$1.20'],
    [123_456_000_000, '$1,234.56'],
    [-410_000, '−0.41¢'],
  ])('money(%d) is %s', (microcents, text) => expect(money(microcents)).toBe(text))

  test('stars come times a hundred and round half up', () => {
    expect([stars(425), stars(435), stars(500)]).toEqual(['4.3', '4.4', '5.0'])
  })

  test.each([
    [1023, '1023 B'],
    [1024, '1.0 KB'],
    [10_240, '10 KB'],
    [1_048_576, '1.0 MB'],
    [1_048_575, '1.0 MB'],
    [78_643_200, '75 MB'],
  ])('bytes(%d) is %s', (size, text) => expect(bytes(size)).toBe(text))

  test('a difference carries its sign', () => {
    expect([signed(212), signed(-48), signed(0), signed(340_000, money)]).toEqual(['+212', '−48', '±0', '+0.34¢'])
  })

  test('counts agree with their noun', () => {
    expect([count(1, 'skill'), count(3562, 'version'), count(0, 'entry', 'entries')]).toEqual([
      '1 skill',
      '3,562 versions',
      '0 entries',
    ])
  })
})
