import type { Crew } from './crew.ts'

/** One row of the fault matrix (RELIABILITY.md): does the harm, and throws unless what is required came of it. */
export type Row = {
  n: number
  title: string
  /** What was seen, in a few words. */
  run(crew: Crew, scale: Scale): Promise<string>
}
/** How much of it: all, or a sample that fits among the tests. */
export type Scale = { full: boolean; times(full: number, sample: number): number }

export const scaleOf = (full: boolean): Scale => ({ full, times: (all, sample) => (full ? all : sample) })

/** A row that cannot be run here, and why. */
export class Skipped extends Error {}

/** Waits until it is so; throws with what it was about where that takes too long. */
export async function eventually(what: string, is: () => boolean | Promise<boolean>, ms = 60_000): Promise<void> {
  const end = performance.now() + ms
  while (!(await is())) {
    if (performance.now() > end) throw new Error(`${what}: not within ${ms / 1000} s`)
    await new Promise(resolve => setTimeout(resolve, 50))
  }
}
