import type { BlobFailure } from './remote.ts'
import { type Halt, STOPPED } from './team.ts'

/**
 * So much may be in memory at once, in bytes; a single larger file goes alone. A round trip of 100 ms takes no more at
 * 1.3 Gbit/s, and a backend that sends 300 MB stays 76 MB smaller than with 64.
 */
export const BYTES_AT_ONCE = 16 * 1024 * 1024
/** Stored in one transaction. */
export const STORED_AT_ONCE = 256
/** Noted as sent in one transaction: what is not noted when a process ends is asked for again, and is there. */
export const NOTED_AT_ONCE = 1_024

/** What a store's failure means for the round. */
export const storeFailed = (failure: BlobFailure): Halt =>
  failure.kind === 'cancelled' ? STOPPED : { kind: 'failed', failed: { from: 'store', failure } }
