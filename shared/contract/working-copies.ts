import { z } from 'zod'
import { manifestEntry } from '../domain/manifest.ts'
import { contract, id, instant } from './base.ts'

const workingFile = manifestEntry.extend({ state: z.enum(['same', 'added', 'changed']) })

/** What the author is editing: one per skill, autosaved, local, with the version it started from. */
export const workingCopy = z.object({
  skillId: id,
  base: z.object({ id, number: z.int().nullable() }).nullable(),
  /** The newest version is not the one this started from. */
  behind: z.boolean(),
  changed: z.boolean(),
  files: z.array(workingFile),
  removed: z.array(z.string()),
  savedAt: instant.nullable(),
})
export type WorkingCopy = z.infer<typeof workingCopy>

const pathErrors = {
  PATH_INVALID: { message: 'A file cannot have that name.', data: z.object({ reason: z.string() }) },
  FILE_TOO_LARGE: { message: 'That file is too large for a skill.', data: z.object({ reason: z.string() }) },
}

export const workingCopies = {
  get: contract.input(z.object({ skillId: id })).output(workingCopy),
  /**
   * Autosave. `expected` is the hash the editor last saw, null for a new file: where the stored one differs (another
   * window wrote it), nothing is written and the stored hash comes back.
   */
  write: contract
    .input(
      z.object({
        skillId: id,
        path: z.string(),
        content: z.discriminatedUnion('kind', [
          z.object({ kind: z.literal('text'), text: z.string() }),
          z.object({ kind: z.literal('base64'), base64: z.string() }),
        ]),
        expected: z.string().nullable(),
        executable: z.boolean().optional(),
      }),
    )
    .errors({
      ...pathErrors,
      CHANGED_ELSEWHERE: {
        message: 'This file was changed in another window.',
        data: z.object({ sha256: z.string().nullable() }),
      },
    })
    .output(z.object({ sha256: z.string(), size: z.int(), savedAt: instant })),
  move: contract
    .input(z.object({ skillId: id, from: z.string(), to: z.string() }))
    .errors(pathErrors)
    .output(workingCopy),
  remove: contract.input(z.object({ skillId: id, path: z.string() })).output(workingCopy),
  /** Goes back to the base version. The answer's `was` given to `put` undoes it. */
  discard: contract
    .input(z.object({ skillId: id }))
    .output(z.object({ was: z.array(manifestEntry), now: workingCopy })),
  /** Sets the working copy to content already stored here: undo, or start over from another version. */
  put: contract
    .input(z.object({ skillId: id, baseId: id.nullable().optional(), files: z.array(manifestEntry) }))
    .output(workingCopy),
}
