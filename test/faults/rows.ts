import type { Row } from './row.ts'
import { CONTENT_ROWS } from './rows-content.ts'
import { KILL_ROWS } from './rows-kills.ts'
import { LOCAL_ROWS } from './rows-local.ts'
import { NETWORK_ROWS } from './rows-network.ts'
import { PEOPLE_ROWS } from './rows-people.ts'

/** The fault matrix, in its order. */
export const ROWS: readonly Row[] = [
  ...KILL_ROWS,
  ...NETWORK_ROWS,
  ...CONTENT_ROWS,
  ...LOCAL_ROWS,
  ...PEOPLE_ROWS,
].sort((one, other) => one.n - other.n)
