import type { Library } from '../library/library.ts'
import { findSpace, insertSpace } from '../library/spaces.ts'
import { putSyncState, updateSyncState } from '../library/sync-states.ts'
import type { Secrets } from '../secrets.ts'
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
 * Uses an invite: reach, accept, keep, check, count. Accepting replaces the password there, so between that and keeping
 * the new one there is a moment in which a crash loses it: nothing is done in it but the one call to the keychain, which
 * has just proved that it keeps things. Whoever is struck there needs a new invite, and is told so.
 */
export async function joinTeam(
  joining: Joining,
  text: string,
  onStep: (step: JoinStep) => void,
  signal?: AbortSignal,
): Promise<Joined> {
  const { library, secrets, registry, point } = joining
  const invite = registry.readInvite(text)
  if (invite.kind === 'invalid') return invite
  const here = findSpace(library, invite.tenant.id)
  if (here && (here.kind !== 'team' || here.user_id !== invite.user.id))
    return {
      kind: 'invalid',
      reason: 'This team is on this computer already, for somebody else. Leave it there first.',
    }
  onStep('reaching')
  const trial = `joining:${invite.tenant.id}`
  const kept = await secrets.set(trial, 'trial')
  if (kept.kind === 'refused') return { kind: 'problem', problem: locked(kept.reason) }
  await secrets.delete(trial)
  if (signal?.aborted) return stopped
  onStep('accepting')
  const accepted = await registry.accept(invite.settings, invite.secret)
  if (accepted.kind === 'used' || accepted.kind === 'expired') return accepted
  if (accepted.kind !== 'accepted') return { kind: 'problem', problem: problemOf(accepted) }
  point('join:accepted')
  const keeping = await secrets.set(secretName(invite.tenant.id), accepted.secret)
  if (keeping.kind === 'refused') return { kind: 'problem', problem: lostInvite(keeping.reason) }
  point('join:kept')
  onStep('keeping')
  keepTeam(joining, invite, accepted.hello)
  point('join:committed')
  onStep('checking')
  const examined = await registry.examine(invite.settings, accepted.secret)
  onStep('counting')
  const found =
    examined.kind === 'examined' ? examined : { findings: [], skills: 0, versions: 0, kind: 'examined' as const }
  if (examined.kind === 'examined')
    noteFindings(library, invite.tenant.id, {
      at: joining.clock(),
      schemaVersion: accepted.hello.schema_version,
      findings: examined.findings,
    })
  const { findings, skills, versions } = found
  return { kind: 'joined', tenantId: invite.tenant.id, findings, skills, versions, inFile: keeping.where === 'file' }
}

const stopped: Joined = {
  kind: 'problem',
  problem: {
    code: 'unexpected',
    happened: 'Joining was stopped.',
    kept: 'The invite was not used.',
    todo: 'Paste it again to join.',
  },
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
    kept: 'The invite was not used.',
    todo: problem.code === 'offline' ? 'Check your network, then try again.' : problem.todo,
  }
}

const lostInvite = (reason: string) => ({
  ...locked(reason),
  kept: 'The invite is used up, and the password that came with it could not be kept.',
  todo: 'Unlock the keychain and ask for a new invite.',
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
