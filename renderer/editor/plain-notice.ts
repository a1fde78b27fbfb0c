/**
 * Says why something in sight is shown as plain text, or not all of it: at the lower edge of an editor, for as long as it is in
 * sight.
 */
import { syntaxTree } from '@codemirror/language'
import type { Extension } from '@codemirror/state'
import { EditorView, ViewPlugin, type ViewUpdate } from '@codemirror/view'
import { hiddenInSight } from './invisible.ts'
import { plainBecause } from './language.ts'
import { PLAIN_BLOCKS } from './plain-blocks.ts'
import { searchWords } from './search.ts'

/** Nodes of the syntax tree that are looked at for a notice. */
const MOST_NODES = 2_000

function reasonsOf(view: EditorView): string[] {
  const reasons = new Set<string>()
  const search = view.plugin(searchWords)?.words
  if (search !== undefined) reasons.add(search)
  const whole = view.state.facet(plainBecause)
  if (whole !== undefined) reasons.add(`Shown as plain text: ${whole}.`)
  let nodes = 0
  for (const { from, to } of view.visibleRanges) {
    syntaxTree(view.state).iterate({
      from,
      to,
      enter: ({ name }) => {
        const why = PLAIN_BLOCKS[name]
        if (why !== undefined) reasons.add(`Shown as plain text: ${why}.`)
        nodes++
        return nodes < MOST_NODES
      },
    })
  }
  const unmarked = view.plugin(hiddenInSight)?.unmarked ?? 0
  if (unmarked > 0)
    reasons.add(`${unmarked.toLocaleString('en')} more hidden characters here are not marked one by one.`)
  return [...reasons]
}

const notice = ViewPlugin.fromClass(
  class {
    readonly dom = document.createElement('div')
    words: string | undefined
    constructor(view: EditorView) {
      this.dom.className = 'cm-plainNotice'
      this.dom.setAttribute('role', 'status')
      view.dom.append(this.dom)
      this.say(view)
    }
    update(update: ViewUpdate) {
      const parsed = syntaxTree(update.startState) !== syntaxTree(update.state)
      const told = update.view.plugin(searchWords)?.words !== this.words
      if (update.docChanged || update.viewportChanged || parsed || told) this.say(update.view)
    }
    say(view: EditorView): void {
      this.words = view.plugin(searchWords)?.words
      const text = reasonsOf(view).join(' ')
      if (this.dom.textContent !== text) this.dom.textContent = text
      this.dom.hidden = text === ''
    }
    destroy() {
      this.dom.remove()
    }
  },
)

const look = EditorView.baseTheme({
  '.cm-plainNotice': {
    position: 'absolute',
    right: '16px',
    bottom: '8px',
    zIndex: '5',
    maxWidth: 'calc(100% - 32px)',
    padding: '2px 8px',
    border: '1px solid var(--ws-line)',
    borderRadius: '4px',
    background: 'var(--ws-panel)',
    color: 'var(--ws-dim)',
    font: '12px/18px var(--mantine-font-family)',
    pointerEvents: 'none',
  },
  '.cm-plainNotice[hidden]': { display: 'none' },
})

// The search comes first, so that what it has to say is known.
export const plainNotice: Extension = [searchWords, notice, look]
