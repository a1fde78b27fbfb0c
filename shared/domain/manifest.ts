import { z } from 'zod'

/**
 * One file of a bundle. `sha256` is lowercase hex, `size` is in bytes. Apart from bundle.ts, so that the page, which only
 * needs the types, does not carry a parser.
 */
export const manifestEntry = z.object({
  path: z.string(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  size: z.int().min(0),
  executable: z.boolean(),
})
export type ManifestEntry = z.infer<typeof manifestEntry>
export type Manifest = ManifestEntry[]
