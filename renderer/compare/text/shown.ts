import { EditorState, type Extension } from '@codemirror/state'
import { EditorView, panels } from '@codemirror/view'
import { applyFolds, applyUnfolding, foldField, foldsOf, type Unfolding } from './folds.ts'
import type { Model, Pane } from './model.ts'
import { movedEnds, paneExtensions, setCurrent } from './pane.ts'
import { type PaneSearch, paneSearch, type SearchKeys, searchKeys } from './pane-search.ts'
import { aligner, spacerField } from './spacers.ts'

export type Options = {
  path: string
  names: { left: string; right: string }
  mode: 'side' | 'inline'
  wrap: boolean
  fold: boolean
  /** Where panels of the editors go, above what scrolls. */
  panelHost: HTMLElement
  /** What the search keys do while a pane has the focus. */
  searchKeys: SearchKeys
  /** A person went to a change by a link in the text. */
  onJump: (change: number) => void
}

/** A comparison on screen. Offsets are pixels from the top of what scrolls. */
export type Shown = {
  /** Marks a change as the current one and scrolls it into sight. */
  go: (change: number) => void
  topOf: (change: number) => number
  height: () => number
  search: PaneSearch
  /** From one end of a moved block to the other, which then has the focus. */
  toOtherEnd: (change: number) => void
  unfoldAll: () => void
  focus: () => void
  /** Calls `run` whenever heights changed. */
  onLayout: (run: () => void) => void
  destroy: () => void
}

const STILL_MS = 150
/** A text is drawn where it was scrolled to within a few frames. */
const FOCUS_FRAMES = 10

/** Builds the documents of a comparison in `parent`, which is inside the one element that scrolls. */
export function show(parent: HTMLElement, model: Model, options: Options): Shown {
  const folds = options.fold ? foldsOf(model.same, { left: countOf(model.left), right: countOf(model.right) }) : []
  const ends = movedEnds(model.changes)
  const views: EditorView[] = []
  let scheduled = 0
  let still: ReturnType<typeof setTimeout> | undefined
  let settle = (): void => {}
  let onLayout = (): void => {}
  const schedule = (): void => {
    if (scheduled !== 0) return
    scheduled = requestAnimationFrame(() => {
      scheduled = 0
      settle()
      onLayout()
      // What was measured while this ran is caught up with once all is still.
      clearTimeout(still)
      still = setTimeout(() => settle(), STILL_MS)
    })
  }
  const unfold = (wanted: Unfolding): void => {
    for (const view of views) view.dispatch(applyUnfolding(wanted))
  }
  const make = (pane: Pane, column: 'left' | 'right' | 'inline', extra: Extension): EditorView => {
    const state = EditorState.create({
      doc: pane.text,
      extensions: [
        paneExtensions({
          pane,
          changes: model.changes,
          path: options.path,
          label: labelOf(column, options),
          columns: { left: column !== 'right', right: column !== 'left' },
          digits: String(Math.max(countOf(model.left), countOf(model.right))).length,
          wrap: options.wrap,
          ends,
          onMoved: change => shown.toOtherEnd(change),
        }),
        foldField(column, folds, unfold),
        searchKeys(options.searchKeys),
        panels({ topContainer: options.panelHost }),
        EditorView.updateListener.of(update => {
          if (update.geometryChanged || update.viewportChanged || update.heightChanged) schedule()
        }),
        extra,
      ],
    })
    const view = new EditorView({ state, parent })
    views.push(view)
    return view
  }

  const inline = options.mode === 'inline'
  const main = inline ? make(model.inline, 'inline', []) : make(model.left, 'left', spacerField)
  const other = inline ? undefined : make(model.right, 'right', spacerField)
  if (other) {
    const align = aligner(main, other, model.points)
    align.all()
    settle = align.near
    if (!options.wrap) scrollTogether(main, other)
  }

  const place = (change: number): { view: EditorView; line: number } => {
    const each = model.changes[change]
    if (!other || !each) return { view: main, line: model.inlineAt[change] ?? 0 }
    return each.aLine < each.aLineEnd ? { view: main, line: each.aLine } : { view: other, line: each.bLine }
  }
  const reveal = (view: EditorView, line: number): void => {
    const column = view === other ? 'right' : inline ? 'inline' : 'left'
    const fold = folds.find(each => line >= each[column] && line < each[column] + each.length)
    if (fold) unfold({ id: fold.id, part: 'all' })
  }
  const topInSight = (): number => (parent.parentElement?.getBoundingClientRect().top ?? 0) - main.documentTop
  const focusLinkTo = (change: number, frames = FOCUS_FRAMES): void => {
    const link = parent.querySelector<HTMLElement>(`[data-other="${change}"]`)
    if (link) link.focus({ preventScroll: true })
    else if (frames > 0) requestAnimationFrame(() => focusLinkTo(change, frames - 1))
  }
  const shown: Shown = {
    go(change) {
      for (const view of views) view.dispatch({ effects: setCurrent.of(change) })
      const { view, line } = place(change)
      const from = view.state.doc.line(Math.min(line + 1, view.state.doc.lines)).from
      view.dispatch({ effects: EditorView.scrollIntoView(from, { y: 'center' }) })
    },
    topOf(change) {
      const { view, line } = place(change)
      return view.lineBlockAt(view.state.doc.line(Math.min(line + 1, view.state.doc.lines)).from).top
    },
    height: () => main.contentHeight,
    search: paneSearch(views, topInSight, reveal),
    toOtherEnd(change) {
      const end = ends.get(change)
      if (!end) return
      shown.go(end.other)
      options.onJump(end.other)
      focusLinkTo(change)
    },
    unfoldAll() {
      for (const view of views) view.dispatch(applyFolds([]))
    },
    focus: () => (other ?? main).focus(),
    onLayout(run) {
      onLayout = run
    },
    destroy() {
      cancelAnimationFrame(scheduled)
      clearTimeout(still)
      for (const view of views) view.destroy()
    },
  }
  return shown
}

const countOf = (pane: Pane): number => pane.change.length

const labelOf = (column: 'left' | 'right' | 'inline', { names, path }: Options): string =>
  column === 'inline' ? `${path}: ${names.left} and ${names.right}` : `${path}: ${names[column]}`

function scrollTogether(left: EditorView, right: EditorView): void {
  const follow = (from: EditorView, to: EditorView) =>
    from.scrollDOM.addEventListener('scroll', () => {
      if (to.scrollDOM.scrollLeft !== from.scrollDOM.scrollLeft) to.scrollDOM.scrollLeft = from.scrollDOM.scrollLeft
    })
  follow(left, right)
  follow(right, left)
}
