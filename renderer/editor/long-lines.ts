/**
 * Cuts very long lines on screen: laying out a megabyte on one line takes seconds. The text stays whole, can be searched and
 * copied; of a long line its start, what is around the cursor, and what a person asks for is shown. The cuts are replacing
 * decorations, recomputed for changed lines alone.
 */
import { type EditorState, type Range, StateEffect, StateField, type Text } from '@codemirror/state'
import { Decoration, type DecorationSet, EditorView, WidgetType } from '@codemirror/view'

export const LINE_BOUNDS = {
  /** Characters from which a line is cut, and how many of its start are shown. */
  cut: 10_000,
  start: 5_000,
  /** Shown on either side of the cursor, and with each click. */
  around: 1_000,
  more: 5_000,
  /** Of all that was asked for, as many stretches as this are shown; the oldest goes first. */
  stretches: 8,
} as const

type Stretch = { from: number; to: number }
type Value = { stretches: readonly Stretch[]; cuts: DecorationSet }

const showMore = StateEffect.define<Stretch>({
  map: ({ from, to }, changes) => ({ from: changes.mapPos(from), to: changes.mapPos(Math.min(to, changes.length)) }),
})

const cuts = StateField.define<Value>({
  create(state) {
    const ranges: Range<Decoration>[] = []
    for (const { from, to } of longLinesIn(state.doc, 0, state.doc.length)) ranges.push(...cutsOf(from, to, []))
    return { stretches: [], cuts: Decoration.set(ranges) }
  },
  update(value, transaction) {
    const { changes, docChanged } = transaction
    const doc = transaction.newDoc
    let mapped = docChanged ? value.cuts.map(changes) : value.cuts
    let stretches = value.stretches
    const touched = new Map<number, Stretch>()
    const touch = (at: number) => {
      const { from, to } = doc.lineAt(Math.min(at, doc.length))
      touched.set(from, { from, to })
    }
    const add = ({ from, to }: Stretch) => {
      const stretch = { from, to: Math.min(to, doc.length) }
      stretches = [...stretches, stretch].slice(-LINE_BOUNDS.stretches)
      touch(stretch.from)
    }
    if (docChanged) {
      stretches = stretches.map(({ from, to }) => ({ from: changes.mapPos(from), to: changes.mapPos(to, 1) }))
      changes.iterChangedRanges((_fromA, _toA, fromB, toB) => {
        for (const line of longLinesIn(doc, fromB, toB)) touched.set(line.from, line)
        touch(fromB)
        touch(toB)
      })
    }
    for (const effect of transaction.effects) if (effect.is(showMore)) add(effect.value)
    const { head } = transaction.newSelection.main
    if ((transaction.selection || docChanged) && isCut(mapped, head))
      add({ from: Math.max(0, head - LINE_BOUNDS.around), to: head + LINE_BOUNDS.around })
    for (const line of [...touched.values()].sort((a, b) => a.from - b.from)) {
      const long = line.to - line.from > LINE_BOUNDS.cut
      if (!long && mapped.size === 0) continue
      mapped = mapped.update({
        filterFrom: line.from,
        filterTo: line.to,
        filter: () => false,
        add: long ? cutsOf(line.from, line.to, stretches) : [],
      })
    }
    return mapped === value.cuts && stretches === value.stretches ? value : { stretches, cuts: mapped }
  },
  provide: self => EditorView.decorations.from(self, value => value.cuts),
})

/** Inside of a cut or at its end: what is before its start is in sight. */
function isCut(set: DecorationSet, at: number): boolean {
  let found = false
  set.between(at, at, (from, to) => {
    found ||= from < at && at <= to
  })
  return found
}

function* longLinesIn(doc: Text, from: number, to: number): Generator<Stretch> {
  // In leaps: where a leap ends in another line than it began, none that ended on the way was long.
  for (let at = from; at <= to; ) {
    const line = doc.lineAt(Math.min(at + LINE_BOUNDS.cut, doc.length))
    if (line.length > LINE_BOUNDS.cut) yield line
    if (line.length > LINE_BOUNDS.cut || line.to >= doc.length) at = line.to + 1
    else at = Math.max(line.from, at + 1)
  }
}

/** What is not shown of a long line. */
function cutsOf(from: number, to: number, stretches: readonly Stretch[]): Range<Decoration>[] {
  const shown = stretches
    .filter(each => each.from < to && each.to > from)
    .map(each => ({ from: Math.max(from, each.from), to: Math.min(to, each.to) }))
    .sort((a, b) => a.from - b.from)
  const found: Range<Decoration>[] = []
  let at = from + LINE_BOUNDS.start
  for (const next of [...shown, { from: to, to }]) {
    if (next.from > at) found.push(Decoration.replace({ widget: new Cut(next.from - at) }).range(at, next.from))
    at = Math.max(at, next.to)
  }
  return found
}

class Cut extends WidgetType {
  readonly length: number
  constructor(length: number) {
    super()
    this.length = length
  }
  override eq(other: Cut) {
    return other.length === this.length
  }
  override ignoreEvent() {
    return true
  }
  override toDOM(view: EditorView) {
    const button = document.createElement('button')
    button.type = 'button'
    button.className = 'cm-cut'
    button.textContent = `${this.length.toLocaleString('en')} more characters`
    button.title = `This line is very long. Show ${LINE_BOUNDS.more.toLocaleString('en')} more characters of it.`
    button.onclick = () => {
      const from = view.posAtDOM(button)
      view.dispatch({ effects: showMore.of({ from, to: from + LINE_BOUNDS.more }) })
      view.focus()
    }
    return button
  }
}

const look = EditorView.baseTheme({
  '.cm-cut': {
    margin: '0 4px',
    padding: '0 6px',
    border: '1px solid var(--ws-line)',
    borderRadius: '4px',
    background: 'var(--ws-panel)',
    color: 'var(--ws-dim)',
    font: '12px/16px var(--mantine-font-family)',
    cursor: 'pointer',
  },
  '.cm-cut:hover': { color: 'var(--mantine-color-text)' },
})

export const longLines = [cuts, look]

/** The stretches of a document that are not shown, in order. */
export function hiddenStretches(state: EditorState): Stretch[] {
  const found: Stretch[] = []
  state.field(cuts, false)?.cuts.between(0, state.doc.length, (from, to) => {
    found.push({ from, to })
  })
  return found
}
