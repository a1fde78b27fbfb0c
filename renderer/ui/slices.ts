/** Long work on the page's own thread, done in slices, between which the page answers. */

/** The page is held no longer than this at a time. */
const SLICE_MS = 8

/**
 * Takes all steps of `steps`, each of which should take a millisecond or so, and hands over what it returns. What is done within
 * one slice is done before this returns. Gives a function that stops it.
 */
export function inSlices<Result>(steps: Iterator<unknown, Result>, done: (result: Result) => void): () => void {
  let stopped = false
  // A message comes sooner than a timer, and after what a person did.
  const { port1, port2 } = new MessageChannel()
  const slice = (): void => {
    const until = performance.now() + SLICE_MS
    do {
      if (stopped) return
      const next = steps.next()
      if (next.done) {
        stop()
        done(next.value)
        return
      }
    } while (performance.now() < until)
    port2.postMessage(null)
  }
  const stop = (): void => {
    stopped = true
    port1.close()
  }
  port1.onmessage = slice
  slice()
  return stop
}
