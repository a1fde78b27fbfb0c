/**
 * What may be spent, in microcents. Before a request its most is set aside; afterwards what it did cost takes that place. So
 * what is under way counts, and the ceiling can be passed only by what a request costs beyond its most.
 */
export class Budget {
  #ceiling: number | null
  #spent: number
  #aside = 0
  #stopped = false

  constructor(ceiling: number | null, spent: number) {
    this.#ceiling = ceiling
    this.#spent = spent
  }

  /** False where that much might pass the ceiling: then nothing more is to be asked. `most` 0: it has no price. */
  setAside(most: number): boolean {
    if (this.#ceiling !== null && this.#spent + this.#aside + most > this.#ceiling) {
      this.#stopped = true
      return false
    }
    this.#aside += most
    return true
  }

  /** `cost` null: not known, so what was set aside counts as spent, as far as this budget goes. */
  settle(most: number, cost: number | null): void {
    this.#aside -= most
    this.#spent += cost ?? most
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
