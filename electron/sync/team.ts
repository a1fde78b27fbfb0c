import type { SyncProblem, SyncProgress } from '../../shared/contract/sync.ts'
import type { Change } from '../../shared/contract/system.ts'
import type { Library } from '../library/library.ts'
import type { SyncLogRecord } from '../library/schema-local.ts'
import type { Pace } from './parallel.ts'
import type { AtPoint } from './points.ts'
import type { Failed } from './policy.ts'
import type { Remote } from './remote.ts'

/** How many rows go, and how many numbers of the registry's log come, at once: a page that came and its cursor are one transaction. */
export type PageSizes = { push: number; pull: number }
export const PAGES: PageSizes = { push: 2_000, pull: 2_000 }

/** What one round of one team works with. */
export type Team = {
  readonly library: Library
  readonly tenantId: string
  readonly remote: Remote
  /** Who we are there. */
  readonly userId: string
  /** As the registry last said. */
  role(): 'reader' | 'author' | 'admin'
  /** Milliseconds since 1970. Decides nothing but when something is due. */
  readonly clock: () => number
  readonly random: () => number
  readonly newId: () => string
  readonly point: AtPoint
  /** How many requests at once the team's store takes. */
  readonly pace: Pace
  readonly pages: PageSizes
  /** Aborted when the engine is paused or closed: whatever comes back after that is not stored. */
  readonly signal: AbortSignal
  log(level: SyncLogRecord['level'], text: string): void
  changed(nouns: Change['nouns'], skillIds?: readonly string[]): void
  progress(progress: SyncProgress | null): void
}

/** Why a round does not go on. */
export type Halt = { kind: 'failed'; failed: Failed } | { kind: 'ask'; problem: SyncProblem } | { kind: 'stopped' }

export const STOPPED: Halt = { kind: 'stopped' }
