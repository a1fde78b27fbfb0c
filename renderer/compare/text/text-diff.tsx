import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react'
import { sayError } from '../../api.ts'
import { ErrorNotice } from '../../ui/error-notice.tsx'
import { useShortcut } from '../../ui/shortcut.ts'
import type { Compared } from './compared.ts'
import { BUDGET_MS, CLOSER_MS, compareInWorker } from './diff-client.ts'
import { DiffSearch } from './diff-search.tsx'
import { DiffToolbar } from './diff-toolbar.tsx'
import { facts, sayChange } from './facts.ts'
import { Minimap } from './minimap.tsx'
import { type Model, normalised } from './model.ts'
import { useCompareOptions } from './options-store.ts'
import { type Shown, show } from './shown.ts'
import classes from './text-diff.module.css'
import { useDiffSearch } from './use-search.ts'

export type TextSide = {
  name: string
  /** Undefined: the file is not on this side. */
  text: string | undefined
}
type Props = {
  left: TextSide
  right: TextSide
  path: string
  mode: 'side' | 'inline'
  onMode: (mode: 'side' | 'inline') => void
  /** Copies what differs as a unified patch. */
  onCopy: () => void
}

/** Two texts compared: side by side in step, or inline; with words, folds, a map, and the keyboard. */
export function TextDiff({ left, right, path, mode, onMode, onCopy }: Props) {
  const { wrap, quiet, fold } = useCompareOptions()
  const a = useMemo(() => normalised(left.text ?? ''), [left.text])
  const b = useMemo(() => normalised(right.text ?? ''), [right.text])
  const compared = useCompared(a, b, path, quiet)
  const model = compared.compared?.model
  const { path: shownPath } = compared
  const [shown, setShown] = useState<Shown>()
  const [current, setCurrent] = useState(-1)
  const scroller = useRef<HTMLDivElement>(null)
  const host = useRef<HTMLDivElement>(null)
  const panel = useRef<HTMLDivElement>(null)
  const search = useDiffSearch(shown)
  const keys = useRef({ ...search })
  keys.current = search

  // A closer comparison of the same texts comes to the same place on screen.
  const placeKey = `${mode} ${wrap} ${fold} ${shownPath} ${a.length} ${b.length}`
  const place = useRef({ key: '', top: 0 })
  const names = useMemo(() => ({ left: left.name, right: right.name }), [left.name, right.name])
  // Before the page is painted: the text comes with its toolbar, not a frame later.
  useLayoutEffect(() => {
    if (!model || !host.current || !panel.current) return
    const options = {
      path: shownPath,
      names,
      mode,
      wrap,
      fold,
      panelHost: panel.current,
      searchKeys: {
        open: () => keys.current.open(),
        step: (by: 1 | -1) => keys.current.step(by),
        close: () => {
          if (keys.current.isOpen) keys.current.close()
          return keys.current.isOpen
        },
      },
      onJump: (change: number) => setCurrent(model.shown.indexOf(change)),
    }
    const made = show(host.current, model, options)
    setShown(made)
    setCurrent(-1)
    const area = scroller.current
    if (area) area.scrollTop = place.current.key === placeKey ? place.current.top : 0
    return () => {
      place.current = { key: placeKey, top: area?.scrollTop ?? 0 }
      made.destroy()
      setShown(undefined)
    }
  }, [model, shownPath, names, mode, wrap, fold, placeKey])

  const go = useCallback(
    (step: 1 | -1) => {
      if (!model || !shown || model.shown.length === 0) return
      const next = current === -1 ? nearest(model, shown, scroller.current, step) : current + step
      const index = (next + model.shown.length) % model.shown.length
      setCurrent(index)
      shown.go(model.shown[index] ?? 0)
    },
    [model, shown, current],
  )
  useShortcut('alt+ArrowDown', () => go(1), { inText: true })
  useShortcut('alt+ArrowUp', () => go(-1), { inText: true })
  useShortcut('F7', () => go(1), { inText: true })
  useShortcut('shift+F7', () => go(-1), { inText: true })
  useShortcut('mod+F', search.open, { inText: true })
  const currentChange = model?.shown[current]
  const isMoved = currentChange !== undefined && model?.changes[currentChange]?.moved !== undefined
  const toOtherEnd = () => currentChange !== undefined && shown?.toOtherEnd(currentChange)
  useShortcut('M', toOtherEnd, { enabled: isMoved })

  const notes = compared.compared ? facts(left, right, compared.compared, quiet) : []
  if (compared.error) return <ErrorNotice happened={sayError(compared.error)} todo="Reload to try again." />
  return (
    <div className={classes.diff}>
      <DiffToolbar
        model={model}
        current={current}
        mode={mode}
        onMode={onMode}
        onGo={go}
        onSearch={search.open}
        {...(isMoved && { onOtherEnd: toOtherEnd })}
        onCopy={onCopy}
      />
      {notes.length > 0 && (
        <div className={classes.notes} role="status">
          {notes.map(note => (
            <span key={note}>{note}</span>
          ))}
        </div>
      )}
      {search.isOpen && (
        <DiffSearch
          sought={search.sought}
          found={search.found}
          asked={search.asked}
          onSeek={search.setSought}
          onStep={search.step}
          onClose={search.close}
        />
      )}
      <div ref={panel} className={classes.panel} />
      <div className={classes.area}>
        <div className={classes.scroller} ref={scroller} data-testid="diff-scroller">
          <div className={classes.host} data-mode={mode} ref={host} />
        </div>
        {model && <Minimap shown={shown} model={model} scroller={scroller.current} />}
      </div>
      <div className={classes.said} aria-live="polite">
        {model && current >= 0 ? sayChange(model, current) : ''}
      </div>
    </div>
  )
}

/** The first change below the top of the screen, or the last above it. */
function nearest(model: Model, shown: Shown, scroller: HTMLElement | null, step: 1 | -1): number {
  const top = (scroller?.scrollTop ?? 0) - 1
  const after = model.shown.findIndex(change => shown.topOf(change) > top)
  if (step === 1) return after === -1 ? 0 : after
  return after === -1 ? model.shown.length - 1 : after - 1
}

type ShownComparison = {
  compared: Compared | undefined
  path: string
  quiet: boolean
  error: unknown
}

const TOO_LONG = new Error('Comparing these texts takes too long.')

/**
 * The texts are compared beside the page; what is on screen stays until the next comparison is there. Where a person would
 * wait too long, a coarse comparison is shown first and a closer one follows.
 */
function useCompared(a: string, b: string, path: string, quiet: boolean): ShownComparison {
  const [done, setDone] = useState<ShownComparison>({ compared: undefined, path, quiet, error: undefined })
  useEffect(() => {
    let wanted = true
    const compare = async (budgetMs: number): Promise<boolean> => {
      const outcome = await compareInWorker({ a, b, quiet, budgetMs })
      if (!wanted) return false
      switch (outcome.kind) {
        case 'done':
          setDone({ compared: outcome.answer, path, quiet, error: undefined })
          return outcome.answer.hitTimeout
        case 'superseded':
          // Another comparison on this page came first.
          return compare(budgetMs)
        case 'too-long':
          setDone(was => ({ ...was, error: was.compared ? undefined : TOO_LONG }))
          return false
        case 'failed':
          setDone(was => ({ ...was, error: new Error(outcome.message) }))
          return false
        default:
          return outcome satisfies never
      }
    }
    void compare(BUDGET_MS).then(coarse => coarse && wanted && compare(CLOSER_MS))
    return () => {
      wanted = false
    }
  }, [a, b, path, quiet])
  return done
}
