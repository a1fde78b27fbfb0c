import { describe, expect, test } from 'vitest'
import type { Assertion } from '../../shared/domain/benchmark/assertion.ts'
import type { CaseContent } from '../../shared/domain/benchmark/case-set.ts'
import { isNew, newRow, problemsOf, TYPES, withType } from './draft.ts'

const content = (assertions: Assertion[], over: Partial<CaseContent> = {}): CaseContent => ({
  name: 'n',
  prompt: 'p',
  expectedOutput: null,
  assertions,
  files: [],
  tags: [],
  weight: 1,
  ...over,
})

describe('a draft of a case', () => {
  test('says at its field what keeps it from being saved', () => {
    expect(problemsOf(content([]))).toEqual([])
    expect(problemsOf(content([], { name: ' ', prompt: '', weight: -1 }))).toEqual([
      { field: 'name', at: undefined, message: 'Give it a name.' },
      { field: 'prompt', at: undefined, message: 'Say what the model is asked.' },
      { field: 'weight', at: undefined, message: 'A weight is 0 or more.' },
    ])
    const wrong: Assertion[] = [
      { type: 'contains', value: 'a' },
      { type: 'rubric', value: '' },
      { type: 'regex', value: '(' },
      { type: 'length', unit: 'words' },
      { type: 'length', unit: 'words', min: 9, max: 3 },
    ]
    expect(problemsOf(content(wrong)).map(one => one.at)).toEqual([1, 2, 3, 4])
  })

  test('another kind of demand keeps its words, its turn and its weight, and every kind can be begun', () => {
    const was: Assertion = { type: 'contains', value: 'fields', not: true, weight: 2 }
    for (const { value } of TYPES) {
      const next = withType(was, value)
      expect(next).toMatchObject({ type: value, not: true, weight: 2 })
      expect(problemsOf(content([next])), value).toEqual([])
    }
    expect(withType(was, 'contains-any')).toMatchObject({ values: ['fields'] })
    expect(withType({ type: 'contains-all', values: ['a', 'b'] }, 'rubric')).toEqual({ type: 'rubric', value: 'a' })
  })

  test('a new case is no row of the library yet', () => {
    const row = newRow('s')
    expect(isNew(row)).toBe(true)
    expect(isNew({ ...row, id: 'other' })).toBe(false)
  })
})
