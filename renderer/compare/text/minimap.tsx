import { type PointerEvent, useEffect, useRef } from 'react'
import type { Model } from './model.ts'
import { toneOf } from './pane.ts'
import type { Shown } from './shown.ts'
import classes from './text-diff.module.css'

type Props = { shown: Shown | undefined; model: Model; scroller: HTMLElement | null }

const COLOURS = { removed: '--ws-bad', added: '--ws-good', moved: '--ws-accent', quiet: '--ws-dim' } as const
/** Marks are drawn again when the heights they stand for have been still for a moment. */
const STILL_MS = 120
const LINE_PX = 20

/** Where the changes are in the whole text. For the pointer only: the keyboard has 'next change'. */
export function Minimap({ shown, model, scroller }: Props) {
  const canvas = useRef<HTMLCanvasElement>(null)
  const bar = useRef<HTMLDivElement>(null)

  useEffect(() => {
    const target = canvas.current
    if (!target || !shown || !scroller) return
    let timer: ReturnType<typeof setTimeout> | undefined
    const draw = () => paint(target, shown, model, scroller)
    const later = () => {
      clearTimeout(timer)
      timer = setTimeout(draw, STILL_MS)
    }
    const scroll = () => bar.current && placeBar(bar.current, scroller)
    const size = new ResizeObserver(later)
    size.observe(target)
    shown.onLayout(later)
    scroller.addEventListener('scroll', scroll, { passive: true })
    draw()
    scroll()
    return () => {
      clearTimeout(timer)
      size.disconnect()
      scroller.removeEventListener('scroll', scroll)
    }
  }, [shown, model, scroller])

  const jump = (event: PointerEvent<HTMLElement>) => {
    if (!scroller || event.buttons !== 1) return
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
      <div ref={bar} className={classes.bar} />
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
  const all = Math.max(shown.height(), scroller.clientHeight, 1)
  const half = (width - 2) / 2
  // Thousands of changes share few pixels: each pixel of each half and colour is filled once.
  const filled = new Set<string>()
  for (const index of model.shown) {
    const change = model.changes[index]
    if (!change) continue
    const top = Math.round((shown.topOf(index) / all) * height)
    for (const onLeft of [true, false]) {
      const lines = onLeft ? change.aLineEnd - change.aLine : change.bLineEnd - change.bLine
      if (lines === 0) continue
      const tone = toneOf(change, onLeft)
      const tall = Math.max(2, Math.round(((lines * LINE_PX) / all) * height))
      const key = `${onLeft} ${tone} ${top} ${tall}`
      if (filled.has(key)) continue
      filled.add(key)
      context.fillStyle = style.getPropertyValue(COLOURS[tone])
      context.fillRect(onLeft ? 0 : half + 2, top, half, tall)
    }
  }
}

function placeBar(bar: HTMLElement, scroller: HTMLElement): void {
  const all = Math.max(scroller.scrollHeight, 1)
  const height = bar.parentElement?.clientHeight ?? 0
  bar.style.height = `${(scroller.clientHeight / all) * height}px`
  bar.style.transform = `translateY(${(scroller.scrollTop / all) * height}px)`
}
