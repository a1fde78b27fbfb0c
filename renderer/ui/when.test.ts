import { expect, test } from 'vitest'
import { relativeTime, when } from './when.ts'

const now = new Date(2026, 9, 18, 14, 2, 30).getTime()

test.each([
  [new Date(2026, 9, 18, 14, 2, 0), 'just now'],
  [new Date(2026, 9, 18, 15, 0, 0), 'just now'],
  [new Date(2026, 9, 18, 13, 57, 0), '5 min ago'],
  [new Date(2026, 9, 18, 0, 1, 0), '14 h ago'],
  [new Date(2026, 9, 17, 23, 59, 0), 'yesterday'],
  [new Date(2026, 9, 17, 0, 0, 1), 'yesterday'],
  [new Date(2026, 9, 16, 23, 0, 0), '16 Oct'],
  [new Date(2025, 9, 12, 8, 0, 0), '12 Oct 2025'],
])('%s is %s', (at, text) => expect(relativeTime(at.getTime(), now)).toBe(text))

test('in full it has the time of day', () => {
  expect(when(new Date(2026, 9, 12, 9, 5).getTime())).toBe('12 Oct 2026, 09:05')
})
