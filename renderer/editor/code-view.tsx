import { EditorState } from '@codemirror/state'
import { EditorView, lineNumbers } from '@codemirror/view'
import { useEffect, useRef } from 'react'
import classes from './editor.module.css'
import { reading, viewing } from './setup.ts'

/** The text of one file, to read, search and copy. */
export function CodeView({ path, text }: { path: string; text: string }) {
  const host = useRef<HTMLDivElement>(null)
  useEffect(() => {
    if (!host.current) return
    const state = EditorState.create({
      doc: text,
      extensions: [viewing(path, text), reading(path), lineNumbers(), EditorView.lineWrapping],
    })
    const view = new EditorView({ state, parent: host.current })
    return () => view.destroy()
  }, [path, text])
  return <div ref={host} className={classes.editor} />
}
