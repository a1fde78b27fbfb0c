import { z } from 'zod'
import { manifestEntry } from '../domain/manifest.ts'
import { contract, id, instant, tokenTiers } from './base.ts'
import { seriesPoint } from './evidence.ts'
import { gateReport } from './gates.ts'
import { syncProblem } from './sync.ts'

export const versionRow = z.object({
  id,
  skillId: id,
  /** Null while the registry has not numbered it. */
  number: z.int().nullable(),
  parentId: id.nullable(),
  mergedId: id.nullable(),
  /** Names the content: SHA-256 of the bundle's manifest. */
  contentHash: z.string(),
  name: z.string(),
  description: z.string(),
  message: z.string(),
  author: z.object({ name: z.string(), email: z.string().nullable() }),
  /** Saved by whoever uses this computer. */
  mine: z.boolean(),
  createdAt: instant,
  /** In a team: whose work it is and of what date, as who saved it says; `author` and `createdAt` are the registry's. */
  claimed: z
    .object({ author: z.object({ name: z.string(), email: z.string() }).nullable(), createdAt: instant.nullable() })
    .nullable(),
  published: z.boolean(),
  averageRating: z.int().nullable(),
  totalRatings: z.int(),
  /** Set where its content is not on this computer: reading it brings it. */
  elsewhere: z.literal(true).optional(),
})
export type VersionRow = z.infer<typeof versionRow>

export const versionDetail = versionRow.extend({
  files: z.array(manifestEntry),
  tokens: tokenTiers,
  skillName: z.string(),
  /** Where it came from, such as a commit. */
  sourceRef: z.string().nullable(),
})
export type VersionDetail = z.infer<typeof versionDetail>

const bundleProblem = z.object({ code: z.string(), path: z.string(), message: z.string() })

export const versions = {
  /** Newest first. */
  list: contract.input(z.object({ skillId: id })).output(z.array(versionRow)),
  get: contract.input(z.object({ id })).output(versionDetail),
  /**
   * Makes the working copy an immutable version. Invalid by a profile is allowed (the author decides); what cannot be
   * stored as a bundle is not.
   */
  save: contract
    .input(z.object({ skillId: id, message: z.string().max(5_000) }))
    .errors({
      NOTHING_CHANGED: { message: 'Nothing has changed since the last version.' },
      BUNDLE_INVALID: {
        message: 'This cannot be saved as a version yet.',
        data: z.object({ problems: z.array(bundleProblem) }),
      },
    })
    .output(versionRow),
  /** Saves an old version's content as a new version on top; the working copy, where it has changes, is kept and said so. */
  restore: contract
    .input(z.object({ id, message: z.string().max(5_000).optional() }))
    .errors({ NOTHING_CHANGED: { message: 'That is what the newest version already holds.' } })
    .output(versionRow),
  /** What each version of a skill did, for the picture of its history; oldest first. */
  series: contract.input(z.object({ skillId: id })).output(z.array(seriesPoint)),
  /** For each line of a text file (as it is split for comparing) the version that brought it. */
  blame: contract
    .input(z.object({ id, path: z.string() }))
    .errors({ TOO_LONG: { message: 'Lines are followed back in files of up to 512 kB and 20,000 lines.' } })
    .output(z.object({ lines: z.array(z.object({ versionId: id })), versions: z.array(versionRow) })),
  /** Moves the published pointer if it still is where the reader saw it. */
  publish: contract
    .input(
      z.object({
        skillId: id,
        versionId: id.nullable(),
        expected: id.nullable(),
        /** Against the skill's gate; the reason is logged. */
        override: z.object({ reason: z.string().trim().min(1).max(2_000) }).optional(),
      }),
    )
    .errors({
      GATE_FAILED: { message: 'The skill’s gate is shut for this version.', data: gateReport },
      PUBLISHED_MOVED: {
        message: 'Somebody published another version meanwhile.',
        data: z.object({ published: id.nullable() }),
      },
    })
    .output(z.object({ published: id.nullable() })),
  /**
   * Says that a version may be published, in a team that publishes only what somebody else has approved: by an admin or the
   * skill's author, never by who saved it. An online act: it is done when this answers, and otherwise not.
   */
  approve: contract
    .input(z.object({ versionId: id }))
    .errors({
      FORBIDDEN: {
        message: 'Only an admin, or the skill’s author where somebody else saved the version, may approve it.',
      },
      MISSING: {
        message: 'The team does not have this version yet. Once it is sent and has a number, it can be approved.',
      },
      SYNC_PROBLEM: { message: 'That did not work.', data: syncProblem },
    })
    .output(z.object({ approved: z.literal(true) })),
}
