import type { BlobStore } from '../registry/blobs.ts'
import type { RegistryFailure } from '../registry/failure.ts'
import type { ListenEvents } from '../registry/listen.ts'
import type {
  Answer,
  Approved,
  Hello,
  ProvenText,
  Published,
  PushableTable,
  PushedRow,
  PushedSkill,
  PushedVersion,
  RemovableTable,
  Removed,
  Reviewed,
  RowToPush,
  SkillToPush,
  VersionToPush,
} from '../registry/postgres.ts'
import type { Cursor, Pulled } from '../registry/pull.ts'

/**
 * The other side, as the engine sees it: one team's registry and its content, by one member's login. The one file that
 * knows the registry's types. Implemented by registry/remote.ts over Postgres and a blob store, and in tests by an
 * executable model in memory; one conformance suite (test/sync/conformance.ts) holds both to what is said here:
 *
 *  - every call ends: with an answer, or with a failure as a value, within `CALL_MS`; a throw is a bug;
 *  - a call is one transaction there: all of it happened or nothing, and `retry` says that it is not known which;
 *  - calling again is harmless, and tells what is there as `identical`;
 *  - calls may be made side by side; the connection is made when it is needed and again when it is gone.
 */
export type Remote = {
  /** Who we are there and where the tenant stands. Undefined inside: this login is no member (any more). */
  hello(): Promise<{ kind: 'hello'; hello: Hello | undefined } | RegistryFailure>
  pushSkills(rows: readonly SkillToPush[]): Promise<Answer<PushedSkill>>
  /** Parents before children; their blobs are in the store before. */
  pushVersions(rows: readonly VersionToPush[]): Promise<Answer<PushedVersion>>
  pushRows(table: PushableTable, rows: readonly RowToPush[]): Promise<Answer<PushedRow>>
  publish(move: PublishMove): Promise<Published | RegistryFailure>
  /** That this version may be published, where the team asks for it: an admin's or the skill's author's word. */
  approve(versionId: string): Promise<Approved | RegistryFailure>
  reviewFeedback(review: FeedbackReview): Promise<Reviewed | RegistryFailure>
  removeRows(entity: RemovableTable, ids: readonly string[]): Promise<Answer<Removed>>
  /** The changes after `cursor`, at most `limit` (0: only whether it is still that log), from one snapshot, in one round trip. */
  pull(cursor: Cursor, limit: number): Promise<Pulled | RegistryFailure>
  /** Calls back when something may have changed there. The answer stops it. */
  listen(events: ListenEvents): () => Promise<void>
  /** Content by its SHA-256. Undefined: the team has no store yet, so no version can go there. */
  readonly blobs: BlobStore | undefined
  /** Lets go of every connection; calls under way end as `retry`. */
  close(): Promise<void>
}

export type PublishMove = {
  skillId: string
  versionId: string | null
  expected: string | null
  content: ProvenText | null
}
export type FeedbackReview = {
  id: string
  expected: string
  status: string
  notes: string | null
  implementedBy: string | null
}
/** The longest that a call may take before it is given up as `retry`, in milliseconds. */
export const CALL_MS = 30_000

export type { BlobFailure, BlobStore } from '../registry/blobs.ts'
export type { RegistryFailure } from '../registry/failure.ts'
export type { ListenEvents } from '../registry/listen.ts'
export type {
  Answer,
  Approved,
  Hello,
  ProvenText,
  Published,
  PushableTable,
  PushedRow,
  PushedSkill,
  PushedVersion,
  Refused,
  RemovableTable,
  Removed,
  Reviewed,
  RowToPush,
  SkillToPush,
  VersionToPush,
} from '../registry/postgres.ts'
export type { Change, Cursor, Pulled } from '../registry/pull.ts'
