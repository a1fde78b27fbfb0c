import type { Library } from '../library/library.ts'

/**
 * Many small writes that come at about the same time, in one durable transaction: each waits for the disk once, and nobody goes
 * on before what they wrote is there. While the disk is slow the next group grows, so that a run is not held up by it.
 */
export class GroupCommit {
  readonly #library: Library
  #waiting: { work: () => void; done: () => void; failed: (error: unknown) => void }[] = []

  constructor(library: Library) {
    this.#library = library
  }

  /** Resolves when it is on disk. A write that throws takes its whole group with it: nothing of it is stored. */
  write(work: () => void): Promise<void> {
    return new Promise((done, failed) => {
      if (this.#waiting.length === 0) setImmediate(() => this.#commit())
      this.#waiting.push({ work, done, failed })
    })
  }

  #commit(): void {
    const group = this.#waiting
    this.#waiting = []
    try {
      this.#library.write(() => {
        for (const { work } of group) work()
      })
    } catch (error) {
      for (const { failed } of group) failed(error)
      return
    }
    for (const { done } of group) done()
  }
}
