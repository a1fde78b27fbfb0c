import { EditorState, type Text } from '@codemirror/state'
import { EditorView, lineNumbers } from '@codemirror/view'
import { useEffect, useRef } from 'react'
import { inSlices } from '../ui/slices.ts'
import { documentSteps, isLarge } from './document.ts'
import classes from './editor.module.css'
import { useFindPanel } from './find-panel.tsx'
import { lineBreakOf, smallestChange } from './line-breaks.ts'
import { searchWithinBounds } from './search.ts'
import { opening, reading, viewing } from './setup.ts'

type Props = {
  path: string
  text: string
  /** Why it is shown as plain text. */
  note?: string
}

/** The text of one file, to read, search and copy. */
export function CodeView({ path, text, note }: Props) {
  const host = useRef<HTMLDivElement>(null)
  const plain = note !== undefined
  const view = useRef<EditorView | undefined>(undefined)
  const { findPanel, panel } = useFindPanel()
  const shown = useRef<{ path: string; text: string } | undefined>(undefined)
  useEffect(() => {
    if (!host.current) return
    const made = new EditorView({ parent: host.current, extensions: opening('') })
    view.current = made
    return () => {
      made.destroy()
      view.current = undefined
      shown.current = undefined
    }
  }, [])
  useEffect(() => {
    const reader = view.current
    if (!reader) return
    const was = shown.current
    if (was?.path === path && was.text === text) return
    const lineBreak = lineBreakOf(text)
    // A text that is typed into beside this keeps its place.
    const change = was?.path === path && lineBreak === '\n' ? smallestChange(was.text, text) : undefined
    if (change && reader.state.lineBreak === '\n') {
      shown.current = { path, text }
      reader.dispatch({ changes: change })
      return
    }
    // What is shown as plain text for a reason that is said needs no other.
    const language = plain ? '' : path
    const show = (doc: Text | string): void => {
      const extensions = [
        viewing(language, text),
        searchWithinBounds,
        findPanel,
        reading(path),
        EditorState.lineSeparator.of(lineBreak),
        lineNumbers(),
        EditorView.lineWrapping,
      ]
      reader.setState(EditorState.create({ doc, extensions }))
      shown.current = { path, text }
    }
    if (!isLarge(text)) return show(text)
    shown.current = undefined
    reader.setState(EditorState.create({ extensions: opening(path) }))
    return inSlices(documentSteps(text, lineBreak), show)
  }, [path, text, plain, findPanel])
  return (
    <div className={classes.view}>
      {note !== undefined && (
        <p className={classes.note} role="status">
          {note}
        </p>
      )}
      <div ref={host} className={classes.editor} />
      {panel}
    </div>
  )
}
