import { expect, test } from 'vitest'
import { byLikeness } from './rivals.ts'

const skill = (name: string, description: string) => ({ name, description })

test('the most alike first: by rare words, whatever is common to all', () => {
  const self = skill('pdf-forms', 'Use when the user wants to fill PDF forms.')
  const others = [
    skill('baking', 'Use when the user wants to bake.'),
    skill('pdf-merge', 'Use when the user wants to merge PDFs.'),
    skill('web-forms', 'Use when the user wants to build a web form.'),
    skill('form-filler', 'Fills a PDF form.'),
  ]
  expect(byLikeness(self, others).map(({ name }) => name)).toEqual(['form-filler', 'pdf-merge', 'web-forms', 'baking'])
  expect(byLikeness(self, [...others].reverse())).toEqual(byLikeness(self, others))
})

test('in any script; what shares nothing by name', () => {
  const self = skill('写作助手', '帮你写会议记录')
  const others = [skill('b', 'Nothing'), skill('会议', '安排会议'), skill('a', 'Nothing')]
  expect(byLikeness(self, others).map(({ name }) => name)).toEqual(['会议', 'a', 'b'])
})
