import { z } from 'zod'
import { contract, id, instant, microcents, slug, tokenTiers } from './base.ts'

export const SKILL_STATUSES = ['draft', 'published', 'archived'] as const
export const skillSort = z.enum([
  'relevance',
  'name',
  'updated',
  'version',
  'tokens',
  'rating',
  'cost',
  'quality',
  'state',
])
/** `changed`: the working copy differs from the newest version. `invalid`: the newest version fails the profile that is chosen in the settings. `unpublished`: newer than what is published. */
export const skillFilter = z.enum(['changed', 'invalid', 'unpublished', 'published', 'draft', 'archived'])

export const skillRow = z.object({
  id,
  tenantId: id,
  slug: z.string(),
  name: z.string(),
  description: z.string(),
  category: z.string().nullable(),
  tags: z.array(z.string()),
  status: z.enum(SKILL_STATUSES),
  newest: z.object({ id, number: z.int().nullable(), createdAt: instant }).nullable(),
  published: z.object({ id, number: z.int().nullable() }).nullable(),
  versions: z.int(),
  /** Whether a working copy exists that differs from the version it started from. */
  changed: z.boolean(),
  /** Findings of the chosen profile on the newest version; null until looked at. */
  checks: z.object({ errors: z.int(), warnings: z.int() }).nullable(),
  /** Of the newest version; an estimate; null until counted. */
  tokens: tokenTiers.nullable(),
  /** Stars × 100 (425 = 4.25), null without ratings. */
  averageRating: z.int().nullable(),
  totalRatings: z.int(),
  costMicrocents: microcents.nullable(),
  /** Mean quality 0–100 of the newest completed benchmark run of the newest measured version. */
  quality: z.object({ score: z.number(), results: z.int(), versionNumber: z.int().nullable() }).nullable(),
  updatedAt: instant,
  /** Where a search found it: text with the hit between U+E000 and U+E001. */
  snippet: z.string().nullable(),
})
export type SkillRow = z.infer<typeof skillRow>

export const skillDetail = skillRow.extend({
  authorName: z.string(),
  /** Made by whoever uses this computer. */
  mine: z.boolean(),
  createdAt: instant,
  forkedFrom: z
    .object({ skillId: id, name: z.string(), versionId: id.nullable(), number: z.int().nullable() })
    .nullable(),
  totalUses: z.int(),
  totalFeedback: z.int(),
  positiveFeedbackPct: z.int().nullable(),
  hoursSaved: z.number().nullable(),
  /** The folder, archive or repository it was imported from, if any. */
  origin: z.string().nullable(),
})
export type SkillDetail = z.infer<typeof skillDetail>

const listInput = z.object({
  tenantId: id,
  /** Free text: every word must occur in name, description, tags or body of the newest version, the last one as a prefix. */
  query: z.string().max(500).default(''),
  filters: z.array(skillFilter).default([]),
  /** Only the skill of exactly this slug, archived or not. */
  slug: z.string().max(64).optional(),
  /** Left out: by relevance where there are words to search for, else by name. */
  sort: skillSort.optional(),
  descending: z.boolean().default(false),
  offset: z.int().min(0).default(0),
  limit: z.int().min(1).max(500).default(200),
})

export const skills = {
  /** One page of the library. Archived skills show only under the filter of that name. */
  list: contract.input(listInput).output(
    z.object({
      rows: z.array(skillRow),
      total: z.int(),
      versions: z.int(),
      counts: z.record(skillFilter, z.int()),
      /** More were found than a search lists. */
      capped: z.boolean(),
    }),
  ),
  get: contract.input(z.object({ id })).output(skillDetail),
  /** A new skill whose working copy holds a SKILL.md to start from; it has no version until one is saved. */
  create: contract
    .input(z.object({ tenantId: id, slug, description: z.string().max(4096).default('') }))
    .errors({
      SLUG_TAKEN: {
        message: 'A skill of that name is already here.',
        data: z.object({ slug: z.string(), skillId: id }),
      },
    })
    .output(z.object({ id })),
  /** Archives or brings back. Undone by the opposite. */
  archive: contract.input(z.object({ id, archived: z.boolean() })).output(z.object({ status: z.enum(SKILL_STATUSES) })),
  describe: contract
    .input(z.object({ id, category: z.string().max(100).nullable(), tags: z.array(z.string().min(1).max(50)).max(50) }))
    .output(z.object({ id })),
}
