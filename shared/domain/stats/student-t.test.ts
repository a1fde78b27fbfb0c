import { expect, test } from 'vitest'
import { studentQuantile } from './student-t.ts'

test.each([
  // R. A. Fisher, F. Yates, 'Statistical Tables', table III; more places by SciPy 1.17.
  [1, 1.376382, 12.706205],
  [2, 1.06066, 4.302653],
  [3, 0.978472, 3.182446],
  [4, 0.940965, 2.776445],
  [5, 0.919544, 2.570582],
  [7, 0.89603, 2.364624],
  [10, 0.879058, 2.228139],
  [19, 0.860951, 2.093024],
  [30, 0.853767, 2.042272],
  [120, 0.844627, 1.97993],
])('with %i degrees of freedom as tabled', (df, at80, at975) => {
  expect(studentQuantile(0.8, df)).toBeCloseTo(at80, 5)
  expect(studentQuantile(0.975, df)).toBeCloseTo(at975, 5)
})

test('between whole degrees it is between, and below 3 on the careful side', () => {
  expect(studentQuantile(0.975, 12.5)).toBeLessThan(studentQuantile(0.975, 12))
  expect(studentQuantile(0.975, 12.5)).toBeGreaterThan(studentQuantile(0.975, 13))
  expect(studentQuantile(0.975, 2.9)).toBe(studentQuantile(0.975, 2))
})

test('refuses what has no quantile', () => {
  for (const [share, df] of [
    [0.975, 0],
    [0.975, Number.NaN],
    [1, 5],
    [0.2, 5],
  ] as const)
    expect(() => studentQuantile(share, df)).toThrow(RangeError)
})
