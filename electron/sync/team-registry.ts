import type { Finding } from '../../shared/contract/sync.ts'
import type { Hello, RegistryFailure, Remote } from './remote.ts'

/**
 * What is needed of the registry's side to join a team and to reach it again. Settings and secrets are text that only the
 * other side reads: the former is kept in the library and holds no password or key, the latter only in the keychain.
 */
export type TeamRegistry = {
  /** Without the network. */
  readInvite(text: string): InviteRead
  /** Uses the invite up. `secret`: what is good from now on. */
  accept(settings: string, secret: string): Promise<InviteAccepted | RegistryFailure>
  open(settings: string, secret: string): Remote
  /** Every rule that a member can see, asked of the live registry, and how much there is. */
  examine(settings: string, secret: string): Promise<Examined | RegistryFailure>
  /** The highest registry migration that this app knows. */
  readonly knownSchema: number
}

export type InviteRead =
  | {
      kind: 'invite'
      tenant: { id: string; name: string }
      user: { id: string; name: string }
      role: 'reader' | 'author' | 'admin'
      host: string
      settings: string
      secret: string
    }
  | { kind: 'invalid'; reason: string }
export type InviteAccepted = { kind: 'accepted'; secret: string; hello: Hello } | { kind: 'used' } | { kind: 'expired' }
export type Examined = { kind: 'examined'; findings: Finding[]; skills: number; versions: number }
