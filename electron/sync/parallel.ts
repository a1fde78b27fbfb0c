/** How many at once to begin with, and at most. */
export const FIRST_AT_ONCE = 32
export const MOST_AT_ONCE = 256
/** How many at once the other side was seen to take; kept from one use to the next. */
export type Pace = { atOnce: number }
export const firstPace = (): Pace => ({ atOnce: FIRST_AT_ONCE })

/**
 * Does `work` on each item, many at once: it begins with 32 and lets one more in with each that went well, so that the
 * number doubles with each round trip, as far as 256. An answer other than undefined stops it: nothing new is begun, what
 * is under way ends, and the first such answer is the result.
 *
 * @param bytesOf how much memory an item takes while it is under way; together they stay below `mostBytes`.
 * @param pace where an earlier use left off: it need not begin anew.
 */
export async function inParallel<Item, Stop>(
  items: Iterable<Item>,
  work: (item: Item) => Promise<Stop | undefined>,
  bytesOf: (item: Item) => number = () => 0,
  mostBytes = Number.POSITIVE_INFINITY,
  pace = firstPace(),
): Promise<Stop | undefined> {
  const source = items[Symbol.iterator]()
  let next = source.next()
  let running = 0
  let bytes = 0
  let stop: Stop | undefined
  return await new Promise<Stop | undefined>((resolve, reject) => {
    const fill = (): void => {
      while (stop === undefined && !next.done && running < pace.atOnce) {
        const item = next.value
        const size = bytesOf(item)
        if (running > 0 && bytes + size > mostBytes) break
        running += 1
        bytes += size
        next = source.next()
        work(item).then(answer => {
          running -= 1
          bytes -= size
          if (answer === undefined) pace.atOnce = Math.min(MOST_AT_ONCE, pace.atOnce + 1)
          else {
            stop ??= answer
            pace.atOnce = FIRST_AT_ONCE
          }
          fill()
        }, reject)
      }
      if (running === 0 && (stop !== undefined || next.done)) resolve(stop)
    }
    fill()
  })
}
