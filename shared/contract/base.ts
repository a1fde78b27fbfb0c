import { oc } from '@orpc/contract'
import { z } from 'zod'
import { isSlug, SLUG_RULE } from '../domain/slug.ts'

/** Text UUIDs, version 7 for what this app creates; nothing else is assumed of them. */
export const id = z.string().min(1).max(64)
/** The plain name of a skill's folder. */
export const slug = z.string().refine(isSlug, { error: SLUG_RULE })
/** Milliseconds since 1970, UTC. */
export const instant = z.int()
/** 1 microcent = $0.00000001, so $3 per million tokens are 300 microcents a token. Unknown is null, never 0. */
export const microcents = z.int()

/** Content that can be read and compared. `published` and `folder` are looked up afresh each time. */
export const contentRef = z.discriminatedUnion('kind', [
  /** An immutable version. */
  z.object({ kind: z.literal('version'), id }),
  /** What the author is editing. */
  z.object({ kind: z.literal('working'), skillId: id }),
  /** Whichever version is published now. */
  z.object({ kind: z.literal('published'), skillId: id }),
  /** A skill's folder on this computer's disk, not imported. */
  z.object({ kind: z.literal('folder'), path: z.string().min(1).max(4096) }),
])
export type ContentRef = z.infer<typeof contentRef>

export const tokenTiers = z.object({ always: z.int(), onTrigger: z.int(), onDemand: z.int() })

/** Failures every method may answer with. A failure is a value: its code is matched, its message is for a person. */
export const contract = oc.errors({
  NOT_FOUND: { message: 'That is no longer here.', data: z.object({ what: z.string(), id: z.string() }) },
  READ_ONLY: { message: 'This library can only be read.', data: z.object({ reason: z.string() }) },
  CONTENT_DAMAGED: {
    message: 'The stored content does not match its checksum, so it is not shown.',
    data: z.object({ sha256: z.string(), path: z.string() }),
  },
  /** A team's version whose content was never brought here, or not sent yet by who made it: `sync.fetchContent` brings it. */
  CONTENT_ELSEWHERE: {
    message: 'The content of this version is not on this computer.',
    data: z.object({ versionId: id }),
  },
  FOLDER_UNREADABLE: { message: 'That folder cannot be read as a skill.', data: z.object({ path: z.string() }) },
  DISK: { message: 'The disk did not take it.', data: z.object({ reason: z.string(), path: z.string() }) },
})
