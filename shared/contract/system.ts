import { eventIterator } from '@orpc/contract'
import { z } from 'zod'
import { contract, id } from './base.ts'

export const libraryStatus = z.discriminatedUnion('state', [
  z.object({ state: z.literal('ready') }),
  z.object({
    state: z.literal('problem'),
    code: z.enum(['NEWER', 'BROKEN', 'IN_USE', 'UNWRITABLE', 'MIGRATION_FAILED']),
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
    ]),
  ),
  skillIds: z.array(id),
})
export type Change = z.infer<typeof change>

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
  changes: contract.output(eventIterator(change)),
}
