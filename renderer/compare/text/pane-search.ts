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

/** `at`: the match that is shown, from 0; −1 for none. `more`: there are more than were looked for. */
export type Found = { total: number; at: number; more: boolean }
const NOTHING: Found = { total: 0, at: -1, more: false }
/** Beyond these nobody steps through them. */
const MOST_PER_PANE = 5_000

export type PaneSearch = {
  /** Marks all matches in all panes and shows the first in or below what is in sight. */
  find: (text: string, caseSensitive: boolean) => Found
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
    find(text, caseSensitive) {
      const query = new SearchQuery({ search: text, caseSensitive, literal: true })
      for (const view of views) {
        // Matches are marked only while a panel is open; ours is on the page, so this one is empty.
        if (!searchPanelOpen(view.state)) openSearchPanel(view)
        view.dispatch({ effects: setSearchQuery.of(query) })
      }
      const each = query.valid ? views.map(view => matchesIn(view, query)) : []
      matches = each.flat().sort((a, b) => a.top - b.top)
      found = { total: matches.length, at: -1, more: each.some(list => list.length === MOST_PER_PANE) }
      if (matches.length === 0) return found
      const top = topInSight()
      return goTo(
        Math.max(
          0,
          matches.findIndex(match => match.top >= top),
        ),
      )
    },
    step(by) {
      if (matches.length === 0) return found
      return goTo((found.at + by + matches.length) % matches.length)
    },
    close() {
      matches = []
      found = NOTHING
      for (const view of views) closeSearchPanel(view)
    },
  }
}

function matchesIn(view: EditorView, query: SearchQuery): Match[] {
  const matches: Match[] = []
  const cursor = query.getCursor(view.state)
  for (let next = cursor.next(); !next.done && matches.length < MOST_PER_PANE; next = cursor.next()) {
    const { from, to } = next.value
    matches.push({ view, from, to, top: view.lineBlockAt(from).top })
  }
  return matches
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
