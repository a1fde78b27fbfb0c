import { useEffect, useState } from 'react'
import { relativeTime, when } from './when.ts'

/** The present, in milliseconds, refreshed every half minute while it is on screen. */
export function useNow(): number {
  const [now, setNow] = useState(() => Date.now())
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 30_000)
    return () => clearInterval(timer)
  }, [])
  return now
}

/** '5 min ago', with the full date in its tooltip. Lists pass one `now` for all rows. */
export function Time({ at, now }: { at: number; now: number }) {
  return (
    <time dateTime={new Date(at).toISOString()} title={when(at)}>
      {relativeTime(at, now)}
    </time>
  )
}
