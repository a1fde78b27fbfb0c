import type { KeyboardEvent } from 'react'
import { rowAfterKey } from './row-keys.ts'
import type { TableProps } from './skill-table.tsx'

/** The keys of the grid, as its ARIA pattern has them; letters go to the search. `pageRows` says how many rows fit. */
export function useTableKeys(
  props: TableProps,
  active: number,
  moveTo: (index: number) => void,
  pageRows: () => number,
): (event: KeyboardEvent) => void {
  const { total, selection, onOpen, onSelect, onExtend, onSelectAll, onClear, onType } = props
  return event => {
    // A heading or a checkbox inside has the focus: its keys are its own.
    if (event.target !== event.currentTarget) return
    const command = event.ctrlKey || event.metaKey
    const next = command || event.altKey ? undefined : rowAfterKey(event.key, active, total, pageRows())
    const does = (run: () => void) => {
      event.preventDefault()
      run()
    }
    if (next !== undefined)
      does(() => {
        moveTo(next)
        if (event.shiftKey) onExtend(selection.anchor ?? active, next)
      })
    else if (command && event.key.toLowerCase() === 'a') does(onSelectAll)
    else if (command || event.altKey) return
    else if (event.key === 'Enter' && total > 0) does(() => onOpen(active))
    else if (event.key === ' ' && total > 0)
      does(() => (event.shiftKey ? onExtend(selection.anchor ?? active, active) : onSelect(active)))
    else if (event.key === 'Escape') does(onClear)
    else if (event.key.length === 1 && event.key !== ' ') does(() => onType(event.key))
  }
}
