import { EditorState } from '@codemirror/state'
import { EditorView, highlightActiveLine, lineNumbers } from '@codemirror/view'
import { type Ref, useEffect, useImperativeHandle, useRef } from 'react'
import { reading, viewing } from '../../editor/setup.ts'
import classes from './blame.module.css'
import { blameGutter, chooseRuns, type Origin, showLine } from './blame-gutter.ts'
import type { Run } from './lines.ts'

export type BlameTextHandle = {
  /** Marks these lines, and no others. */
  choose: (runs: readonly Run[]) => void
  /** Brings a line (from 0) into the middle and puts the cursor on it. */
  show: (line: number) => void
}

type Props = {
  path: string
  text: string
  runs: readonly Run[]
  origins: ReadonlyMap<string, Origin>
  onLine: (line: number) => void
  onOrigin: (line: number) => void
  ref?: Ref<BlameTextHandle>
}

/** The text with its margin. Only what is in sight is in the page, so that its length does not matter. */
export function BlameText({ path, text, runs, origins, onLine, onOrigin, ref }: Props) {
  const host = useRef<HTMLDivElement>(null)
  const view = useRef<EditorView>(undefined)
  const latest = useRef({ onLine, onOrigin })
  useEffect(() => {
    latest.current = { onLine, onOrigin }
  })
  useEffect(() => {
    if (!host.current) return
    const state = EditorState.create({
      // Lines are those of the engine, which breaks them at LF alone.
      doc: text.replaceAll('\r\n', '\n'),
      extensions: [
        blameGutter({
          runs,
          origins,
          onLine: line => latest.current.onLine(line),
          onOrigin: line => latest.current.onOrigin(line),
        }),
        viewing(path, text),
        reading(`${path}, with the version of each line`),
        EditorState.lineSeparator.of('\n'),
        lineNumbers(),
        highlightActiveLine(),
        EditorView.lineWrapping,
      ],
    })
    const made = new EditorView({ state, parent: host.current })
    view.current = made
    return () => {
      made.destroy()
      view.current = undefined
    }
  }, [path, text, runs, origins])
  useImperativeHandle(ref, () => ({
    choose: chosen => view.current?.dispatch({ effects: chooseRuns.of(chosen) }),
    show: line => view.current && showLine(view.current, line),
  }))
  return <div ref={host} className={classes.text} />
}
