import { Button, Group, TextInput } from '@mantine/core'
import { useId, useRef, useState } from 'react'
import classes from './file-tree.module.css'
import { nameProblem } from './files.ts'

type Props = {
  label: string
  /** The name it has; '' for a new file. */
  initial: string
  taken: readonly string[]
  /** `undefined`: nothing is to be done. */
  onDone: (name: string | undefined) => void
  /** Shows the file that has the name already. */
  onOpen: (path: string) => void
}

/**
 * Asks for a file's path. What cannot be is said below the field while the text stays; a name that is taken can be opened, or a
 * free one like it taken. Enter agrees, Escape leaves all as it is, and so does going away, unless the name is good.
 */
export function NameField({ label, initial, taken, onDone, onOpen }: Props) {
  const [value, setValue] = useState(initial)
  const [told, setTold] = useState(false)
  const done = useRef(false)
  const box = useRef<HTMLFieldSetElement>(null)
  const hint = useId()
  const path = value.trim()
  const problem = path === '' || path === initial ? undefined : nameProblem(path, taken, initial || undefined)
  const finish = (name: string | undefined) => {
    if (!done.current) onDone(name)
    done.current = true
  }
  const agree = () => {
    if (problem) setTold(true)
    else finish(path === '' || path === initial ? undefined : path)
  }
  const { free } = problem ?? {}
  return (
    <fieldset
      className={classes.naming}
      ref={box}
      onBlur={event => {
        if (box.current?.contains(event.relatedTarget)) return
        if (problem === undefined) agree()
        else setTold(true)
      }}
      onKeyDown={event => {
        if (event.key === 'Escape') finish(undefined)
      }}
    >
      <TextInput
        aria-label={label}
        aria-describedby={hint}
        placeholder="references/notes.md"
        className={classes.field}
        value={value}
        autoFocus
        error={told && problem ? problem.message : undefined}
        onFocus={event => event.currentTarget.setSelectionRange(initial.lastIndexOf('/') + 1, stemEnd(initial))}
        onChange={event => setValue(event.currentTarget.value)}
        onKeyDown={event => {
          if (event.key === 'Enter') agree()
        }}
      />
      {told && problem && (
        <Group id={hint} gap="xs" className={classes.choices}>
          {free !== undefined && (
            <Button size="compact-xs" onClick={() => finish(free)}>
              Call it {free.slice(free.lastIndexOf('/') + 1)}
            </Button>
          )}
          {problem.taken !== undefined && initial === '' && (
            <Button
              size="compact-xs"
              variant="default"
              onClick={() => {
                finish(undefined)
                onOpen(problem.taken ?? path)
              }}
            >
              Open the one there
            </Button>
          )}
          <Button size="compact-xs" variant="default" onClick={() => finish(undefined)}>
            Cancel
          </Button>
        </Group>
      )}
    </fieldset>
  )
}

function stemEnd(path: string): number {
  const dot = path.lastIndexOf('.')
  return dot > path.lastIndexOf('/') + 1 ? dot : path.length
}
