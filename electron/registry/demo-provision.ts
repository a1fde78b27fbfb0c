import pg from 'pg'
import { connectionOf, urlFor } from './connection.ts'
import type { DemoProvision } from './demo-start.ts'
import { decodeInvite, encodeInvite, type StorageSettings } from './invite.ts'
import { addMember, type Login, listMembers, type Member, rotateMember } from './members.ts'
import type { Migration } from './migrate.ts'
import { type InitResult, initRegistry } from './provision.ts'

export type ProvisionDemoOptions = {
  migrations: readonly Migration[]
  /** Milliseconds since 1970. */
  clock: () => number
  newId: () => string
}

const TENANT = { name: 'Demo team', slug: 'demo' }
const INVITE_MS = 30 * 24 * 60 * 60 * 1000

/**
 * The demo's registry and an invite that can be used. There is always one open: the earlier one as long as nobody took it;
 * after that one for a further member, so that a team can be tried; and where the servers had to move, the first member's
 * anew, for their app knows only the old address.
 */
export function provisionDemo({ migrations, clock, newId }: ProvisionDemoOptions): DemoProvision {
  return async ({ databaseUrl, storage }, earlier) => {
    const connection = connectionOf(databaseUrl)
    if (connection.kind !== 'ok') return { kind: 'failed', message: connection.reason }
    const client = new pg.Client(connection.config)
    try {
      await client.connect()
      const made = await initRegistry(client, migrations, { ...TENANT, id: newId(), now: clock() })
      if (made.kind !== 'ready') return { kind: 'failed', message: whyNot(made) }
      const members = await listMembers(client, made.tenantId, clock())
      const open = earlier.moved ? undefined : openInvite(earlier.invite, members)
      if (open !== undefined) return { kind: 'ready', invite: open }
      const expiresAt = clock() + INVITE_MS
      const { member, login } = await inviteMember(client, made.tenantId, members, earlier.moved, {
        userId: newId(),
        now: clock(),
        expiresAt,
      })
      const invite = encodeInvite({
        tenant: { id: made.tenantId, name: TENANT.name },
        user: { id: member.userId, name: member.name },
        role: member.role,
        database: urlFor(databaseUrl, login),
        storage: { kind: 'r2', ...storage } satisfies StorageSettings,
        expiresAt,
      })
      return { kind: 'ready', invite }
    } finally {
      await client.end()
    }
  }
}

/** The earlier invite, while its member has not accepted it. */
function openInvite(text: string | undefined, members: readonly Member[]): string | undefined {
  const read = text === undefined ? undefined : decodeInvite(text)
  if (read?.kind !== 'invite') return undefined
  const member = members.find(({ userId }) => userId === read.invite.user.id)
  return member?.state === 'invited' ? text : undefined
}

type Invited = { member: Pick<Member, 'userId' | 'name' | 'role'>; login: Login }

async function inviteMember(
  client: pg.Client,
  tenantId: string,
  members: readonly Member[],
  moved: boolean,
  fresh: { userId: string; now: number; expiresAt: number },
): Promise<Invited> {
  const first = members.find(({ state }) => state !== 'removed')
  if (moved && first !== undefined) {
    const login = await rotateMember(client, tenantId, first.userId, fresh.expiresAt)
    if (login !== undefined) return { member: first, login }
  }
  const member = {
    userId: fresh.userId,
    name: first === undefined ? 'You' : `Member ${members.length + 1}`,
    // The first one tries everything, the others what most of a team may do.
    role: first === undefined ? ('admin' as const) : ('author' as const),
  }
  const { now, expiresAt } = fresh
  return { member, login: await addMember(client, { ...member, tenantId, email: null, now, expiresAt }) }
}

function whyNot(result: Exclude<InitResult, { kind: 'ready' }>): string {
  switch (result.kind) {
    case 'newer':
      return 'The demo registry was made by a newer Whetstone. Nothing was changed; use that one.'
    case 'rewritten':
      return `The demo registry was made with another ${result.name}. Nothing was changed; move its folder away to begin anew.`
    case 'failed':
      return `The demo registry could not be prepared: ${result.name}: ${result.reason}`
    case 'busy':
    case 'unsuited':
      return result.reason
    default:
      return result satisfies never
  }
}
