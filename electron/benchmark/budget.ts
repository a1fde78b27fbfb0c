/**
 * What may be spent, in microcents. Before a request its most is set aside; afterwards what it did cost takes that place. So
 * what is under way counts, and the ceiling can be passed only by what a request costs beyond its most.
 */
export class Budget {
  #ceiling: number | null
  #spent: number
  #aside = 0
  #stopped = false
  #waiting: (() => void)[] = []

  constructor(ceiling: number | null, spent: number) {
    this.#ceiling = ceiling
    this.#spent = spent
  }

  /**
   * False where that much might pass the ceiling: then nothing more is to be asked. As long as something is under way that may
   * cost less than was set aside for it, it waits for that. `most` 0: it has no price.
   */
  async setAside(most: number): Promise<boolean> {
    while (!this.#stopped) {
      if (this.#ceiling === null || this.#spent + this.#aside + most <= this.#ceiling) {
        this.#aside += most
        return true
      }
      if (this.#aside === 0) {
        this.#stopped = true
        this.#wake()
      } else await new Promise<void>(resolve => this.#waiting.push(resolve))
    }
    return false
  }

  /** `cost` null: not known, so what was set aside counts as spent, as far as this budget goes. */
  settle(most: number, cost: number | null): void {
    this.#aside -= most
    this.#spent += cost ?? most
    this.#wake()
  }

  #wake(): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const one of waiting) one()
  }

  get spent(): number {
    return this.#spent
  }
  get inFlight(): number {
    return this.#aside
  }
  /** Something was not asked because of the ceiling. */
  get stopped(): boolean {
    return this.#stopped
  }
}
