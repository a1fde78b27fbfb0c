import { type PointerEvent, useEffect, useRef } from 'react'
import type { Model } from './model.ts'
import { toneOf } from './pane.ts'
import type { Shown } from './shown.ts'
import classes from './text-diff.module.css'

type Props = {
  shown: Shown | undefined
  model: Model
  scroller: HTMLElement | null
  /** Counts layouts: another value draws again. */
  layout: number
}

const COLOURS = { removed: '--ws-bad', added: '--ws-good', moved: '--ws-accent', quiet: '--ws-dim' } as const

/** Where the changes are in the whole text. For the pointer only: the keyboard has 'next change'. */
export function Minimap({ shown, model, scroller, layout }: Props) {
  const canvas = useRef<HTMLCanvasElement>(null)

  // biome-ignore lint/correctness/useExhaustiveDependencies: `layout` says that the heights behind `shown` are others now
  useEffect(() => {
    const target = canvas.current
    if (!target || !shown || !scroller) return
    const draw = () => paint(target, shown, model, scroller)
    draw()
    const size = new ResizeObserver(draw)
    size.observe(target)
    scroller.addEventListener('scroll', draw, { passive: true })
    return () => {
      size.disconnect()
      scroller.removeEventListener('scroll', draw)
    }
  }, [shown, model, scroller, layout])

  const jump = (event: PointerEvent<HTMLCanvasElement>) => {
    if (!shown || !scroller || event.buttons !== 1) return
    const box = event.currentTarget.getBoundingClientRect()
    scroller.scrollTop = ((event.clientY - box.top) / box.height) * scroller.scrollHeight - scroller.clientHeight / 2
  }
  return (
    <div className={classes.map} aria-hidden="true">
      <canvas
        ref={canvas}
        onPointerDown={event => {
          event.currentTarget.setPointerCapture(event.pointerId)
          jump(event)
        }}
        onPointerMove={jump}
      />
    </div>
  )
}

function paint(target: HTMLCanvasElement, shown: Shown, model: Model, scroller: HTMLElement): void {
  const context = target.getContext('2d')
  if (!context) return
  const scale = window.devicePixelRatio
  const { clientWidth: width, clientHeight: height } = target
  target.width = Math.round(width * scale)
  target.height = Math.round(height * scale)
  context.scale(scale, scale)
  const style = getComputedStyle(target)
  const colour = (name: string): string => style.getPropertyValue(name)
  const all = Math.max(shown.height(), scroller.clientHeight, 1)
  const half = (width - 2) / 2
  for (const index of model.shown) {
    const change = model.changes[index]
    if (!change) continue
    const top = (shown.topOf(index) / all) * height
    for (const onLeft of [true, false]) {
      const lines = onLeft ? change.aLineEnd - change.aLine : change.bLineEnd - change.bLine
      if (lines === 0) continue
      context.fillStyle = colour(COLOURS[toneOf(change, onLeft)])
      context.fillRect(onLeft ? 0 : half + 2, top, half, Math.max(2, ((lines * 20) / all) * height))
    }
  }
  context.fillStyle = colour('--ws-dim')
  context.globalAlpha = 0.18
  const bar = (scroller.clientHeight / Math.max(scroller.scrollHeight, 1)) * height
  context.fillRect(0, (scroller.scrollTop / Math.max(scroller.scrollHeight, 1)) * height, width, bar)
}
