import { type EditorState, type Range, StateEffect, StateField } from '@codemirror/state'
import { Decoration, type DecorationSet, EditorView, WidgetType } from '@codemirror/view'
import type { Same } from './model.ts'

/** A run of unchanged lines out of sight: the same run in every document of the comparison. `line` is from 0. */
export type Fold = { id: number; left: number; right: number; inline: number; length: number }
type Column = 'left' | 'right' | 'inline'

const CONTEXT = 3
const FEWEST = 4
/** How many lines come back with one click. */
const STEP = 20

/** What can be folded away: all unchanged lines but a few around each change. */
export function foldsOf(same: readonly Same[], lines: { left: number; right: number }): Fold[] {
  return same.flatMap((run, id) => {
    const first = run.left === 0 && run.right === 0
    const last = run.left + run.length === lines.left && run.right + run.length === lines.right
    const start = first ? 0 : CONTEXT
    const length = run.length - start - (last ? 0 : CONTEXT)
    if (length < FEWEST || (first && last)) return []
    return { id, left: run.left + start, right: run.right + start, inline: run.inline + start, length }
  })
}

/** Brings back lines at the start, at the end, or all of a fold. */
export type Unfolding = { id: number; part: 'start' | 'end' | 'all' }
const unfold = StateEffect.define<Unfolding>()
const replaceFolds = StateEffect.define<readonly Fold[]>()

/** The fold after some of it came back; undefined when nothing is left. */
export function unfolded(fold: Fold, part: Unfolding['part']): Fold | undefined {
  const length = part === 'all' ? 0 : fold.length - STEP
  if (length < FEWEST) return undefined
  const by = part === 'start' ? STEP : 0
  return { ...fold, left: fold.left + by, right: fold.right + by, inline: fold.inline + by, length }
}

type Value = { folds: readonly Fold[]; decorations: DecorationSet }

/** Folds in one document; `ask` is called with what a person wants back, and answers by `applyUnfolding` to all documents. */
export function foldField(column: Column, folds: readonly Fold[], ask: (wanted: Unfolding) => void) {
  const decorate = (state: EditorState, now: readonly Fold[]): DecorationSet => {
    const ranges: Range<Decoration>[] = []
    for (const fold of now) {
      const from = state.doc.line(fold[column] + 1).from
      const to = state.doc.line(fold[column] + fold.length).to
      ranges.push(Decoration.replace({ widget: new FoldWidget(fold, ask), block: true }).range(from, to))
    }
    return Decoration.set(ranges)
  }
  const field = StateField.define<Value>({
    create: state => ({ folds, decorations: decorate(state, folds) }),
    update(value, transaction) {
      let now = value.folds
      for (const effect of transaction.effects) {
        if (effect.is(replaceFolds)) now = effect.value
        if (effect.is(unfold)) {
          const { id, part } = effect.value
          now = now.flatMap(fold => (fold.id === id ? (unfolded(fold, part) ?? []) : fold))
        }
      }
      return now === value.folds ? value : { folds: now, decorations: decorate(transaction.state, now) }
    },
    provide: self => EditorView.decorations.from(self, value => value.decorations),
  })
  return field
}

export const applyUnfolding = (wanted: Unfolding) => ({ effects: unfold.of(wanted) })
export const applyFolds = (folds: readonly Fold[]) => ({ effects: replaceFolds.of(folds) })

export const FOLD_HEIGHT = 28

class FoldWidget extends WidgetType {
  readonly fold: Fold
  readonly ask: (wanted: Unfolding) => void
  constructor(fold: Fold, ask: (wanted: Unfolding) => void) {
    super()
    this.fold = fold
    this.ask = ask
  }
  override eq(other: FoldWidget) {
    return other.fold === this.fold
  }
  override get estimatedHeight() {
    return FOLD_HEIGHT
  }
  override ignoreEvent() {
    return true
  }
  override toDOM() {
    const { id, length } = this.fold
    const bar = document.createElement('div')
    bar.className = 'ws-fold'
    bar.style.height = `${FOLD_HEIGHT}px`
    const button = (text: string, name: string, part: Unfolding['part']): void => {
      const made = document.createElement('button')
      made.type = 'button'
      made.textContent = text
      made.setAttribute('aria-label', name)
      made.title = name
      made.onclick = () => this.ask({ id, part })
      bar.append(made)
    }
    if (length > STEP + FEWEST) button('↓ 20', 'Show 20 more lines from the top', 'start')
    button(`${length.toLocaleString('en')} unchanged lines`, `Show all ${length} unchanged lines`, 'all')
    if (length > STEP + FEWEST) button('↑ 20', 'Show 20 more lines from the bottom', 'end')
    return bar
  }
}
