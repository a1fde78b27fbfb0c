import { expect, test } from 'vitest'
import { sayFindings, sayHolds, sayMoved, sayProblem, sayState } from './words.ts'

const finding = (state: 'pass' | 'fail' | 'advice' | 'unknown') => ({
  id: state,
  title: '',
  state,
  found: [],
  mend: '',
})

test('findings are summed up, the broken ones first', () => {
  expect(sayFindings([finding('pass'), finding('pass')])).toBe('2 rules hold')
  expect(sayFindings([finding('pass'), finding('fail'), finding('advice')])).toBe(
    '1 rule is broken, 1 hold · 1 piece of advice',
  )
})

test('a member’s state is said in words', () => {
  const member = { userId: 'u', name: 'Ben', email: null, role: 'author', expiresAt: null } as const
  expect(sayState({ ...member, state: 'active' })).toBe('Joined')
  expect(sayState({ ...member, state: 'removed' })).toBe('No access')
  expect(sayState({ ...member, state: 'invited', expiresAt: Date.UTC(2026, 10, 27, 12) })).toMatch(/until 27 Nov 2026/)
})

test('what a database holds, and whether one may go on', () => {
  const look = { host: 'h', database: 'd', server: '17', others: ['public.a'], teams: [], unsuited: null, storage: [] }
  expect(sayHolds({ ...look, holds: 'empty' }).good).toBe(true)
  expect(sayHolds({ ...look, holds: 'others' })).toEqual({ good: false, words: expect.stringContaining('public.a') })
  expect(sayHolds({ ...look, holds: 'newer' }).good).toBe(false)
})

test('a failure that the contract does not name is said all the same', () => {
  expect(sayProblem(new Error('x')).happened).toContain('x')
  expect(sayMoved({ what: 'skill_versions', done: 1200 })).toBe('skill versions: 1,200')
})
