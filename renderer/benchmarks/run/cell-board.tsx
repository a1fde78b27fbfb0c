import classes from '../benchmarks.module.css'
import type { Cell } from './use-batch.ts'

const SHOWN = 600
const SIGNS = { running: '…', done: '✓', failed: '✗' } satisfies Record<Cell['state'], string>

/** The cells that moved while one looks, newest last: each with its sign, and its quality once it has one. */
export function CellBoard({ cells }: { cells: ReadonlyMap<string, Cell> }) {
  const shown = [...cells].slice(-SHOWN)
  if (shown.length === 0) return null
  return (
    <ul className={classes.board} aria-label="Cells">
      {shown.map(([key, cell]) => (
        <li
          key={key}
          data-state={cell.state}
          title={`${cell.model}, repeat ${cell.repeat}: ${cell.state}${cell.quality === null ? '' : `, quality ${Math.round(cell.quality)}`}`}
        >
          {cell.state === 'done' && cell.quality !== null ? Math.round(cell.quality) : SIGNS[cell.state]}
        </li>
      ))}
    </ul>
  )
}
