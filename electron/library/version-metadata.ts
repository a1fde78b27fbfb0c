import { z } from 'zod'
import { parseJson } from '../../shared/domain/rows/json.ts'
import { LATEST } from '../../shared/domain/rows/rules.ts'
import { plainLine } from '../../shared/domain/rows/text.ts'

/** What a version's `metadata` column may say; the schema has no column for where an imported one came from. */
export type VersionMetadata = {
  /** Who made it where it came from. It is a claim: in a team, who saved it is `created_by`. */
  author?: { name: string; email: string }
  origin?: string
  sourceRef?: string
  restoredFrom?: string
  /**
   * It is a copy, from another space. `createdAt`: when the original was made, as whoever copied it says. `of` tells the
   * original to who has it and nothing to anybody else: the SHA-256 of its id. (Older copies name the id, `versionId`.)
   */
  copyOf?: { createdAt: number; of?: string; versionId?: string }
}

const line = z.string().transform(plainLine)
const fields = {
  author: z.object({ name: line, email: line.nullish().transform(email => email ?? '') }),
  origin: z.string(),
  sourceRef: z.string(),
  restoredFrom: z.string(),
  copyOf: z.object({
    createdAt: z.int().min(0).max(LATEST),
    of: z.string().optional(),
    versionId: z.string().optional(),
  }),
}

/** Read field by field: one that is not as it must be is as good as not there, and the others still count. */
export function readMetadata(text: string): VersionMetadata {
  if (text === '{}') return {}
  const read = parseJson(text)
  if (typeof read !== 'object' || read === null || Array.isArray(read)) return {}
  const said = new Map<string, unknown>(Object.entries(read))
  const take = <T>(key: keyof typeof fields, schema: z.ZodType<T>): T | undefined =>
    schema.safeParse(said.get(key)).data
  const author = take('author', fields.author)
  const origin = take('origin', fields.origin)
  const sourceRef = take('sourceRef', fields.sourceRef)
  const restoredFrom = take('restoredFrom', fields.restoredFrom)
  const copyOf = take('copyOf', fields.copyOf)
  return {
    ...(author && { author }),
    ...(origin !== undefined && { origin }),
    ...(sourceRef !== undefined && { sourceRef }),
    ...(restoredFrom !== undefined && { restoredFrom }),
    ...(copyOf && { copyOf }),
  }
}
