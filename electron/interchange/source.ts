import type { Manifest } from '../../shared/domain/bundle.ts'

/**
 * What every reader (folder, zip, git) hands over, and to whom. A reader knows files and commits; the sink knows the
 * library. Within one skill the order is fixed: every blob first, then the skill that names them.
 */

/**
 * One version as found; its blobs were handed to the sink before. `parents` are indexes into the chain's versions:
 * the first is the parent, a second the merged one. `createdAt` is in milliseconds since 1970. `sourceRef` is the
 * commit the version came from.
 */
export type FoundVersion = {
  manifest: Manifest
  message: string
  author?: { name: string; email: string }
  createdAt: number
  parents: readonly number[]
  sourceRef?: string
}

/**
 * A skill's whole history, parents before children; the last version is the one at the newest commit (of a deleted skill,
 * the last there was). `origin` names where it came from, the same at each import of the same place:
 * how importing twice adds nothing. `deleted`: the skill is gone at the newest commit. `path` is where its folder is
 * now (or was last), relative to what was read, '' for the root itself.
 */
export type FoundSkill = {
  origin: string
  folderName: string
  path: string
  versions: readonly FoundVersion[]
  deleted: boolean
}

/** Something that was not brought in. `message` is one plain sentence. */
export type Skipped = { path: string; code: string; message: string }

/** Where a reader stands. `total` is undefined until it is known. */
export type ImportProgress = {
  phase: 'looking' | 'reading' | 'saving'
  done: number
  total: number | undefined
  what: string
}

export interface Sink {
  /** Stores bytes under their SHA-256; called before the skill that needs them. Returns the hash, lowercase hex. */
  blob(bytes: Uint8Array): string
  /** To be waited for: a slow sink holds its reader back, and lets others have their turn. */
  skill(found: FoundSkill): Promise<void> | void
  skipped(skip: Skipped): void
  progress(progress: ImportProgress): void
}

export type ReadOptions = { signal: AbortSignal }

/** What a reader answers: how much it handed over, or why it could not start. A cancelled reader rejects instead. */
export type ReadResult = { ok: true; skills: number; versions: number } | ReadFailure
export type ReadFailure = { ok: false; code: ReadFailureCode; message: string }
export type ReadFailureCode =
  | 'PLACE_MISSING'
  | 'PLACE_UNREADABLE'
  | 'NOT_A_FOLDER'
  | 'NOT_A_ZIP'
  | 'GIT_MISSING'
  | 'NOT_A_REPOSITORY'
  | 'REPOSITORY_NOT_TRUSTED'
  | 'GIT_TOO_OLD'
  | 'GIT_FAILED'
