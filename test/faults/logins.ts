import pg from 'pg'
import { decodeInvite, encodeInvite } from '../../electron/registry/invite.ts'
import { addMember } from '../../electron/registry/members.ts'
import type { Computer, Crew } from './crew.ts'

/** Logins that no app has, and invites that are made anew. */
type Role = 'reader' | 'author' | 'admin'

/** Connected as a new member while `work` goes on. */
export async function withLogin(
  crew: Crew,
  name: string,
  role: Role,
  work: (client: pg.Client) => Promise<void>,
): Promise<void> {
  const client = new pg.Client({ connectionString: (await loginOf(crew, name, role)).url })
  client.on('error', () => undefined)
  await client.connect()
  try {
    await work(client)
  } finally {
    await client.end().catch(() => undefined)
  }
}

/** A member of the team who comes with a program of their own, past the proxy. */
export async function loginOf(crew: Crew, name: string, role: Role = 'author'): Promise<{ url: string }> {
  const { world } = crew
  const member = await world.invite(`${name}-${Date.now()}`, role)
  const read = decodeInvite(member.invite)
  if (read.kind !== 'invite') throw new Error(read.reason)
  const url = new URL(read.invite.database)
  await world.sql('UPDATE whetstone.members SET accepted_at = $2 WHERE user_id = $1', [member.userId, Date.now()])
  return { url: world.urlOf({ user: decodeURIComponent(url.username), password: decodeURIComponent(url.password) }) }
}

/** A new login for somebody whose account came out of an export, and the invite to it. */
export async function inviteTo(crew: Crew, one: Computer): Promise<string> {
  const { world } = crew
  const read = decodeInvite(one.member.invite)
  if (read.kind !== 'invite') throw new Error(read.reason)
  const [now, was] = [Date.now(), read.invite]
  const login = await addMember(await world.owner(), {
    tenantId: world.tenantId,
    userId: one.member.userId,
    name: one.member.name,
    email: `${one.member.name}@team.example`,
    role: 'author',
    now,
    expiresAt: now + 3_600_000,
  })
  const url = new URL(was.database)
  url.username = login.user
  url.password = login.password
  return encodeInvite({ ...was, database: url.href, expiresAt: now + 3_600_000 })
}
