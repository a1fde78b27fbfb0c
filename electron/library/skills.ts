import type { Profile } from '../../shared/domain/skill-md.ts'
import { CHECK_COLUMNS } from './facts.ts'
import type { Library, SqlValue } from './library.ts'
import type { SkillRecord } from './schema.ts'

export type SkillListed = SkillRecord & {
  author_name: string
  newest_number: number | null
  newest_at: number | null
  published_number: number | null
  versions: number
  changed: number | null
  tokens_always: number | null
  tokens_on_trigger: number | null
  tokens_on_demand: number | null
  errors: number | null
  warnings: number | null
}

export type SkillSort =
  | 'relevance'
  | 'name'
  | 'updated'
  | 'version'
  | 'tokens'
  | 'rating'
  | 'cost'
  | 'quality'
  | 'state'
export type SkillFilter = 'changed' | 'invalid' | 'unpublished' | 'published' | 'draft' | 'archived'

export type SkillQuery = {
  tenantId: string
  /** Whose findings are shown, and decide what is invalid. */
  profile: Profile
  filters: readonly SkillFilter[]
  sort: SkillSort
  descending: boolean
  offset: number
  limit: number
  /** Only these, as a search found them, the best first. */
  among?: readonly string[]
}

/** What a search found comes first, so that only those skills are looked up. */
const SEARCHED = 'FROM json_each(?) hit CROSS JOIN skills s ON s.id = hit.value'
const JOINED = `
  JOIN users u ON u.id = s.author_id
  LEFT JOIN skill_versions n ON n.id = s.draft_version_id
  LEFT JOIN skill_versions p ON p.id = s.published_version_id
  LEFT JOIN version_facts f ON f.skill_version_id = s.draft_version_id
  LEFT JOIN working_copies w ON w.skill_id = s.id`

const columnsOf = (
  profile: Profile,
): string => `s.*, u.name AS author_name, n.version AS newest_number, n.created_at AS newest_at,
  p.version AS published_number, w.changed, f.tokens_always, f.tokens_on_trigger, f.tokens_on_demand,
  f.${CHECK_COLUMNS[profile].errors} AS errors, f.${CHECK_COLUMNS[profile].warnings} AS warnings,
  (SELECT count(*) FROM skill_versions WHERE skill_id = s.id) AS versions`

/** The newest completed run of the newest measured version. */
const NEWEST_RUN = `(SELECT r.id FROM benchmark_runs r JOIN skill_versions v ON v.id = r.skill_version_id
  WHERE r.skill_id = s.id AND r.status = 'completed' ORDER BY v.created_at DESC, r.created_at DESC LIMIT 1)`

const filtersOf = (profile: Profile): Record<SkillFilter, string> => ({
  changed: 'w.changed = 1',
  invalid: `f.${CHECK_COLUMNS[profile].errors} > 0`,
  unpublished: 's.published_version_id IS NOT NULL AND s.published_version_id IS NOT s.draft_version_id',
  published: "s.status = 'published'",
  draft: "s.status = 'draft'",
  archived: "s.status = 'archived'",
})

const SORTS: Record<SkillSort, string> = {
  relevance: 'hit.key',
  name: 's.name COLLATE NOCASE',
  updated: 's.updated_at',
  version: 'n.created_at',
  tokens: 'f.tokens_on_trigger',
  rating: 's.average_rating',
  cost: 's.avg_token_cost_microcents',
  quality: `(SELECT avg(quality_score) FROM benchmark_results WHERE run_id = ${NEWEST_RUN})`,
  // Changed ones first, then drafts, then the rest.
  state: "CASE WHEN w.changed THEN 0 WHEN s.status = 'draft' THEN 1 WHEN s.status = 'archived' THEN 3 ELSE 2 END",
}

type Narrowing = Pick<SkillQuery, 'tenantId' | 'profile' | 'filters' | 'among'>

function where(query: Narrowing): { sql: string; values: SqlValue[] } {
  const filters = filtersOf(query.profile)
  const archived = query.filters.includes('archived')
  const terms = ['s.tenant_id = ?', archived ? "s.status = 'archived'" : "s.status <> 'archived'"]
  terms.push(...query.filters.map(filter => `(${filters[filter]})`))
  return {
    sql: `${query.among ? SEARCHED : 'FROM skills s'} ${JOINED} WHERE ${terms.join(' AND ')}`,
    values: query.among ? [JSON.stringify(query.among), query.tenantId] : [query.tenantId],
  }
}

/** One page, sorted; unknown figures come last whichever way it is sorted, ties by name. */
export function listSkills(library: Library, query: SkillQuery): SkillListed[] {
  const { sql, values } = where(query)
  // Without a search nothing is more relevant than another.
  const by = SORTS[query.sort === 'relevance' && !query.among ? 'name' : query.sort]
  const order = `${query.sort === 'name' ? '' : `${by} IS NULL, `}${by} ${query.descending ? 'DESC' : 'ASC'}`
  return library.all<SkillListed>(
    `SELECT ${columnsOf(query.profile)} ${sql} ORDER BY ${order}, s.name COLLATE NOCASE, s.id LIMIT ? OFFSET ?`,
    ...values,
    query.limit,
    query.offset,
  )
}

export type SkillCounts = { total: number; versions: number } & Record<SkillFilter, number>

/** How many the filters would show, and each filter alone; archived ones count only under their own. */
export function countSkills(library: Library, query: Narrowing): SkillCounts {
  const filters = filtersOf(query.profile)
  const filtered = where(query)
  const all = where({ ...query, filters: [] })
  const totals = library.get<{ total: number; versions: number }>(
    `SELECT count(*) AS total, coalesce(sum((SELECT count(*) FROM skill_versions WHERE skill_id = s.id)), 0) AS versions
     ${filtered.sql}`,
    ...filtered.values,
  )
  const each = library.get<Record<Exclude<SkillFilter, 'archived'>, number>>(
    `SELECT ${(['changed', 'invalid', 'unpublished', 'published', 'draft'] as const)
      .map(filter => `count(*) FILTER (WHERE ${filters[filter]}) AS ${filter}`)
      .join(', ')} ${all.sql}`,
    ...all.values,
  )
  const archived = where({ ...query, filters: ['archived'] })
  const { n } = library.get<{ n: number }>(`SELECT count(*) AS n ${archived.sql}`, ...archived.values)
  return { ...totals, ...each, archived: n }
}

export const findSkillListed = (library: Library, id: string, profile: Profile): SkillListed | undefined =>
  library.find<SkillListed>(`SELECT ${columnsOf(profile)} FROM skills s ${JOINED} WHERE s.id = ?`, id)

export const findSkill = (library: Library, id: string): SkillRecord | undefined =>
  library.find<SkillRecord>('SELECT * FROM skills WHERE id = ?', id)

export const findSkillBySlug = (library: Library, tenantId: string, slug: string): SkillRecord | undefined =>
  library.find<SkillRecord>('SELECT * FROM skills WHERE tenant_id = ? AND slug = ?', tenantId, slug)

export type SkillQuality = { score: number; results: number; version: number | null }

export function skillQuality(library: Library, skillId: string): SkillQuality | undefined {
  const row = library.find<{ score: number | null; results: number; version: number | null }>(
    `SELECT avg(b.quality_score) AS score, count(b.quality_score) AS results, v.version
     FROM skills s JOIN benchmark_runs r ON r.id = ${NEWEST_RUN}
       JOIN benchmark_results b ON b.run_id = r.id JOIN skill_versions v ON v.id = r.skill_version_id
     WHERE s.id = ? GROUP BY r.id`,
    skillId,
  )
  return row === undefined || row.score === null ? undefined : { ...row, score: row.score }
}

export type NewSkill = {
  id: string
  tenantId: string
  slug: string
  name: string
  description: string
  category: string | null
  tags: readonly string[]
  authorId: string
  now: number
}

export function insertSkill(library: Library, skill: NewSkill): void {
  library.run(
    `INSERT INTO skills (id, tenant_id, slug, name, description, category, tags, author_id, created_at, updated_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    skill.id,
    skill.tenantId,
    skill.slug,
    skill.name,
    skill.description,
    skill.category,
    JSON.stringify(skill.tags),
    skill.authorId,
    skill.now,
    skill.now,
  )
}

/** Points the skill at its newest version, whose name and description it shows. */
export function setNewest(
  library: Library,
  skillId: string,
  newest: { id: string; name: string; description: string },
  now: number,
): void {
  library.run(
    'UPDATE skills SET draft_version_id = ?, description = ?, updated_at = ? WHERE id = ?',
    newest.id,
    newest.description,
    now,
    skillId,
  )
  // Apart, for it is in an index, and seldom changes.
  library.run('UPDATE skills SET name = @name WHERE id = @skillId AND name <> @name', {
    name: newest.name,
    skillId,
  })
}

/** Compare-and-set: false when the pointer is no longer where the caller saw it. `content` is kept for agents' tools that read it. */
export function setPublished(
  library: Library,
  skillId: string,
  versionId: string | null,
  expected: string | null,
  content: string | null,
  now: number,
): boolean {
  return (
    library.run(
      `UPDATE skills SET published_version_id = @versionId, content = @content, updated_at = @now,
         status = CASE WHEN status = 'archived' THEN status WHEN @versionId IS NULL THEN 'draft' ELSE 'published' END
       WHERE id = @skillId AND published_version_id IS @expected`,
      { versionId, content, now, skillId, expected },
    ) === 1
  )
}

export function setStatus(library: Library, skillId: string, status: SkillRecord['status'], now: number): void {
  library.run('UPDATE skills SET status = ?, updated_at = ? WHERE id = ?', status, now, skillId)
}

export function setDescribed(
  library: Library,
  skillId: string,
  category: string | null,
  tags: readonly string[],
  now: number,
): void {
  library.run(
    'UPDATE skills SET category = ?, tags = ?, updated_at = ? WHERE id = ?',
    category,
    JSON.stringify(tags),
    now,
    skillId,
  )
}
