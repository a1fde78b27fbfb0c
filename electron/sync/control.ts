import type { Finding, SyncProblem, TeamStatus } from '../../shared/contract/sync.ts'

/**
 * What services may ask of the sync engines, one for each team. Made by electron/sync/teams.ts, passed in by backend.ts;
 * tests of services that do not sync pass `noTeams`.
 */
export type SyncControl = {
  /** Something may have been queued: looks at the outbox, soon. Called after each commit; cheap. */
  wake(): void
  status(): TeamStatus[]
  /** See `sync.join` in the contract. The team is paused afterwards. */
  join(invite: string, onStep: (step: JoinStep) => void, signal?: AbortSignal): Promise<Joined>
  start(tenantId: string, content?: 'all' | 'newest'): void
  pause(tenantId: string): void
  now(tenantId: string): void
  /** Stops, forgets credentials; the copy in the library is the caller's. */
  leave(tenantId: string): Promise<void>
  /** Brings content that is not here, verified. `missing`: nobody has sent it yet. */
  fetch(
    tenantId: string,
    hashes: readonly string[],
  ): Promise<{ kind: 'here' } | { kind: 'missing'; hashes: string[] } | { kind: 'problem'; problem: SyncProblem }>
  /** Sends content to the team's store where it is missing or damaged there; answers how many were mended. */
  heal(tenantId: string, hashes: readonly string[]): Promise<number>
  /** Tells the registry, now, that a version may be published. Nothing is queued: only its answer counts. */
  approve(tenantId: string, versionId: string): Promise<Approval>
  close(): Promise<void>
}

export type Approval =
  | { kind: 'approved' }
  | { kind: 'forbidden' }
  | { kind: 'missing' }
  | { kind: 'problem'; problem: SyncProblem }

export type JoinStep = 'keeping' | 'reaching' | 'checking' | 'counting'
export type JoinedTeam = {
  kind: 'joined'
  tenantId: string
  findings: Finding[]
  /** Null where the registry could not be asked. */
  skills: number | null
  versions: number | null
  inFile: boolean
}
export type Joined =
  | JoinedTeam
  | { kind: 'invalid'; reason: string }
  | { kind: 'used' }
  | { kind: 'expired' }
  | { kind: 'problem'; problem: SyncProblem }
