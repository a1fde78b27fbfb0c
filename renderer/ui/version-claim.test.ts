import { expect, test } from 'vitest'
import { sayClaim } from './version-claim.ts'
import { when } from './when.ts'

test('says whose work a version is said to be and of what date, and nothing where it says nothing', () => {
  const author = { name: 'Ada', email: 'ada@example.com' }
  expect(sayClaim({ claimed: { author, createdAt: null } })).toBe('imported from Ada <ada@example.com>')
  expect(sayClaim({ claimed: { author: { ...author, email: '' }, createdAt: 2_001 } })).toBe(
    `imported from Ada, dated ${when(2_001)}`,
  )
  expect(sayClaim({ claimed: null })).toBe('')
})
