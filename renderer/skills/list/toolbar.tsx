import { CloseButton, Menu, TextInput, Tooltip } from '@mantine/core'
import { useDebouncedCallback } from '@mantine/hooks'
import { IconColumns3, IconSearch } from '@tabler/icons-react'
import { type KeyboardEvent, type Ref, useEffect, useImperativeHandle, useRef, useState } from 'react'
import type { LibraryView, SkillFilter } from '../../routes.ts'
import { formatNumber } from '../../ui/format.ts'
import { IconAction } from '../../ui/icon-action.tsx'
import { COLUMNS, useColumnChoice } from './columns.ts'
import classes from './list.module.css'

const FILTERS: readonly { key: SkillFilter; label: string; about: string }[] = [
  { key: 'changed', label: 'Changed', about: 'The working copy has changes that no version holds yet' },
  { key: 'invalid', label: 'Invalid', about: 'The latest version has errors under the profile chosen in the settings' },
  { key: 'unpublished', label: 'Behind', about: 'Newer versions are not published' },
  { key: 'published', label: 'Published', about: 'A version is published' },
  { key: 'draft', label: 'Draft', about: 'No version is published' },
  { key: 'archived', label: 'Archived', about: 'Put away; shown only here' },
]

/** Long enough not to ask for every letter of a quick typist, short enough not to be felt. */
const TYPING_MS = 80

export type SearchHandle = { focus: () => void; type: (letter: string) => void }

type Props = {
  view: LibraryView
  counts: Partial<Record<SkillFilter, number>>
  onChange: (change: Partial<LibraryView>) => void
  /** Enter and the down arrow leave the field for the list. */
  onOpenFirst: () => void
  onDown: () => void
  ref?: Ref<SearchHandle>
}

export function Toolbar({ view, counts, onChange, onOpenFirst, onDown, ref }: Props) {
  const toggle = (key: SkillFilter) =>
    onChange({
      filters: view.filters.includes(key) ? view.filters.filter(other => other !== key) : [...view.filters, key],
    })
  return (
    <div className={classes.toolbar} role="toolbar" aria-label="Search and filter">
      <SearchField {...{ onOpenFirst, onDown, ref }} query={view.query} onQuery={query => onChange({ query })} />
      <div className={classes.chips}>
        {FILTERS.map(({ key, label, about }) => (
          <Tooltip label={about} key={key}>
            <button
              type="button"
              className={classes.chip}
              aria-pressed={view.filters.includes(key)}
              onClick={() => toggle(key)}
            >
              {label} <span>{formatNumber(counts[key])}</span>
            </button>
          </Tooltip>
        ))}
      </div>
      <ColumnMenu />
    </div>
  )
}

type SearchProps = Pick<Props, 'onOpenFirst' | 'onDown' | 'ref'> & { query: string; onQuery: (query: string) => void }

function SearchField({ query, onQuery, onOpenFirst, onDown, ref }: SearchProps) {
  const input = useRef<HTMLInputElement>(null)
  const [text, setText] = useState(query)
  const sent = useRef(query)
  const send = useDebouncedCallback((next: string) => {
    sent.current = next
    onQuery(next)
  }, TYPING_MS)
  // The address changed by another hand: back, forward, or 'clear the search'.
  useEffect(() => {
    if (query === sent.current) return
    sent.current = query
    setText(query)
  }, [query])
  const put = (next: string) => {
    setText(next)
    send(next)
  }
  useImperativeHandle(ref, () => ({
    focus: () => {
      input.current?.focus()
      input.current?.select()
    },
    type: letter => {
      input.current?.focus()
      put(text + letter)
    },
  }))
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'ArrowDown') onDown()
    else if (event.key === 'Enter') onOpenFirst()
    else if (event.key === 'Escape' && text !== '') put('')
    else return
    event.preventDefault()
  }
  return (
    <TextInput
      ref={input}
      className={classes.search}
      type="text"
      role="searchbox"
      aria-label="Search this library"
      placeholder="Search names, descriptions, tags and texts"
      leftSection={<IconSearch size={14} aria-hidden />}
      rightSection={text !== '' && <CloseButton size="sm" aria-label="Clear the search" onClick={() => put('')} />}
      value={text}
      onChange={event => put(event.currentTarget.value)}
      onKeyDown={onKeyDown}
      spellCheck={false}
    />
  )
}

function ColumnMenu() {
  const { hidden, toggle } = useColumnChoice()
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <IconAction name="Columns">
          <IconColumns3 size={18} stroke={1.5} />
        </IconAction>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>Columns</Menu.Label>
        {COLUMNS.filter(column => column.key !== 'name').map(({ key, label }) => (
          <Menu.CheckboxItem key={key} checked={!hidden.includes(key)} onChange={() => toggle(key)}>
            {label}
          </Menu.CheckboxItem>
        ))}
      </Menu.Dropdown>
    </Menu>
  )
}
