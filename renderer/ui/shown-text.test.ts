import { createElement } from 'react'
import { renderToStaticMarkup } from 'react-dom/server'
import { expect, test } from 'vitest'
import { jsx, jsxs } from './jsx-runtime.ts'
import { shownProps } from './shown-text.ts'

test('an element shows hidden characters of its text, tooltip and label', () => {
  const element = jsx('span', { title: 'a\u202eb', 'aria-label': 'c\u200bd', children: 'x\u202egnp.exe' })
  expect(renderToStaticMarkup(element)).toBe('<span title="a⟨U+202E⟩b" aria-label="c⟨U+200B⟩d">x⟨U+202E⟩gnp.exe</span>')
})

test('a name from right to left is kept apart from what stands beside it', () => {
  expect(renderToStaticMarkup(jsxs('td', { children: ['שלום', ' · 2 min'] }))).toBe('<td>\u2068שלום\u2069 · 2 min</td>')
  // Alone in its element, which may stand in a sentence; and in a sentence that is one text.
  expect(renderToStaticMarkup(jsx('b', { children: 'שלום' }))).toBe('<b>\u2068שלום\u2069</b>')
  expect(renderToStaticMarkup(jsx('b', { title: 'Delete שלום, לך (3)', children: 'Delete שלום (3)' }))).toBe(
    '<b title="Delete \u2068שלום, לך\u2069 (3)">Delete \u2068שלום\u2069 (3)</b>',
  )
  // A sentence in a language from right to left runs that way as a whole.
  expect(renderToStaticMarkup(jsx('p', { children: 'כלי PDF לטפסים' }))).toBe('<p>\u2068כלי PDF לטפסים\u2069</p>')
})

test('a text of a megabyte is cut, and says so', () => {
  const shown = renderToStaticMarkup(jsx('p', { children: 'x'.repeat(1_000_000) }))
  expect(shown.length).toBeLessThan(21_000)
  expect(shown).toContain('… (980,000 more characters)')
})

const Component = () => createElement('i')

test('what is a value, an address or a component stays as it is', () => {
  const props = { value: 'a\u202eb', href: '/x\u202e', 'data-path': 'a\u202eb', onClick: () => {} }
  expect(shownProps('input', props)).toBe(props)
  const given = { path: 'a\u202eb', title: 'a\u202eb' }
  expect(jsx(Component, given).props).toEqual(given)
})
