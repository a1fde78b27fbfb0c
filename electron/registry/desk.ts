import { carriesOwnersKey, type Invited, type Keeper, Refused } from './keep.ts'
import { listMembers, type Member } from './members.ts'
import { listTenants, type TenantSummary } from './provision.ts'

/** What every verb of `registry` gets: the owner's connection and what is said to whom. */
export type Desk = Keeper & {
  /** Which team, by its slug; undefined where there is one alone. */
  team: string | undefined
  json: boolean
  /** Standard output: the answer and nothing else. */
  print: (text: string) => void
  /** Standard error: progress and remarks. */
  remark: (text: string) => void
}

/** 0: done. 1: done, and something was found. 2: not done (`Refused`). 3: the registry could not be reached. */
export const EXIT = { done: 0, found: 1, failed: 2, unreachable: 3 } as const
export type Exit = (typeof EXIT)[keyof typeof EXIT]

/** One JSON object, or lines for a person. */
export function answer(desk: Desk, data: object, lines: readonly string[]): void {
  desk.print(desk.json ? JSON.stringify(data) : lines.join('\n'))
}

export async function teamOf(desk: Desk): Promise<TenantSummary> {
  const tenants = await listTenants(desk.client)
  const slugs = tenants.map(tenant => tenant.slug).join(', ')
  if (desk.team !== undefined) {
    const found = tenants.find(tenant => tenant.slug === desk.team)
    if (!found) throw new Refused(`There is no team ${desk.team} here. There are: ${slugs || 'none'}.`)
    return found
  }
  const [only, other] = tenants
  if (!only) throw new Refused('There is no team here yet. Make one: registry init --team NAME --admin NAME.')
  if (other) throw new Refused(`There are several teams here: ${slugs}. Say which one with --team.`)
  return only
}

/** By id, address or name, whichever names one member alone. */
export async function memberOf(desk: Desk, team: TenantSummary, who: string): Promise<Member> {
  const members = await listMembers(desk.client, team.id, desk.now())
  const byId = members.find(member => member.userId === who)
  const named = byId ? [byId] : members.filter(member => member.email === who || member.name === who)
  const [only, other] = named
  if (!only) throw new Refused(`${team.name} has no member ${who}. “registry member list” shows them.`)
  if (other)
    throw new Refused(
      `${named.length} members are called ${who}: say which by the id. “registry member list” shows them.`,
    )
  return only
}

/** What to do with an invite, said beside it. */
export function remarkOnInvite(desk: Desk, invited: Invited): void {
  const until = new Date(invited.expiresAt).toISOString().slice(0, 10)
  desk.remark(
    `For ${invited.name}, ${invited.role}; good once, until ${until}. Send it by a way that only they read. Not sent yet? “registry member remove” takes it back.`,
  )
  if (carriesOwnersKey(desk, invited.role))
    desk.remark(
      invited.role === 'reader'
        ? 'It carries a key that writes and deletes in the bucket. A reader needs none: give a read-only one (--reader-key-id and WHETSTONE_R2_READER_SECRET).'
        : 'It carries your own key, which also deletes in the bucket: give one that does not (--writer-key-id and WHETSTONE_R2_WRITER_SECRET), or lock the bucket.',
    )
  if (!desk.storage)
    desk.remark('It names no storage, for none was given (--r2 … or --blobs …): the app will ask for it.')
}
