import type { News } from '../../shared/contract/sync.ts'
import { plainLine } from '../../shared/domain/rows/text.ts'
import type { Library } from '../library/library.ts'
import { readSettings, writeSetting } from '../library/settings.ts'
import { listSpaces, type SpaceRow } from '../library/spaces.ts'
import { userNames } from '../library/user-names.ts'
import type { Context } from './context.ts'

/**
 * What others sent, told once. Rows are looked at in the order in which they came here (their rowid), so that nothing
 * depends on anybody's clock; how far one has looked is a setting of this computer.
 */
type Counts = { versions: number; feedback: number; ratings: number; conflicts: number }
/** `settled`: the first sync was done by then, so that what comes after it is news. */
type Mark = Counts & { settled: boolean }

const markKey = (tenantId: string): string => `sync.told.${tenantId}`
const notifyKey = (tenantId: string): string => `sync.notify.${tenantId}`

export const readNotify = (library: Library, tenantId: string): boolean =>
  readSettings(library)[notifyKey(tenantId)] !== false

export const writeNotify = (library: Library, tenantId: string, notify: boolean): void =>
  writeSetting(library, notifyKey(tenantId), notify)

/**
 * @param settled teams whose first sync is done; of the others everything is new, and nothing is news.
 * @param conflicts how many are open, by team.
 */
export function takeNews(
  context: Context,
  opened: readonly string[],
  settled: ReadonlySet<string>,
  conflicts: (tenantId: string) => number,
): News[] {
  const { library } = context
  return library.write(() =>
    listSpaces(library).flatMap(space => {
      if (space.kind !== 'team') return []
      const was = readMark(library, space.tenant_id)
      const isSettled = settled.has(space.tenant_id)
      const now = { ...newestRows(library), conflicts: conflicts(space.tenant_id), settled: isSettled }
      if (!was || !sameMark(was, now)) writeSetting(library, markKey(space.tenant_id), now)
      if (!was?.settled || !isSettled || !readNotify(library, space.tenant_id)) return []
      const found = newsOf(library, space, opened, was, now)
      const any = found.versions.length + found.feedback.length + found.ratings.length + found.conflicts
      return any > 0 ? [found] : []
    }),
  )
}

function newsOf(library: Library, space: SpaceRow, opened: readonly string[], was: Counts, now: Counts): News {
  const mine = space.user_id
  const nameOf = userNames(library, space.tenant_id)
  const about = [space.tenant_id, mine] as const
  const items = (table: 'skill_feedback' | 'ratings', after: number) =>
    library.all<{ skillId: string; skillName: string; items: number }>(
      `SELECT s.id AS skillId, s.name AS skillName, count(*) AS items FROM ${table} r JOIN skills s ON s.id = r.skill_id
       WHERE r.rowid > ? AND r.tenant_id = ? AND r.user_id <> ? AND s.author_id = ? GROUP BY s.id ORDER BY items DESC, s.name`,
      after,
      ...about,
      mine,
    )
  return {
    tenantId: space.tenant_id,
    team: space.name,
    versions: library
      .all<News['versions'][number] & { userId: string }>(
        `SELECT s.id AS skillId, s.name AS skillName, u.name AS "by", u.id AS userId, count(*) AS versions
       FROM skill_versions v JOIN skills s ON s.id = v.skill_id JOIN users u ON u.id = v.created_by
       WHERE v.rowid > ? AND v.tenant_id = ? AND v.created_by <> ? AND (s.author_id = ?
         OR s.id IN (SELECT value FROM json_each(?))
         OR EXISTS (SELECT 1 FROM skill_versions o WHERE o.skill_id = s.id AND o.created_by = ?))
       GROUP BY s.id, u.id ORDER BY max(v.rowid) DESC`,
        was.versions,
        ...about,
        mine,
        JSON.stringify(opened),
        mine,
      )
      .map(({ userId, ...one }) => ({ ...one, by: nameOf(userId, one.by), skillName: plainLine(one.skillName) })),
    feedback: items('skill_feedback', was.feedback),
    ratings: items('ratings', was.ratings),
    conflicts: Math.max(0, now.conflicts - was.conflicts),
  }
}

function readMark(library: Library, tenantId: string): Mark | undefined {
  const row = library.find<{ value: string }>('SELECT value FROM settings WHERE key = ?', markKey(tenantId))
  if (!row) return undefined
  const mark: Partial<Record<keyof Mark, unknown>> = JSON.parse(row.value)
  const count = (value: unknown): number => (typeof value === 'number' ? value : 0)
  const now = newestRows(library)
  return {
    // A rebuilt library counts from the start again.
    versions: Math.min(count(mark.versions), now.versions),
    feedback: Math.min(count(mark.feedback), now.feedback),
    ratings: Math.min(count(mark.ratings), now.ratings),
    conflicts: count(mark.conflicts),
    settled: mark.settled === true,
  }
}

const newestRows = (library: Library): Omit<Counts, 'conflicts'> =>
  library.get<Omit<Counts, 'conflicts'>>(
    `SELECT coalesce((SELECT max(rowid) FROM skill_versions), 0) AS versions,
       coalesce((SELECT max(rowid) FROM skill_feedback), 0) AS feedback,
       coalesce((SELECT max(rowid) FROM ratings), 0) AS ratings`,
  )

const sameMark = (one: Mark, other: Mark): boolean =>
  one.versions === other.versions &&
  one.feedback === other.feedback &&
  one.ratings === other.ratings &&
  one.settled === other.settled &&
  one.conflicts === other.conflicts
