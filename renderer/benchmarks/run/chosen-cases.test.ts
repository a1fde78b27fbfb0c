import { expect, test } from 'vitest'
import type { CaseRow } from '../../../shared/contract/cases.ts'
import { ALL_CASES, chosenIds, tagsOf } from './chosen-cases.ts'

const row = (id: string, ...tags: string[]): CaseRow => ({
  id,
  skillId: 's',
  content: { name: id, prompt: id, expectedOutput: null, assertions: [], files: [], tags, weight: 1 },
  feedbackId: null,
  archived: false,
  results: 0,
  createdAt: 0,
  updatedAt: 0,
})
const cases = [row('a', 'forms'), row('b', 'tables', 'forms'), row('c'), row('d', 'tables', 'tables')]

test('all, those with any of some tags, or picked ones', () => {
  expect(chosenIds(cases, ALL_CASES)).toBeUndefined()
  expect(chosenIds(cases, { ...ALL_CASES, by: 'tag' })).toEqual([])
  expect(chosenIds(cases, { ...ALL_CASES, by: 'tag', tags: ['forms', 'gone'], ids: ['c'] })).toEqual(['a', 'b'])
  expect(chosenIds(cases, { by: 'pick', tags: ['forms'], ids: ['d', 'gone', 'c'] })).toEqual(['c', 'd'])
})

test('a tag says how many cases have it', () => {
  expect(tagsOf(cases)).toEqual([
    { tag: 'forms', cases: 2 },
    { tag: 'tables', cases: 2 },
  ])
})
