import type { EventPublisher } from '@orpc/server'
import { implement } from '@orpc/server'
import { appContract } from '../../shared/contract/index.ts'
import type { Change } from '../../shared/contract/system.ts'
import type { Library } from '../library/library.ts'
import { sqliteCode } from '../library/open.ts'
import { isReader } from '../library/spaces.ts'
import type { Secrets } from '../secrets.ts'
import type { Folders } from './folders.ts'
import type { RegistryTools } from './registry-tools.ts'

/** What every service is given. Nothing here is global: tests start as many backends as they like. */
export type Context = {
  library: Library
  /** Milliseconds since 1970. */
  clock: () => number
  /** UUID, version 7. */
  newId: () => string
  /** Where this computer's author keeps things, for finding skills. */
  home: string
  platform: NodeJS.Platform
  /** The folder of the sample library. */
  sample: string
  /** Folders on disk that are looked at without importing them. */
  folders: Folders
  secrets: Secrets
  /** Loaded when it is first needed: what reaches a database and a bucket is large. */
  registry: () => Promise<RegistryTools>
  changes: EventPublisher<{ change: Change }>
  log: (line: string) => void
}

/**
 * The contract, to be implemented noun by noun: `os.skills.get.handler(…)`. A disk that does not take a write is an
 * expected failure of every method; SQLite has undone the transaction by then.
 */
export const os = implement(appContract).use(async ({ next, errors }) => {
  try {
    return await next()
  } catch (error) {
    const code = sqliteCode(error)
    if (code === 'SQLITE_FULL' || code?.startsWith('SQLITE_IOERR'))
      throw errors.DISK({ data: { reason: error instanceof Error ? error.message : code, path: '' } })
    if (error instanceof ReaderCannot)
      throw errors.READ_ONLY({ message: error.message, data: { reason: error.message } })
    if (code?.startsWith('SQLITE_READONLY'))
      throw errors.READ_ONLY({ data: { reason: 'The library file is read-only.' } })
    throw error
  }
})

class ReaderCannot extends Error {
  override message = 'You are a reader in this team: you can rate and give feedback, but not add or change skills.'
}

/** Now and in words, rather than by the registry later. Every method that changes a skill asks it first. */
export function refuseReaders(context: Context, tenantId: string): void {
  if (isReader(context.library, tenantId)) throw new ReaderCannot()
}

/** Tells every reader what to ask for again; called after the commit, never before. */
export function announce(context: Context, nouns: Change['nouns'], skillIds: string[] = []): void {
  context.changes.publish('change', { nouns, skillIds })
}

/** The part of a handler's `errors` that shared helpers need. */
export type NotFound = { NOT_FOUND: (options: { data: { what: string; id: string } }) => Error }
export type Unreadable = {
  FOLDER_UNREADABLE: (options: { message: string; data: { path: string } }) => Error
}
export type Damaged = {
  CONTENT_DAMAGED: (options: { data: { sha256: string; path: string } }) => Error
  /** Left out where nobody would bring it: then missing content is as good as damaged. */
  CONTENT_ELSEWHERE?: (options: { data: { versionId: string } }) => Error
}
