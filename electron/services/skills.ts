import type { SkillRow } from '../../shared/contract/skills.ts'
import { findSkillMd } from '../../shared/domain/bundle.ts'
import { readTexts } from '../../shared/domain/rows/json.ts'
import { plainLine } from '../../shared/domain/rows/text.ts'
import { takeTurns } from '../interchange/turns.ts'
import { sha256 } from '../library/blobs.ts'
import { findOriginOfSkill } from '../library/import-origins.ts'
import { enqueue } from '../library/outbox.ts'
import { SEARCH_LIMIT, searchSkills } from '../library/search.ts'
import { searchWords, snippetOf } from '../library/search-words.ts'
import {
  countSkills,
  findSkill,
  findSkillBySlug,
  findSkillListed,
  insertSkill,
  listSkills,
  type SkillListed,
  setDescribed,
  setStatus,
  skillQuality,
} from '../library/skills.ts'
import { findSpace } from '../library/spaces.ts'
import { userNames } from '../library/user-names.ts'
import { findVersion } from '../library/versions.ts'
import { insertWorkingCopy, putWorkingFile } from '../library/working-copies.ts'
import { getContent, getSkillMd } from './content.ts'
import { announce, type Context, os, refuseReaders } from './context.ts'
import type { Indexer } from './indexing.ts'
import { readShaped } from './settings.ts'

export const skillsService = (context: Context, indexer: Indexer) => {
  const { library } = context
  return {
    list: os.skills.list.handler(async ({ input }) => {
      const words = searchWords(input.query)
      if (words.length > 0) await indexer.catchUp()
      const among =
        input.slug !== undefined
          ? [findSkillBySlug(library, input.tenantId, input.slug)?.id ?? '']
          : words.length > 0
            ? searchSkills(library, input.tenantId, input.query)
            : undefined
      const { profile } = readShaped(context)
      const query = { ...input, profile, among, sort: input.sort ?? (among ? 'relevance' : 'name') }
      const { total, versions, ...counts } = countSkills(library, query)
      const rest = takeTurns()
      const rows: SkillRow[] = []
      for (const row of listSkills(library, query)) {
        rows.push(toRow(context, row, words))
        if (words.length > 0) await rest()
      }
      return { rows, total, versions, counts, capped: words.length > 0 && among?.length === SEARCH_LIMIT }
    }),

    get: os.skills.get.handler(({ input, errors }) => {
      const row = findSkillListed(library, input.id, readShaped(context).profile)
      if (!row) throw errors.NOT_FOUND({ data: { what: 'skill', id: input.id } })
      const from = row.forked_from_id === null ? undefined : findSkill(library, row.forked_from_id)
      const at = row.forked_at_version_id === null ? undefined : findVersion(library, row.forked_at_version_id)
      return {
        ...toRow(context, row, []),
        authorName: userNames(library, row.tenant_id)(row.author_id, row.author_name),
        mine: findSpace(library, row.tenant_id)?.user_id === row.author_id,
        createdAt: row.created_at,
        forkedFrom: from
          ? { skillId: from.id, name: from.name, versionId: at?.id ?? null, number: at?.version ?? null }
          : null,
        totalUses: row.total_uses,
        totalFeedback: row.total_feedback,
        positiveFeedbackPct: row.positive_feedback_pct,
        hoursSaved: row.hours_saved,
        origin: findOriginOfSkill(library, row.id) ?? null,
      }
    }),

    create: os.skills.create.handler(({ input, errors }) => {
      const space = findSpace(library, input.tenantId)
      if (!space) throw errors.NOT_FOUND({ data: { what: 'library', id: input.tenantId } })
      refuseReaders(context, space.tenant_id)
      const id = context.newId()
      const now = context.clock()
      const text = starterSkillMd(input.slug, input.description)
      library.write(() => {
        const taken = findSkillBySlug(library, input.tenantId, input.slug)
        if (taken) throw errors.SLUG_TAKEN({ data: { slug: input.slug, skillId: taken.id } })
        insertSkill(library, {
          ...input,
          id,
          name: input.slug,
          category: null,
          tags: [],
          authorId: space.user_id,
          now,
        })
        const copy = {
          skill_id: id,
          base_version_id: null,
          changed: 1,
          name: input.slug,
          description: input.description,
        }
        insertWorkingCopy(library, { ...copy, saved_at: now }, [])
        const bytes = Buffer.from(text)
        const file = { path: 'SKILL.md', sha256: sha256(bytes), size: bytes.byteLength, executable: false }
        putWorkingFile(library, id, file, bytes)
        enqueue(library, {
          tenantId: input.tenantId,
          skillId: id,
          entity: 'skill',
          entityId: id,
          operation: 'insert',
          now,
        })
      })
      announce(context, ['skills', 'spaces', 'workingCopies'], [id])
      return { id }
    }),

    archive: os.skills.archive.handler(({ input, errors }) => {
      const now = context.clock()
      const status = library.write(() => {
        const skill = findSkill(library, input.id)
        if (!skill) throw errors.NOT_FOUND({ data: { what: 'skill', id: input.id } })
        refuseReaders(context, skill.tenant_id)
        const back = skill.published_version_id === null ? ('draft' as const) : ('published' as const)
        const next = input.archived ? ('archived' as const) : back
        setStatus(library, skill.id, next, now)
        enqueue(library, {
          tenantId: skill.tenant_id,
          skillId: skill.id,
          entity: 'skill',
          entityId: skill.id,
          operation: 'update',
          payload: { status: next },
          now,
        })
        return next
      })
      announce(context, ['skills', 'spaces'], [input.id])
      return { status }
    }),

    describe: os.skills.describe.handler(({ input, errors }) => {
      const now = context.clock()
      library.write(() => {
        const skill = findSkill(library, input.id)
        if (!skill) throw errors.NOT_FOUND({ data: { what: 'skill', id: input.id } })
        refuseReaders(context, skill.tenant_id)
        setDescribed(library, skill.id, input.category, input.tags, now)
        enqueue(library, {
          tenantId: skill.tenant_id,
          skillId: skill.id,
          entity: 'skill',
          entityId: skill.id,
          operation: 'update',
          payload: { category: input.category, tags: input.tags },
          now,
        })
      })
      indexer.wake()
      announce(context, ['skills'], [input.id])
      return { id: input.id }
    }),
  }
}

function toRow(context: Context, row: SkillListed, words: readonly string[]): SkillRow {
  const quality = skillQuality(context.library, row.id)
  return {
    id: row.id,
    tenantId: row.tenant_id,
    slug: row.slug,
    name: plainLine(row.name),
    description: row.description,
    category: row.category === null ? null : plainLine(row.category),
    tags: readTexts(row.tags),
    status: row.status,
    newest:
      row.draft_version_id === null || row.newest_at === null
        ? null
        : { id: row.draft_version_id, number: row.newest_number, createdAt: row.newest_at },
    published:
      row.published_version_id === null ? null : { id: row.published_version_id, number: row.published_number },
    versions: row.versions,
    changed: row.changed === 1,
    checks: row.errors === null ? null : { errors: row.errors, warnings: row.warnings ?? 0 },
    tokens:
      row.tokens_always === null || row.tokens_on_trigger === null || row.tokens_on_demand === null
        ? null
        : { always: row.tokens_always, onTrigger: row.tokens_on_trigger, onDemand: row.tokens_on_demand },
    averageRating: row.average_rating,
    totalRatings: row.total_ratings,
    costMicrocents: row.avg_token_cost_microcents,
    quality: quality ? { score: quality.score, results: quality.results, versionNumber: quality.version } : null,
    updatedAt: row.updated_at,
    snippet: words.length > 0 ? findSnippet(context, row, words) : null,
  }
}

/** A larger SKILL.md is not read for the sake of a line in a list, of which a page has hundreds. */
const SNIPPET_BYTES = 512 * 1024

/** Why the skill was found, when neither its name nor its description shows it. */
function findSnippet(context: Context, row: SkillListed, words: readonly string[]): string | null {
  const inDescription = snippetOf(row.description, words)
  if (inDescription !== undefined || row.draft_version_id === null) return inDescription ?? null
  const none = () => new Error('not shown')
  const quiet = { NOT_FOUND: none, CONTENT_DAMAGED: none }
  try {
    const content = getContent(context, { kind: 'version', id: row.draft_version_id }, quiet)
    const file = findSkillMd(content.files)
    if (!file || file.size > SNIPPET_BYTES) return null
    return snippetOf(getSkillMd(context, content, quiet), words) ?? null
  } catch {
    // Damaged content is reported where it is opened; a list goes on without a snippet.
    return null
  }
}

/** What a new skill starts from: valid, and saying what to write where. */
export function starterSkillMd(slug: string, description: string): string {
  const title = slug.replace(/-+/g, ' ').replace(/^./, letter => letter.toUpperCase())
  const said =
    description.trim() === '' ? 'Say what this skill does, and when an agent should use it.' : description.trim()
  return `---\nname: ${slug}\ndescription: ${JSON.stringify(said.replace(/\s+/g, ' '))}\n---\n\n# ${title}\n\n## When to use\n\n## Steps\n\n1. \n`
}
