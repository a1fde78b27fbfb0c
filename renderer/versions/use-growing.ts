import { useEffect, useRef, useState } from 'react'
import { flushSync } from 'react-dom'

/** Rows that fill any window, laid out before one can look away. */
const FIRST = 40
const MORE = 100

/** How much of a long list is laid out: its beginning, and more whenever the end of that comes near the screen. */
export function useGrowing(length: number) {
  const [size, setSize] = useState(FIRST)
  const end = useRef<HTMLDivElement>(null)
  const shown = Math.min(length, size)
  useEffect(() => {
    const mark = end.current
    if (!mark || shown >= length) return
    const watcher = new IntersectionObserver(
      ([entry]) => {
        if (entry?.isIntersecting) setSize(shown + MORE)
      },
      { rootMargin: '1000px' },
    )
    watcher.observe(mark)
    return () => watcher.disconnect()
  }, [shown, length])
  /** Lays out as far as `index`, at once, so that it can take the focus. */
  const reach = (index: number) => {
    if (index >= size) flushSync(() => setSize(index + 1))
  }
  return { shown, end, reach }
}
