import { expect, test } from 'vitest'
import { COMPARE_BOUNDS, compareTexts } from './compared.ts'
import { cutAfterLines } from './first-lines.ts'

const compare = (a: string, b: string) => compareTexts({ a, b, quiet: false, budgetMs: 60_000 })

test('two usual texts are compared whole', () => {
  const { model, coarse, cut } = compare('a\nb\nc\n', 'a\nx\nc\n')
  expect(model.changes.length).toBe(1)
  expect({ coarse, cut }).toEqual({ coarse: false, cut: false })
})

test('more changes than can be shown are one, which holds them all', () => {
  const lines = Array.from({ length: COMPARE_BOUNDS.changes * 2 + 10 }, (_, at) => `line ${at}`)
  const changed = lines.map((line, at) => (at % 2 === 0 ? line : `other ${at}`))
  const { model, coarse } = compare(lines.join('\n'), changed.join('\n'))
  expect(coarse).toBe(true)
  expect(model.changes.length).toBe(1)
  expect(model.left.text).toBe(lines.join('\n'))
  expect(model.right.text).toBe(changed.join('\n'))
})

test('more changed words than can be marked are not marked', () => {
  const words = Array.from({ length: COMPARE_BOUNDS.words * 3 }, (_, at) => `w${at}`)
  const left = words.join(' ')
  const right = words.map((word, at) => (at % 2 === 0 ? word : `x${at}`)).join(' ')
  const { model, coarse } = compare(left, right)
  expect(coarse || model.left.marks.length <= COMPARE_BOUNDS.words * 2).toBe(true)
  expect(model.left.marks.length).toBeLessThanOrEqual(COMPARE_BOUNDS.words * 2)
})

test('of very many lines the first are compared, and it is said that there are more', () => {
  const { model, cut } = compare('\n'.repeat(1_000_000), `${'\n'.repeat(1_000_000)}end`)
  expect(cut).toBe(true)
  expect(model.left.change.length).toBeLessThanOrEqual(COMPARE_BOUNDS.lines + 1)
})

test('a text of more lines than are compared is cut at a line', () => {
  expect(cutAfterLines('a\nb\nc\n', 3)).toBeUndefined()
  expect(cutAfterLines('a\nb\nc', 2)).toBe(3)
  expect(cutAfterLines('\n'.repeat(5_000_000), 100_000)).toBe(99_999)
})
