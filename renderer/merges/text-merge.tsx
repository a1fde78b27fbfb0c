import { Button, Switch } from '@mantine/core'
import { useEffect, useMemo, useRef, useState } from 'react'
import { CodeEditor } from '../editor/code-editor.tsx'
import { count, formatNumber } from '../ui/format.ts'
import { type Block, blocksOf } from './blocks.ts'
import { ConflictBlock } from './conflict-block.tsx'
import classes from './merges.module.css'
import type { Names } from './names.ts'
import { type FileMerge, sayRenamed, type Target, textOf } from './plan.ts'
import type { Settling, Step } from './settling.ts'
import textClasses from './text.module.css'
import { TextBlock } from './text-block.tsx'

type Props = {
  merge: Extract<FileMerge, { kind: 'text' }>
  settling: Settling
  decide: (step: Step) => void
  names: Names
  /** Number of this file's first conflict among all items of the merge, from 0. */
  first: number
  total: number
  target: Target | undefined
  /** The person is at an item, by its number among all. */
  onArrive: (item: number) => void
}

/** One merged text: the result with its conflicts in place, or, once settled, the result to be edited. */
export function TextMerge(props: Props) {
  const { merge, settling, decide, names } = props
  const { path } = merge.file
  const { conflicts, pieces, lineEnd } = merge.text.merged
  const [base, setBase] = useState(false)
  const choices = settling.conflicts[path] ?? {}
  const open = conflicts - Object.keys(choices).length
  const edited = settling.texts[path]
  const settled = textOf(merge, settling)
  const rest = (kind: 'left' | 'right') => decide({ do: 'choose-rest', path, conflicts, choice: { kind } })

  return (
    <section className={classes.merge} aria-label={path}>
      <div className={classes.bar}>
        <h2>{path}</h2>
        <span className={classes.facts}>
          {sayState(conflicts, open, edited !== undefined)}
          {lineEnd && `, all line ends ${lineEnd}`}
          {sayRenamed(merge.file)}
        </span>
        {edited === undefined && conflicts > 0 && merge.file.base && (
          <Switch
            size="xs"
            label={`Show ${names.base ?? 'the base'}`}
            checked={base}
            onChange={event => setBase(event.currentTarget.checked)}
          />
        )}
        {edited === undefined && open > 1 && (
          <>
            <Button variant="default" onClick={() => rest('left')}>
              Take {names.left} for the rest
            </Button>
            <Button variant="default" onClick={() => rest('right')}>
              Take {names.right} for the rest
            </Button>
          </>
        )}
        {edited === undefined && settled !== undefined && (
          <Button variant="default" onClick={() => decide({ do: 'edit', path, text: settled })}>
            Edit the result
          </Button>
        )}
        {edited !== undefined && (
          <Button variant="default" onClick={() => decide({ do: 'edit', path, text: undefined })}>
            {conflicts > 0 ? 'Back to the choices' : 'Back to what was merged'}
          </Button>
        )}
      </div>
      {edited === undefined ? (
        <Blocks {...props} pieces={pieces} choices={choices} base={base} />
      ) : (
        <CodeEditor
          documentId={`merge ${path}`}
          path={path}
          text={edited}
          onChange={text => decide({ do: 'edit', path, text })}
        />
      )}
    </section>
  )
}

function sayState(conflicts: number, open: number, edited: boolean): string {
  if (edited) return 'edited by hand, in place of the choices'
  if (conflicts === 0) return 'merged without a conflict'
  return open === 0
    ? `${count(conflicts, 'conflict')}, all settled`
    : `${formatNumber(open)} of ${count(conflicts, 'conflict')} to settle`
}

type BlocksProps = Props & {
  pieces: Parameters<typeof blocksOf>[0]
  choices: Settling['conflicts'][string]
  base: boolean
}

function Blocks({ merge, decide, names, first, total, target, onArrive, pieces, choices, base }: BlocksProps) {
  const { path } = merge.file
  const blocks = useMemo(() => blocksOf(pieces), [pieces])
  const list = useRef<HTMLDivElement>(null)
  useEffect(() => {
    if (target?.path !== path || target.index === undefined) return
    const conflict = list.current?.querySelector<HTMLElement>(`[data-conflict="${target.index}"]`)
    conflict?.scrollIntoView({ block: 'center' })
    conflict?.focus({ preventScroll: true })
  }, [target, path])
  return (
    <div className={textClasses.blocks} ref={list}>
      {blocks.map((block, at) =>
        block.kind === 'conflict' ? (
          <ConflictBlock
            key={keyOf(block, at)}
            conflict={block}
            choice={choices[block.index]}
            names={names}
            base={base}
            path={path}
            item={first + block.index}
            total={total}
            decide={decide}
            onArrive={onArrive}
          />
        ) : (
          <TextBlock
            key={keyOf(block, at)}
            block={block}
            names={names}
            first={at === 0}
            last={at === blocks.length - 1}
          />
        ),
      )}
    </div>
  )
}

/** A text's blocks never change places. */
const keyOf = (block: Block, at: number): string => `${block.kind} ${at}`
