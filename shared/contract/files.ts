import { z } from 'zod'
import { contentRef, contract } from './base.ts'

export const fileContent = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('text'), text: z.string(), sha256: z.string(), size: z.int(), executable: z.boolean() }),
  /** Not text, not UTF-8, or too large to show: fetch it by `bytes`. */
  z.object({
    kind: z.enum(['binary', 'not-utf8', 'too-large']),
    sha256: z.string(),
    size: z.int(),
    executable: z.boolean(),
    mediaType: z.string(),
  }),
])
export type FileContent = z.infer<typeof fileContent>

export const files = {
  read: contract
    .input(z.object({ of: contentRef, path: z.string() }))

    .output(fileContent),
  /** A page of a file's bytes as base64, at most 4 MB a page. */
  bytes: contract
    .input(
      z.object({
        of: contentRef,
        path: z.string(),
        offset: z.int().min(0).default(0),
        limit: z.int().min(1).max(4_194_304).default(4_194_304),
      }),
    )

    .output(z.object({ base64: z.string(), size: z.int(), mediaType: z.string() })),
}
