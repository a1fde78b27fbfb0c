import { ONE_IN_ALL, randomFrom } from '../../shared/domain/stats/random.ts'

/** All chance of one simulated world: the same numbers from a seed, on every machine. */
export class Chance {
  readonly #fill: (into: Uint32Array) => void
  readonly #drawn = new Uint32Array(64)
  #at = 64

  constructor(seed: number) {
    this.#fill = randomFrom(seed)
  }

  /** In [0, 1). */
  next(): number {
    if (this.#at === this.#drawn.length) {
      this.#fill(this.#drawn)
      this.#at = 0
    }
    return (this.#drawn[this.#at++] ?? 0) * ONE_IN_ALL
  }

  /** A whole number from `least` to `most`. */
  int(least: number, most: number): number {
    return least + Math.floor(this.next() * (most - least + 1))
  }

  yes(share: number): boolean {
    return this.next() < share
  }

  pick<T>(items: readonly T[]): T {
    const item = items[Math.floor(this.next() * items.length)]
    if (item === undefined) throw new Error('there is nothing to pick from')
    return item
  }

  /** One of the keys, by their weights. */
  weighted<K extends string>(weights: Readonly<Record<K, number>>): K {
    const keys: K[] = []
    for (const key in weights) keys.push(key)
    let left = this.next() * keys.reduce((sum, key) => sum + weights[key], 0)
    for (const key of keys) {
      left -= weights[key]
      if (left < 0) return key
    }
    return this.pick(keys)
  }

  /** Another line of numbers, which what is drawn here later does not move. */
  fork(): Chance {
    return new Chance(this.int(0, 2 ** 32 - 1))
  }
}
