import type { Row } from './row.ts'
import { AGE_ROWS } from './rows-age.ts'
import { AUTHOR_ROWS } from './rows-authors.ts'
import { CONTENT_ROWS } from './rows-content.ts'
import { KILL_ROWS } from './rows-kills.ts'
import { LOCAL_ROWS } from './rows-local.ts'
import { NETWORK_ROWS } from './rows-network.ts'
import { REFUSAL_ROWS } from './rows-refusals.ts'
import { REGISTRY_ROWS } from './rows-registry.ts'
import { SCALE_ROWS } from './rows-scale.ts'

/** The fault matrix, in its order. */
export const ROWS: readonly Row[] = [
  ...KILL_ROWS,
  ...NETWORK_ROWS,
  ...REFUSAL_ROWS,
  ...CONTENT_ROWS,
  ...LOCAL_ROWS,
  ...AGE_ROWS,
  ...AUTHOR_ROWS,
  ...REGISTRY_ROWS,
  ...SCALE_ROWS,
].sort((one, other) => one.n - other.n)
