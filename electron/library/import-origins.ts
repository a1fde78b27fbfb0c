import type { Library } from './library.ts'

/** The skill an origin was imported into before: how importing twice adds nothing. */
export const findOrigin = (library: Library, tenantId: string, origin: string): string | undefined =>
  library.find<{ skill_id: string }>(
    'SELECT skill_id FROM import_origins WHERE tenant_id = ? AND origin = ?',
    tenantId,
    origin,
  )?.skill_id

export const findOriginOfSkill = (library: Library, skillId: string): string | undefined =>
  library.find<{ origin: string }>(
    'SELECT origin FROM import_origins WHERE skill_id = ? ORDER BY imported_at DESC LIMIT 1',
    skillId,
  )?.origin

export function putOrigin(library: Library, tenantId: string, origin: string, skillId: string, now: number): void {
  library.run(
    `INSERT INTO import_origins (tenant_id, origin, skill_id, imported_at) VALUES (?, ?, ?, ?)
     ON CONFLICT (tenant_id, origin) DO UPDATE SET skill_id = excluded.skill_id, imported_at = excluded.imported_at`,
    tenantId,
    origin,
    skillId,
    now,
  )
}
