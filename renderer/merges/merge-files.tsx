import { UnstyledButton } from '@mantine/core'
import { count, formatNumber } from '../ui/format.ts'
import classes from './merges.module.css'
import type { Names } from './names.ts'
import type { FileMerge } from './plan.ts'
import type { Settling } from './settling.ts'

type Props = {
  plan: readonly FileMerge[]
  settling: Settling
  names: Names
  open: string | undefined
  onOpen: (path: string) => void
}

/** The files: those to settle first, those merged without a conflict, and folded those that settled themselves. */
export function MergeFiles({ plan, settling, names, open, onOpen }: Props) {
  const asked = plan.flatMap(each => (each.kind === 'itself' ? [] : each))
  const toSettle = asked.filter(each => each.kind === 'choose' || each.text.merged.conflicts > 0)
  const merged = asked.filter(each => !toSettle.includes(each))
  const itself = plan.flatMap(each => (each.kind === 'itself' ? each : []))
  const from = (side: 'left' | 'right' | 'same') => itself.filter(each => each.from === side).map(each => each.file)
  const entry = (each: (typeof asked)[number]) => (
    <Entry
      key={each.file.path}
      path={each.file.path}
      state={stateOf(each, settling)}
      open={each.file.path === open}
      onOpen={() => onOpen(each.file.path)}
    />
  )
  return (
    <nav className={classes.files} aria-label="Files">
      {toSettle.length > 0 && (
        <>
          <h2>To settle</h2>
          <ul>{toSettle.map(entry)}</ul>
        </>
      )}
      {merged.length > 0 && (
        <>
          <h2>Merged without a conflict</h2>
          <ul>{merged.map(entry)}</ul>
        </>
      )}
      {itself.length > 0 && <h2>Settled by themselves</h2>}
      <Folded words={`taken from ${names.left}`} files={from('left')} side="left" />
      <Folded words={`taken from ${names.right}`} files={from('right')} side="right" />
      <Folded words="the same on both sides" files={from('same')} side="left" />
    </nav>
  )
}

type State = { done: boolean; words: string }

function stateOf(each: Exclude<FileMerge, { kind: 'itself' }>, settling: Settling): State {
  const { path } = each.file
  if (each.kind === 'choose') {
    const done = settling.files[path] !== undefined
    return { done, words: done ? 'chosen' : 'choose one' }
  }
  const { conflicts } = each.text.merged
  if (settling.texts[path] !== undefined) return { done: true, words: 'edited by hand' }
  if (conflicts === 0) return { done: true, words: '' }
  const settled = Object.keys(settling.conflicts[path] ?? {}).length
  return { done: settled === conflicts, words: `${formatNumber(settled)} of ${formatNumber(conflicts)} settled` }
}

function Entry({ path, state, open, onOpen }: { path: string; state: State; open: boolean; onOpen: () => void }) {
  return (
    <li>
      <UnstyledButton className={classes.file} aria-current={open ? 'true' : undefined} onClick={onOpen}>
        <span className={classes.sign} data-done={state.done} aria-hidden>
          {state.done ? '✓' : '●'}
        </span>
        <span className={classes.path}>{path}</span>
        <span className={classes.state}>{state.words}</span>
      </UnstyledButton>
    </li>
  )
}

type Files = readonly { path: string; base: { path: string } | null; left: object | null; right: object | null }[]

function Folded({ words, files, side }: { words: string; files: Files; side: 'left' | 'right' }) {
  if (files.length === 0) return null
  return (
    <details className={classes.folded}>
      <summary>
        {count(files.length, 'file')} {words}
      </summary>
      <ul>
        {files.map(file => (
          <li key={file.path}>
            {file.path}
            {file.base && file.base.path !== file.path && (
              <span className={classes.state}> renamed from {file.base.path}</span>
            )}
            {!file[side] && <span className={classes.state}> removed</span>}
            {!file.base && file[side] && <span className={classes.state}> added</span>}
          </li>
        ))}
      </ul>
    </details>
  )
}
