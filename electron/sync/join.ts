import { z } from 'zod'
import { sha256 } from '../library/blobs.ts'
import type { Library } from '../library/library.ts'
import { findSpace, insertSpace } from '../library/spaces.ts'
import { putSyncState, updateSyncState } from '../library/sync-states.ts'
import type { Secrets, SecretsRefused } from '../secrets.ts'
import type { Joined, JoinStep } from './control.ts'
import { noteFindings } from './examine.ts'
import type { AtPoint } from './points.ts'
import { decide } from './policy.ts'
import { locked, PROBLEMS } from './problems.ts'
import type { Hello, RegistryFailure } from './remote.ts'
import type { InviteRead, TeamRegistry } from './team-registry.ts'

export type Joining = {
  library: Library
  secrets: Secrets
  registry: TeamRegistry
  clock: () => number
  point: AtPoint
}

type Invite = Extract<InviteRead, { kind: 'invite' }>

/** Where the keychain keeps a team's credentials. */
export const secretName = (tenantId: string): string => `team:${tenantId}`

/**
 * Uses an invite up: keep, reach, check, count, and then the team is here, all at once. The password that it will have is
 * in the keychain before the registry hears of it, under the invite's own name: whoever is struck in between, or cancels,
 * goes on with the same invite and has lost nothing.
 */
export async function joinTeam(
  joining: Joining,
  text: string,
  onStep: (step: JoinStep) => void,
  signal?: AbortSignal,
): Promise<Joined> {
  const { library, secrets, registry, clock, point } = joining
  const invite = registry.readInvite(text)
  if (invite.kind === 'invalid') return invite
  const tenantId = invite.tenant.id
  const here = findSpace(library, tenantId)
  if (here && (here.kind !== 'team' || here.user_id !== invite.user.id))
    return {
      kind: 'invalid',
      reason: 'This team is on this computer already, for somebody else. Leave it there first.',
    }
  onStep('keeping')
  const prepared = await prepare(secrets, invite)
  if (prepared.kind === 'refused') return { kind: 'problem', problem: locked(prepared.reason) }
  if (signal?.aborted) return stopped
  onStep('reaching')
  const accepted = await accept(registry, invite, prepared)
  if (accepted.kind === 'used' || accepted.kind === 'expired') return accepted
  if (accepted.kind !== 'accepted') return { kind: 'problem', problem: problemOf(accepted) }
  point('join:accepted')
  if (signal?.aborted) return stopped
  onStep('checking')
  const examined = await registry.examine(invite.settings, prepared.own)
  // A line that was cut is told now; a registry that cannot be asked can still be joined.
  if (examined.kind === 'retry') return { kind: 'problem', problem: problemOf(examined) }
  onStep('counting')
  if (signal?.aborted) return stopped
  const kept = await secrets.set(secretName(tenantId), prepared.own)
  if (kept.kind === 'refused') return { kind: 'problem', problem: notKept(kept.reason) }
  point('join:kept')
  keepTeam(joining, invite, accepted.hello)
  point('join:committed')
  await secrets.delete(pendingName(invite.tenant.id))
  const inFile = kept.where === 'file'
  if (examined.kind !== 'examined')
    return { kind: 'joined', tenantId, findings: [], skills: null, versions: null, inFile }
  const { findings, skills, versions } = examined
  noteFindings(library, tenantId, { at: clock(), schemaVersion: accepted.hello.schema_version, findings })
  return { kind: 'joined', tenantId, findings, skills, versions, inFile }
}

/** Where the password waits that a login will have once its invite was accepted. */
export const pendingName = (tenantId: string): string => `invite:${tenantId}`

const pendingShape = z.object({ invite: z.string(), own: z.string() })

type Prepared = { kind: 'prepared'; own: string /** An earlier try may have come through. */; again: boolean }

/** The same password each time for the same invite; proves, too, that the keychain keeps what it is given. */
async function prepare(secrets: Secrets, invite: Invite): Promise<Prepared | SecretsRefused> {
  const mark = sha256(`${invite.settings}\n${invite.secret}`)
  const before = await secrets.get(pendingName(invite.tenant.id))
  if (before.kind === 'refused') return before
  const known = before.kind === 'secret' ? pendingShape.parse(JSON.parse(before.value)) : undefined
  if (known?.invite === mark) return { kind: 'prepared', own: known.own, again: true }
  const kept = await secrets.set(pendingName(invite.tenant.id), JSON.stringify({ invite: mark, own: invite.own }))
  return kept.kind === 'refused' ? kept : { kind: 'prepared', own: invite.own, again: false }
}

/** Where an earlier try may have come through, only the password that it took along can tell. */
async function accept(registry: TeamRegistry, invite: Invite, { own, again }: Prepared) {
  const accepted = await registry.accept(invite.settings, invite.secret, own)
  if (!again || (accepted.kind !== 'denied' && accepted.kind !== 'used')) return accepted
  const ours = await registry.accept(invite.settings, own, own)
  if (ours.kind === 'used') return { kind: 'accepted' as const, hello: ours.hello }
  return ours.kind === 'denied' ? accepted : ours
}

const SAME_INVITE = 'Nothing was changed here, and the same invite is still good on this computer.'

const stopped: Joined = {
  kind: 'problem',
  problem: { code: 'unexpected', happened: 'Joining was stopped.', kept: SAME_INVITE, todo: 'Paste it again to join.' },
}

const problemOf = (failure: RegistryFailure) => {
  if (failure.kind === 'denied')
    return {
      ...PROBLEMS.denied,
      happened: 'The registry does not accept this invite: it was used, taken back or replaced by a newer one.',
      kept: 'Nothing was changed here.',
    }
  const verdict = decide({ from: 'registry', failure }, 0, () => 0)
  const problem = 'problem' in verdict ? verdict.problem : PROBLEMS.denied
  return {
    ...problem,
    kept: SAME_INVITE,
    todo: problem.code === 'offline' ? 'Check your network, then try again.' : problem.todo,
  }
}

const notKept = (reason: string) => ({
  ...locked(reason),
  kept: SAME_INVITE,
  todo: 'Unlock the keychain, then paste the invite again.',
})

/** The space and how to reach it; one that is here goes on where it was. */
function keepTeam({ library, clock, registry }: Joining, invite: Invite, hello: Hello): void {
  const now = clock()
  const { tenant, user } = invite
  library.write(() => {
    if (!findSpace(library, tenant.id))
      insertSpace(library, {
        tenantId: tenant.id,
        name: hello.tenant_name,
        slug: freeTenantSlug(library, hello.tenant_slug, tenant.id),
        kind: 'team',
        user: { id: user.id, name: hello.user_name, email: null },
        note: null,
        now,
      })
    library.run('UPDATE users SET role = ? WHERE id = ? AND tenant_id = ?', hello.role, user.id, tenant.id)
    putSyncState(library, {
      tenantId: tenant.id,
      host: invite.host,
      settings: invite.settings,
      role: hello.role,
      schemaVersion: hello.schema_version,
      now,
    })
    if (hello.schema_version === registry.knownSchema) updateSyncState(library, tenant.id, { offline_since: null })
  })
}

/** Two teams may be called alike. */
const freeTenantSlug = (library: Library, slug: string, id: string): string =>
  library.find('SELECT 1 FROM tenants WHERE slug = ?', slug) === undefined ? slug : `${slug}-${id.slice(-12)}`
