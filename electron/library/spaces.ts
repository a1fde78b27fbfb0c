import type { Library } from './library.ts'
import type { UserRecord } from './schema.ts'
import type { SpaceRecord } from './schema-local.ts'

export type SpaceRow = SpaceRecord & { name: string; skills: number; versions: number }

export function listSpaces(library: Library): SpaceRow[] {
  return library.all<SpaceRow>(
    `SELECT spaces.*, tenants.name,
       (SELECT count(*) FROM skills WHERE tenant_id = spaces.tenant_id AND status <> 'archived') AS skills,
       (SELECT count(*) FROM skill_versions WHERE tenant_id = spaces.tenant_id) AS versions
     FROM spaces JOIN tenants ON tenants.id = spaces.tenant_id
     ORDER BY spaces.kind = 'sample', spaces.kind <> 'personal', tenants.name`,
  )
}

export const findSpace = (library: Library, tenantId: string): SpaceRecord | undefined =>
  library.find<SpaceRecord>('SELECT * FROM spaces WHERE tenant_id = ?', tenantId)

export const findSpaceOfKind = (library: Library, kind: SpaceRecord['kind']): SpaceRecord | undefined =>
  library.find<SpaceRecord>('SELECT * FROM spaces WHERE kind = ?', kind)

/** Whether whoever uses this computer only reads in that team. */
export const isReader = (library: Library, tenantId: string): boolean =>
  library.find(
    "SELECT 1 FROM spaces s JOIN users u ON u.id = s.user_id WHERE s.tenant_id = ? AND s.kind = 'team' AND u.role = 'reader'",
    tenantId,
  ) !== undefined

export type NewSpace = {
  tenantId: string
  name: string
  slug: string
  kind: SpaceRecord['kind']
  user: { id: string; name: string; email: string | null }
  note: string | null
  now: number
}

export function insertSpace(library: Library, space: NewSpace): void {
  library.run(
    'INSERT INTO tenants (id, name, slug, created_at) VALUES (?, ?, ?, ?)',
    space.tenantId,
    space.name,
    space.slug,
    space.now,
  )
  insertUser(library, { ...space.user, tenantId: space.tenantId, role: 'admin', now: space.now })
  library.run(
    'INSERT INTO spaces (tenant_id, kind, user_id, note, created_at) VALUES (?, ?, ?, ?, ?)',
    space.tenantId,
    space.kind,
    space.user.id,
    space.note,
    space.now,
  )
}

export type NewUser = {
  id: string
  tenantId: string
  name: string
  email: string | null
  role: 'reader' | 'author' | 'admin'
  now: number
}

export function insertUser(library: Library, user: NewUser): void {
  library.run(
    'INSERT INTO users (id, tenant_id, name, email, role, created_at) VALUES (?, ?, ?, ?, ?, ?)',
    user.id,
    user.tenantId,
    user.name,
    user.email,
    user.role,
    user.now,
  )
}

export const findUser = (library: Library, id: string): UserRecord | undefined =>
  library.find<UserRecord>('SELECT * FROM users WHERE id = ?', id)

/** What the author calls themselves, in every space that is theirs alone; a team's registry has its own names. */
export function renameAuthor(library: Library, name: string, email: string | null): void {
  library.run(
    "UPDATE users SET name = ?, email = ? WHERE id IN (SELECT user_id FROM spaces WHERE kind = 'personal')",
    name,
    email,
  )
}

/** Removes a space with all that is in it. `removing` is what lets its versions go; nothing else ever sets it. */
export function deleteSpace(library: Library, tenantId: string): void {
  library.run('UPDATE spaces SET removing = 1 WHERE tenant_id = ?', tenantId)
  library.run('DELETE FROM skills WHERE tenant_id = ?', tenantId)
  library.run('DELETE FROM spaces WHERE tenant_id = ?', tenantId)
  library.run('DELETE FROM tenants WHERE id = ?', tenantId)
}
