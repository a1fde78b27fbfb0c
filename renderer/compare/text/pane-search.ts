import {
  closeSearchPanel,
  openSearchPanel,
  SearchQuery,
  search,
  searchPanelOpen,
  setSearchQuery,
} from '@codemirror/search'
import { type Extension, Prec } from '@codemirror/state'
import { EditorView, keymap } from '@codemirror/view'
import { matchesIn } from '../../editor/search-steps.ts'
import { inSlices } from '../../ui/slices.ts'

/** `at`: the match that is shown, from 0; −1 for none. `more`: there are more than were looked for. `busy`: it still looks. */
export type Found = { total: number; at: number; more: boolean; busy?: true }
const NOTHING: Found = { total: 0, at: -1, more: false }
/** Beyond these nobody steps through them. */
const MOST_PER_PANE = 5_000
const PLACED_IN_A_STEP = 50

export type PaneSearch = {
  /** Marks all matches in all panes and shows the first in or below what is in sight. Long texts are gone through in slices. */
  find: (text: string, caseSensitive: boolean, tell: (found: Found) => void) => void
  step: (by: 1 | -1) => Found
  close: () => void
}

type Match = { view: EditorView; from: number; to: number; top: number }

/**
 * One search through all panes, in the order in which their lines stand on the page, left before right. `topInSight`: the
 * first pixel in sight; `reveal` brings back a line that is folded away.
 */
export function paneSearch(
  views: readonly EditorView[],
  topInSight: () => number,
  reveal: (view: EditorView, line: number) => void,
): PaneSearch {
  let matches: Match[] = []
  let found = NOTHING
  let stop = (): void => {}
  const goTo = (at: number): Found => {
    const match = matches[at]
    if (!match) return found
    const { view, from, to } = match
    reveal(view, view.state.doc.lineAt(from).number - 1)
    for (const other of views)
      if (other !== view) other.dispatch({ selection: { anchor: other.state.selection.main.head } })
    view.dispatch({ selection: { anchor: from, head: to }, effects: EditorView.scrollIntoView(from, { y: 'center' }) })
    found = { ...found, at }
    return found
  }
  return {
    find(text, caseSensitive, tell) {
      stop()
      const query = new SearchQuery({ search: text, caseSensitive, literal: true })
      for (const view of views) {
        // Matches are marked only while a panel is open; ours is on the page, so this one is empty.
        if (!searchPanelOpen(view.state)) openSearchPanel(view)
        view.dispatch({ effects: setSearchQuery.of(query) })
      }
      matches = []
      found = { ...NOTHING, busy: true }
      tell(found)
      stop = inSlices(matchesOf(views, query), each => {
        matches = each.flat().sort((a, b) => a.top - b.top)
        found = { total: matches.length, at: -1, more: each.some(list => list.length === MOST_PER_PANE) }
        const top = topInSight()
        const first = matches.findIndex(match => match.top >= top)
        tell(goTo(Math.max(0, first)))
      })
    },
    step(by) {
      if (matches.length === 0) return found
      return goTo((found.at + by + matches.length) % matches.length)
    },
    close() {
      stop()
      matches = []
      found = NOTHING
      for (const view of views) closeSearchPanel(view)
    },
  }
}

function* matchesOf(views: readonly EditorView[], query: SearchQuery): Generator<undefined, Match[][]> {
  const each: Match[][] = []
  for (const view of query.valid ? views : []) {
    const { state } = view
    const found = yield* matchesIn(state, query, 0, state.doc.length, list => list.length === MOST_PER_PANE)
    const placed: Match[] = []
    for (const [at, { from, to }] of found.entries()) {
      placed.push({ view, from, to, top: view.lineBlockAt(from).top })
      if (at % PLACED_IN_A_STEP === 0) yield
    }
    each.push(placed)
  }
  return each
}

export type SearchKeys = { open: () => void; step: (by: 1 | -1) => void; close: () => boolean }

/** The keys of a search that is outside the pane, in place of the editors' own. */
export const searchKeys = (keys: SearchKeys): Extension => [
  search({ createPanel: emptyPanel }),
  Prec.highest(
    keymap.of([
      { key: 'Mod-f', run: handled(keys.open) },
      { key: 'F3', run: handled(() => keys.step(1)), shift: handled(() => keys.step(-1)), preventDefault: true },
      { key: 'Mod-g', run: handled(() => keys.step(1)), shift: handled(() => keys.step(-1)), preventDefault: true },
      { key: 'Escape', run: keys.close },
    ]),
  ),
]

const handled = (run: () => void) => (): boolean => {
  run()
  return true
}

function emptyPanel() {
  const dom = document.createElement('div')
  dom.className = 'ws-empty-panel'
  return { dom, top: true }
}
