/**
 * How long a diff may take, as a value that is handed down. Once it was hit it stays hit, so that the result can say so.
 * Without a budget no clock is ever read and the answer depends on the input alone.
 */
export type Deadline = {
  /** Whether work was left out because the time was up. */
  hit: boolean
  /** True when the time is up; to be asked between pieces of work of at most some tens of microseconds. */
  expired(): boolean
}

/** `budgetMs` milliseconds from this moment on `now`, a clock in milliseconds. */
export function deadlineIn(budgetMs: number | undefined, now: () => number = () => performance.now()): Deadline {
  if (budgetMs === undefined || budgetMs === Number.POSITIVE_INFINITY) return { hit: false, expired: () => false }
  const end = now() + budgetMs
  const deadline = {
    hit: false,
    expired: () => {
      if (!deadline.hit && now() > end) deadline.hit = true
      return deadline.hit
    },
  }
  return deadline
}
