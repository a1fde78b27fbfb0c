import { type Diagnostic, setDiagnostics } from '@codemirror/lint'
import { EditorState, type Extension, type Text } from '@codemirror/state'
import { EditorView } from '@codemirror/view'
import { type Ref, useEffect, useImperativeHandle, useRef } from 'react'
import { inSlices } from '../ui/slices.ts'
import { documentSteps, isLarge, positionOf, textAfter } from './document.ts'
import classes from './editor.module.css'
import { useFindPanel } from './find-panel.tsx'
import { type LineBreak, lineBreakOf, smallestChange } from './line-breaks.ts'
import { editing, opening } from './setup.ts'
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

type Kept = { state: EditorState; scrollTop: number; text: string }
type Latest = Pick<Props, 'onChange' | 'onLine' | 'onBlur' | 'diagnostics'>
type Shown = { documentId: string; text: string }

/** Edits the text of one file at a time. Text given from outside is merged in as the smallest change, so that undo works on. */
export function CodeEditor({ documentId, path, text, onChange, onLine, onBlur, diagnostics, ref }: Props) {
  const host = useRef<HTMLDivElement>(null)
  const view = useRef<EditorView | undefined>(undefined)
  const { findPanel, panel } = useFindPanel()
  const kept = useRef(new Map<string, Kept>())
  /** Undefined while a large text is on its way. */
  const shown = useRef<Shown | undefined>(undefined)
  const wanted = useRef<{ from: number; to: number } | undefined>(undefined)
  const latest = useRef<Latest>({ onChange })
  useEffect(() => {
    latest.current = { onChange, onLine, onBlur, diagnostics }
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
    if (was) {
      const { scrollTop } = editor.scrollDOM
      kept.current.set(was.documentId, { state: editor.state, scrollTop, text: was.text })
    }
    shown.current = undefined
    const before = kept.current.get(documentId)
    const emit = (now: string): void => {
      shown.current = { documentId, text: now }
      latest.current.onChange(now)
    }
    const open = (state: EditorState, scrollTop = 0): void => {
      shown.current = { documentId, text }
      editor.setState(state)
      editor.scrollDOM.scrollTop = scrollTop
      const { onLine, diagnostics } = latest.current
      onLine?.(state.doc.lineAt(state.selection.main.head).number)
      if (diagnostics) editor.dispatch(setDiagnostics(state, inDocument(editor, diagnostics)))
      if (wanted.current) showRange(editor, wanted.current)
      wanted.current = undefined
    }
    if (before?.text === text) return open(before.state, before.scrollTop)
    const lineBreak = lineBreakOf(text)
    const make = (doc: Text | string) => open(newState(path, text, doc, findPanel, lineBreak, emit, shown, latest))
    if (!isLarge(text)) return make(text)
    editor.setState(EditorState.create({ extensions: [opening(path)] }))
    return inSlices(documentSteps(text, lineBreak), make)
  }, [documentId, path, text, findPanel])

  useEffect(() => {
    const editor = view.current
    if (!editor || !diagnostics || shown.current?.documentId !== documentId) return
    editor.dispatch(setDiagnostics(editor.state, inDocument(editor, diagnostics)))
  }, [diagnostics, documentId])

  useImperativeHandle(ref, () => ({
    focus: () => view.current?.focus(),
    show: (from, to = from) => {
      if (view.current && shown.current) showRange(view.current, { from, to })
      else wanted.current = { from, to }
    },
  }))

  return (
    <>
      <div ref={host} className={classes.editor} data-testid="editor" />
      {panel}
    </>
  )
}

function newState(
  path: string,
  text: string,
  doc: Text | string,
  findPanel: Extension,
  lineBreak: LineBreak,
  emit: (text: string) => void,
  shown: { readonly current: Shown | undefined },
  latest: { readonly current: Latest },
): EditorState {
  return EditorState.create({
    doc,
    extensions: [
      editing(path, text, path, lineBreak),
      findPanel,
      EditorView.lineWrapping,
      EditorView.updateListener.of(update => {
        const { docChanged, changes, startState, state, transactions } = update
        if (docChanged && !transactions.some(each => each.isUserEvent('outside'))) {
          const was = shown.current?.text
          emit(
            was !== undefined && isLarge(was) ? textAfter(was, startState.doc, changes, lineBreak) : state.sliceDoc(),
          )
        }
        if (update.selectionSet || docChanged)
          latest.current.onLine?.(state.doc.lineAt(state.selection.main.head).number)
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

const breakIn = (view: EditorView): LineBreak => (view.state.lineBreak === '\r\n' ? '\r\n' : '\n')
const placeIn = (view: EditorView, offset: number): number => positionOf(view.state.doc, offset, breakIn(view))

function showRange(view: EditorView, { from, to }: { from: number; to: number }): void {
  const [anchor, head] = [placeIn(view, from), placeIn(view, to)]
  view.dispatch({ selection: { anchor, head }, effects: EditorView.scrollIntoView(anchor, { y: 'center' }) })
  view.focus()
}

function replaceText(view: EditorView, was: string, change: { from: number; to: number; insert: string }): void {
  const wide = view.state.lineBreak.length === 2
  // With CRLF a change may begin between its two characters; the whole document is the honest unit then.
  const halves = wide && (was[change.from - 1] === '\r' || was[change.to - 1] === '\r' || /\r$|^\n/.test(change.insert))
  const next = was.slice(0, change.from) + change.insert + was.slice(change.to)
  const changes = halves
    ? { from: 0, to: view.state.doc.length, insert: view.state.toText(next) }
    : { from: placeIn(view, change.from), to: placeIn(view, change.to), insert: view.state.toText(change.insert) }
  view.dispatch({ changes, userEvent: 'outside' })
}

function inDocument(view: EditorView, diagnostics: readonly Diagnostic[]): Diagnostic[] {
  return diagnostics.map(each => ({ ...each, from: placeIn(view, each.from), to: placeIn(view, each.to) }))
}
