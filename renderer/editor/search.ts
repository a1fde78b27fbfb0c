/**
 * Search and replace in an editor. In a text of usual size these are CodeMirror's own commands; in a large one, which those would
 * go through at once, the same is done in slices, and a line at the lower edge says how it goes.
 */
import { getSearchQuery, SearchQuery, searchPanelOpen } from '@codemirror/search'
import { type ChangeSpec, EditorSelection, type Extension, Prec, StateEffect } from '@codemirror/state'
import { EditorView, keymap, ViewPlugin, type ViewUpdate } from '@codemirror/view'
import { formatNumber } from '../ui/format.ts'
import { inSlices } from '../ui/slices.ts'
import { type Match, matchesIn, nextMatch, previousMatch, replacementOf } from './search-steps.ts'

export const SEARCH_BOUNDS = {
  /** Characters of a text up to which it is gone through at once: some 20 ms. */
  atOnce: 300_000,
  /** Matches that are selected, or replaced, at once. */
  selected: 1_000,
  replaced: 10_000,
} as const

const told = StateEffect.define<string>()

/** What the search has to say; undefined while there is nothing. */
export const searchWords = ViewPlugin.fromClass(
  class {
    words: string | undefined
    stop: (() => void) | undefined
    update({ docChanged, transactions, startState, state }: ViewUpdate): void {
      const asked = getSearchQuery(startState) !== getSearchQuery(state)
      if (docChanged || asked || (searchPanelOpen(startState) && !searchPanelOpen(state))) this.end()
      for (const { effects } of transactions)
        for (const effect of effects) if (effect.is(told)) this.words = effect.value === '' ? undefined : effect.value
    }
    /** Ends what is under way; its words go with it. */
    end(): void {
      this.stop?.()
      this.stop = undefined
      this.words = undefined
    }
    destroy(): void {
      this.end()
    }
  },
)

type Act = 'next' | 'prev' | 'select' | 'add' | 'replace' | 'replaceAll'

/** Begins an act in a large text; false where CodeMirror's own command should do it. */
function act(view: EditorView, name: Act, query: SearchQuery = getSearchQuery(view.state)): boolean {
  if (view.state.doc.length <= SEARCH_BOUNDS.atOnce || !query.valid) return false
  const plugin = view.plugin(searchWords)
  if (!plugin || ((name === 'replace' || name === 'replaceAll') && view.state.readOnly)) return true
  plugin.end()
  let finished = false
  const stop = inSlices(stepsOf(view, query, name), finish => {
    finished = true
    finish()
  })
  if (finished) return true
  plugin.stop = stop
  view.dispatch({ effects: told.of('Searching…') })
  return true
}

/** What is to be looked for, and then done. */
function* stepsOf(view: EditorView, query: SearchQuery, name: Act): Generator<undefined, () => void> {
  const { state } = view
  const { from, to } = state.selection.main
  const { length } = state.doc
  switch (name) {
    case 'next': {
      const found = yield* nextMatch(state, query, to)
      return () => show(view, found)
    }
    case 'prev': {
      const found = yield* previousMatch(state, query, from)
      return () => show(view, found)
    }
    case 'select': {
      const most = SEARCH_BOUNDS.selected
      const found = yield* matchesIn(state, query, 0, length, matches => matches.length > most)
      if (found.length > most) return () => say(view, `More than ${formatNumber(most)} matches: too many to select.`)
      if (found.length === 0) return () => show(view, undefined)
      const ranges = found.map(match => EditorSelection.range(match.from, match.to))
      return () => view.dispatch({ selection: EditorSelection.create(ranges), effects: told.of('') })
    }
    case 'add': {
      const found = yield* nextMatch(state, query, to)
      return () =>
        found
          ? view.dispatch({
              selection: state.selection.addRange(EditorSelection.range(found.from, found.to)),
              effects: [told.of(''), EditorView.scrollIntoView(found.to)],
            })
          : say(view, 'No results.')
    }
    case 'replace': {
      const here = yield* matchesIn(state, query, from, from + 1, matches => matches.length > 0)
      const [current] = here.filter(match => match.from === from && match.to === to && !match.imprecise)
      const next = yield* nextMatch(state, query, current ? to : from)
      return () => {
        const changes = state.changes(current ? [changeOf(view, query, current)] : [])
        show(view, next && { from: changes.mapPos(next.from, 1), to: changes.mapPos(next.to, -1) }, changes)
      }
    }
    case 'replaceAll': {
      const most = SEARCH_BOUNDS.replaced
      const found = yield* matchesIn(state, query, 0, length, matches => matches.length >= most)
      const changes = found.filter(match => !match.imprecise).map(match => changeOf(view, query, match))
      const rest = found.length < most ? '' : ' There may be more: replace again.'
      return () => {
        view.dispatch({ changes, userEvent: 'input.replace.all' })
        say(view, changes.length === 0 ? 'No results.' : `${formatNumber(changes.length)} replaced.${rest}`)
      }
    }
    default:
      return name satisfies never
  }
}

const changeOf = (view: EditorView, query: SearchQuery, match: Match) => ({
  from: match.from,
  to: match.to,
  insert: view.state.toText(replacementOf(query, match)),
})

const say = (view: EditorView, words: string): void =>
  view.dispatch({ effects: [told.of(words), EditorView.announce.of(words)] })

function show(view: EditorView, match: Match | undefined, changes?: ChangeSpec): void {
  if (changes !== undefined) view.dispatch({ changes, userEvent: 'input.replace' })
  if (!match) {
    say(view, 'No results.')
    return
  }
  const { from, to } = match
  const words = `Match on line ${formatNumber(view.state.doc.lineAt(from).number)}.`
  view.dispatch({
    selection: EditorSelection.single(from, to),
    effects: [told.of(''), EditorView.announce.of(words), EditorView.scrollIntoView(from, { y: 'center' })],
    userEvent: 'select.search',
  })
}

const BUTTONS: readonly Act[] = ['next', 'prev', 'select', 'replace', 'replaceAll']

/** The same for what is selected; false where nothing is. */
function actOnSelected(view: EditorView, name: Act): boolean {
  const { from, to } = view.state.selection.main
  if (from === to || to - from > SEARCH_BOUNDS.selected) return false
  const text = view.state.sliceDoc(from, to)
  return act(view, name, new SearchQuery({ search: text, caseSensitive: true, literal: true }))
}

/** The panel's buttons and its Enter key call CodeMirror's commands themselves: ours come before. */
const before: Extension = Prec.highest(
  keymap.of([
    { key: 'Mod-Shift-l', run: view => actOnSelected(view, 'select') },
    { key: 'Mod-d', run: view => actOnSelected(view, 'add') },
    { key: 'F3', run: view => act(view, 'next'), shift: view => act(view, 'prev'), scope: 'editor search-panel' },
    { key: 'Mod-g', run: view => act(view, 'next'), shift: view => act(view, 'prev'), scope: 'editor search-panel' },
    {
      any(view, { key, shiftKey, target }) {
        if (key !== 'Enter' || !(target instanceof HTMLInputElement) || target.type === 'checkbox') return false
        return act(view, target.name === 'replace' ? 'replace' : shiftKey ? 'prev' : 'next')
      },
      scope: 'search-panel',
    },
  ]),
)

const buttons = ViewPlugin.fromClass(
  class {
    readonly dom: HTMLElement
    readonly onClick: (event: MouseEvent) => void
    constructor(view: EditorView) {
      this.dom = view.dom
      this.onClick = event => {
        const button = event.target instanceof Element && event.target.closest('.cm-search button')
        const name = BUTTONS.find(each => button && each === button.getAttribute('data-find'))
        if (name && act(view, name)) event.stopPropagation()
      }
      this.dom.addEventListener('click', this.onClick, { capture: true })
    }
    destroy() {
      this.dom.removeEventListener('click', this.onClick, { capture: true })
    }
  },
)

export const searchWithinBounds: Extension = [buttons, before]
