import { type Diagnostic, setDiagnostics } from '@codemirror/lint'
import { EditorState } from '@codemirror/state'
import { EditorView } from '@codemirror/view'
import { type Ref, useEffect, useImperativeHandle, useRef } from 'react'
import classes from './editor.module.css'
import { smallestChange } from './line-breaks.ts'
import { editing } from './setup.ts'
import { editorTheme } from './theme.ts'

export type EditorHandle = {
  focus: () => void
  /** Puts the cursor on a range (UTF-16 offsets of the file's text) and scrolls it into the middle. */
  show: (from: number, to?: number) => void
}

type Props = {
  /** Names the file among all; its undo history, cursor and scroll position are kept while the page lives. */
  documentId: string
  path: string
  text: string
  onChange: (text: string) => void
  /** The line (from 1) that the cursor is on. */
  onLine?: (line: number) => void
  onBlur?: () => void
  diagnostics?: readonly Diagnostic[]
  ref?: Ref<EditorHandle>
}

type Kept = { state: EditorState; scrollTop: number }
type Latest = Pick<Props, 'onChange' | 'onLine' | 'onBlur'>

/** Edits the text of one file at a time. Text given from outside is merged in as the smallest change, so that undo works on. */
export function CodeEditor({ documentId, path, text, onChange, onLine, onBlur, diagnostics, ref }: Props) {
  const host = useRef<HTMLDivElement>(null)
  const view = useRef<EditorView | undefined>(undefined)
  const kept = useRef(new Map<string, Kept>())
  const shown = useRef<{ documentId: string; text: string } | undefined>(undefined)
  const latest = useRef<Latest>({ onChange })
  useEffect(() => {
    latest.current = { onChange, onLine, onBlur }
  })

  useEffect(() => {
    if (!host.current) return
    // The first view in a document makes its style element, which needs the page's nonce.
    const editor = new EditorView({ parent: host.current, extensions: editorTheme() })
    view.current = editor
    return () => {
      editor.destroy()
      view.current = undefined
      shown.current = undefined
    }
  }, [])

  useEffect(() => {
    const editor = view.current
    if (!editor) return
    const was = shown.current
    if (was?.documentId === documentId) {
      if (was.text === text) return
      const change = smallestChange(was.text, text)
      shown.current = { documentId, text }
      if (change) replaceText(editor, was.text, change)
      return
    }
    if (was) kept.current.set(was.documentId, { state: editor.state, scrollTop: editor.scrollDOM.scrollTop })
    const before = kept.current.get(documentId)
    shown.current = { documentId, text }
    const emit = (now: string): void => {
      shown.current = { documentId, text: now }
      latest.current.onChange(now)
    }
    const usable = before && before.state.sliceDoc() === text ? before : undefined
    editor.setState(usable?.state ?? newState(path, text, emit, latest))
    editor.scrollDOM.scrollTop = usable?.scrollTop ?? 0
    latest.current.onLine?.(editor.state.doc.lineAt(editor.state.selection.main.head).number)
  }, [documentId, path, text])

  useEffect(() => {
    const editor = view.current
    if (!editor || !diagnostics || shown.current?.documentId !== documentId) return
    editor.dispatch(setDiagnostics(editor.state, inDocument(editor, diagnostics)))
  }, [diagnostics, documentId])

  useImperativeHandle(ref, () => ({
    focus: () => view.current?.focus(),
    show: (from, to = from) => {
      const editor = view.current
      if (!editor) return
      const [anchor, head] = [positionOf(editor, from), positionOf(editor, to)]
      editor.dispatch({ selection: { anchor, head }, effects: EditorView.scrollIntoView(anchor, { y: 'center' }) })
      editor.focus()
    },
  }))

  return <div ref={host} className={classes.editor} data-testid="editor" />
}

function newState(
  path: string,
  text: string,
  emit: (text: string) => void,
  latest: { readonly current: Latest },
): EditorState {
  return EditorState.create({
    doc: text,
    extensions: [
      editing(path, text, path),
      EditorView.lineWrapping,
      EditorView.updateListener.of(update => {
        if (update.docChanged && !update.transactions.some(each => each.isUserEvent('outside')))
          emit(update.state.sliceDoc())
        if (update.selectionSet || update.docChanged)
          latest.current.onLine?.(update.state.doc.lineAt(update.state.selection.main.head).number)
      }),
      EditorView.domEventHandlers({
        blur: () => {
          latest.current.onBlur?.()
          return false
        },
      }),
    ],
  })
}

/** Offsets of the file's text; the document counts every line break as one. */
function positionOf(view: EditorView, offset: number): number {
  const { doc } = view.state
  if (view.state.lineBreak.length === 1) return Math.min(offset, doc.length)
  const breaks = view.state.sliceDoc().slice(0, offset).split('\r\n').length - 1
  return Math.min(offset - breaks, doc.length)
}

function replaceText(view: EditorView, was: string, change: { from: number; to: number; insert: string }): void {
  const wide = view.state.lineBreak.length === 2
  const at = (offset: number): number =>
    wide ? offset - (was.slice(0, offset).split('\r\n').length - 1) : Math.min(offset, view.state.doc.length)
  // With CRLF a change may begin between its two characters; the whole document is the honest unit then.
  const halves = wide && (was[change.from - 1] === '\r' || was[change.to - 1] === '\r' || /\r$|^\n/.test(change.insert))
  const next = was.slice(0, change.from) + change.insert + was.slice(change.to)
  const changes = halves
    ? { from: 0, to: view.state.doc.length, insert: view.state.toText(next) }
    : { from: at(change.from), to: at(change.to), insert: view.state.toText(change.insert) }
  view.dispatch({ changes, userEvent: 'outside' })
}

function inDocument(view: EditorView, diagnostics: readonly Diagnostic[]): Diagnostic[] {
  return diagnostics.map(each => ({ ...each, from: positionOf(view, each.from), to: positionOf(view, each.to) }))
}
