import { studentQuantile } from './student-t.ts'
import { FEWEST_CASES } from './verdict.ts'

/** With more than this still missing, more cases are not the answer. */
const MOST = 1_000

/** How many standard errors away a difference must be to be found in 80 of 100 tries, at the 5% level, two-sided. */
const errorsApart = (df: number): number => studentQuantile(0.975, df) + studentQuantile(0.8, df)

/**
 * The smallest difference that would be found in 80 of 100 tries, in the unit of `error`, by Student's t (J. Cohen,
 * 'Statistical Power Analysis', 1988, chapter 2, its noncentral t approximated by a shift).
 */
export const detectableWith = (error: number, df: number): number => errorsApart(df) * error

/**
 * How many more cases like the `n` there are would tell in 80 of 100 tries, were the difference what it seems and the cases
 * as unlike as these (`deviation`, of one case). A rough figure: it rests on a difference that is itself uncertain. At least
 * 1; undefined where it is over 1,000.
 */
export function casesMissing(n: number, delta: number, deviation: number): number | undefined {
  const tells = (size: number) => errorsApart(size - 1) * deviation <= Math.abs(delta) * Math.sqrt(size)
  let least = Math.max(n + 1, FEWEST_CASES)
  let most = n + MOST
  if (!tells(most)) return undefined
  while (least < most) {
    const half = (least + most) >> 1
    if (tells(half)) most = half
    else least = half + 1
  }
  return most - n
}
