import { blobKey } from '../../electron/registry/blobs.ts'
import { MemoryRegistry } from './memory-registry.ts'
import type { Member } from './memory-state.ts'
import type { MemberUnderTest, TeamUnderTest } from './team.ts'

/** The model as a team under the conformance suite. */
export async function memoryTeam(): Promise<TeamUnderTest> {
  let ids = 0
  let now = 1_700_000_000_000
  const newId = (): string => `00000000-0000-7000-8000-${(++ids).toString(16).padStart(12, '0')}`
  const registry = new MemoryRegistry({ now: () => ++now, newId })
  const [tenantId, otherId] = [newId(), newId()]
  registry.createTenant({ id: tenantId, name: 'Team alpha', slug: 'alpha' })
  registry.createTenant({ id: otherId, name: 'Team beta', slug: 'beta' })
  const logins = new Map<string, string>()
  const join = (of: string, name: string, role: Member['role']): MemberUnderTest => {
    const userId = newId()
    const login = registry.addMember(of, { userId, name, email: `${name}@team.example`, role })
    logins.set(userId, login)
    return { userId, remote: registry.remoteFor(login), again: () => registry.remoteFor(login) }
  }
  return {
    tenantId,
    admin: join(tenantId, 'Ada', 'admin'),
    author: join(tenantId, 'Ben', 'author'),
    other: join(tenantId, 'Cleo', 'author'),
    reader: join(tenantId, 'Dan', 'reader'),
    stranger: join(otherId, 'Eve', 'author'),
    requireApproval: async needed => registry.requireApproval(tenantId, needed),
    backup: async () => {
      const kept = registry.snapshot(tenantId)
      return async () => registry.restore(tenantId, kept, 'new')
    },
    plant: async (hash, bytes) => void registry.objectsOf(tenantId).set(blobKey(hash), { bytes, modifiedAt: now }),
    remove: async member => {
      for (const of of [tenantId, otherId]) registry.removeMember(of, member.userId)
    },
    [Symbol.asyncDispose]: async () => {},
  }
}
