import type { CompareSide } from '../../shared/contract/compare.ts'
import { diffFrontmatter, diffManifests } from '../../shared/domain/bundle-diff.ts'
import { parseSkillMd } from '../../shared/domain/skill-md.ts'
import { versionCosts, versionQuality } from '../library/measurements.ts'
import { ratingTotals } from '../library/ratings.ts'
import { findVersionWithAuthor } from '../library/versions.ts'
import { type Content, getContent, getSkillMd, getTokens } from './content.ts'
import { type Context, type Damaged, os } from './context.ts'
import { toRow } from './versions.ts'

export const compareService = (context: Context) => ({
  get: os.compare.get.handler(({ input, errors }) => {
    const left = getContent(context, input.left, errors)
    const right = getContent(context, input.right, errors)
    const changes = diffManifests(left.files, right.files)
    return {
      left: toSide(context, left, errors),
      right: toSide(context, right, errors),
      changes,
      unchanged: right.files.length - changes.filter(change => change.kind !== 'removed').length,
      fields: diffFrontmatter(
        parseSkillMd(getSkillMd(context, left, errors)),
        parseSkillMd(getSkillMd(context, right, errors)),
      ),
    }
  }),
})

/** A working copy has no ratings, costs or runs of its own: those belong to versions. */
function toSide(context: Context, content: Content, errors: Damaged): CompareSide {
  const { skill, files, working } = content
  const common = { skillId: skill.id, skillName: skill.name, files, tokens: getTokens(context, content, errors) }
  const row = working || !content.version ? undefined : findVersionWithAuthor(context.library, content.version.id)
  if (!row)
    return {
      ...common,
      of: { kind: 'working', skillId: skill.id },
      number: null,
      message: null,
      authorName: null,
      createdAt: null,
      published: false,
      averageRating: null,
      totalRatings: 0,
      hoursSaved: null,
      costMicrocents: null,
      costSamples: 0,
      latencyMs: null,
      quality: null,
    }
  const { number, message, author, createdAt, published } = toRow(row)
  const ratings = ratingTotals(context.library, row.id)
  const costs = versionCosts(context.library, row.id)
  const quality = versionQuality(context.library, row.id)
  return {
    ...common,
    of: { kind: 'version', id: row.id },
    number,
    message,
    authorName: author.name,
    createdAt,
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
