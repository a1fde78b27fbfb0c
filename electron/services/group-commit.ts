import type { Library } from '../library/library.ts'

/** How many times as long as the last commit took the next one waits for company, and the longest that may be. */
const PATIENCE = 4
const MOST_MS = 25

/**
 * Many small writes that come at about the same time, in one durable transaction: each waits for the disk once, and nobody goes
 * on before what they wrote is there. A commit holds everybody up while the disk works, so it waits a few milliseconds for others
 * to join: the slower the disk, the longer; and not at all once everybody who writes is waiting.
 */
export class GroupCommit {
  readonly #library: Library
  readonly #writers: number
  #waiting: { work: () => void; done: () => void; failed: (error: unknown) => void }[] = []
  #tookMs = 0
  #timer: NodeJS.Timeout | undefined

  /** `writers`: how many may wait at a time. */
  constructor(library: Library, writers: number) {
    this.#library = library
    this.#writers = writers
  }

  /** Resolves when it is on disk. A write that throws takes its whole group with it: nothing of it is stored. */
  write(work: () => void): Promise<void> {
    return new Promise((done, failed) => {
      this.#waiting.push({ work, done, failed })
      if (this.#waiting.length >= this.#writers) this.#soon(0)
      else if (this.#waiting.length === 1) this.#soon(Math.min(MOST_MS, PATIENCE * this.#tookMs))
    })
  }

  #soon(ms: number): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    if (ms < 1) setImmediate(() => this.#commit())
    else this.#timer = setTimeout(() => this.#commit(), ms)
  }

  #commit(): void {
    const group = this.#waiting
    this.#waiting = []
    if (group.length === 0) return
    const began = performance.now()
    try {
      this.#library.write(() => {
        for (const { work } of group) work()
      })
    } catch (error) {
      for (const { failed } of group) failed(error)
      return
    } finally {
      this.#tookMs = performance.now() - began
    }
    for (const { done } of group) done()
  }
}
