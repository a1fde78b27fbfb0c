import type { Finding } from '../../shared/contract/sync.ts'
import type { Hello, RegistryFailure, Remote } from './remote.ts'

/**
 * What is needed of the registry's side to join a team and to reach it again. Settings and secrets are text that only the
 * other side reads: the former is kept in the library and holds no password or key, the latter only in the keychain.
 */
export type TeamRegistry = {
  /** Without the network. */
  readInvite(text: string): InviteRead
  /** Uses the invite up: `own` is good from then on, and `secret` no more. */
  accept(settings: string, secret: string, own: string): Promise<InviteAccepted | RegistryFailure>
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
      /** The same with a new password, another one each time it is read: for `accept`. */
      own: string
    }
  | { kind: 'invalid'; reason: string }
/** `used`: before; by whoever holds the secret that was asked with. */
export type InviteAccepted = { kind: 'accepted'; hello: Hello } | { kind: 'used'; hello: Hello } | { kind: 'expired' }
export type Examined = { kind: 'examined'; findings: Finding[]; skills: number; versions: number }
