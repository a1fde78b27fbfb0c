import type { ContentRef } from '../../shared/contract/base.ts'
import type { CompareSide } from '../../shared/contract/compare.ts'
import { diffFrontmatter, diffManifests } from '../../shared/domain/bundle-diff.ts'
import { parseSkillMd } from '../../shared/domain/skill-md.ts'
import { versionCosts, versionQuality } from '../library/measurements.ts'
import { ratingTotals } from '../library/ratings.ts'
import { findVersionWithAuthor } from '../library/versions.ts'
import { type Content, getSkillMd, getTokens, nameOf, openContent } from './content.ts'
import { type Context, type Damaged, os } from './context.ts'
import { similarityOf } from './similarity.ts'
import { toRow } from './versions.ts'

export const compareService = (context: Context) => ({
  get: os.compare.get.handler(async ({ input, errors }) => {
    const left = await openContent(context, input.left, errors)
    const right = await openContent(context, input.right, errors)
    const similarity = await similarityOf(context, left, right, errors)
    const changes = diffManifests(left.files, right.files, { similarity })
    return {
      left: await toSide(context, input.left, left, errors),
      right: await toSide(context, input.right, right, errors),
      changes,
      unchanged: right.files.length - changes.filter(change => change.kind !== 'removed').length,
      fields: diffFrontmatter(
        parseSkillMd(getSkillMd(context, left, errors)),
        parseSkillMd(getSkillMd(context, right, errors)),
      ),
    }
  }),

  evidence: os.compare.evidence.handler(async ({ input, errors }) => {
    const versionOf = async (of: ContentRef) => {
      const content = await openContent(context, of, errors, false)
      return content.working ? undefined : content.version
    }
    // Statistics are loaded when first asked for: starting the app does not wait for them.
    const { evidenceOf } = await import('./evidence.ts')
    return evidenceOf(context, await versionOf(input.left), await versionOf(input.right))
  }),
})

/** A working copy or a folder on disk has no ratings, costs or runs of its own: those belong to versions. */
async function toSide(context: Context, of: ContentRef, content: Content, errors: Damaged): Promise<CompareSide> {
  const { skill, files, working } = content
  const common = {
    of,
    skillId: skill?.id ?? null,
    skillName: skill?.name ?? nameOf(content),
    files,
    tokens: await getTokens(context, content, errors),
  }
  const row = working || !content.version ? undefined : findVersionWithAuthor(context.library, content.version.id)
  if (!row)
    return {
      ...common,
      versionId: null,
      number: null,
      message: null,
      authorName: null,
      createdAt: null,
      claimed: null,
      published: false,
      averageRating: null,
      totalRatings: 0,
      hoursSaved: null,
      costMicrocents: null,
      costSamples: 0,
      latencyMs: null,
      quality: null,
    }
  const { number, message, author, createdAt, claimed, published } = toRow(row)
  const ratings = ratingTotals(context.library, row.id)
  const costs = versionCosts(context.library, row.id)
  const quality = versionQuality(context.library, row.id)
  return {
    ...common,
    versionId: row.id,
    number,
    message,
    authorName: author.name,
    createdAt,
    claimed,
    published,
    averageRating: ratings.average_rating,
    totalRatings: ratings.total_ratings,
    hoursSaved: ratings.hours_saved,
    costMicrocents: costs.cost,
    costSamples: costs.samples,
    latencyMs: costs.latency,
    quality: quality ? { score: quality.score, results: quality.results, runId: quality.run_id } : null,
  }
}
