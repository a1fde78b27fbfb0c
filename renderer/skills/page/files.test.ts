import { expect, test } from 'vitest'
import { fileRows, freePath } from './files.ts'

const file = (path: string) => ({ path, size: 1, state: 'same' as const })

test('SKILL.md comes first, files before folders, and a removed file keeps its place', () => {
  const rows = fileRows([file('a/deep/x.py'), file('zebra.md'), file('SKILL.md'), file('a/b.md')], ['a/gone.md'])
  expect(rows.map(row => `${'  '.repeat(row.depth)}${row.name}`)).toEqual([
    'SKILL.md',
    'zebra.md',
    'a',
    '  b.md',
    '  gone.md',
    '  deep',
    '    x.py',
  ])
  expect(rows.find(row => row.path === 'a/gone.md')).toMatchObject({ state: 'removed' })
})

test('a new file never takes the name of another, also by case', () => {
  expect(freePath('notes.md', [])).toBe('notes.md')
  expect(freePath('notes.md', ['Notes.md'])).toBe('notes-2.md')
  expect(freePath('a.b/c', ['a.b/c', 'a.b/c-2'])).toBe('a.b/c-3')
})
