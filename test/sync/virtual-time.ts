/**
 * Time and order of a simulated world. Nothing waits for real: whoever sleeps or sets a timer stands in one queue, which is
 * worked off in the order of virtual time; what is due at once, in the order it was asked for.
 */
export class VirtualTime {
  now = 0
  /** How many events there were. */
  events = 0
  readonly #heap: Event[] = []
  #order = 0

  /** Calls back after so many virtual milliseconds; the answer takes it back. */
  after(ms: number, callback: () => void): () => void {
    const event: Event = { at: this.now + Math.max(0, ms), order: this.#order++, callback }
    this.#push(event)
    return () => {
      event.callback = undefined
    }
  }

  sleep(ms: number): Promise<void> {
    return new Promise(resolve => {
      this.after(ms, resolve)
    })
  }

  /** Works the queue off up to an instant, all consequences of one event before the next one. */
  async runUntil(instant: number, most: number): Promise<'reached' | 'endless'> {
    await consequences()
    for (;;) {
      const next = this.#heap[0]
      if (!next || next.at > instant) break
      this.#pop()
      if (!next.callback) continue
      if (++this.events > most) return 'endless'
      this.now = next.at
      next.callback()
      await consequences()
    }
    this.now = Math.max(this.now, instant)
    return 'reached'
  }

  /** Forgets all that is to come. */
  clear(): void {
    this.#heap.length = 0
  }

  #push(event: Event): void {
    const heap = this.#heap
    let at = heap.push(event) - 1
    while (at > 0) {
      const up = (at - 1) >> 1
      const parent = heap[up]
      if (!parent || !isBefore(event, parent)) break
      heap[at] = parent
      at = up
    }
    heap[at] = event
  }

  #pop(): void {
    const heap = this.#heap
    const last = heap.pop()
    if (!last || heap.length === 0) return
    let at = 0
    for (;;) {
      const left = 2 * at + 1
      const [a, b] = [heap[left], heap[left + 1]]
      const [child, down] = a && b && isBefore(b, a) ? [b, left + 1] : [a, left]
      if (!child || !isBefore(child, last)) break
      heap[at] = child
      at = down
    }
    heap[at] = last
  }
}

type Event = { at: number; order: number; callback: (() => void) | undefined }

const isBefore = (a: Event, b: Event): boolean => a.at < b.at || (a.at === b.at && a.order < b.order)

/** Resolves when no promise is left that could go on by itself. */
const consequences = (): Promise<void> => new Promise(resolve => setImmediate(resolve))
