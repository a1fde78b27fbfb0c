import { ActionIcon, Menu } from '@mantine/core'
import { IconDots, IconFile, IconFilePlus, IconFolder, IconUpload } from '@tabler/icons-react'
import { type DragEvent, type KeyboardEvent, useMemo, useRef, useState } from 'react'
import { Link } from 'wouter'
import type { WorkingCopy } from '../../../shared/contract/working-copies.ts'
import { address } from '../../routes.ts'
import { IconAction } from '../../ui/icon-action.tsx'
import type { FileActions } from './file-actions.ts'
import classes from './file-tree.module.css'
import { type FileRow, fileRows, STATE_MARKS } from './files.ts'
import { NameField } from './name-field.tsx'

type Props = {
  working: WorkingCopy
  open: string | undefined
  onOpen: (path: string) => void
  actions: FileActions
  readOnly: boolean
}
type FileNode = FileRow & { kind: 'file' }
type Naming = { kind: 'new' } | { kind: 'rename'; path: string }

/** The files of the working copy. Arrows move, Enter opens, F2 renames, Delete removes (undoable); files can be dropped on it. */
export function FileTree({ working, open, onOpen, actions, readOnly }: Props) {
  const rows = useMemo(() => fileRows(working.files, working.removed), [working])
  const taken = useMemo(() => working.files.map(file => file.path), [working])
  const [naming, setNaming] = useState<Naming>()
  const [over, setOver] = useState(false)
  const chooser = useRef<HTMLInputElement>(null)
  const list = useRef<HTMLUListElement>(null)

  const upload = (list: FileList | null) =>
    void actions.upload([...(list ?? [])].map(file => ({ path: file.name, file })))
  const drop = (event: DragEvent) => {
    event.preventDefault()
    setOver(false)
    if (!readOnly) upload(event.dataTransfer.files)
  }
  const name = (path: string | undefined) => {
    setNaming(undefined)
    if (path === undefined || !naming) return
    void (naming.kind === 'new' ? actions.create(path) : actions.rename(naming.path, path))
  }
  const press = (event: KeyboardEvent, row: FileNode) => {
    const items = [...(list.current?.querySelectorAll<HTMLElement>('[data-path]') ?? [])]
    const at = items.findIndex(item => item.dataset.path === row.path)
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: items.length - 1 }[event.key]
    if (to !== undefined) items[to]?.focus()
    else if (readOnly) return
    else if (event.key === 'F2') setNaming({ kind: 'rename', path: row.path })
    else if (event.key === 'Delete' && row.state !== 'removed') void actions.remove(row.path)
    else return
    event.preventDefault()
  }
  const activate = (row: FileNode) => {
    if (row.state !== 'removed') onOpen(row.path)
  }

  return (
    <section
      className={classes.files}
      aria-label="Files"
      data-over={over}
      onDragOver={event => {
        event.preventDefault()
        setOver(!readOnly)
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      <div className={classes.head}>
        <h2>Files</h2>
        {!readOnly && (
          <>
            <IconAction name="New file" onClick={() => setNaming({ kind: 'new' })}>
              <IconFilePlus size={16} stroke={1.5} />
            </IconAction>
            <IconAction name="Add files from this computer" onClick={() => chooser.current?.click()}>
              <IconUpload size={16} stroke={1.5} />
            </IconAction>
          </>
        )}
        <input ref={chooser} type="file" multiple hidden onChange={event => upload(event.currentTarget.files)} />
      </div>
      {naming?.kind === 'new' && (
        <NameField label="Name of the new file" initial="" {...{ taken }} onDone={name} onOpen={onOpen} />
      )}
      <ul aria-label="Files of the skill" ref={list} className={classes.tree}>
        {rows.map(row =>
          naming?.kind === 'rename' && naming.path === row.path ? (
            <li key={row.path}>
              <NameField
                label={`New name of ${row.path}`}
                initial={row.path}
                {...{ taken }}
                onDone={name}
                onOpen={onOpen}
              />
            </li>
          ) : (
            <li key={row.path} className={classes.row} data-open={row.path === open}>
              {row.kind === 'folder' ? (
                <span className={classes.item} style={indent(row.depth)}>
                  <IconFolder size={15} stroke={1.5} aria-hidden />
                  <span className={classes.name}>{row.name}</span>
                </span>
              ) : (
                <>
                  <button
                    type="button"
                    aria-label={labelOf(row)}
                    aria-current={row.path === open ? 'true' : undefined}
                    data-path={row.path}
                    data-state={row.state}
                    className={classes.item}
                    style={indent(row.depth)}
                    onClick={() => activate(row)}
                    onKeyDown={event => press(event, row)}
                  >
                    <IconFile size={15} stroke={1.5} aria-hidden />
                    <span className={classes.name}>{row.name}</span>
                    {row.state !== 'same' && (
                      <span className={classes.sign} title={STATE_MARKS[row.state].word}>
                        {STATE_MARKS[row.state].sign}
                      </span>
                    )}
                  </button>
                  {!readOnly && (
                    <FileMenu
                      row={row}
                      executable={working.files.find(file => file.path === row.path)?.executable === true}
                      actions={actions}
                      rename={() => setNaming({ kind: 'rename', path: row.path })}
                      blame={working.base && address.blame(working.skillId, working.base.id, row.path)}
                    />
                  )}
                </>
              )}
            </li>
          ),
        )}
      </ul>
      {over && <p className={classes.drop}>Drop files to add them to the skill.</p>}
    </section>
  )
}

const indent = (depth: number) => ({ paddingLeft: 8 + depth * 14 })

const labelOf = (row: FileNode): string =>
  row.state !== 'same' ? `${row.name}, ${STATE_MARKS[row.state].word}` : row.name

/** `blame`: where the saved version of the file says who brought each line; null before there is one. */
type MenuProps = {
  row: FileNode
  executable: boolean
  actions: FileActions
  rename: () => void
  blame: string | null
}

function FileMenu({ row, executable, actions, rename, blame }: MenuProps) {
  return (
    <Menu position="bottom-end" withinPortal>
      <Menu.Target>
        <ActionIcon size={22} aria-label={`Actions for ${row.path}`} className={classes.more}>
          <IconDots size={15} stroke={1.5} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {row.state === 'removed' ? (
          <Menu.Item onClick={() => void actions.restore(row.path)}>Bring back</Menu.Item>
        ) : (
          <>
            <Menu.Item onClick={rename} rightSection="F2">
              Rename or move…
            </Menu.Item>
            <Menu.Item onClick={() => void actions.setExecutable(row.path, !executable)}>
              {executable ? 'Make not executable' : 'Make executable'}
            </Menu.Item>
            <Menu.Item onClick={() => void actions.remove(row.path)} rightSection="Del">
              Remove
            </Menu.Item>
            {blame && row.state !== 'added' && (
              <Menu.Item component={Link} href={blame}>
                Which version brought each line
              </Menu.Item>
            )}
          </>
        )}
      </Menu.Dropdown>
    </Menu>
  )
}
