import { Button, Textarea } from '@mantine/core'
import { type KeyboardEvent, memo, useMemo, useRef, useState } from 'react'
import { refine } from '../../shared/domain/diff/words.ts'
import { formatNumber } from '../ui/format.ts'
import { onKeys } from '../ui/shortcut.ts'
import type { Block } from './blocks.ts'
import type { Names } from './names.ts'
import { type Choice, chosenText, type Step } from './settling.ts'
import classes from './text.module.css'

type Conflict = Extract<Block, { kind: 'conflict' }>
type Props = {
  conflict: Conflict
  choice: Choice | undefined
  names: Names
  /** Whether the base is shown between the two. */
  base: boolean
  path: string
  /** Its number among all that is to be settled, from 0. */
  item: number
  total: number
  decide: (step: Step) => void
  onArrive: (item: number) => void
}

/** Lines that both sides changed: both of them, and what to do about it. L, R, B and E choose while it has the focus. */
export const ConflictBlock = memo(function ConflictBlock(props: Props) {
  const { conflict, choice, names, base, path, item, total, decide, onArrive } = props
  const section = useRef<HTMLElement>(null)
  const [editing, setEditing] = useState(false)
  const [looking, setLooking] = useState(false)
  const name = `Conflict ${formatNumber(item + 1)} of ${formatNumber(total)}`
  const onChoose = (made: Choice | undefined) => decide({ do: 'choose', path, index: conflict.index, choice: made })
  const state = choice ? sayChoice(choice, names) : 'not settled'
  const pick = (kind: 'left' | 'right' | 'both') => {
    setEditing(false)
    onChoose(choice?.kind === kind ? undefined : { kind })
  }
  const press = (event: KeyboardEvent) => {
    if (event.target !== event.currentTarget || event.ctrlKey || event.metaKey || event.altKey) return
    const key = event.key.toLowerCase()
    if (key === 'l') pick('left')
    else if (key === 'r') pick('right')
    else if (key === 'b') pick('both')
    else if (key === 'e') setEditing(true)
    else return
    event.preventDefault()
  }
  return (
    <section
      ref={section}
      className={classes.conflict}
      data-settled={choice !== undefined}
      data-conflict={conflict.index}
      aria-label={`${name}, ${state}`}
      tabIndex={-1}
      onKeyDown={press}
      onFocus={() => onArrive(item)}
    >
      <div className={classes.choices}>
        <strong>{name}</strong>
        <span className={classes.verdict} data-settled={choice !== undefined}>
          {choice ? '✓' : '●'} {state}
        </span>
        <ChoiceButton name={`Take ${names.left}`} letter="L" on={choice?.kind === 'left'} run={() => pick('left')} />
        <ChoiceButton name={`Take ${names.right}`} letter="R" on={choice?.kind === 'right'} run={() => pick('right')} />
        <ChoiceButton name="Take both" letter="B" on={choice?.kind === 'both'} run={() => pick('both')} />
        <ChoiceButton name="Edit…" letter="E" on={choice?.kind === 'edited'} run={() => setEditing(true)} />
      </div>
      {editing ? (
        <ByHand
          name={name}
          initial={chosenText(choice ?? { kind: 'both' }, conflict)}
          onDone={text => {
            setEditing(false)
            section.current?.focus({ preventScroll: true })
            if (text !== undefined) onChoose({ kind: 'edited', text })
          }}
        />
      ) : (
        choice && <Outcome text={chosenText(choice, conflict)} looking={looking} onLook={() => setLooking(!looking)} />
      )}
      {(!choice || looking || editing) && <Sides conflict={conflict} names={names} base={base} />}
    </section>
  )
})

function sayChoice(choice: Choice, names: Names): string {
  switch (choice.kind) {
    case 'left':
      return `settled: ${names.left}`
    case 'right':
      return `settled: ${names.right}`
    case 'both':
      return `settled: ${names.left}, then ${names.right}`
    case 'edited':
      return 'settled: edited by hand'
    default:
      return choice satisfies never
  }
}

/** Plain buttons: a text may have hundreds of conflicts. */
function ChoiceButton({ name, letter, on, run }: { name: string; letter: string; on: boolean; run: () => void }) {
  return (
    <button
      type="button"
      className={classes.choice}
      aria-pressed={on}
      aria-keyshortcuts={letter}
      title={`${name} (${letter})`}
      onClick={run}
    >
      {name}
    </button>
  )
}

function Outcome({ text, looking, onLook }: { text: string; looking: boolean; onLook: () => void }) {
  return (
    <div className={classes.outcome}>
      {text === '' ? <p className={classes.removed}>nothing: these lines are left out</p> : <pre>{text}</pre>}
      <button type="button" className={classes.look} aria-expanded={looking} onClick={onLook}>
        {looking ? 'Hide both sides' : 'Show both sides'}
      </button>
    </div>
  )
}

function ByHand({
  name,
  initial,
  onDone,
}: {
  name: string
  initial: string
  onDone: (text: string | undefined) => void
}) {
  const [text, setText] = useState(initial)
  // What is edited are whole lines, whose last line break nobody sees.
  const use = () => onDone(text === '' || text.endsWith('\n') || !initial.endsWith('\n') ? text : `${text}\n`)
  return (
    <div className={classes.byHand}>
      <Textarea
        aria-label={`${name}, by hand`}
        autosize
        minRows={3}
        maxRows={20}
        autoFocus
        spellCheck={false}
        classNames={{ input: classes.code }}
        value={text}
        onChange={event => setText(event.currentTarget.value)}
        onKeyDown={onKeys([
          ['mod+Enter', use],
          ['Escape', () => onDone(undefined)],
        ])}
      />
      <div className={classes.buttons}>
        <Button onClick={use}>Use this text</Button>
        <Button variant="default" onClick={() => onDone(undefined)}>
          Cancel
        </Button>
      </div>
    </div>
  )
}

/** Longer than this to find the changed words, and they are not marked. */
const WORDS_MS = 50

function Sides({ conflict, names, base }: { conflict: Conflict; names: Names; base: boolean }) {
  const { left, right } = conflict
  const ranges = useMemo(() => refine(left, right, { budgetMs: WORDS_MS }), [left, right])
  return (
    <div className={classes.sides} data-base={base && names.base !== undefined}>
      <SideText name={names.left} side="left" text={left} marks={ranges.map(each => [each.aFrom, each.aTo])} />
      {base && names.base !== undefined && (
        <SideText name={`${names.base}, what both come from`} side="base" text={conflict.base} marks={[]} />
      )}
      <SideText name={names.right} side="right" text={right} marks={ranges.map(each => [each.bFrom, each.bTo])} />
    </div>
  )
}

type SideTextProps = { name: string; side: 'left' | 'base' | 'right'; text: string; marks: readonly number[][] }

function SideText({ name, side, text, marks }: SideTextProps) {
  return (
    <div className={classes.side} data-side={side}>
      <h3>{name}</h3>
      {text === '' ? (
        <p className={classes.removed}>
          {side === 'base' ? 'nothing: these lines are new' : 'nothing: it has no such lines'}
        </p>
      ) : (
        <pre>{marked(text, marks)}</pre>
      )}
    </div>
  )
}

/** The text with the words that differ from the other side in marks. */
function marked(text: string, marks: readonly number[][]) {
  let at = 0
  const parts = []
  for (const [from = 0, to = 0] of marks) {
    if (from === to) continue
    parts.push(text.slice(at, from), <mark key={from}>{text.slice(from, to)}</mark>)
    at = to
  }
  return [...parts, text.slice(at)]
}
