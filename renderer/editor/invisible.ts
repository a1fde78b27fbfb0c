/**
 * Makes hidden characters visible in an editor: one by one, a run of them as one mark, and no more in sight than a person can
 * look at; a notice says when there are more, and the lines that hold them are marked.
 */
import { type Extension, type Range, RangeSetBuilder } from '@codemirror/state'
import { Decoration, type DecorationSet, EditorView, ViewPlugin, type ViewUpdate, WidgetType } from '@codemirror/view'
import { hiddenRuns, showHiddenRun } from '../../shared/domain/hidden-characters.ts'

export const HIDDEN_BOUNDS = {
  /** A run longer than this is one mark. */
  run: 8,
  /** Marks in sight. */
  marks: 1_000,
} as const

class Mark extends WidgetType {
  readonly characters: string
  constructor(characters: string) {
    super()
    this.characters = characters
  }
  override eq(other: Mark) {
    return other.characters === this.characters
  }
  override toDOM() {
    const { label, title } = showHiddenRun(this.characters)
    const mark = document.createElement('span')
    mark.className = 'cm-specialChar'
    mark.textContent = label
    mark.title = title
    mark.setAttribute('aria-label', title)
    return mark
  }
}

/** A character's mark is made once. */
const known = new Map<string, Decoration>()
function markOf(character: string): Decoration {
  const mark = known.get(character) ?? Decoration.replace({ widget: new Mark(character) })
  known.set(character, mark)
  return mark
}

const unmarkedLine = Decoration.line({ class: 'cm-hiddenUnmarked', attributes: { title: 'Holds hidden characters' } })

export const hiddenInSight = ViewPlugin.fromClass(
  class {
    decorations: DecorationSet = Decoration.none
    /** Runs that are in one mark, which the cursor passes in one step. */
    runs: DecorationSet = Decoration.none
    /** How many characters in sight have no mark. */
    unmarked = 0
    constructor(view: EditorView) {
      this.look(view)
    }
    update(update: ViewUpdate) {
      if (update.docChanged || update.viewportChanged) this.look(update.view)
    }
    look(view: EditorView): void {
      const marks: Range<Decoration>[] = []
      const runs = new RangeSetBuilder<Decoration>()
      const lines = new Set<number>()
      this.unmarked = 0
      const pattern = hiddenRuns()
      for (const { from, to } of view.visibleRanges) {
        // Line by line, for a mark must not span two.
        for (let at = from; at <= to; ) {
          const line = view.state.doc.lineAt(at)
          const start = Math.max(line.from, from)
          const text = view.state.sliceDoc(start, Math.min(line.to, to))
          for (const { 0: run, index } of text.matchAll(pattern)) {
            const place = start + index
            if (marks.length >= HIDDEN_BOUNDS.marks) {
              this.unmarked += run.length
              lines.add(line.from)
            } else if (run.length > HIDDEN_BOUNDS.run) {
              const mark = Decoration.replace({ widget: new Mark(run) })
              marks.push(mark.range(place, place + run.length))
              runs.add(place, place + run.length, mark)
            } else {
              let offset = place
              for (const character of run) {
                marks.push(markOf(character).range(offset, offset + character.length))
                offset += character.length
              }
            }
          }
          at = line.to + 1
        }
      }
      for (const line of lines) marks.push(unmarkedLine.range(line))
      this.decorations = Decoration.set(marks, true)
      this.runs = runs.finish()
    }
  },
  {
    decorations: plugin => plugin.decorations,
    provide: plugin => EditorView.atomicRanges.of(view => view.plugin(plugin)?.runs ?? Decoration.none),
  },
)

const look = EditorView.baseTheme({
  '.cm-hiddenUnmarked': { boxShadow: 'inset 3px 0 0 var(--ws-bad)' },
})

/** Makes them visible in an editor. */
export const visibleHidden = (): Extension => [hiddenInSight, look]
