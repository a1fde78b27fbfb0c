import { useElementSize } from '@mantine/hooks'
import { IconArrowAutofitWidth, IconMinus, IconPlus } from '@tabler/icons-react'
import { type KeyboardEvent, type MouseEvent, useEffect, useLayoutEffect, useRef, useState } from 'react'
import { IconAction } from '../../ui/icon-action.tsx'
import { Drawing } from './drawing.tsx'
import { ActiveValues, RowLabels } from './figures.tsx'
import { CLOSE, columnAt, SIDE, WIDE, widthOf, xOf } from './geometry.ts'
import classes from './picture.module.css'
import { type Picture, sayVersion } from './picture.ts'

type Props = {
  picture: Picture
  picked: readonly string[]
  onPick: (id: string) => void
  onOpen: (id: string) => void
}

/**
 * The graph and the charts over one axis. One thing to focus: arrows go along the versions, Enter opens one, Space or a
 * click picks it; the pointer shows what it is over.
 */
export function Plot({ picture, picked, onPick, onOpen }: Props) {
  const { nodes } = picture.graph
  const last = nodes.length - 1
  const [at, setAt] = useState(last)
  const [over, setOver] = useState<number>()
  const scroller = useRef<HTMLDivElement>(null)
  const canvas = useRef<HTMLDivElement>(null)
  const { ref: sized, width } = useElementSize()
  const { step, zoom } = useStep(width, nodes.length)
  const focused = Math.min(at, last)
  const shown = Math.min(over ?? focused, last)
  const wide = Math.max(width, widthOf(nodes.length, step))
  // Of the list only what is at hand is in the page: the version one is at, and those picked.
  const options = nodes.flatMap(({ column, version }) =>
    column === focused || picked.includes(version.id) ? column : [],
  )
  const idOf = (column: number): string => nodes[column]?.version.id ?? ''

  // The newest is what one comes for; another step keeps what was in the middle.
  const middle = useRef<number>(undefined)
  useLayoutEffect(() => {
    const area = scroller.current
    if (!area || width === 0) return
    area.scrollLeft = middle.current === undefined ? area.scrollWidth : xOf(middle.current, step) - width / 2
  }, [step, width])
  const go = (column: number) => {
    const next = Math.max(0, Math.min(last, column))
    setAt(next)
    setOver(undefined)
    const area = scroller.current
    if (!area) return
    const x = xOf(next, step)
    if (x - SIDE < area.scrollLeft) area.scrollLeft = x - SIDE
    else if (x + SIDE > area.scrollLeft + area.clientWidth) area.scrollLeft = x + SIDE - area.clientWidth
  }
  const press = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const moves: Record<string, number> = {
      ArrowLeft: focused - 1,
      ArrowRight: focused + 1,
      PageUp: focused - 10,
      PageDown: focused + 10,
      Home: 0,
      End: last,
    }
    const to = moves[event.key]
    if (to !== undefined) go(to)
    else if (event.key === 'Enter') onOpen(idOf(focused))
    else if (event.key === ' ') onPick(idOf(focused))
    else if (event.key === '+' || event.key === '-') zoom(event.key === '+' ? 'in' : 'out')
    else return
    event.preventDefault()
  }
  const columnOf = (event: MouseEvent): number =>
    columnAt(event.clientX - (canvas.current?.getBoundingClientRect().left ?? 0), step, nodes.length)

  return (
    <div className={classes.plot}>
      <RowLabels picture={picture}>{widthOf(nodes.length, CLOSE) > width && <Zoom zoom={zoom} />}</RowLabels>
      <div className={classes.middle} ref={sized}>
        <div
          ref={scroller}
          className={classes.scroller}
          role="listbox"
          aria-label="Versions, oldest first. Enter opens one, Space picks it to compare."
          aria-orientation="horizontal"
          aria-multiselectable
          aria-activedescendant={`picture-${idOf(focused)}`}
          tabIndex={0}
          onKeyDown={press}
          onPointerMove={event => setOver(columnOf(event))}
          onPointerLeave={() => setOver(undefined)}
          onClick={event => {
            setAt(columnOf(event))
            onPick(idOf(columnOf(event)))
          }}
          onScroll={event => {
            const area = event.currentTarget
            middle.current = columnAt(area.scrollLeft + area.clientWidth / 2, step, nodes.length)
          }}
        >
          {options.map(column => (
            <div
              key={idOf(column)}
              id={`picture-${idOf(column)}`}
              className={classes.option}
              role="option"
              tabIndex={-1}
              aria-label={sayVersion(picture, column)}
              aria-selected={picked.includes(idOf(column))}
              aria-posinset={column + 1}
              aria-setsize={nodes.length}
            />
          ))}
          <div ref={canvas} className={classes.canvas} style={{ width: wide }}>
            <Drawing picture={picture} step={step} width={wide} shown={shown} picked={picked} />
          </div>
        </div>
      </div>
      <ActiveValues picture={picture} column={shown} />
    </div>
  )
}

function Zoom({ zoom }: { zoom: (way: 'in' | 'out' | 'fit') => void }) {
  return (
    <span className={classes.zoom}>
      <IconAction name="Closer together" size={20} onClick={() => zoom('out')}>
        <IconMinus size={14} stroke={1.5} />
      </IconAction>
      <IconAction name="Further apart" size={20} onClick={() => zoom('in')}>
        <IconPlus size={14} stroke={1.5} />
      </IconAction>
      <IconAction name="The whole history" size={20} onClick={() => zoom('fit')}>
        <IconArrowAutofitWidth size={14} stroke={1.5} />
      </IconAction>
    </span>
  )
}

/** How far versions stand apart: as wide as there is room for, but never so close that they run together, unless asked. */
function useStep(width: number, columns: number) {
  const [asked, setAsked] = useState<number>()
  const fit = columns < 2 ? WIDE : Math.max(0.2, (width - SIDE * 2) / (columns - 1))
  const natural = Math.max(CLOSE, Math.min(WIDE, fit))
  const step = asked === undefined ? natural : Math.max(Math.min(fit, natural), Math.min(WIDE, asked))
  // Another skill, or a version more, starts from what is natural there.
  useEffect(() => {
    if (columns > 0) setAsked(undefined)
  }, [columns])
  const zoom = (way: 'in' | 'out' | 'fit') =>
    setAsked(
      way === 'fit'
        ? Math.min(fit, natural)
        : Math.min(WIDE, Math.max(step * (way === 'in' ? 1.5 : 1 / 1.5), Math.min(fit, natural))),
    )
  return { step, zoom }
}
