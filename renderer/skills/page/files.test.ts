import { expect, test } from 'vitest'
import { fileRows, freePath, nameProblem } from './files.ts'

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

test('why a file cannot be called that: by what is there, and by what the names themselves allow', () => {
  const taken = ['SKILL.md', 'notes/a.md']
  expect(nameProblem('new.md', taken)).toBeUndefined()
  expect(nameProblem('SKILL.md', taken, 'SKILL.md')).toBeUndefined()
  expect(nameProblem('SKILL.md', taken)).toEqual({
    message: '“SKILL.md” is there already.',
    taken: 'SKILL.md',
    free: 'SKILL-2.md',
  })
  expect(nameProblem('skill.MD', taken)).toMatchObject({ taken: 'SKILL.md', free: 'skill-2.MD' })
  expect(nameProblem('notes', taken)).toEqual({
    message: '“notes/a.md” is there, and a name cannot be a file and a folder.',
  })
  expect(nameProblem('SKILL.md/x', taken)?.message).toContain('a file and a folder')
  expect(nameProblem('../x', taken)?.message).toContain('points outside')
  expect(nameProblem(`${'n'.repeat(300)}.md`, taken)).toBeDefined()
})
