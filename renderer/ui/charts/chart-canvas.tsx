import { useComputedColorScheme } from '@mantine/core'
import { useReducedMotion } from '@mantine/hooks'
import { type KeyboardEvent, useEffect, useId, useRef, useState } from 'react'
import classes from './charts.module.css'
import type { Drawing } from './engine.ts'
import { readLook } from './look.ts'
import type { ChartModel } from './model.ts'
import type { Standing } from './standing.ts'

type Props = { model: ChartModel; onPick?: (key: string) => void; drawn: (drawing: Drawing | undefined) => void }

/** The drawn chart. One stands on its marks with the arrow keys, and picks one with Enter or a click. */
export function ChartCanvas({ model, onPick, drawn }: Props) {
  const element = useRef<HTMLDivElement>(null)
  const standing = useRef<Standing>(undefined)
  const dark = useComputedColorScheme('light') === 'dark'
  const still = useReducedMotion()
  const [place, setPlace] = useState<number>()
  const help = useId()
  const picks = useRef(onPick)
  picks.current = onPick

  useEffect(() => {
    const into = element.current
    if (into === null) return
    let gone = false
    let stop = () => {}
    const pick = (place: number) => {
      const key = model.marks.at(place)?.key
      if (key !== undefined) picks.current?.(key)
    }
    void Promise.all([import('./engine.ts'), import('./standing.ts')]).then(([{ drawInto }, stands]) => {
      if (gone) return
      const look = readLook(into, dark, still)
      const made = drawInto(into, model.draw(look))
      drawn(made)
      standing.current = model.cells?.painted
        ? stands.standOnCells(made, model, model.cells.columns, look.text, pick)
        : stands.standOnMarks(made, model, pick)
      const sizes = new ResizeObserver(() => {
        standing.current?.off()
        made.resize()
      })
      sizes.observe(into)
      into.dataset.drawn = 'true'
      stop = () => {
        sizes.disconnect()
        made.dispose()
        standing.current = undefined
        drawn(undefined)
      }
    })
    return () => {
      gone = true
      delete into.dataset.drawn
      stop()
    }
  }, [model, dark, still, drawn])

  const stand = (next: number) => {
    if (!model.marks.at(next)) return
    setPlace(next)
    standing.current?.on(next)
  }
  const leave = () => {
    standing.current?.off()
    setPlace(undefined)
  }
  const onKeyDown = (event: KeyboardEvent) => {
    const last = model.marks.count - 1
    const row = model.cells?.columns ?? 1
    const to = { ArrowRight: 1, ArrowDown: row, ArrowLeft: -1, ArrowUp: -row }[event.key]
    if (to !== undefined) {
      const next = place === undefined ? (to > 0 ? 0 : last) : place + to
      // Among cells there is nothing above the first row nor below the last.
      if (next >= 0 && next <= last) stand(next)
    } else if (event.key === 'Home') stand(0)
    else if (event.key === 'End') stand(last)
    else if (event.key === 'Escape' && place !== undefined) leave()
    else if (event.key === 'Enter' && place !== undefined) {
      const key = model.marks.at(place)?.key
      if (key !== undefined) onPick?.(key)
    } else return
    event.preventDefault()
  }

  return (
    <>
      {/* A picture that takes keys: an application to a screen reader, described by its summary and by where one stands. */}
      <div
        ref={element}
        className={classes.canvas}
        style={{ height: model.height }}
        role="application"
        aria-roledescription="chart"
        aria-label={`${model.title}. ${model.summary}`}
        aria-describedby={help}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: the arrow keys go through its marks
        tabIndex={0}
        onKeyDown={onKeyDown}
        onBlur={leave}
      />
      <p id={help} className={classes.unseen}>
        Arrow keys go through the {model.cells ? 'cells' : 'points'}
        {onPick ? ', Enter opens one' : ''}. All figures are in the table.
      </p>
      <p className={classes.unseen} aria-live="polite">
        {place === undefined ? '' : model.marks.at(place)?.says}
      </p>
    </>
  )
}
