import { expect, test } from 'vitest'
import { commonAncestor, headsOf, wentApart } from './lineage.ts'

const version = (id: string, parentId: string | null = null, mergedId: string | null = null) => ({
  id,
  parentId,
  mergedId,
})
/** a → b → d (merges c), a → c, b → e; x stands alone. Newest first. */
const HISTORY = [
  version('x'),
  version('e', 'b'),
  version('d', 'b', 'c'),
  version('c', 'a'),
  version('b', 'a'),
  version('a'),
]

test('heads are what nothing was made from, newest first', () => {
  expect(headsOf(HISTORY).map(head => head.id)).toEqual(['x', 'e', 'd'])
  expect(headsOf(HISTORY.slice(3)).map(head => head.id)).toEqual(['c', 'b'])
  expect(headsOf([])).toEqual([])
})

test('two went apart unless one was made from the other, by whichever parent', () => {
  expect(wentApart(HISTORY, 'd', 'e')).toBe(true)
  expect(wentApart(HISTORY, 'b', 'c')).toBe(true)
  expect(wentApart(HISTORY, 'd', 'c')).toBe(false)
  expect(wentApart(HISTORY, 'a', 'd')).toBe(false)
  expect(wentApart(HISTORY, 'd', 'd')).toBe(false)
})

test('the newest that both come from', () => {
  expect(commonAncestor(HISTORY, 'd', 'e')?.id).toBe('b')
  expect(commonAncestor(HISTORY, 'c', 'e')?.id).toBe('a')
  expect(commonAncestor(HISTORY, 'd', 'c')?.id).toBe('c')
  expect(commonAncestor(HISTORY, 'd', 'x')).toBeUndefined()
})
