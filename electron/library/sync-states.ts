import type { Library } from './library.ts'
import type { SyncLogRecord, SyncStateRecord } from './schema-local.ts'

export const findSyncState = (library: Library, tenantId: string): SyncStateRecord | undefined =>
  library.find<SyncStateRecord>('SELECT * FROM sync_states WHERE tenant_id = ?', tenantId)

export const listSyncStates = (library: Library): SyncStateRecord[] =>
  library.all<SyncStateRecord>(
    'SELECT s.* FROM sync_states s JOIN tenants t ON t.id = s.tenant_id ORDER BY t.name, t.id',
  )

export type NewSyncState = {
  tenantId: string
  host: string | null
  /** JSON, without anything secret. */
  settings: string
  role: SyncStateRecord['role']
  schemaVersion: number | null
  now: number
}

/** A team that was joined: paused until it is started. One that is here keeps how far it was read. */
export function putSyncState(library: Library, state: NewSyncState): void {
  library.run(
    `INSERT INTO sync_states (tenant_id, host, settings, role, schema_version, created_at) VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT (tenant_id) DO UPDATE SET host = excluded.host, settings = excluded.settings, role = excluded.role,
       schema_version = excluded.schema_version, has_left = 0`,
    state.tenantId,
    state.host,
    state.settings,
    state.role,
    state.schemaVersion,
    state.now,
  )
}

type Changeable = Pick<
  SyncStateRecord,
  | 'role'
  | 'schema_version'
  | 'content'
  | 'paused'
  | 'has_left'
  | 'reconciling'
  | 'head'
  | 'known_since'
  | 'known_mark'
  | 'synced_at'
  | 'offline_since'
  | 'since'
  | 'mark'
  | 'epoch'
  | 'host'
  | 'settings'
>

export function updateSyncState(library: Library, tenantId: string, change: Partial<Changeable>): void {
  const columns = Object.keys(change)
  library.run(
    `UPDATE sync_states SET ${columns.map(column => `${column} = @${column}`).join(', ')} WHERE tenant_id = @tenantId`,
    { ...change, tenantId },
  )
}

/**
 * Everything is read again, from the start; what is here stays and is compared. Harmless, and what puts a row right that
 * a change was pending for which was then let go. How far it was known is kept: a registry that is put back before it has
 * been read again would look like any other from its start.
 */
export const readAgain = (library: Library, tenantId: string): number =>
  library.run(
    `UPDATE sync_states SET known_mark = CASE WHEN since > known_since THEN mark ELSE known_mark END,
       known_since = max(known_since, since), since = 0, mark = NULL WHERE tenant_id = ?`,
    tenantId,
  )

/** It has come to where it was known to. */
export const haveReadAgain = (library: Library, tenantId: string): number =>
  library.run(
    'UPDATE sync_states SET known_since = 0, known_mark = NULL WHERE tenant_id = ? AND since >= known_since',
    tenantId,
  )

const LOG_LINES = 2_000

export function writeLog(
  library: Library,
  tenantId: string,
  line: { at: number; level: SyncLogRecord['level']; text: string },
): void {
  library.write(() => {
    library.run(
      'INSERT INTO sync_log (tenant_id, at, level, text) VALUES (?, ?, ?, ?)',
      tenantId,
      line.at,
      line.level,
      line.text,
    )
    library.run(
      `DELETE FROM sync_log WHERE tenant_id = ? AND seq <= (SELECT seq FROM sync_log WHERE tenant_id = ?
         ORDER BY seq DESC LIMIT 1 OFFSET ${LOG_LINES})`,
      tenantId,
      tenantId,
    )
  })
}

/** Newest last. */
export const readLog = (library: Library, tenantId: string): SyncLogRecord[] =>
  library.all<SyncLogRecord>('SELECT * FROM sync_log WHERE tenant_id = ? ORDER BY seq', tenantId)

/** The registry has this skill, in the state of that place in its log. One that was deleted here meanwhile is not noted. */
export function noteRemoteSkill(library: Library, skillId: string, seq: number): void {
  library.run(
    `INSERT INTO remote_skills (skill_id, seq) SELECT id, ? FROM skills WHERE id = ?
     ON CONFLICT (skill_id) DO UPDATE SET seq = max(seq, excluded.seq)`,
    seq,
    skillId,
  )
}

/** Undefined: the registry does not have it, as far as is known here. */
export const remoteSkillSeq = (library: Library, skillId: string): number | undefined =>
  library.find<{ seq: number }>('SELECT seq FROM remote_skills WHERE skill_id = ?', skillId)?.seq
