/**
 * Looks for a query in a text piece by piece, for a search through 5 MB at once holds the page for half a second. Generators: each
 * step is one piece; what they return is what was found.
 */
import type { SearchQuery } from '@codemirror/search'
import type { EditorState } from '@codemirror/state'

export type Match = {
  from: number
  to: number
  /** Of a regular expression: what it matched, group by group. */
  match?: readonly (string | undefined)[]
  /** It ends inside of a character that is another one for the search, such as a ligature: not to be replaced. */
  imprecise?: true
}

export const PIECES = {
  /** Characters of a piece: about two milliseconds. */
  length: 20_000,
  /** Looked at beyond its end, for what begins in it: a longer match is cut there. */
  overlap: 5_000,
} as const

/** All matches that begin in [from, to), in order, until `enough` is true of how many there are. */
export function* matchesIn(
  state: EditorState,
  query: SearchQuery,
  from: number,
  to: number,
  enough: (found: readonly Match[]) => boolean,
): Generator<undefined, Match[]> {
  const found: Match[] = []
  // Whether a word begins there is told by the character before.
  const lead = query.wholeWord ? 2 : 0
  let after = from
  for (let start = from; start < to; start += PIECES.length) {
    const end = Math.min(to, start + PIECES.length)
    const first = Math.max(start, after)
    const cursor = query.getCursor(state, Math.max(0, first - lead), Math.min(state.doc.length, end + PIECES.overlap))
    for (let next = cursor.next(); !next.done && next.value.from < end; next = cursor.next()) {
      const { from: at, to: until } = next.value
      if (at < first) continue
      after = until
      const { match, precise } = partsOf(next.value)
      found.push({ from: at, to: until, ...(match && { match }), ...(precise === false && { imprecise: true }) })
      if (enough(found)) return found
    }
    yield
  }
  return found
}

/** What a cursor's type does not say that it gives. */
const partsOf = (value: Match & { precise?: boolean }) => value

const one = (found: readonly Match[]): boolean => found.length > 0

/** The next match at or after `after`, or else the first from the start. */
export function* nextMatch(
  state: EditorState,
  query: SearchQuery,
  after: number,
): Generator<undefined, Match | undefined> {
  const { length } = state.doc
  const [ahead] = yield* matchesIn(state, query, after, length, one)
  if (ahead) return ahead
  const [around] = yield* matchesIn(state, query, 0, after, one)
  return around
}

/** The last match that ends at or before `before`, or else the last of all. */
export function* previousMatch(
  state: EditorState,
  query: SearchQuery,
  before: number,
): Generator<undefined, Match | undefined> {
  return (yield* lastIn(state, query, 0, before)) ?? (yield* lastIn(state, query, before, state.doc.length))
}

function* lastIn(
  state: EditorState,
  query: SearchQuery,
  from: number,
  to: number,
): Generator<undefined, Match | undefined> {
  for (let end = to; end > from; end -= PIECES.length) {
    // What begins in the piece after may end beyond it, but not beyond `to`.
    const found = yield* matchesIn(state, query, Math.max(from, end - PIECES.length), end, () => false)
    const last = found.findLast(match => match.to <= to)
    if (last) return last
  }
  return undefined
}

/** What takes the place of a match, as the search panel writes it: `\n` and the like, and `$1` of a regular expression. */
export function replacementOf({ replace, regexp, literal }: SearchQuery, { match }: Match): string {
  const text = literal
    ? replace
    : replace.replace(/\\([nrt\\])/g, (_, letter: string) => ({ n: '\n', r: '\r', t: '\t' })[letter] ?? '\\')
  if (!regexp || !match) return text
  return text.replace(/\$([$&]|\d+)/g, (whole, name: string) => {
    if (name === '$') return '$'
    return (name === '&' ? match[0] : match[Number(name)]) ?? whole
  })
}
