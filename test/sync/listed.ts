import { listConflicts } from '../../electron/services/conflicts.ts'
import type { Conflict } from '../../shared/contract/sync.ts'
import type { App } from './client.ts'

/**
 * Histories that went apart and working copies that were overtaken are listed, and nothing else as either: each counted
 * here from the rows alone. Nobody in a simulated world dismisses them.
 */
export function wronglyListed(app: App, tenantId: string): string[] {
  const me = app.userOf(tenantId)
  const { library } = app
  // A reader can settle neither.
  if (library.find("SELECT 1 FROM users WHERE id = ? AND role = 'reader'", me)) return []
  const listed = listConflicts(app.context, tenantId)
  const of = (kind: Conflict['kind']) => listed.flatMap(one => (one.kind === kind ? (one.skillId ?? []) : []))
  return [
    ...unlike('a history that went apart', apart(app, tenantId), of('diverged')),
    ...unlike('an overtaken working copy', overtaken(app, tenantId, me), of('overtaken')),
  ]
}

function unlike(what: string, there: readonly string[], listed: readonly string[]): string[] {
  return [
    ...there.filter(id => !listed.includes(id)).map(id => `does not list ${what} of ${id}`),
    ...listed.filter(id => !there.includes(id)).map(id => `lists ${what} of ${id}, which is none`),
  ]
}

type Version = { id: string; skill_id: string; parent_version_id: string | null; merged_version_id: string | null }

/** Skills with two versions that nothing was made from. */
function apart({ library }: App, tenantId: string): string[] {
  const versions = library.all<Version>('SELECT * FROM skill_versions WHERE tenant_id = ?', tenantId)
  const parents = new Set(versions.flatMap(version => [version.parent_version_id, version.merged_version_id]))
  const ends = versions.filter(version => !parents.has(version.id))
  return [...Map.groupBy(ends, version => version.skill_id)].flatMap(([id, group]) => (group.length > 1 ? [id] : []))
}

type Copy = { skill_id: string; base_version_id: string | null; draft_version_id: string | null; by: string }

/** Changed here, from another version than the newest, which somebody else saved. */
function overtaken({ library }: App, tenantId: string, me: string): string[] {
  return library
    .all<Copy>(
      `SELECT w.skill_id, w.base_version_id, s.draft_version_id, v.created_by AS "by" FROM working_copies w
       JOIN skills s ON s.id = w.skill_id JOIN skill_versions v ON v.id = s.draft_version_id
       WHERE s.tenant_id = ? AND w.changed = 1`,
      tenantId,
    )
    .filter(copy => copy.base_version_id !== copy.draft_version_id && copy.by !== me)
    .map(copy => copy.skill_id)
}
