/**
 * Numbers repeats of the same thing: what a file has twice under one number gets the next that is free. A few steps each, however
 * often one is there.
 */
export class Repeats {
  #taken = new Map<string, Set<number>>()
  /** The first number that may be free, of those at and after a wanted one. */
  #free = new Map<string, Map<number, number>>()

  /** `wanted`, or the first free number after it. */
  next(place: string, wanted: number): number {
    const taken = this.#taken.get(place) ?? new Set()
    const free = this.#free.get(place) ?? new Map<number, number>()
    let number = free.get(wanted) ?? wanted
    while (taken.has(number)) number += 1
    taken.add(number)
    free.set(wanted, number + 1)
    this.#taken.set(place, taken)
    this.#free.set(place, free)
    return number
  }
}
