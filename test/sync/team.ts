import type { Remote, VersionToPush } from '../../electron/sync/remote.ts'

/** One member of a team, with the remote of one of their machines. */
export type MemberUnderTest = {
  userId: string
  remote: Remote
  /** Another machine of the same member: the same login, its own connections. */
  again(): Remote
}

/**
 * One registry with two tenants, fresh: what the conformance suite of `Remote` (conformance.ts) is run over. Beside the
 * remotes it gives what only an owner or a fault can do. Made once for the whole suite; each test makes skills of its own.
 */
export type TeamUnderTest = {
  tenantId: string
  admin: MemberUnderTest
  author: MemberUnderTest
  /** Another author of the same team. */
  other: MemberUnderTest
  reader: MemberUnderTest
  /** An author of another tenant in the same registry, with a store of its own. */
  stranger: MemberUnderTest
  /** Whether this team publishes only what somebody else has approved. */
  requireApproval(needed: boolean): Promise<void>
  /** Takes a backup of the rows; the answer puts the registry back to it, under a new epoch. */
  backup(): Promise<() => Promise<void>>
  /** Puts bytes under a name in the team's store past all rules, as a fault or a stranger would. */
  plant(hash: string, bytes: Uint8Array): Promise<void>
  /** Takes a member out of the team, at once. */
  remove(member: MemberUnderTest): Promise<void>
  /**
   * Pushes versions in a transaction that stays open until the answer is called. Undefined where there are no
   * transactions that could be open, as in memory.
   */
  openPush?(member: MemberUnderTest, rows: readonly VersionToPush[]): Promise<() => Promise<void>>
  [Symbol.asyncDispose](): Promise<void>
}

export type MakeTeam = () => Promise<TeamUnderTest>
