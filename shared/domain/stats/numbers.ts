/** Beyond these no figure of ours can be real, and its cube would overflow, or vanish. */
const LARGEST = 1e100
const SMALLEST = 1e-90

/** Where a value can be, both ends included. */
export type Range = { min: number; max: number }

/** Throws a RangeError for what is no number to reckon with: NaN, infinite, absurdly large, off its scale. `what` names it. */
export function refuseUnlessFinite(values: Iterable<number>, what: string, scale?: Range): void {
  for (const value of values) {
    if (!(Math.abs(value) <= LARGEST)) throw new RangeError(`${what}: ${value} is not a finite number`)
    if (scale && (value < scale.min || value > scale.max)) {
      throw new RangeError(`${what}: ${value} is not between ${scale.min} and ${scale.max}`)
    }
  }
}

/** Of at least one value. */
export function meanOfList(values: ArrayLike<number>): number {
  let sum = 0
  for (let i = 0; i < values.length; i++) sum += values[i] ?? 0
  return sum / values.length
}

/** Without the last digits, which are rounding: 0.1 + 0.2 and 0.3 are the same score. What is next to nothing is 0. */
export const withoutRounding = (value: number): number =>
  Math.abs(value) < SMALLEST ? 0 : Number(value.toPrecision(12))

/** right − left, 0 where they differ by rounding only. */
export function difference(left: number, right: number): number {
  const delta = right - left
  return Math.abs(delta) <= 1e-12 * Math.max(Math.abs(left), Math.abs(right)) ? 0 : withoutRounding(delta)
}

/** How the random parts are drawn. */
export type Drawing = {
  /** A whole number; the same seed gives the same result on every machine. */
  seed?: number
  /** Bootstrap resamples, at least 200; default 2,000. A permutation test at random tries five times as many ways. */
  draws?: number
}

/** The defaults filled in. A RangeError for what cannot be drawn with. */
export function drawing({ seed = 1, draws = 2_000 }: Drawing): Required<Drawing> & { tries: number } {
  if (!Number.isInteger(seed)) throw new RangeError(`The seed ${seed} is not a whole number`)
  if (!Number.isInteger(draws) || draws < 200) throw new RangeError(`${draws} draws are too few to find an interval`)
  // One less, since the way it came out is counted too: with 9,999, p has four places.
  return { seed, draws, tries: draws * 5 - 1 }
}
