import { memo } from 'react'
import type { SkillRow } from '../../../shared/contract/skills.ts'
import { cellOf } from './cells.tsx'
import type { Column } from './columns.ts'
import classes from './list.module.css'

type Props = {
  id: string
  index: number
  /** Undefined while its page is on the way: the row keeps its place. */
  row: SkillRow | undefined
  columns: readonly Column[]
  active: boolean
  selected: boolean
  /** Pixels from the top of the body. */
  start: number
  now: number
}

/** One skill. Drawn again only when something of its own changed. Clicks and keys are the grid's. The browser's own checkbox: a row must be cheap. */
export const SkillTableRow = memo(function SkillTableRow(props: Props) {
  const { id, index, row, columns, active, selected, start, now } = props
  return (
    <tr
      id={id}
      data-index={index}
      data-active={active || undefined}
      aria-rowindex={index + 2}
      aria-selected={selected}
      aria-busy={row === undefined || undefined}
      style={{ transform: `translateY(${start}px)` }}
    >
      <td className={classes.check} data-check>
        {row && <input type="checkbox" checked={selected} readOnly tabIndex={-1} aria-label={`Select ${row.name}`} />}
      </td>
      {columns.map(column => {
        const cell = row && cellOf(column.key, row, now)
        return (
          <td key={column.key} data-column={column.key} data-figures={column.figures || undefined} title={cell?.title}>
            {cell ? cell.content : <div className={classes.bar} />}
          </td>
        )
      })}
    </tr>
  )
})
