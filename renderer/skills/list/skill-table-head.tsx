import { IconArrowDown, IconArrowUp } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import type { SkillSort } from '../../routes.ts'
import type { Column } from './columns.ts'
import classes from './list.module.css'

type Props = {
  columns: readonly Column[]
  sort: SkillSort | undefined
  descending: boolean
  onSort: (column: Column) => void
  /** What stands above the checkboxes. */
  children: ReactNode
}

/** Headings that sort: pressed again, the other way round. */
export function SkillTableHead({ columns, sort, descending, onSort, children }: Props) {
  return (
    <thead>
      <tr aria-rowindex={1}>
        <th scope="col" className={classes.check}>
          {children}
        </th>
        {columns.map(column => (
          <th
            key={column.key}
            scope="col"
            title={column.about}
            data-figures={column.figures || undefined}
            aria-label={column.label}
            aria-sort={
              column.sort === undefined || column.sort !== sort ? undefined : descending ? 'descending' : 'ascending'
            }
          >
            {column.sort === undefined ? (
              column.label
            ) : (
              <button
                type="button"
                className={classes.heading}
                aria-label={`Sort by ${column.label.toLowerCase()}`}
                onClick={() => onSort(column)}
              >
                {column.sort === sort && <Arrow descending={descending} />}
                {column.heading ?? column.label}
              </button>
            )}
          </th>
        ))}
      </tr>
    </thead>
  )
}

const Arrow = ({ descending }: { descending: boolean }) =>
  descending ? <IconArrowDown size={12} aria-hidden /> : <IconArrowUp size={12} aria-hidden />
