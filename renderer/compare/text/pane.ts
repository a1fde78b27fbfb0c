import { EditorState, type Extension, type Range, StateEffect, StateField } from '@codemirror/state'
import {
  Decoration,
  type DecorationSet,
  EditorView,
  GutterMarker,
  gutter,
  ViewPlugin,
  type ViewUpdate,
  WidgetType,
} from '@codemirror/view'
import type { Change } from '../../../shared/domain/diff/text.ts'
import { reading, viewing } from '../../editor/setup.ts'
import type { Pane } from './model.ts'

/** How a changed line looks; each has a sign as well, for colour is never alone. */
type Tone = 'removed' | 'added' | 'moved' | 'quiet'
const SIGNS: Record<Tone, string> = { removed: '−', added: '+', moved: '↕', quiet: '~' }
export const TONE_WORDS: Record<Tone, string> = {
  removed: 'removed',
  added: 'added',
  moved: 'moved',
  quiet: 'only white space or line wrapping differs',
}

export function toneOf(change: Change, onLeft: boolean): Tone {
  if (change.moved !== undefined) return 'moved'
  if (change.kind === 'whitespace' || change.kind === 'rewrapped') return 'quiet'
  return onLeft ? 'removed' : 'added'
}

type Columns = { left: boolean; right: boolean }
type Config = {
  pane: Pane
  changes: readonly Change[]
  path: string
  label: string
  columns: Columns
  /** Digits of the longest line number on either side: equal gutters make equal text widths, and so equal wrapping. */
  digits: number
  wrap: boolean
  /** The ends of moved blocks, by the index of their change. */
  ends: ReadonlyMap<number, MovedEnd>
  /** A person goes from this end of a moved block to the other. */
  onMoved: (change: number) => void
}

/** One end of a moved block: its other end, and where that is: 'moved from line 12'. */
export type MovedEnd = { other: number; said: string }

/** All ends of the moved blocks. */
export function movedEnds(changes: readonly Change[]): Map<number, MovedEnd> {
  const firsts = new Map<number, number>()
  const ends = new Map<number, MovedEnd>()
  for (const [index, change] of changes.entries()) {
    if (change.moved === undefined) continue
    const other = firsts.get(change.moved)
    firsts.set(change.moved, index)
    const partner = other === undefined ? undefined : changes[other]
    if (other === undefined || !partner) continue
    ends.set(index, { other, said: sayEnd(partner) })
    ends.set(other, { other: index, said: sayEnd(change) })
  }
  return ends
}

/** What stands at an end whose other end is `other`. */
const sayEnd = (other: Change): string =>
  other.aLine < other.aLineEnd ? `moved from line ${other.aLine + 1}` : `moved to line ${other.bLine + 1}`

/** Everything one document of a comparison is made of, but its spacers and folds. */
export function paneExtensions(config: Config): Extension {
  const { pane, path, label, columns, digits, wrap } = config
  const numbers = [columns.left && numberGutter(pane.left, digits), columns.right && numberGutter(pane.right, digits)]
  return [
    // Before the editors' common look, for the first one wins.
    look,
    viewing(path, pane.text),
    reading(label),
    EditorState.lineSeparator.of('\n'),
    wrap ? EditorView.lineWrapping : [],
    numbers.filter(each => each !== false),
    signGutter(config),
    currentChange,
    decorations(config),
  ]
}

export const setCurrent = StateEffect.define<number>()
const currentChange = StateField.define<number>({
  create: () => -1,
  update: (value, transaction) => {
    for (const effect of transaction.effects) if (effect.is(setCurrent)) return effect.value
    return value
  },
})

/** Only what is in sight is decorated: a text may have a hundred thousand lines. */
const decorations = (config: Config): Extension =>
  ViewPlugin.fromClass(
    class {
      decorations: DecorationSet
      constructor(view: EditorView) {
        this.decorations = inSight(view, config)
      }
      update(update: ViewUpdate) {
        const moved = update.startState.field(currentChange) !== update.state.field(currentChange)
        if (update.viewportChanged || update.docChanged || moved) this.decorations = inSight(update.view, config)
      }
    },
    { decorations: plugin => plugin.decorations },
  )

function inSight(view: EditorView, { pane, changes, ends, onMoved }: Config): DecorationSet {
  const found: Range<Decoration>[] = []
  const current = view.state.field(currentChange)
  for (const { from, to } of view.visibleRanges) {
    const { doc } = view.state
    const last = doc.lineAt(to).number
    for (let number = doc.lineAt(from).number; number <= last; number++) {
      const index = pane.change[number - 1] ?? -1
      const change = changes[index]
      if (!change) continue
      const tone = toneOf(change, isLeft(pane, number - 1))
      found.push(lineStyle(tone, index === current).range(doc.line(number).from))
      const end = pane.change[number - 2] === index ? undefined : ends.get(index)
      if (end)
        found.push(
          Decoration.widget({ widget: new MovedLink(end, () => onMoved(index)), side: 1 }).range(doc.line(number).to),
        )
    }
    for (let i = firstMark(pane.marks, from); i < pane.marks.length && (pane.marks[i] ?? 0) < to; i += 2) {
      const [start, end] = [pane.marks[i] ?? 0, pane.marks[i + 1] ?? 0]
      if (start >= end) continue
      const line = doc.lineAt(start).number - 1
      const change = changes[pane.change[line] ?? -1]
      if (change) found.push(wordStyle(isLeft(pane, line)).range(start, end))
    }
  }
  return Decoration.set(found, true)
}

const isLeft = (pane: Pane, line: number): boolean => (pane.right[line] ?? 0) === 0

/** The first mark that ends after `offset`, as an index of `marks`. */
function firstMark(marks: Int32Array, offset: number): number {
  let [low, high] = [0, marks.length / 2]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((marks[middle * 2 + 1] ?? 0) <= offset) low = middle + 1
    else high = middle
  }
  return low * 2
}

const lines = new Map<string, Decoration>()
function lineStyle(tone: Tone, current: boolean): Decoration {
  const name = `ws-line ws-${tone}${current ? ' ws-current' : ''}`
  const known = lines.get(name) ?? Decoration.line({ class: name })
  lines.set(name, known)
  return known
}

const removedWord = Decoration.mark({ tagName: 'del', class: 'ws-word-removed' })
const addedWord = Decoration.mark({ tagName: 'ins', class: 'ws-word-added' })
const wordStyle = (onLeft: boolean): Decoration => (onLeft ? removedWord : addedWord)

class Sign extends GutterMarker {
  readonly tone: Tone
  constructor(tone: Tone) {
    super()
    this.tone = tone
    this.elementClass = `ws-sign ws-sign-${tone}`
  }
  override eq(other: GutterMarker) {
    return other instanceof Sign && other.tone === this.tone
  }
  override toDOM() {
    const sign = document.createElement('span')
    sign.textContent = SIGNS[this.tone]
    sign.title = TONE_WORDS[this.tone]
    return sign
  }
}
const signs: Record<Tone, Sign> = {
  removed: new Sign('removed'),
  added: new Sign('added'),
  moved: new Sign('moved'),
  quiet: new Sign('quiet'),
}

/** Stands behind the first line of a moved block and leads to its other end. */
class MovedLink extends WidgetType {
  readonly end: MovedEnd
  readonly run: () => void
  constructor(end: MovedEnd, run: () => void) {
    super()
    this.end = end
    this.run = run
  }
  override eq(other: MovedLink) {
    return other.end === this.end
  }
  override ignoreEvent() {
    return true
  }
  override toDOM() {
    const button = document.createElement('button')
    button.type = 'button'
    button.className = 'ws-moved-link'
    button.textContent = this.end.said
    button.title = 'Go there'
    button.dataset.other = String(this.end.other)
    button.onclick = this.run
    return button
  }
}

function signGutter({ pane, changes, onMoved }: Config): Extension {
  const at = (view: EditorView, from: number): number => pane.change[view.state.doc.lineAt(from).number - 1] ?? -1
  return gutter({
    class: 'ws-signs',
    lineMarker: (view, line) => {
      const change = changes[at(view, line.from)]
      if (!change) return null
      return signs[toneOf(change, isLeft(pane, view.state.doc.lineAt(line.from).number - 1))]
    },
    initialSpacer: () => signs.added,
    domEventHandlers: {
      click: (view, line) => {
        const change = at(view, line.from)
        if (changes[change]?.moved === undefined) return false
        onMoved(change)
        return true
      },
    },
  })
}

class LineNumber extends GutterMarker {
  readonly text: string
  constructor(text: string) {
    super()
    this.text = text
  }
  override eq(other: GutterMarker) {
    return other instanceof LineNumber && other.text === this.text
  }
  override toDOM() {
    return document.createTextNode(this.text)
  }
}

function numberGutter(numbers: Int32Array, digits: number): Extension {
  const widest = new LineNumber('0'.repeat(Math.max(2, digits)))
  return gutter({
    class: 'ws-numbers',
    lineMarker: (view, line) => {
      const number = numbers[view.state.doc.lineAt(line.from).number - 1] ?? 0
      return number === 0 ? null : new LineNumber(String(number))
    },
    initialSpacer: () => widest,
  })
}

const look = EditorView.theme({
  '&': { height: 'auto !important' },
  '.cm-scroller': { overflowY: 'visible !important' },
  '.cm-content': { padding: '0' },
  '.ws-numbers .cm-gutterElement': { padding: '0 4px 0 8px', textAlign: 'right', minWidth: '28px' },
  '.ws-signs .cm-gutterElement': { width: '16px', textAlign: 'center', fontWeight: '600' },
  '.ws-sign-removed': { color: 'var(--ws-bad)', backgroundColor: 'var(--ws-removed)' },
  '.ws-sign-added': { color: 'var(--ws-good)', backgroundColor: 'var(--ws-added)' },
  '.ws-sign-moved': { color: 'var(--ws-accent)', backgroundColor: 'var(--ws-moved)', cursor: 'pointer' },
  '.ws-moved-link': {
    marginLeft: '12px',
    padding: '0 4px',
    border: '0',
    borderRadius: '4px',
    background: 'none',
    color: 'var(--ws-accent)',
    font: 'inherit',
    fontFamily: 'var(--mantine-font-family)',
    fontSize: '12px',
    lineHeight: '1',
    textDecoration: 'underline dotted',
    cursor: 'pointer',
  },
  '.ws-moved-link:hover': { background: 'var(--ws-hover)' },
  // On the colours of a match those of the language would be too faint.
  '.cm-searchMatch, .cm-searchMatch *': { color: 'var(--mantine-color-text)' },
  '.cm-searchMatch.cm-searchMatch-selected': { backgroundColor: 'light-dark(#ffc53d, #ffd666)' },
  '.cm-searchMatch-selected, .cm-searchMatch-selected *': { color: '#1b2026' },
  '.ws-removed': { backgroundColor: 'var(--ws-removed)' },
  '.ws-added': { backgroundColor: 'var(--ws-added)' },
  '.ws-moved': { backgroundColor: 'var(--ws-moved)' },
  '.ws-quiet': { backgroundColor: 'var(--ws-panel)' },
  '.ws-current': { boxShadow: 'inset 3px 0 0 var(--ws-accent)' },
  'del.ws-word-removed': { backgroundColor: 'var(--ws-removed-word)', textDecoration: 'none', borderRadius: '2px' },
  // A changed word within a match would hide it.
  '.cm-searchMatch del.ws-word-removed, .cm-searchMatch ins.ws-word-added': { backgroundColor: 'transparent' },
  'ins.ws-word-added': { backgroundColor: 'var(--ws-added-word)', textDecoration: 'none', borderRadius: '2px' },
})
