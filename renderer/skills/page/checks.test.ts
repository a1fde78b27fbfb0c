import { expect, test } from 'vitest'
import { checksOf, countOf, NAMED_CHECKS } from './checks.ts'

test('of ten thousand findings the first are named and all are counted', () => {
  const text = `---\nname: x\ndescription: y\n---\n\n${'[a](missing.md)\n'.repeat(10_000)}`
  const checks = checksOf({ text, folderName: 'x', paths: ['SKILL.md'], profile: 'strict' })
  expect(checks.named.length).toBe(NAMED_CHECKS)
  expect(countOf(checks)).toBeGreaterThanOrEqual(10_000)
  expect(checks.total.warning).toBe(10_000)
})

test('what a finding quotes is cut where it is very long', () => {
  const text = `---\nname: x\ndescription: y\n---\n\n[a](${'m'.repeat(100_000)})\n`
  const { named } = checksOf({ text, folderName: 'x', paths: ['SKILL.md'], profile: 'strict' })
  expect(named.length).toBeGreaterThan(0)
  expect(Math.max(...named.map(check => check.message.length))).toBeLessThan(1_100)
})
