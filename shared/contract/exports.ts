import { z } from 'zod'
import { contentRef, contract } from './base.ts'

const failed = {
  TARGET_NOT_EMPTY: { message: 'That folder already has files in it.', data: z.object({ path: z.string() }) },
}

export const exports_ = {
  /** Writes the skill's folder below `parent`, named by its slug. */
  toFolder: contract
    .input(z.object({ of: contentRef, parent: z.string().min(1), overwrite: z.boolean().default(false) }))
    .errors(failed)
    .output(z.object({ path: z.string(), files: z.int() })),
  /** A `.skill` archive (zip) as base64, for a browser's download. */
  /**
   * Several skills in one zip, a folder for each. What cannot go in, such as a second skill of the same name, is left out by name;
   * `base64` is '' where nothing could.
   */
  toOneArchive: contract.input(z.object({ of: z.array(contentRef).min(1).max(10_000) })).output(
    z.object({
      base64: z.string(),
      skills: z.int(),
      left: z.array(z.object({ name: z.string(), reason: z.string() })),
    }),
  ),
  toArchive: contract.input(z.object({ of: contentRef })).output(z.object({ name: z.string(), base64: z.string() })),
}
