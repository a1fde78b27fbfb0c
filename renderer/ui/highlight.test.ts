import { expect, test } from 'vitest'
import { cutAtMarks, shortenLead } from './highlight.tsx'

test('hits are cut out of their text', () => {
  expect(cutAtMarks('Fill \uE000PDF\uE001 forms and \uE000pdf\uE001')).toEqual([
    { text: 'Fill ', hit: false },
    { text: 'PDF', hit: true },
    { text: ' forms and ', hit: false },
    { text: 'pdf', hit: true },
  ])
})

test('marks without their other half vanish', () => {
  expect(
    cutAtMarks('a\uE000b')
      .map(part => part.text)
      .join(''),
  ).toBe('ab')
  expect(cutAtMarks('a\uE001b\uE000c').some(part => part.hit)).toBe(false)
  expect(cutAtMarks('')).toEqual([])
})

test('a long lead is cut at a word, so that the hit is seen', () => {
  const hit = '\uE000git\uE001 log'
  expect(shortenLead(`…Ensure completeness of every ${hit}`, 12)).toBe(`…of every ${hit}`)
  expect(shortenLead(`Run ${hit}`, 12)).toBe(`Run ${hit}`)
  expect(shortenLead('no hit at all', 2)).toBe('no hit at all')
})
