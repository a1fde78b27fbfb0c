import type { Halt } from './team.ts'

/** Whether a halt is the failure of one of the two other sides. */
export const isFailure = (halt: Halt, from: 'registry' | 'store'): boolean =>
  halt.kind === 'failed' && halt.failed.from === from
