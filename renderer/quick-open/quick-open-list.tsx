import { IconSearch } from '@tabler/icons-react'
import { type KeyboardEvent, useEffect, useState } from 'react'
import { Highlight } from '../ui/highlight.tsx'
import { sayShortcut } from '../ui/shortcut.ts'
import classes from './quick-open.module.css'
import { useSkillHits } from './skill-hits.ts'
import { type Action, matching } from './use-actions.ts'

type Props = { recents: readonly Action[]; actions: readonly Action[]; close: () => void }

/** A field and what it finds, as one combobox: the field keeps the focus and names the chosen line. */
export function QuickOpenList({ recents, actions, close }: Props) {
  const [text, setText] = useState('')
  const [chosen, setChosen] = useState(0)
  // Enter pressed before the hits have come opens the first of them when they have.
  const [entered, setEntered] = useState(false)
  const words = text.trim().toLowerCase()
  const { hits, settled } = useSkillHits(words)
  const groups = [
    { name: words === '' ? 'Recent' : 'Skills', lines: words === '' ? recents : hits },
    { name: 'Actions', lines: matching(actions, words) },
  ].filter(group => group.lines.length > 0)
  const lines = groups.flatMap(group => group.lines)
  const active = Math.min(chosen, lines.length - 1)
  const run = (action: Action | undefined) => {
    if (action === undefined) return
    close()
    action.run()
  }
  useEffect(() => {
    if (!entered || !settled) return
    setEntered(false)
    const [first] = lines
    if (first === undefined) return
    close()
    first.run()
  })
  const onKeyDown = (event: KeyboardEvent) => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0
    if (step !== 0 && lines.length > 0) setChosen((active + step + lines.length) % lines.length)
    else if (event.key === 'Enter' && !settled && active <= 0) setEntered(true)
    else if (event.key === 'Enter') run(lines[active])
    else return
    event.preventDefault()
  }
  let index = -1
  return (
    <>
      <div className={classes.field}>
        <IconSearch size={16} stroke={1.5} aria-hidden />
        <input
          type="text"
          role="combobox"
          aria-label="Search, or jump to"
          aria-expanded
          aria-controls="quick-open-lines"
          aria-activedescendant={active >= 0 ? lineId(active) : undefined}
          aria-autocomplete="list"
          placeholder="Search skills, or type what to do"
          value={text}
          onChange={event => {
            setText(event.currentTarget.value)
            setChosen(0)
            setEntered(false)
          }}
          onKeyDown={onKeyDown}
          spellCheck={false}
          autoComplete="off"
          // biome-ignore lint/a11y/noAutofocus: opened by a key, to type in
          autoFocus
        />
      </div>
      <div className={classes.lines} role="listbox" id="quick-open-lines" aria-label="Found" tabIndex={-1}>
        {groups.map(group => (
          // biome-ignore lint/a11y/useSemanticElements: a group of options, not of form fields
          <div key={group.name} role="group" aria-label={group.name}>
            <div className={classes.heading} aria-hidden>
              {group.name}
            </div>
            {group.lines.map(action => {
              index += 1
              return <Line key={action.id} id={lineId(index)} action={action} chosen={index === active} run={run} />
            })}
          </div>
        ))}
        {lines.length === 0 && settled && <p className={classes.none}>Nothing here is called that.</p>}
      </div>
    </>
  )
}

const lineId = (index: number): string => `quick-open-${index}`

type LineProps = { id: string; action: Action; chosen: boolean; run: (action: Action) => void }

function Line({ id, action, chosen, run }: LineProps) {
  const { label, detail, shortcut, snippet } = action
  useEffect(() => {
    if (chosen) document.getElementById(id)?.scrollIntoView({ block: 'nearest' })
  }, [chosen, id])
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the field above has the focus and the keys
    // biome-ignore lint/a11y/useFocusableInteractive: named by the field (aria-activedescendant), never focused
    <div className={classes.line} role="option" id={id} aria-selected={chosen} onClick={() => run(action)}>
      <span className={classes.label}>{label}</span>
      <span className={classes.detail}>{shortcut === undefined ? detail : sayShortcut(shortcut)}</span>
      {snippet !== undefined && (
        <span className={classes.snippet}>
          <Highlight snippet={snippet} lead={60} />
        </span>
      )}
    </div>
  )
}
