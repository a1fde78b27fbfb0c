import type { BlobFailure } from './remote.ts'
import { type Halt, STOPPED } from './team.ts'

/** So much may be in memory at once, in bytes; a single larger file goes alone. */
export const BYTES_AT_ONCE = 64 * 1024 * 1024
/** Noted or stored in one transaction. */
export const STORED_AT_ONCE = 256

/** What a store's failure means for the round. */
export const storeFailed = (failure: BlobFailure): Halt =>
  failure.kind === 'cancelled' ? STOPPED : { kind: 'failed', failed: { from: 'store', failure } }
