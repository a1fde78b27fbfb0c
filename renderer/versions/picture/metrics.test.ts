import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { SeriesPoint } from '../../../shared/contract/evidence.ts'
import { axisOf, drawnOf, type Figure, joinsOf, METRICS, type Metric, type Parents } from './metrics.ts'

const point = (more: Partial<SeriesPoint>): SeriesPoint => ({
  versionId: 'v',
  tokens: null,
  quality: null,
  costMicrocents: null,
  averageRating: null,
  totalRatings: 0,
  uses: 0,
  ...more,
})
const metric = (key: Metric['key']): Metric => METRICS.find(each => each.key === key) ?? fail(key)
const fail = (key: string): never => {
  throw new Error(`no metric ${key}`)
}
const chain = (length: number): Parents =>
  Array.from({ length }, (_, at) => [at === 0 ? undefined : at - 1, undefined] as const)
const figure = (group: string | null): Figure | null => (group === null ? null : { value: 1, group })
const joined = (groups: (string | null)[], parents: Parents = chain(groups.length)) =>
  joinsOf(groups.map(figure), parents).map(([from, to]) => `${from}-${to}`)

describe('what was not measured', () => {
  test.each(METRICS.map(each => each.key))('is nothing, not a zero: %s', key => {
    expect(metric(key).of(point({}))).toBeNull()
    expect(drawnOf(metric(key), [undefined, point({})]).figures).toEqual([null, null])
  })

  test('a measured zero is a zero', () => {
    expect(metric('cost').of(point({ costMicrocents: 0 }))).toEqual({ value: 0, group: '' })
  })

  test('stars come times a hundred', () => {
    expect(metric('rating').of(point({ averageRating: 425 }))?.value).toBe(4.25)
    expect(metric('rating').write(4.25)).toBe('4.3')
  })
})

describe('points are joined', () => {
  test('along a chain, with a gap where one was not measured', () => {
    expect(joined(['a', 'a', null, 'a', 'a'])).toEqual(['0-1', '3-4'])
  })

  test('only where they were measured alike, over those that were not', () => {
    expect(joined(['a', 'b', 'a', 'b'])).toEqual(['0-2', '1-3'])
    expect(joined(['a', 'b', null, 'a'])).toEqual([])
  })

  test('along the branches of a fork and into its merge, never across', () => {
    const parents: Parents = [
      [undefined, undefined],
      [0, undefined],
      [0, undefined],
      [1, 2],
    ]
    expect(joined(['a', 'a', 'a', 'a'], parents)).toEqual(['0-1', '0-2', '1-3', '2-3'])
    expect(joined(['a', 'a', 'b', 'a'], parents)).toEqual(['0-1', '1-3', '0-3'])
  })
})

describe('an axis', () => {
  const axis = (key: Metric['key'], values: (number | null)[]) =>
    axisOf({
      metric: metric(key),
      figures: values.map(value => (value === null ? null : { value, group: '' })),
      groups: [''],
    })

  test('has round numbers around the values', () => {
    expect(axis('trigger', [1_240, 1_890])?.ticks).toEqual([1_000, 1_250, 1_500, 1_750, 2_000])
    expect(axis('quality', [71.2, 77])?.ticks).toEqual([70, 72, 74, 76, 78])
    expect(axis('rating', [4.2, 4.5])?.ticks).toEqual([4.2, 4.3, 4.4, 4.5])
  })

  test('keeps within what its unit allows', () => {
    expect(axis('quality', [98, 99.9])).toMatchObject({ high: 100 })
    expect(axis('rating', [5])?.high).toBe(5)
    expect(axis('rating', [1])?.low).toBe(1)
    expect(axis('cost', [0])).toMatchObject({ low: 0 })
  })

  test('is not there without a value', () => expect(axis('cost', [null, null])).toBeUndefined())

  test('holds whatever it is given, intervals included', () => {
    const value = fc.double({ min: 0, max: 1e12, noNaN: true })
    fc.assert(
      fc.property(fc.array(fc.tuple(value, value), { minLength: 1 }), pairs => {
        const figures = pairs.map(([one, other]) => ({
          value: one,
          low: Math.min(one, other),
          high: Math.max(one, other),
          group: '',
        }))
        const found = axisOf({ metric: metric('cost'), figures, groups: [''] })
        for (const each of figures) {
          expect(found?.low).toBeLessThanOrEqual(each.low)
          expect(found?.high).toBeGreaterThanOrEqual(each.high)
        }
        expect(found?.ticks.length).toBeGreaterThan(0)
        expect(found?.ticks.length).toBeLessThanOrEqual(5)
        expect(found?.low).toBeLessThan(found?.high ?? 0)
      }),
    )
  })
})
