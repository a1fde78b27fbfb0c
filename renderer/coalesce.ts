/**
 * Does work for things that come faster than the work is done: at once for the first, then for all that came meanwhile
 * together, never two at a time, with a pause between. So a storm of changes costs its reader a few rounds, not thousands.
 */
export function coalesce<T>(work: (items: Set<T>) => Promise<unknown>, pause: () => Promise<unknown>) {
  let waiting = new Set<T>()
  let running = false
  const run = async () => {
    running = true
    while (waiting.size > 0) {
      const items = waiting
      waiting = new Set()
      // What failed is asked for again with the next change, or when the connection is back.
      await work(items).catch(() => {})
      await pause()
    }
    running = false
  }
  return (items: Iterable<T>): void => {
    for (const item of items) waiting.add(item)
    if (!running) void run()
  }
}
