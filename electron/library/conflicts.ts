import type { Library } from './library.ts'
import type { ConflictRecord } from './schema-local.ts'

/** One thing that can be done about it; see `conflict.choices` in the contract. */
export type Choice = {
  key: string
  label: string
  leads: 'act' | 'merge' | 'compare' | 'open' | 'name'
  left: string | null
  right: string | null
}

export const choice = (
  key: string,
  label: string,
  leads: Choice['leads'],
  left: string | null = null,
  right: string | null = null,
): Choice => ({ key, label, leads, left, right })

export type NewConflict = {
  /** Says what it is about, so that telling it again changes nothing. */
  id: string
  tenantId: string
  kind: ConflictRecord['kind']
  skillId: string | null
  entity?: string
  entityId?: string
  at: number
  by?: string | null
  happened: string
  kept: string
  choices: readonly Choice[]
  /** What a choice needs to know; JSON. */
  detail?: unknown
}

/** True where it was not known yet. */
export const addConflict = (library: Library, conflict: NewConflict): boolean =>
  library.run(
    `INSERT OR IGNORE INTO conflicts (id, tenant_id, kind, skill_id, entity, entity_id, at, by_name, happened, kept, choices, detail)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    conflict.id,
    conflict.tenantId,
    conflict.kind,
    conflict.skillId,
    conflict.entity ?? null,
    conflict.entityId ?? null,
    conflict.at,
    conflict.by ?? null,
    conflict.happened,
    conflict.kept,
    JSON.stringify(conflict.choices),
    JSON.stringify(conflict.detail ?? {}),
  ) === 1

/** More is known of what is still open: of which no more than one has such an id. False where none is. */
export const amendConflict = (
  library: Library,
  idBegins: string,
  { kept, detail }: Pick<NewConflict, 'kept' | 'detail'>,
): boolean =>
  library.run(
    'UPDATE conflicts SET kept = ?, detail = ? WHERE substr(id, 1, length(?)) = ? AND resolved_at IS NULL',
    kept,
    JSON.stringify(detail ?? {}),
    idBegins,
    idBegins,
  ) > 0

/** What was decided may be so once more, and is told once more then. */
export const forgetDecided = (library: Library, id: string): number =>
  library.run('DELETE FROM conflicts WHERE id = ? AND resolved_at IS NOT NULL', id)

/** What it told is not so any more, or is told anew. */
export const forgetConflict = (library: Library, id: string): number =>
  library.run('DELETE FROM conflicts WHERE id = ?', id)

/** Newest first. */
export const listOpenConflicts = (library: Library, tenantId: string): ConflictRecord[] =>
  library.all<ConflictRecord>(
    'SELECT * FROM conflicts WHERE tenant_id = ? AND resolved_at IS NULL ORDER BY at DESC, id',
    tenantId,
  )

export const countOpenConflicts = (library: Library, tenantId: string): number =>
  library.get<{ n: number }>(
    'SELECT count(*) AS n FROM conflicts WHERE tenant_id = ? AND resolved_at IS NULL',
    tenantId,
  ).n

export const findConflict = (library: Library, id: string): ConflictRecord | undefined =>
  library.find<ConflictRecord>('SELECT * FROM conflicts WHERE id = ?', id)

/** False where it was decided before. */
export const resolveConflict = (library: Library, id: string, choice: string, now: number): boolean =>
  library.run(
    'UPDATE conflicts SET resolved_at = ?, choice = ? WHERE id = ? AND resolved_at IS NULL',
    now,
    choice,
    id,
  ) === 1

export type Diverged = { skill_id: string; skill_name: string; left: string; right: string; by: string; at: number }

/**
 * Skills whose history has two ends that no version joins, from one version or each a first one: the newest two, the one that
 * others see first. Kept as one
 * row a pair (`diverged:LEFT:RIGHT` once it was dismissed, a row of `conflicts`).
 */
export const listDiverged = (library: Library, tenantId: string): Diverged[] =>
  library.all<Diverged>(
    `WITH heads AS (
       SELECT v.id, v.skill_id, v.created_by, v.created_at,
         row_number() OVER (PARTITION BY v.skill_id ORDER BY v.version IS NULL, v.version DESC, v.created_at DESC, v.id) AS nth
       FROM skill_versions v
       WHERE v.tenant_id = ? AND v.skill_id IN (
           SELECT p.skill_id FROM skill_versions p WHERE p.tenant_id = ? AND p.parent_version_id IS NOT NULL
           GROUP BY p.parent_version_id HAVING count(*) > 1
           UNION ALL SELECT p.skill_id FROM skill_versions p WHERE p.tenant_id = ? AND p.parent_version_id IS NULL
           GROUP BY p.skill_id HAVING count(*) > 1)
         AND NOT EXISTS (SELECT 1 FROM skill_versions c WHERE c.parent_version_id = v.id)
         AND NOT EXISTS (SELECT 1 FROM skill_versions c WHERE c.merged_version_id = v.id))
     SELECT a.skill_id, s.name AS skill_name, a.id AS "left", b.id AS "right", u.name AS "by", max(a.created_at, b.created_at) AS at
     FROM heads a JOIN heads b ON b.skill_id = a.skill_id AND b.nth = 2
     JOIN skills s ON s.id = a.skill_id JOIN users u ON u.id = a.created_by
     WHERE a.nth = 1 AND NOT EXISTS (SELECT 1 FROM conflicts d WHERE d.id = 'diverged:' || a.id || ':' || b.id AND d.resolved_at IS NOT NULL)`,
    tenantId,
    tenantId,
    tenantId,
  )

export type Overtaken = {
  skill_id: string
  skill_name: string
  /** The version that it was begun from; the skill itself where there was none yet. */
  base: string
  newest: string
  by: string
  at: number
}

/** Working copies that somebody else has saved a newer version past. */
export const listOvertaken = (library: Library, tenantId: string): Overtaken[] =>
  library.all<Overtaken>(
    `SELECT s.id AS skill_id, s.name AS skill_name, coalesce(w.base_version_id, s.id) AS base, n.id AS newest, u.name AS "by",
       n.created_at AS at
     FROM working_copies w JOIN skills s ON s.id = w.skill_id JOIN skill_versions n ON n.id = s.draft_version_id
     JOIN users u ON u.id = n.created_by
     WHERE s.tenant_id = ? AND w.changed = 1 AND w.base_version_id IS NOT n.id
       AND n.created_by <> (SELECT user_id FROM spaces WHERE tenant_id = s.tenant_id)
       AND NOT EXISTS (SELECT 1 FROM conflicts d
         WHERE d.id = 'overtaken:' || coalesce(w.base_version_id, s.id) || ':' || n.id AND d.resolved_at IS NOT NULL)`,
    tenantId,
  )
