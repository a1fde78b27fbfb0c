import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { address, type LibraryView, readCompareView, readLibraryView, readMergeView, readSkillTab } from './routes.ts'

const searchOf = (path: string): string => new URL(path, 'https://whetstone.test').search

describe('addresses', () => {
  test('are short where nothing is special', () => {
    expect(address.library('t1')).toBe('/s/t1')
    expect(address.skill('s1')).toBe('/skill/s1')
    expect(address.skill('s1', 'history')).toBe('/skill/s1/history')
    expect(address.library('t1', { sort: 'updated', descending: true, filters: ['changed', 'invalid'] })).toBe(
      '/s/t1?filter=changed,invalid&sort=-updated',
    )
    expect(
      address.compare({
        left: { kind: 'version', id: 'v1' },
        right: { kind: 'working', skillId: 's1' },
        file: 'a/b.md',
      }),
    ).toBe('/compare?left=version:v1&right=working:s1&file=a/b.md')
  })

  test('what the library shows comes back from its address', () => {
    const view: fc.Arbitrary<LibraryView> = fc
      .record({
        query: fc.string({ unit: 'grapheme', maxLength: 60 }),
        filters: fc.subarray(['changed', 'invalid', 'unpublished', 'published', 'draft', 'archived'] as const),
        sort: fc.constantFrom('name', 'updated', 'version', 'tokens', 'rating', 'cost', 'quality', 'state', undefined),
        descending: fc.boolean(),
      })
      .map(shown => ({ ...shown, descending: shown.sort !== undefined && shown.descending }))
    fc.assert(
      fc.property(view, shown => {
        expect(readLibraryView(searchOf(address.library('t', shown)))).toEqual(shown)
      }),
    )
  })

  test('a merge needs both of its sides', () => {
    expect(address.merge({ left: 'a', right: 'b' })).toBe('/merge?left=a&right=b')
    expect(readMergeView('?left=a&right=b')).toEqual({ left: 'a', right: 'b' })
    const file = { left: 'a', right: 'b', file: 'c d/e&f.md' }
    expect(readMergeView(searchOf(address.merge(file)))).toEqual(file)
    for (const search of ['', '?left=a', '?right=b', '?left=&right=b', `?left=a&right=${'b'.repeat(65)}`])
      expect(readMergeView(search)).toBeUndefined()
  })

  test('blame is a way to look at a version in the history', () => {
    expect(address.blame('s1', 'v1', 'a b/c.md')).toBe('/skill/s1/history?version=v1&path=a+b/c.md&as=blame')
  })

  test('both sides of a comparison and its file come back', () => {
    const ref = fc.oneof(
      fc.record({ kind: fc.constant('version' as const), id: fc.uuid() }),
      fc.record({ kind: fc.constantFrom('working', 'published'), skillId: fc.uuid() }),
      fc.record({
        kind: fc.constant('folder' as const),
        path: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 200 }),
      }),
    )
    fc.assert(
      fc.property(ref, ref, fc.string({ unit: 'grapheme' }), (left, right, file) => {
        expect(readCompareView(searchOf(address.compare({ left, right, file })))).toEqual({ left, right, file })
      }),
    )
  })

  test('what cannot be understood is left out', () => {
    expect(readLibraryView('?sort=-shoe&filter=red,draft')).toEqual({
      query: '',
      filters: ['draft'],
      sort: undefined,
      descending: false,
    })
    expect(readCompareView('?left=version:&right=nonsense')).toEqual({})
    expect(readSkillTab('shoe')).toBe('write')
  })
})
