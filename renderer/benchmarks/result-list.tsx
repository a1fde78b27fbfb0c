import { useVirtualizer } from '@tanstack/react-virtual'
import type { KeyboardEvent } from 'react'
import { useEffect, useRef } from 'react'
import type { ListedResult } from '../../shared/contract/measurements.ts'
import { quality } from '../ui/format.ts'
import classes from './benchmarks.module.css'

type Props = {
  results: readonly ListedResult[]
  severalModels: boolean
  chosen: string | undefined
  onChoose: (id: string) => void
}

/** Results of a run by case: arrows move. A run may have thousands, so only what is in sight is drawn. */
export function ResultList({ results, severalModels, chosen, onChoose }: Props) {
  const list = useRef<HTMLDivElement>(null)
  const at = results.findIndex(one => one.id === chosen)
  const virtualizer = useVirtualizer({
    count: results.length,
    getScrollElement: () => list.current,
    estimateSize: () => ROW,
    initialRect: { width: 300, height: 600 },
    overscan: 5,
  })
  useEffect(() => {
    if (at !== -1) virtualizer.scrollToIndex(at)
  }, [at, virtualizer])
  const onKeyDown = (event: KeyboardEvent) => {
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: results.length - 1 }[event.key]
    if (to === undefined) return
    event.preventDefault()
    const next = results[Math.min(results.length - 1, Math.max(0, to))]
    if (next) onChoose(next.id)
  }
  return (
    <div
      className={classes.resultList}
      role="listbox"
      aria-label="Results"
      tabIndex={0}
      ref={list}
      aria-activedescendant={at === -1 ? undefined : optionId(at)}
      onKeyDown={onKeyDown}
    >
      <div style={{ height: virtualizer.getTotalSize(), position: 'relative' }}>
        {virtualizer.getVirtualItems().map(({ index, start }) => {
          const one = results[index]
          if (!one) return null
          return (
            // biome-ignore lint/a11y/useKeyWithClickEvents: the list takes the keys
            <div
              key={one.id}
              id={optionId(index)}
              role="option"
              aria-selected={index === at}
              aria-setsize={results.length}
              aria-posinset={index + 1}
              tabIndex={-1}
              className={classes.resultRow}
              style={{ transform: `translateY(${start}px)`, height: ROW }}
              onClick={() => {
                onChoose(one.id)
                list.current?.focus()
              }}
            >
              <span className={classes.resultName} title={one.caseName}>
                {one.caseName}
              </span>
              <span className={classes.resultFigure} data-ungraded={one.quality === null || undefined}>
                {one.quality === null ? 'Not graded' : quality(one.quality)}
              </span>
              <span className={classes.resultWhy}>
                {[severalModels && one.model, one.repeat > 1 && `repeat ${one.repeat}`, one.ungraded]
                  .filter(part => part !== false && part !== null)
                  .join(' · ')}
              </span>
            </div>
          )
        })}
      </div>
    </div>
  )
}

const ROW = 44
const optionId = (at: number): string => `result-${at}`
