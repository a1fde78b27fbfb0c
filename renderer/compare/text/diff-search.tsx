import { TextInput } from '@mantine/core'
import { IconArrowDown, IconArrowUp, IconLetterCase, IconX } from '@tabler/icons-react'
import { type KeyboardEvent, useEffect, useRef } from 'react'
import { formatNumber } from '../../ui/format.ts'
import { IconAction } from '../../ui/icon-action.tsx'
import type { Found } from './pane-search.ts'
import classes from './text-diff.module.css'

export type Sought = { text: string; caseSensitive: boolean }
type Props = {
  sought: Sought
  found: Found | undefined
  /** Changes whenever a person asks for the search again. */
  asked: number
  onSeek: (sought: Sought) => void
  onStep: (by: 1 | -1) => void
  onClose: () => void
}

/** Searches both sides at once. */
export function DiffSearch({ sought, found, asked, onSeek, onStep, onClose }: Props) {
  const input = useRef<HTMLInputElement>(null)
  useEffect(() => {
    if (asked > 0) input.current?.select()
  }, [asked])
  const keys = (event: KeyboardEvent) => {
    if (event.key === 'Escape') onClose()
    else if (event.key === 'Enter' || event.key === 'F3') onStep(event.shiftKey ? -1 : 1)
    else return
    event.preventDefault()
    event.stopPropagation()
  }
  const none = !found || found.total === 0
  return (
    <search className={classes.search}>
      <TextInput
        ref={input}
        size="xs"
        aria-label="Search both sides"
        placeholder="Search both sides"
        value={sought.text}
        onChange={event => onSeek({ ...sought, text: event.currentTarget.value })}
        onKeyDown={keys}
        spellCheck={false}
      />
      <output className={classes.position}>{sought.text === '' ? '' : sayFound(found)}</output>
      <IconAction name="Previous match" shortcut="shift+Enter" disabled={none} onClick={() => onStep(-1)}>
        <IconArrowUp size={16} stroke={1.5} />
      </IconAction>
      <IconAction name="Next match" shortcut="Enter" disabled={none} onClick={() => onStep(1)}>
        <IconArrowDown size={16} stroke={1.5} />
      </IconAction>
      <IconAction
        name="Match upper and lower case"
        aria-pressed={sought.caseSensitive}
        variant={sought.caseSensitive ? 'light' : 'subtle'}
        color={sought.caseSensitive ? 'steel' : 'gray'}
        onClick={() => onSeek({ ...sought, caseSensitive: !sought.caseSensitive })}
      >
        <IconLetterCase size={16} stroke={1.5} />
      </IconAction>
      <IconAction name="Close the search" shortcut="Escape" onClick={onClose}>
        <IconX size={16} stroke={1.5} />
      </IconAction>
    </search>
  )
}

function sayFound(found: Found | undefined): string {
  if (found?.busy) return 'Searching…'
  if (!found || found.total === 0) return 'No results'
  return `${formatNumber(found.at + 1)} of ${formatNumber(found.total)}${found.more ? '+' : ''}`
}
