import { SearchQuery } from '@codemirror/search'
import { EditorState } from '@codemirror/state'
import { expect, test } from 'vitest'
import { type Match, matchesIn, nextMatch, PIECES, previousMatch, replacementOf } from './search-steps.ts'

const all = <Result>(steps: Generator<undefined, Result>): Result => {
  for (;;) {
    const next = steps.next()
    if (next.done) return next.value
  }
}
const places = (matches: readonly Match[]) => matches.map(({ from, to }) => [from, to])

/** Words across the edges of pieces, at both ends, and overlapping ones. */
const at = (place: number, word: string) => (text: string) =>
  text.slice(0, place) + word + text.slice(place + word.length)
const TEXT = [
  at(0, 'Needle'),
  at(PIECES.length - 3, 'needle'),
  at(PIECES.length * 2 - 1, 'NEEDLE'),
  at(PIECES.length * 2 + 40, 'aaaa'),
  at(PIECES.length * 3 - 6, 'needle'),
  at(PIECES.length * 3 + 94, 'needle'),
].reduce((text, put) => put(text), 'x y\n'.repeat((PIECES.length * 3 + 100) / 4))
const state = EditorState.create({ doc: TEXT })

const QUERIES = [
  { search: 'needle' },
  { search: 'needle', caseSensitive: true },
  { search: 'needle', wholeWord: true },
  { search: 'aa' },
  { search: 'nowhere' },
  { search: '[nN](ee)d\\w+', regexp: true },
  { search: '^x', regexp: true },
  { search: 'y$', regexp: true },
].map(spec => new SearchQuery(spec))

test.each(QUERIES)('piece by piece the same is found as at once: $search', query => {
  const atOnce: number[][] = []
  const cursor = query.getCursor(state)
  for (let next = cursor.next(); !next.done; next = cursor.next()) atOnce.push([next.value.from, next.value.to])
  expect(places(all(matchesIn(state, query, 0, TEXT.length, () => false)))).toEqual(atOnce)
  for (const from of [0, 3, PIECES.length - 3, PIECES.length - 2, PIECES.length * 2, TEXT.length]) {
    const next = all(nextMatch(state, query, from))
    expect(next && [next.from, next.to]).toEqual(atOnce.find(each => (each[0] ?? 0) >= from) ?? atOnce[0])
  }
})

test('backwards the nearest before is found, and from the start the last', () => {
  const query = new SearchQuery({ search: 'needle' })
  const before = (place: number) => all(previousMatch(state, query, place))?.from
  expect(before(TEXT.length)).toBe(TEXT.length - 6)
  expect(before(TEXT.length - 1)).toBe(PIECES.length * 3 - 6)
  expect(before(PIECES.length + 3)).toBe(PIECES.length - 3)
  expect(before(PIECES.length + 2)).toBe(0)
  expect(before(0)).toBe(TEXT.length - 6)
})

test('what takes the place of a match is written as in the panel', () => {
  const match = { from: 0, to: 3, match: ['abc', 'b'] }
  const replaced = (replace: string, more = {}) =>
    replacementOf(new SearchQuery({ search: 'x', replace, ...more }), match)
  expect(replaced('a\\nb\\\\')).toBe('a\nb\\')
  expect(replaced('a\\n', { literal: true })).toBe('a\\n')
  expect(replaced('$1')).toBe('$1')
  expect(replaced('<$1|$&|$$|$7>', { regexp: true })).toBe('<b|abc|$|$7>')
})
