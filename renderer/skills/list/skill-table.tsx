import { defaultRangeExtractor, type Range, useVirtualizer } from '@tanstack/react-virtual'
import { type CSSProperties, type MouseEvent, type Ref, useEffect, useImperativeHandle, useMemo, useRef } from 'react'
import type { LibraryView } from '../../routes.ts'
import { useNow } from '../../ui/time.tsx'
import { type Column, orderOf } from './columns.ts'
import classes from './list.module.css'
import type { ListPosition } from './position.ts'
import type { Selection } from './selection.ts'
import { useSkillRows } from './skill-pages.ts'
import { SkillTableHead } from './skill-table-head.tsx'
import { SkillTableRow } from './skill-table-row.tsx'
import { useTableKeys } from './table-keys.ts'

export const ROW_HEIGHT = 32
export const HEAD_HEIGHT = 33

export type TableHandle = { focus: () => void }

export type TableProps = {
  tenantId: string
  /** What is on screen, and how many rows it has. */
  view: LibraryView
  total: number
  columns: readonly Column[]
  position: ListPosition
  selection: Selection
  onSort: (column: Column) => void
  onOpen: (index: number) => void
  /** One row in or out. */
  onSelect: (index: number) => void
  /** Everything between two rows, both included, instead of what was selected. */
  onExtend: (from: number, to: number) => void
  onSelectAll: () => void
  onClear: () => void
  /** A letter typed in the list belongs to the search. */
  onType: (letter: string) => void
  ref?: Ref<TableHandle>
}

/**
 * The library as a grid. One tab stop: the grid has the focus and names its active row (`aria-activedescendant`), which
 * therefore is always drawn, though only the rows in view are.
 */
export function SkillTable(props: TableProps) {
  const { tenantId, view, total, columns, position, selection, onSelect, onExtend, onSelectAll, onSort, ref } = props
  const scroll = useRef<HTMLDivElement>(null)
  const table = useRef<HTMLTableElement>(null)
  const active = Math.min(position.active, Math.max(0, total - 1))
  const virtualizer = useVirtualizer({
    count: total,
    getScrollElement: () => scroll.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: 10,
    // The heading lies over the top of the scrolling box.
    scrollPaddingStart: HEAD_HEIGHT,
    initialOffset: position.offset,
    rangeExtractor: range => withActive(range, active, total),
  })
  const items = virtualizer.getVirtualItems()
  const [first, last] = [items[0]?.index ?? 0, items.at(-1)?.index ?? 0]
  const rowAt = useSkillRows(tenantId, view, first, last)
  const now = useNow()
  usePosition(scroll, view, position)
  useFirstFocus(table)
  useImperativeHandle(ref, () => ({ focus: () => table.current?.focus() }), [])

  const moveTo = (index: number) => {
    position.setActive(index)
    virtualizer.scrollToIndex(index, { align: 'auto' })
  }
  const onKeyDown = useTableKeys(props, active, moveTo, () =>
    Math.floor(((scroll.current?.clientHeight ?? 0) - HEAD_HEIGHT) / ROW_HEIGHT),
  )
  const onClick = (event: MouseEvent) => {
    const index = rowIndexOf(event.target)
    if (index === undefined || !(event.target instanceof Element)) return
    position.setActive(index)
    const inCheck = event.target.closest('[data-check]') !== null
    if (!inCheck && event.target.closest('a')) return
    if (event.shiftKey) onExtend(selection.anchor ?? active, index)
    else if (inCheck || event.metaKey || event.ctrlKey) onSelect(index)
    else props.onOpen(index)
  }
  const style = useMemo<CSSProperties & Record<`--${string}`, string>>(
    () => ({ '--columns': `32px ${columns.map(column => column.width).join(' ')}` }),
    [columns],
  )
  return (
    <div className={classes.scroll} ref={scroll} tabIndex={-1}>
      <table
        ref={table}
        className={classes.table}
        style={style}
        // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: a table whose rows are walked by keys is the grid of the ARIA patterns
        role="grid"
        aria-label="Skills"
        aria-rowcount={total + 1}
        aria-colcount={columns.length + 1}
        aria-multiselectable
        aria-activedescendant={total > 0 ? rowId(active) : undefined}
        tabIndex={0}
        onKeyDown={onKeyDown}
        onClick={onClick}
      >
        <SkillTableHead columns={columns} {...orderOf(view)} onSort={onSort}>
          <input
            type="checkbox"
            aria-label="Select all"
            checked={total > 0 && selection.rows.size === total}
            ref={box => {
              if (box) box.indeterminate = selection.rows.size > 0 && selection.rows.size < total
            }}
            onChange={() => (selection.rows.size === total ? props.onClear() : onSelectAll())}
          />
        </SkillTableHead>
        <tbody style={{ height: virtualizer.getTotalSize() }}>
          {items.map(({ index, start }) => {
            const row = rowAt(index)
            return (
              <SkillTableRow
                key={index}
                id={rowId(index)}
                {...{ index, row, columns, start, now }}
                active={index === active}
                selected={row !== undefined && selection.rows.has(row.id)}
              />
            )
          })}
        </tbody>
      </table>
    </div>
  )
}

const rowId = (index: number): string => `skill-row-${index}`

function rowIndexOf(target: EventTarget): number | undefined {
  const row = target instanceof Element ? target.closest<HTMLElement>('tr[data-index]') : null
  return row === null ? undefined : Number(row.dataset.index)
}

function withActive(range: Range, active: number, total: number): number[] {
  const drawn = defaultRangeExtractor(range)
  if (total === 0 || drawn.includes(active)) return drawn
  return active < (drawn[0] ?? 0) ? [active, ...drawn] : [...drawn, active]
}

/** Whoever comes to the list without having anything in hand has the list in hand. */
function useFirstFocus(table: { current: HTMLElement | null }): void {
  useEffect(() => {
    if (document.activeElement === document.body || document.activeElement?.id === 'place')
      table.current?.focus({ preventScroll: true })
  }, [table])
}

/** Another view starts at the top; leaving and coming back finds the list where it was. */
function usePosition(
  scroll: { current: HTMLDivElement | null },
  view: LibraryView,
  { setActive, setOffset }: ListPosition,
): void {
  const shown = useRef(view)
  useEffect(() => {
    if (shown.current === view) return
    shown.current = view
    setActive(0)
    if (scroll.current) scroll.current.scrollTop = 0
  }, [view, setActive, scroll])
  useEffect(() => {
    const element = scroll.current
    if (element === null) return
    const keep = () => setOffset(element.scrollTop)
    element.addEventListener('scroll', keep, { passive: true })
    return () => element.removeEventListener('scroll', keep)
  }, [setOffset, scroll])
}
