import { randomBytes } from 'node:crypto'
import { type ClientBase, escapeIdentifier, escapeLiteral } from 'pg'
import { errorCode } from './errors.ts'
import { MOVED } from './listen.ts'
import { newPassword, scramVerifier } from './scram.ts'
import { inTransaction } from './transaction.ts'

export type MemberRole = 'reader' | 'author' | 'admin'
export const MEMBER_ROLES: readonly MemberRole[] = ['reader', 'author', 'admin']

export type NewMember = {
  tenantId: string
  /** An existing user (a new login for somebody whose work is here), or a new one with this id. */
  userId: string
  name: string
  email: string | null
  role: MemberRole
  now: number
  /** Unaccepted, the login is worth nothing from then on. */
  expiresAt: number
}
export type Login = { user: string; password: string }
export type Member = {
  userId: string
  name: string
  email: string | null
  role: MemberRole
  /** The login role's name; null for a user without one: removed, or restored from an export. */
  login: string | null
  state: 'active' | 'invited' | 'expired' | 'removed'
  expiresAt: number | null
}

/** What one member may take of the server. A client can SET the times away; whetstone.reap() keeps them for it. */
export const MEMBER_SETTINGS: Record<string, string> = {
  statement_timeout: '60s',
  idle_in_transaction_session_timeout: '15s',
  lock_timeout: '10s',
  search_path: 'pg_catalog',
}
export const MEMBER_CONNECTIONS = 8
/**
 * What only a superuser, or a login that was granted SET on it, may set for others, and members cannot set away: how much of
 * the server's disk one session's sorts may take. Where it cannot be set the doctor says so (doctor-logins.ts).
 */
export const SUPERUSER_SETTINGS: Record<string, string> = { temp_file_limit: '1GB' }

/**
 * A login role of its own for one member, with a random name (every login can read all names in `pg_roles`) and a random
 * password that the app replaces when the invite is accepted.
 */
export async function addMember(client: ClientBase, member: NewMember): Promise<Login> {
  const login: Login = { user: `whm_${randomBytes(10).toString('hex')}`, password: newPassword() }
  const role = escapeIdentifier(login.user)
  await inTransaction(client, async () => {
    await client.query(
      `CREATE ROLE ${role} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS
       CONNECTION LIMIT ${MEMBER_CONNECTIONS} PASSWORD ${escapeLiteral(scramVerifier(login.password))}`,
    )
    await client.query(`GRANT ${groupOf(member.role)} TO ${role} WITH INHERIT TRUE, SET FALSE`)
    await client.query(`GRANT ${role} TO whetstone_reaper WITH INHERIT TRUE, SET FALSE`)
    for (const [name, value] of Object.entries(MEMBER_SETTINGS))
      await client.query(`ALTER ROLE ${role} SET ${name} = ${escapeLiteral(value)}`)
    await limitDisk(client, login.user)
    await client.query('SET LOCAL ROLE whetstone_provisioner')
    await putUser(client, member)
    await client.query(
      'INSERT INTO whetstone.members (role_name, tenant_id, user_id, role, invited_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6)',
      [login.user, member.tenantId, member.userId, member.role, member.now, member.expiresAt],
    )
  })
  return login
}

/** Inside a transaction. False where this login may not set it. */
export async function limitDisk(client: ClientBase, login: string): Promise<boolean> {
  await client.query('SAVEPOINT limits')
  try {
    for (const [name, value] of Object.entries(SUPERUSER_SETTINGS))
      await client.query(`ALTER ROLE ${escapeIdentifier(login)} SET ${name} = ${escapeLiteral(value)}`)
    await client.query('RELEASE SAVEPOINT limits')
    return true
  } catch (error) {
    await client.query('ROLLBACK TO SAVEPOINT limits')
    if (errorCode(error) === '42501') return false
    throw error
  }
}

/** A user who is here keeps name and address, which are theirs; a new login gives them the role it was made with. */
async function putUser(client: ClientBase, member: NewMember): Promise<void> {
  const { rows } = await client.query<{ seq: string }>(
    "SELECT whetstone.log_change($1, 'users', 'put', ARRAY[$2], NULL, 0, 0) AS seq",
    [member.tenantId, member.userId],
  )
  const seq = rows[0]?.seq
  const known = await client.query('UPDATE whetstone.users SET role = $3, seq = $4 WHERE tenant_id = $1 AND id = $2', [
    member.tenantId,
    member.userId,
    member.role,
    seq,
  ])
  if (known.rowCount === 0)
    await client.query(
      'INSERT INTO whetstone.users (id, tenant_id, name, email, role, created_at, seq) VALUES ($1, $2, $3, $4, $5, $6, $7)',
      [member.userId, member.tenantId, member.name, member.email, member.role, member.now, seq],
    )
}

export async function listMembers(client: ClientBase, tenantId: string, now: number): Promise<Member[]> {
  type Row = {
    id: string
    name: string
    email: string | null
    role: MemberRole
    role_name: string | null
    accepted_at: string | null
    expires_at: string | null
  }
  const rows = await inTransaction(
    client,
    async () =>
      (
        await client.query<Row>(
          `SELECT u.id, u.name, u.email, u.role, m.role_name, m.accepted_at, m.expires_at FROM whetstone.users u
           LEFT JOIN whetstone.members m ON m.tenant_id = u.tenant_id AND m.user_id = u.id
           WHERE u.tenant_id = $1 ORDER BY u.created_at, u.id`,
          [tenantId],
        )
      ).rows,
    'whetstone_provisioner',
  )
  return rows.map(row => ({
    userId: row.id,
    name: row.name,
    email: row.email,
    role: row.role,
    login: row.role_name,
    expiresAt: row.accepted_at === null && row.expires_at !== null ? Number(row.expires_at) : null,
    state: stateOf(row, now),
  }))
}

function stateOf(
  row: { role_name: string | null; accepted_at: string | null; expires_at: string | null },
  now: number,
): Member['state'] {
  if (row.role_name === null) return 'removed'
  if (row.accepted_at !== null) return 'active'
  return Number(row.expires_at) > now ? 'invited' : 'expired'
}

/** Changes what a member may do; sessions of before are ended, so that nothing begun as the one ends as the other. */
export async function setMemberRole(
  client: ClientBase,
  tenantId: string,
  userId: string,
  role: MemberRole,
): Promise<boolean> {
  const logins = await loginsOf(client, tenantId, userId)
  if (logins.length === 0) return false
  await inTransaction(client, async () => {
    for (const login of logins) {
      for (const other of MEMBER_ROLES)
        if (other !== role) await client.query(`REVOKE ${groupOf(other)} FROM ${escapeIdentifier(login)}`)
      await client.query(`GRANT ${groupOf(role)} TO ${escapeIdentifier(login)} WITH INHERIT TRUE, SET FALSE`)
    }
    await client.query('SET LOCAL ROLE whetstone_provisioner')
    await client.query('UPDATE whetstone.members SET role = $3 WHERE tenant_id = $1 AND user_id = $2', [
      tenantId,
      userId,
      role,
    ])
    const { rows } = await client.query<{ seq: string }>(
      "SELECT whetstone.log_change($1, 'users', 'put', ARRAY[$2], NULL, 0, 0) AS seq",
      [tenantId, userId],
    )
    await client.query('UPDATE whetstone.users SET role = $3, seq = $4 WHERE tenant_id = $1 AND id = $2', [
      tenantId,
      userId,
      role,
      rows[0]?.seq,
    ])
  })
  await endSessions(client, logins)
  return true
}

/**
 * Cuts a member's access at once: the membership goes, so that even a running session sees nothing more; no new login; and
 * the sessions are ended. The user and all that they made stay. `leftBehind` are logins that could only be locked.
 */
export async function removeMember(
  client: ClientBase,
  tenantId: string,
  userId: string,
): Promise<{ ended: number; leftBehind: string[] } | undefined> {
  const logins = await loginsOf(client, tenantId, userId)
  if (logins.length === 0) return undefined
  await inTransaction(client, async () => {
    for (const login of logins) {
      await client.query(`ALTER ROLE ${escapeIdentifier(login)} NOLOGIN`)
      for (const role of MEMBER_ROLES) await client.query(`REVOKE ${groupOf(role)} FROM ${escapeIdentifier(login)}`)
    }
    await client.query('SET LOCAL ROLE whetstone_provisioner')
    await client.query('DELETE FROM whetstone.members WHERE tenant_id = $1 AND user_id = $2', [tenantId, userId])
  })
  const ended = await endSessions(client, logins)
  // Apart, and after: the head row may be locked by a transaction that is open, and access is cut at once all the same.
  await inTransaction(client, () => moveChannel(client, tenantId), 'whetstone_provisioner')
  const leftBehind: string[] = []
  for (const login of logins)
    await client.query(`DROP ROLE ${escapeIdentifier(login)}`).catch(() => leftBehind.push(login))
  return { ended, leftBehind }
}

/** A new password for a member's login, good once more for one acceptance; the old one and its sessions end now. */
export async function rotateMember(
  client: ClientBase,
  tenantId: string,
  userId: string,
  expiresAt: number,
): Promise<Login | undefined> {
  const [user] = await loginsOf(client, tenantId, userId)
  if (user === undefined) return undefined
  const login: Login = { user, password: newPassword() }
  await inTransaction(client, async () => {
    await client.query(`ALTER ROLE ${escapeIdentifier(user)} PASSWORD ${escapeLiteral(scramVerifier(login.password))}`)
    await client.query('SET LOCAL ROLE whetstone_provisioner')
    await client.query('UPDATE whetstone.members SET accepted_at = NULL, expires_at = $2 WHERE role_name = $1', [
      user,
      expiresAt,
    ])
  })
  await endSessions(client, [user])
  await inTransaction(client, () => moveChannel(client, tenantId), 'whetstone_provisioner')
  return login
}

/**
 * Another channel for the team: whoever knew the old one (from a login of any team on the server it can still be listened to)
 * hears once more, that it moved, and then nothing.
 */
async function moveChannel(client: ClientBase, tenantId: string): Promise<void> {
  await client.query(
    `WITH was AS (SELECT tenant_id, channel FROM whetstone.tenant_heads WHERE tenant_id = $1 FOR UPDATE)
     UPDATE whetstone.tenant_heads h SET channel = 'wh_' || replace(gen_random_uuid()::text, '-', '')
     FROM was WHERE h.tenant_id = was.tenant_id RETURNING pg_notify(was.channel, '${MOVED}')`,
    [tenantId],
  )
}

/** As the reaper, who holds the members' roles and may therefore end their sessions. Waits until they are gone. */
async function endSessions(client: ClientBase, logins: readonly string[]): Promise<number> {
  return await inTransaction(
    client,
    async () => {
      const { rows } = await client.query<{ ended: boolean }>(
        'SELECT pg_terminate_backend(pid, 5000) AS ended FROM pg_stat_activity WHERE usename = ANY ($1)',
        [logins],
      )
      return rows.filter(row => row.ended).length
    },
    'whetstone_reaper',
  )
}

async function loginsOf(client: ClientBase, tenantId: string, userId: string): Promise<string[]> {
  return await inTransaction(
    client,
    async () =>
      (
        await client.query<{ role_name: string }>(
          'SELECT role_name FROM whetstone.members WHERE tenant_id = $1 AND user_id = $2',
          [tenantId, userId],
        )
      ).rows.map(row => row.role_name),
    'whetstone_provisioner',
  )
}

const groupOf = (role: MemberRole): string => `whetstone_${role}`
