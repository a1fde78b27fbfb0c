import { IconCopy } from '@tabler/icons-react'
import { type KeyboardEvent, useRef } from 'react'
import type { Comparison } from '../../shared/contract/compare.ts'
import { bytes, count, signed } from '../ui/format.ts'
import { IconAction } from '../ui/icon-action.tsx'
import classes from './compare.module.css'

type Change = Comparison['changes'][number]
const SIGNS = { added: '+', removed: '−', changed: '±', renamed: '→', mode: 'x' } as const
const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1)
/** A file under the same name in another folder has moved. */
const wordsOf = ({ kind, path, fromPath }: Change): string =>
  kind === 'renamed' && fromPath !== undefined && nameOf(fromPath) === nameOf(path) ? 'moved' : WORDS[kind]
const WORDS = {
  added: 'added',
  removed: 'removed',
  changed: 'changed',
  renamed: 'renamed',
  mode: 'only the executable mark changed',
} as const

type Props = {
  changes: readonly Change[]
  unchanged: number
  open: string | undefined
  onOpen: (path: string) => void
  /** Copies all that differs as one patch. */
  onCopy: () => void
}

/** The files that differ, as a tree; the others are counted. Arrows move, Enter opens. */
export function ChangedFiles({ changes, unchanged, open, onOpen, onCopy }: Props) {
  const list = useRef<HTMLUListElement>(null)
  const move = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (step === undefined || event.altKey) return
    event.preventDefault()
    const items = [...(list.current?.querySelectorAll<HTMLElement>('button') ?? [])]
    const focused = items.findIndex(item => item.matches(':focus'))
    items[focused + step]?.focus()
  }
  const item = (change: Change) => (
    <li key={change.path}>
      <button
        type="button"
        className={classes.file}
        aria-current={change.path === open ? 'true' : undefined}
        onClick={() => onOpen(change.path)}
        title={titleOf(change)}
      >
        <span className={classes.kind} data-kind={change.kind} title={wordsOf(change)}>
          <span aria-hidden>{SIGNS[change.kind]}</span>
          <span className={classes.hidden}>{wordsOf(change)}</span>
        </span>
        <span className={classes.path}>
          {change.kind === 'renamed' && <del>{change.fromPath}</del>}
          {change.kind === 'renamed' ? change.path : nameOf(change.path)}
        </span>
        <span className={classes.size}>{sizeOf(change)}</span>
      </button>
    </li>
  )
  return (
    <nav className={classes.files} aria-label="Files that differ">
      <div className={classes.filesHead}>
        <h2>Files</h2>
        <IconAction name="Copy all files as a unified patch" size="sm" onClick={onCopy}>
          <IconCopy size={14} stroke={1.5} />
        </IconAction>
      </div>
      <ul ref={list} onKeyDown={move}>
        {inFolders(changes).map(({ folder, changes: inside }) =>
          folder === '' ? (
            inside.map(item)
          ) : (
            <li key={folder}>
              <span className={classes.folder}>{folder}/</span>
              <ul aria-label={folder}>{inside.map(item)}</ul>
            </li>
          ),
        )}
      </ul>
      <p className={classes.unchanged}>{unchanged === 0 ? '' : `${count(unchanged, 'file')} unchanged`}</p>
    </nav>
  )
}

type Folder = { folder: string; changes: Change[] }

/** The files of the top folder, then those of each folder by its name. */
function inFolders(changes: readonly Change[]): Folder[] {
  const folders = Map.groupBy(changes, ({ path }) => path.slice(0, Math.max(0, path.lastIndexOf('/'))))
  return [...folders]
    .map(([folder, inside]) => ({ folder, changes: inside }))
    .sort((a, b) => (a.folder < b.folder ? -1 : 1))
}

function titleOf(change: Change): string {
  const from = change.fromPath === undefined ? '' : `${change.fromPath} → `
  const like =
    change.similarity === undefined || change.similarity === 1 ? '' : `, ${Math.round(change.similarity * 100)}% alike`
  return `${from}${change.path}: ${wordsOf(change)}${like}`
}

function sizeOf({ left, right }: Change): string {
  if (left && right) return right.size === left.size ? '' : signed(right.size - left.size, bytes)
  return bytes((right ?? left)?.size)
}
