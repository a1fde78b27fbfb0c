import { expect, test } from 'vitest'
import { ARCHIVE_BYTES, refuseArchive } from './archive-file.ts'

test('only archives of a size that fits through', () => {
  expect(refuseArchive({ name: 'a.skill', size: 10 })).toBeUndefined()
  expect(refuseArchive({ name: 'A.ZIP', size: ARCHIVE_BYTES })).toBeUndefined()
  expect(refuseArchive({ name: 'a.zip', size: ARCHIVE_BYTES + 1 })).toContain('107 MB')
  expect(refuseArchive({ name: 'SKILL.md', size: 10 })).toContain('no .zip or .skill')
  // Base64 of the largest stays below what the contract accepts.
  expect(Math.ceil(ARCHIVE_BYTES / 3) * 4).toBeLessThanOrEqual(150_000_000)
})
