import { type Extension, Prec, RangeSet, StateEffect, StateField } from '@codemirror/state'
import { Decoration, type DecorationSet, EditorView, GutterMarker, gutter, keymap } from '@codemirror/view'
import { shownLabel } from '../../ui/shown-text.ts'
import type { Run } from './lines.ts'

/** What the margin says of the version that brought a line. */
export type Origin = { name: string; who: string; age: string; title: string; shade: number }

type Config = {
  runs: readonly Run[]
  origins: ReadonlyMap<string, Origin>
  /** The line (from 0) that one is at. */
  onLine: (line: number) => void
  /** A click on what the margin says. */
  onOrigin: (line: number) => void
}

/** Beside each run of lines the version that brought them: once in words, and on all its lines as a shade. */
export function blameGutter({ runs, origins, onLine, onOrigin }: Config): Extension {
  const lineOf = (view: EditorView, from: number): number => view.state.doc.lineAt(from).number - 1
  const marks = new Map(
    [...origins].map(([id, origin]) => [id, { first: new Mark(origin, true), rest: new Mark(origin, false) }]),
  )
  return [
    look,
    gutter({
      class: 'ws-blame',
      lineMarker: (view, block) => {
        const line = lineOf(view, block.from)
        const run = runAt(runs, line)
        const both = run && marks.get(run.versionId)
        if (!both) return null
        return run.start === line ? both.first : both.rest
      },
      lineMarkerChange: () => false,
      initialSpacer: () => widest(origins),
      domEventHandlers: {
        click: (view, block) => {
          onOrigin(lineOf(view, block.from))
          return true
        },
      },
    }),
    EditorView.updateListener.of(update => {
      if (update.selectionSet) onLine(update.state.doc.lineAt(update.state.selection.main.head).number - 1)
    }),
    chosenLines,
    Prec.high(
      keymap.of([
        { key: 'Alt-ArrowDown', run: view => go(view, runs, 1), preventDefault: true },
        { key: 'Alt-ArrowUp', run: view => go(view, runs, -1), preventDefault: true },
      ]),
    ),
  ]
}

/** The run that a line (from 0) belongs to. */
export function runAt(runs: readonly Run[], line: number): Run | undefined {
  let [low, high] = [0, runs.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((runs[middle]?.end ?? 0) <= line) low = middle + 1
    else high = middle
  }
  const run = runs[low]
  return run && run.start <= line ? run : undefined
}

function go(view: EditorView, runs: readonly Run[], step: 1 | -1): boolean {
  const line = view.state.doc.lineAt(view.state.selection.main.head).number - 1
  const here = runAt(runs, line)
  const next = here && runs[runs.indexOf(here) + step]
  if (next) showLine(view, next.start)
  return true
}

/** Puts the cursor on a line (from 0) and brings it into the middle. */
export function showLine(view: EditorView, line: number): void {
  const { from } = view.state.doc.line(Math.min(line + 1, view.state.doc.lines))
  view.dispatch({ selection: { anchor: from }, effects: EditorView.scrollIntoView(from, { y: 'center' }) })
}

class Mark extends GutterMarker {
  readonly origin: Origin
  readonly first: boolean
  constructor(origin: Origin, first: boolean) {
    super()
    this.origin = origin
    this.first = first
    this.elementClass = `ws-age ws-age-${origin.shade}${first ? ' ws-age-first' : ''}`
  }
  override eq(other: GutterMarker) {
    return other instanceof Mark && other.origin === this.origin && other.first === this.first
  }
  override toDOM() {
    const place = document.createElement('div')
    place.className = 'ws-origin'
    place.title = shownLabel(this.origin.title)
    if (!this.first) return place
    for (const [name, text] of [
      ['ws-origin-name', this.origin.name],
      ['ws-origin-who', this.origin.who],
      ['ws-origin-age', this.origin.age],
    ] as const) {
      const part = document.createElement('span')
      part.className = name
      part.textContent = shownLabel(text)
      place.append(part)
    }
    return place
  }
}

/** Holds the column as wide as its longest words, so that it does not jump while one scrolls. */
function widest(origins: ReadonlyMap<string, Origin>): GutterMarker {
  const longest = (part: (origin: Origin) => string) =>
    [...origins.values()].map(part).reduce((most, text) => (text.length > most.length ? text : most), '')
  const origin = { name: longest(each => each.name), who: longest(each => each.who), age: longest(each => each.age) }
  return new Mark({ ...origin, title: '', shade: 0 }, true)
}

/** Marks all lines of some runs. */
export const chooseRuns = StateEffect.define<readonly Run[]>()
const chosenLine = Decoration.line({ class: 'ws-chosen' })
const chosenLines = StateField.define<DecorationSet>({
  create: () => RangeSet.empty,
  update: (value, transaction) => {
    for (const effect of transaction.effects) {
      if (!effect.is(chooseRuns)) continue
      const { doc } = transaction.state
      const ranges = effect.value.flatMap(({ start, end }) =>
        Array.from({ length: Math.min(end, doc.lines) - start }, (_, at) =>
          chosenLine.range(doc.line(start + at + 1).from),
        ),
      )
      return RangeSet.of(ranges)
    }
    return value
  },
  provide: field => EditorView.decorations.from(field),
})

const shade = (percent: number) => ({
  backgroundColor: `color-mix(in srgb, var(--ws-accent) ${percent}%, transparent)`,
})

const look = EditorView.theme({
  '.ws-blame .cm-gutterElement': { cursor: 'pointer', borderRight: '1px solid var(--ws-line)' },
  '.ws-origin': {
    display: 'grid',
    gridTemplateColumns: '42px 76px 40px',
    gap: '6px',
    padding: '0 8px',
    fontFamily: 'var(--mantine-font-family)',
    fontSize: '12px',
    whiteSpace: 'nowrap',
    minWidth: '186px',
    boxSizing: 'border-box',
    color: 'var(--mantine-color-text)',
  },
  '.ws-origin-name': { fontWeight: '600' },
  '.ws-origin-who': { overflow: 'hidden', textOverflow: 'ellipsis' },
  '.ws-origin-age': { textAlign: 'right' },
  '.ws-age-first': { boxShadow: 'inset 0 1px 0 var(--ws-line)' },
  '.ws-blame .cm-gutterElement:hover .ws-origin-name': { textDecoration: 'underline' },
  '.ws-age-0': shade(0),
  '.ws-age-1': shade(6),
  '.ws-age-2': shade(12),
  '.ws-age-3': shade(18),
  '.ws-age-4': shade(24),
  '.ws-age-5': shade(30),
  '.ws-chosen': { backgroundColor: 'var(--ws-selected)' },
})
