import type {
  DemoStatus,
  Invited,
  RegistryAccess,
  RegistryLook,
  RegistryMember,
  RegistryProblem,
} from '../../shared/contract/registries.ts'
import type { Finding } from '../../shared/contract/sync.ts'

/**
 * What services ask of a registry, as whoever owns its database. Implemented by electron/registry/tools.ts over a real
 * Postgres and storage; each call connects, does its work and disconnects.
 */
export type RegistryTools = {
  look(access: Access): Promise<Answer<RegistryLook>>
  init(
    access: Access,
    make: { team: string; admin: { name: string; email: string | null }; besideOthers: boolean },
    onStep: (step: 'connecting' | 'storage' | 'schema' | 'rules' | 'invite') => void,
  ): Promise<
    Answer<{
      access: Access
      place: Place
      invited: Invited
      findings: Finding[]
      /** Rows that broke a rule which the registry has now; sentences. */
      mended: string[]
      remains: string[]
    }>
  >
  /** Finds a team, and marks its storage as invites name it. */
  open(access: Access, tenantId: string): Promise<Answer<{ access: Access; place: Place }>>

  members(to: Team): Promise<Answer<{ members: RegistryMember[]; publishNeedsApproval: boolean }>>
  invite(
    to: Team,
    member: { name: string; email: string | null; role: RegistryMember['role']; days: number },
  ): Promise<Answer<Invited>>
  inviteAgain(to: Team, userId: string, days: number): Promise<Answer<Invited>>
  setRole(to: Team, userId: string, role: RegistryMember['role']): Promise<Answer<object>>
  remove(to: Team, userId: string): Promise<Answer<{ ended: number; leftBehind: string[] }>>
  /** With the storage's settings as `to` gives them; `access` is how they are named from then on. */
  rotate(to: Team, userId: string | null, days: number): Promise<Answer<{ invited: Invited[]; access: Access }>>
  setApproval(to: Team, needed: boolean): Promise<Answer<object>>
  doctor(to: Team): Promise<Answer<Finding[]>>
  export(
    to: Team,
    moving: Moving,
  ): Promise<Answer<{ skills: number; versions: number; blobs: number; missing: string[] }>>
  /** `told`: rows that did not go in, or not as they were; sentences. */
  restore(
    access: Access,
    moving: Moving,
  ): Promise<Answer<{ access: Access; place: Place; users: number; told: string[] }>>

  /** The whole registry on this computer. Aborting ends it, also while it starts; `onLost`: a server died. */
  startDemo(options: {
    folder: string
    onStep: (step: DemoStatus['steps'][number]) => void
    onLost: () => void
    signal: AbortSignal
  }): Promise<
    | { kind: 'started'; access: Access; place: Place; invite: DemoInvite; stop: () => Promise<void> }
    | { kind: 'not-started'; reason: string }
  >
}

/** As a person gives it; a folder's mark is added once it was seen. */
export type Access = Omit<RegistryAccess, 'ca' | 'storage'> & {
  ca?: string | undefined
  storage:
    | Exclude<RegistryAccess['storage'], { kind: 'folder' }>
    | { kind: 'folder'; path: string; id?: string | undefined }
}
export type Team = { access: Access; tenantId: string }
/** For the user with this id, as long as they have not accepted it. */
export type DemoInvite = { text: string; userId: string }
/** What may be shown of it. */
export type Place = { tenantId: string; team: string; host: string; database: string; storage: string | null }
export type Moving = { folder: string; progress: (what: string, done: number) => void; signal: AbortSignal }
export type Answer<Value> = { kind: 'done'; value: Value } | { kind: 'problem'; problem: RegistryProblem }
