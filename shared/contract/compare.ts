import { z } from 'zod'
import { manifestEntry } from '../domain/manifest.ts'
import { contentRef, contract, id, instant, microcents, tokenTiers } from './base.ts'
import { evidence } from './evidence.ts'
import { versionRow } from './versions.ts'

export const compareSide = z.object({
  of: contentRef,
  /** Null for a folder on disk. */
  skillId: id.nullable(),
  /** Null unless it is a version; of `published` the one published now. */
  versionId: id.nullable(),
  skillName: z.string(),
  /** Null for the working copy and for a version the registry has not numbered. */
  number: z.int().nullable(),
  message: z.string().nullable(),
  authorName: z.string().nullable(),
  createdAt: instant.nullable(),
  /** As a version's. */
  claimed: versionRow.shape.claimed,
  published: z.boolean(),
  files: z.array(manifestEntry),
  tokens: tokenTiers,
  /** Null where nothing was measured: never 0. */
  averageRating: z.int().nullable(),
  totalRatings: z.int(),
  hoursSaved: z.number().nullable(),
  costMicrocents: microcents.nullable(),
  costSamples: z.int(),
  latencyMs: z.number().nullable(),
  quality: z.object({ score: z.number(), results: z.int(), runId: id }).nullable(),
})
export type CompareSide = z.infer<typeof compareSide>

export const fileChange = z.object({
  kind: z.enum(['added', 'removed', 'changed', 'renamed', 'mode']),
  path: z.string(),
  fromPath: z.string().optional(),
  left: manifestEntry.optional(),
  right: manifestEntry.optional(),
  similarity: z.number().optional(),
})
export const fieldChange = z.object({
  key: z.string(),
  kind: z.enum(['added', 'removed', 'changed']),
  left: z.string().optional(),
  right: z.string().optional(),
})

export const comparison = z.object({
  left: compareSide,
  right: compareSide,
  /** Files that differ; those that do not are counted. */
  changes: z.array(fileChange),
  unchanged: z.int(),
  fields: z.array(fieldChange),
})
export type Comparison = z.infer<typeof comparison>

export const compare = {
  /** Everything about two contents but the text itself, which the reader fetches by `files.read` and diffs on its side. */
  get: contract.input(z.object({ left: contentRef, right: contentRef })).output(comparison),
  /** What both did, with intervals and verdicts. Slower than `get`, so that the text need not wait for it. */
  evidence: contract.input(z.object({ left: contentRef, right: contentRef })).output(evidence),
}
