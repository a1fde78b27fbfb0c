const MINUTE = 60_000
const HOUR = 60 * MINUTE

const day = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' })
const dayOfYear = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric' })
const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' })

/** Short, for a list: 'just now', '5 min ago', '3 h ago', 'yesterday', '12 Oct', '12 Oct 2024'. `at` and `now` in milliseconds. */
export function relativeTime(at: number, now: number): string {
  const age = now - at
  // A clock that ran ahead is no reason to talk of the future.
  if (age < MINUTE) return 'just now'
  if (age < HOUR) return `${Math.floor(age / MINUTE)} min ago`
  const days = daysBetween(at, now)
  if (days === 0) return `${Math.floor(age / HOUR)} h ago`
  if (days === 1) return 'yesterday'
  return new Date(at).getFullYear() === new Date(now).getFullYear() ? day.format(at) : dayOfYear.format(at)
}

/** In full, for a tooltip or a heading: '12 Oct 2026, 14:02'. */
export const when = (at: number): string => `${dayOfYear.format(at)}, ${clock.format(at)}`

/** Midnights between two moments, in local time; a day of 23 or 25 hours still is one day. */
function daysBetween(at: number, now: number): number {
  const midnight = (moment: number) => new Date(moment).setHours(0, 0, 0, 0)
  return Math.round((midnight(now) - midnight(at)) / (24 * HOUR))
}
