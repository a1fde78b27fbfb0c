/**
 * Passes a caller's signal on to many requests at once, over one listener: a signal looks through all it has at each that is
 * added, and a sync has hundreds of requests under way.
 */
export class Stopping {
  readonly #waiting = new WeakMap<AbortSignal, Set<AbortController>>()

  /** Aborts `controller` with `signal`, until the answer is called. */
  follow(signal: AbortSignal | undefined, controller: AbortController): () => void {
    if (!signal) return () => undefined
    if (signal.aborted) {
      controller.abort()
      return () => undefined
    }
    const all = this.#waiting.get(signal) ?? this.#begin(signal)
    all.add(controller)
    return () => void all.delete(controller)
  }

  #begin(signal: AbortSignal): Set<AbortController> {
    const all = new Set<AbortController>()
    this.#waiting.set(signal, all)
    signal.addEventListener(
      'abort',
      () => {
        for (const controller of all) controller.abort()
      },
      { once: true },
    )
    return all
  }
}
