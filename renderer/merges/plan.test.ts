import { describe, expect, test } from 'vitest'
import { mergeTexts } from './merge-texts.ts'
import { isSettled, itemsOf, type Loaded, nextItem, type Prepared, planOf, resultFiles, sayRemaining } from './plan.ts'
import { NOTHING, type Settling } from './settling.ts'

type File = Prepared['files'][number]
const entry = (path: string, sha256: string, executable = false) => ({ path, sha256, size: 1, executable })
const version = (id: string, number: number): Prepared['left'] => ({
  id,
  skillId: 's',
  number,
  parentId: null,
  mergedId: null,
  contentHash: 'h',
  name: 'n',
  description: 'd',
  message: '',
  author: { name: 'A', email: null },
  mine: false,
  createdAt: 0,
  claimed: null,
  published: false,
  averageRating: null,
  totalRatings: 0,
})
const prepared = (files: File[], base: Prepared['base'] = version('b', 1)): Prepared => ({
  skillId: 's',
  base,
  left: version('l', 2),
  right: version('r', 3),
  files,
})
const loaded = (path: string, base: string | undefined, left: string, right: string): [string, Loaded] => [
  path,
  { kind: 'text', merged: mergeTexts({ path, base, left, right }), left, right },
]

const CONFLICT: File = {
  path: 'SKILL.md',
  base: entry('SKILL.md', 'b'),
  left: entry('SKILL.md', 'l'),
  right: entry('SKILL.md', 'r', true),
  state: 'text',
}
const LOGO: File = {
  path: 'logo.png',
  base: entry('logo.png', '1'),
  left: null,
  right: entry('logo.png', '2'),
  state: 'choose',
}
const FROM_RIGHT: File = { path: 'new.md', base: null, left: null, right: entry('new.md', 'n'), state: 'right' }
const GONE: File = {
  path: 'old.md',
  base: entry('old.md', 'o'),
  left: null,
  right: entry('old.md', 'o'),
  state: 'left',
}

const texts = new Map([loaded('SKILL.md', 'a\nb\nc\n', 'a\nL\nc\n', 'a\nR\nc\n')])
const planned = (files: File[], base?: null) => {
  const plan = planOf(prepared(files, base === null ? null : undefined), texts)
  if (!plan) throw new Error('a text is missing')
  return plan
}
const settle = (more: Partial<Settling>): Settling => ({ ...NOTHING, ...more })

describe('a plan', () => {
  test('waits for the texts', () => {
    expect(planOf(prepared([CONFLICT]), new Map())).toBeUndefined()
  })

  test('asks about conflicts and files, and about nothing that settles itself', () => {
    const plan = planned([CONFLICT, FROM_RIGHT, LOGO, GONE])
    expect(plan.map(each => each.kind)).toEqual(['text', 'itself', 'choose', 'itself'])
    expect(itemsOf(plan)).toEqual([{ path: 'SKILL.md', index: 0 }, { path: 'logo.png' }])
    expect(sayRemaining(itemsOf(plan), NOTHING)).toEqual(['SKILL.md (1 conflict)', 'logo.png'])
  })

  test('without a base asks about every difference', () => {
    expect(planned([FROM_RIGHT, GONE], null).map(each => each.kind)).toEqual(['choose', 'choose'])
  })

  test('takes a text that cannot be shown as a whole', () => {
    const plan = planOf(prepared([CONFLICT]), new Map([['SKILL.md', { kind: 'whole' }]]))
    expect(plan?.map(each => each.kind)).toEqual(['choose'])
  })
})

test('the keys go through all conflicts and round the end, from the file that is open', () => {
  const items = [{ path: 'a', index: 0 }, { path: 'a', index: 1 }, { path: 'b' }]
  expect(nextItem(items, -1, 'a', 1)).toBe(0)
  expect(nextItem(items, 0, 'a', 1)).toBe(1)
  expect(nextItem(items, 1, 'a', 1)).toBe(2)
  expect(nextItem(items, 2, 'b', 1)).toBe(0)
  expect(nextItem(items, 0, 'a', -1)).toBe(2)
  expect(nextItem(items, 0, 'b', 1)).toBe(2)
  expect(nextItem(items, -1, 'merged.md', 1)).toBe(0)
  expect(nextItem(items, -1, 'merged.md', -1)).toBe(2)
  expect(nextItem([], -1, 'a', 1)).toBe(-1)
})

describe('the merged files', () => {
  const plan = planned([CONFLICT, FROM_RIGHT, LOGO, GONE])

  test('are not there while something is open', () => {
    expect(resultFiles(plan, NOTHING)).toBeUndefined()
    expect(resultFiles(plan, settle({ files: { 'logo.png': 'left' } }))).toBeUndefined()
    expect(resultFiles(plan, settle({ conflicts: { 'SKILL.md': { 0: { kind: 'left' } } } }))).toBeUndefined()
  })

  test('are what was chosen, with what settled itself', () => {
    const settling = settle({
      conflicts: { 'SKILL.md': { 0: { kind: 'both' } } },
      files: { 'logo.png': 'right' },
    })
    expect(itemsOf(plan).every(item => isSettled(settling, item))).toBe(true)
    expect(resultFiles(plan, settling)).toEqual([
      { path: 'SKILL.md', executable: true, content: { kind: 'text', text: 'a\nL\nR\nc\n' } },
      { path: 'new.md', executable: false, content: { kind: 'stored', sha256: 'n' } },
      { path: 'logo.png', executable: false, content: { kind: 'stored', sha256: '2' } },
    ])
  })

  test('leave out what was removed', () => {
    const settling = settle({ texts: { 'SKILL.md': 'whole' }, files: { 'logo.png': 'left' } })
    expect(resultFiles(plan, settling)?.map(file => file.path)).toEqual(['SKILL.md', 'new.md'])
  })

  test('have the new name of what was renamed; of two new names the chosen one', () => {
    const renamed: File = { ...FROM_RIGHT, path: 'new.md', base: entry('old.md', 'n'), left: entry('old.md', 'n') }
    const twice: File = {
      path: 'a',
      base: entry('a', '1'),
      left: entry('b', '1'),
      right: entry('c', '1'),
      state: 'choose',
    }
    const settling = settle({ files: { a: 'right' } })
    expect(resultFiles(planned([renamed, twice]), settling)?.map(file => file.path)).toEqual(['new.md', 'c'])
  })

  test('are a side’s own bytes where they come out equal to it', () => {
    const settling = settle({ conflicts: { 'SKILL.md': { 0: { kind: 'right' } } }, files: { 'logo.png': 'left' } })
    expect(resultFiles(plan, settling)?.[0]?.content).toEqual({ kind: 'stored', sha256: 'r' })
  })
})
