import { useComputedColorScheme } from '@mantine/core'
import { useReducedMotion } from '@mantine/hooks'
import { type KeyboardEvent, useEffect, useId, useRef, useState } from 'react'
import classes from './charts.module.css'
import type { Drawing } from './engine.ts'
import { readLook } from './look.ts'
import type { ChartModel } from './model.ts'

type Props = { model: ChartModel; onPick?: (key: string) => void; drawn: (drawing: Drawing | undefined) => void }

/** The drawn chart. One stands on its marks with the arrow keys, and picks one with Enter or a click. */
export function ChartCanvas({ model, onPick, drawn }: Props) {
  const element = useRef<HTMLDivElement>(null)
  const drawing = useRef<Drawing>(undefined)
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
    void import('./engine.ts').then(({ drawInto }) => {
      if (gone) return
      const made = drawInto(into, model.draw(readLook(into, dark, still)))
      drawing.current = made
      drawn(made)
      made.on('click', at => {
        const mark = findMark(model, at.seriesIndex, at.dataIndex)
        if (mark?.key !== undefined) picks.current?.(mark.key)
      })
      const sizes = new ResizeObserver(() => made.resize())
      sizes.observe(into)
      into.dataset.drawn = 'true'
      stop = () => {
        sizes.disconnect()
        made.dispose()
        drawing.current = undefined
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
    const before = place === undefined ? undefined : model.marks.at(place)
    const mark = model.marks.at(next)
    if (!mark) return
    setPlace(next)
    const act = drawing.current
    if (before) act?.dispatchAction({ type: 'downplay', seriesIndex: before.series, dataIndex: before.index })
    act?.dispatchAction({ type: 'highlight', seriesIndex: mark.series, dataIndex: mark.index })
    act?.dispatchAction({ type: 'showTip', seriesIndex: mark.series, dataIndex: mark.index })
  }
  const leave = () => {
    const mark = place === undefined ? undefined : model.marks.at(place)
    if (mark) drawing.current?.dispatchAction({ type: 'downplay', seriesIndex: mark.series, dataIndex: mark.index })
    drawing.current?.dispatchAction({ type: 'hideTip' })
    setPlace(undefined)
  }
  const onKeyDown = (event: KeyboardEvent) => {
    const last = model.marks.count - 1
    const to = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key]
    if (to !== undefined) stand(place === undefined ? (to > 0 ? 0 : last) : Math.max(0, Math.min(last, place + to)))
    else if (event.key === 'Home') stand(0)
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
        Arrow keys go through the points{onPick ? ', Enter opens one' : ''}. All figures are in the table.
      </p>
      <p className={classes.unseen} aria-live="polite">
        {place === undefined ? '' : model.marks.at(place)?.says}
      </p>
    </>
  )
}

/** Marks are few thousand at most where clicks count; a heat map's are found by its index alone. */
function findMark(model: ChartModel, series: number | undefined, index: number) {
  const direct = model.marks.at(index)
  if (direct && direct.series === series && direct.index === index) return direct
  for (let place = 0; place < model.marks.count; place++) {
    const mark = model.marks.at(place)
    if (mark?.series === series && mark?.index === index) return mark
  }
  return undefined
}
