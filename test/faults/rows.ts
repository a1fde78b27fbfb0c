import type { Row } from './row.ts'
import { KILL_ROWS } from './rows-kills.ts'

/** The fault matrix, in its order. */
export const ROWS: readonly Row[] = [...KILL_ROWS].sort((one, other) => one.n - other.n)
