import { eventIterator } from '@orpc/contract'
import { z } from 'zod'
import { contract, id } from './base.ts'

export const libraryStatus = z.discriminatedUnion('state', [
  z.object({ state: z.literal('ready') }),
  z.object({
    state: z.literal('problem'),
    /** `OLDER`: it can be read, but what was saved in it last is not there. */
    code: z.enum(['NEWER', 'BROKEN', 'OLDER', 'IN_USE', 'UNWRITABLE', 'MIGRATION_FAILED']),
    /** What happened, what was kept, what to do: one sentence each. */
    happened: z.string(),
    kept: z.string(),
    todo: z.string(),
    path: z.string(),
    /** Copies taken before a migration, newest first. */
    backups: z.array(z.string()),
  }),
])
export type LibraryStatus = z.infer<typeof libraryStatus>

/** What changed, so that the reader refreshes just that. No ids: everything of that noun. */
export const change = z.object({
  nouns: z.array(
    z.enum([
      'spaces',
      'skills',
      'versions',
      'workingCopies',
      'ratings',
      'feedback',
      'benchmarks',
      'settings',
      'sync',
      'registries',
      'providers',
    ]),
  ),
  skillIds: z.array(id),
})
export type Change = z.infer<typeof change>

/** `done` and `total` are rows or files, whatever the step goes through. */
export const rebuildProgress = z.object({
  step: z.enum(['reading', 'backups', 'journal', 'checking']),
  done: z.int(),
  total: z.int().nullable(),
})

/** What came back of a broken library, and what did not. */
export const rebuildReport = z.object({
  /** Where the broken file is now. */
  movedTo: z.string().nullable(),
  skills: z.int(),
  versions: z.int(),
  files: z.int(),
  workingCopies: z.int(),
  /** Rows and files that only a backup still had. */
  fromBackups: z.int(),
  /** Unsent changes that only the journal beside the library still had. */
  requeued: z.int(),
  /** Teams whose registries are asked for everything again. */
  teams: z.array(z.string()),
  /** Parts of the file that could not be read. */
  damagedPages: z.int(),
  /** Content that did not come back, by skill and version. */
  lost: z.array(z.object({ sha256: z.string(), of: z.string() })),
  /** Files that a team's registry still has to send. */
  awaited: z.int(),
  /** What else did not come back or had to be guessed, in sentences. */
  notes: z.array(z.string()),
})
export type RebuildReport = z.infer<typeof rebuildReport>

export const system = {
  /** `instance` is new for each start of the backend: a reader that sees another one has reconnected. */
  info: contract.output(
    z.object({
      app: z.string(),
      instance: z.string(),
      libraryPath: z.string(),
      platform: z.string(),
      library: libraryStatus,
    }),
  ),
  /** Sets a broken library file aside (renamed, never deleted) and starts an empty one. */
  startFresh: contract.output(z.object({ movedTo: z.string() })),
  /**
   * Makes a new library of what can still be read of a broken one, of backups, and of what is kept beside it; the broken
   * file is renamed once the new one is whole. Stopping leaves everything as it was.
   */
  rebuild: contract.output(eventIterator(rebuildProgress, rebuildReport)),
  /** Opens a library that is older than it was, as it is. */
  openAsItIs: contract.output(z.object({})),
  changes: contract.output(eventIterator(change)),
}
