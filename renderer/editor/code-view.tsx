import { EditorState } from '@codemirror/state'
import { EditorView, lineNumbers } from '@codemirror/view'
import { useEffect, useMemo, useRef } from 'react'
import { formatNumber } from '../ui/format.ts'
import classes from './editor.module.css'
import { cutAfterLines, MOST_LINES } from './first-lines.ts'
import { reading, viewing } from './setup.ts'

type Props = {
  path: string
  text: string
  /** What is to be known of how it is shown. */
  note?: string
}

/** The text of one file, to read, search and copy. */
export function CodeView({ path, text, note }: Props) {
  const host = useRef<HTMLDivElement>(null)
  const cut = useMemo(() => cutAfterLines(text), [text])
  useEffect(() => {
    if (!host.current) return
    const shown = cut === undefined ? text : text.slice(0, cut)
    const state = EditorState.create({
      doc: shown,
      extensions: [viewing(path, shown), reading(path), lineNumbers(), EditorView.lineWrapping],
    })
    const view = new EditorView({ state, parent: host.current })
    return () => view.destroy()
  }, [path, text, cut])
  const more = cut === undefined ? undefined : `Shows the first ${formatNumber(MOST_LINES)} lines, read-only.`
  const notes = [note, more].filter(each => each !== undefined)
  return (
    <div className={classes.view}>
      {notes.length > 0 && (
        <p className={classes.note} role="status">
          {notes.join(' ')}
        </p>
      )}
      <div ref={host} className={classes.editor} />
    </div>
  )
}
