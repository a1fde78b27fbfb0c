import { expect, test } from 'vitest'
import { rowAfterKey } from './row-keys.ts'

test.each([
  ['ArrowDown', 0, 1],
  ['ArrowDown', 99, 99],
  ['ArrowUp', 0, 0],
  ['PageDown', 10, 29],
  ['PageDown', 95, 99],
  ['PageUp', 10, 0],
  ['Home', 50, 0],
  ['End', 50, 99],
  ['a', 50, undefined],
])('%s from row %d goes to %s', (key, active, to) => {
  expect(rowAfterKey(key, active, 100, 20)).toBe(to)
})

test('an empty list has nowhere to go', () => {
  expect(rowAfterKey('End', 0, 0, 20)).toBeUndefined()
})
