import type { KeyboardEvent } from 'react'
import { useEffect, useRef } from 'react'
import type { CaseRow } from '../../shared/contract/cases.ts'
import classes from './cases.module.css'
import { useDrafts } from './draft.ts'

type Props = {
  cases: readonly CaseRow[]
  chosen: string | undefined
  onChoose: (id: string) => void
  onArchive: (row: CaseRow) => void
}

/** Cases by name: arrows move, Delete puts one away. */
export function CaseList({ cases, chosen, onChoose, onArchive }: Props) {
  const drafts = useDrafts(state => state.drafts)
  const list = useRef<HTMLDivElement>(null)
  useEffect(() => {
    if (chosen !== undefined) document.getElementById(optionId(chosen))?.scrollIntoView({ block: 'nearest' })
  }, [chosen])
  const onKeyDown = (event: KeyboardEvent) => {
    const at = cases.findIndex(row => row.id === chosen)
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: cases.length - 1 }[event.key]
    const row = cases[at]
    if (to !== undefined) {
      event.preventDefault()
      const next = cases[Math.min(cases.length - 1, Math.max(0, to))]
      if (next) onChoose(next.id)
    } else if (event.key === 'Delete' && row) onArchive(row)
  }
  return (
    <div
      className={classes.list}
      role="listbox"
      aria-label="Cases"
      tabIndex={0}
      ref={list}
      aria-activedescendant={chosen === undefined ? undefined : optionId(chosen)}
      onKeyDown={onKeyDown}
    >
      {cases.map(row => {
        const content = drafts[row.id]?.content ?? row.content
        return (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the list takes the keys
          <div
            key={row.id}
            id={optionId(row.id)}
            role="option"
            aria-selected={row.id === chosen}
            tabIndex={-1}
            className={classes.option}
            data-archived={row.archived}
            onClick={() => {
              onChoose(row.id)
              list.current?.focus()
            }}
          >
            <span className={classes.name}>
              {content.name || 'New case'}
              {drafts[row.id] && <span className={classes.mark}> · not saved</span>}
            </span>
            <span className={classes.quiet}>{facts(row)}</span>
          </div>
        )
      })}
    </div>
  )
}

const optionId = (id: string): string => `case-${id}`

function facts({ content, archived }: CaseRow): string {
  const { assertions, files, tags, weight } = content
  return [
    archived && 'archived',
    assertions.length === 1 ? '1 demand' : `${assertions.length} demands`,
    files.length > 0 && (files.length === 1 ? '1 file' : `${files.length} files`),
    weight !== 1 && `weight ${weight}`,
    ...tags,
  ]
    .filter(part => part !== false)
    .join(' · ')
}
