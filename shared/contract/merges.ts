import { z } from 'zod'
import { manifestEntry } from '../domain/manifest.ts'
import { contract, id } from './base.ts'
import { versionRow } from './versions.ts'

const mergeFile = z.object({
  /**
   * The path in the result. The three entries have their own: a rename is followed. Where each side gave another name it is
   * the base's, and the file is for a person to choose, with its name.
   */
  path: z.string(),
  base: manifestEntry.nullable(),
  left: manifestEntry.nullable(),
  right: manifestEntry.nullable(),
  /**
   * What can be said from the hashes alone: `same` and `left`/`right` settle themselves; `text` is merged line by line;
   * `choose` is for what has no lines (binary, or removed on one side and changed on the other).
   */
  state: z.enum(['same', 'left', 'right', 'text', 'choose']),
})

const settled = z.object({
  path: z.string(),
  executable: z.boolean(),
  content: z.discriminatedUnion('kind', [
    /** Content of one of the two sides, by its hash. */
    z.object({ kind: z.literal('stored'), sha256: z.string() }),
    z.object({ kind: z.literal('text'), text: z.string() }),
  ]),
})

export const merges = {
  /** The newest version both come from (null when they share none), and every file of the three. */
  prepare: contract.input(z.object({ leftId: id, rightId: id })).output(
    z.object({
      skillId: id,
      base: versionRow.nullable(),
      left: versionRow,
      right: versionRow,
      files: z.array(mergeFile),
    }),
  ),
  /** Saves the settled files as a version with two parents: left, then right. */
  save: contract
    .input(z.object({ leftId: id, rightId: id, message: z.string().max(5_000), files: z.array(settled).max(2_000) }))
    .errors({
      BUNDLE_INVALID: {
        message: 'This cannot be saved as a version yet.',
        data: z.object({ problems: z.array(z.object({ code: z.string(), path: z.string(), message: z.string() })) }),
      },
      UNSETTLED: { message: 'A conflict is not settled yet.', data: z.object({ paths: z.array(z.string()) }) },
    })
    .output(versionRow),
}
