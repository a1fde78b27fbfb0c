import { eventIterator } from '@orpc/contract'
import { z } from 'zod'
import { contract, id } from './base.ts'

export const importSource = z.discriminatedUnion('kind', [
  /** Looks at the path: an archive, a git repository, or a folder of skills. */
  z.object({ kind: z.literal('path'), path: z.string().min(1).max(4096) }),
  z.object({ kind: z.literal('folder'), path: z.string().min(1).max(4096) }),
  z.object({ kind: z.literal('git'), path: z.string().min(1).max(4096) }),
  /** An archive whose bytes the page holds (dropped on it, or chosen in a browser). */
  z.object({ kind: z.literal('archive'), name: z.string().max(255), base64: z.string().max(150_000_000) }),
])
export type ImportSource = z.infer<typeof importSource>

export const importProgress = z.object({
  phase: z.enum(['looking', 'reading', 'saving']),
  done: z.int(),
  total: z.int().nullable(),
  what: z.string(),
})
export type ImportProgress = z.infer<typeof importProgress>

export const importReport = z.object({
  source: z.object({ kind: z.enum(['folder', 'git', 'archive']), path: z.string() }),
  skillsAdded: z.int(),
  skillsUpdated: z.int(),
  skillsUnchanged: z.int(),
  versionsAdded: z.int(),
  skipped: z.array(z.object({ path: z.string(), code: z.string(), message: z.string() })),
  /** What was added or updated, for 'open it'; at most 200. */
  skills: z.array(z.object({ id, name: z.string(), versionsAdded: z.int() })),
  /** Stopped by the reader: what is counted here was kept, whole skills only. */
  cancelled: z.boolean(),
})
export type ImportReport = z.infer<typeof importReport>

export const importPlace = z.object({ path: z.string(), label: z.string(), skills: z.int() })

export const imports = {
  /** Folders on this computer where agents keep skills, with how many are there. */
  places: contract.output(z.array(importPlace)),
  /**
   * Progress while it runs, the report at its end. `stop` with the same ticket ends it between two skills, and the report
   * still comes; aborting the call ends it too, without one.
   */
  run: contract
    .input(z.object({ tenantId: id, source: importSource, ticket: z.string().max(64).optional() }))
    .errors({
      SOURCE_UNREADABLE: {
        message: 'That could not be read.',
        data: z.object({ path: z.string(), reason: z.string() }),
      },
      GIT_MISSING: {
        message: 'git is not installed, so the history cannot be read.',
        data: z.object({ path: z.string() }),
      },
      NOTHING_FOUND: { message: 'There is no SKILL.md in there.', data: z.object({ path: z.string() }) },
    })
    .output(eventIterator(importProgress, importReport)),
  /** False when nothing of that ticket is running (any more). */
  stop: contract.input(z.object({ ticket: z.string().max(64) })).output(z.object({ stopped: z.boolean() })),
}
