import { createHash, timingSafeEqual } from 'node:crypto'
import type { Hello } from '../../shared/contract/session.ts'

/**
 * Who may talk to the browser host. Somebody who can read the terminal opens the printed address; its token works once
 * and lets in a secret that the page made for its tab. Further tabs get tokens from a tab that is in, and belong to the
 * same session; ending the session shuts all of them out.
 *
 * All of it lives in memory and ends with this start of the host. No cookie is used: browsers send those to every port
 * of 127.0.0.1, whoever serves there.
 */
export type Session = { readonly ended: AbortSignal }

export type Sessions = {
  /** The token that opens the door now. */
  token(): string
  /** Whether that token was used, so that somebody who is refused needs a new one. */
  spent(): boolean
  renew(): void
  /** The session that a secret belongs to; a token that is good makes it belong to one. Asking again changes nothing. */
  admit(said: Hello): Session | undefined
  /** A token for another tab of a session. Works once, for a few minutes. */
  mint(session: Session): string
  end(session: Session): void
}

export type SessionsOptions = {
  random: (bytes: number) => Buffer
  /** Milliseconds; only differences matter. */
  clock: () => number
}

type Opened = Session & { stop: () => void; tabs: Buffer[] }
type Minted = { digest: Buffer; session: Opened; until: number }

/** More than anybody opens; the oldest goes first. */
const MAX_TABS = 64
const MAX_MINTED = 16
const MINTED_MS = 5 * 60_000

export function createSessions({ random, clock }: SessionsOptions): Sessions {
  const sessions = new Set<Opened>()
  let minted: Minted[] = []
  let token = random(32).toString('base64url')
  let used = false

  const open = (): Opened => {
    const controller = new AbortController()
    const session = { ended: controller.signal, stop: () => controller.abort(), tabs: [] }
    sessions.add(session)
    return session
  }
  const redeem = (given: Buffer): Opened | undefined => {
    if (!used && timingSafeEqual(given, digest(token))) {
      used = true
      return open()
    }
    const found = minted.find(one => timingSafeEqual(one.digest, given))
    minted = minted.filter(one => one !== found)
    return found && found.until > clock() ? found.session : undefined
  }

  return {
    token: () => token,
    spent: () => used,
    renew: () => {
      token = random(32).toString('base64url')
      used = false
    },
    admit: said => {
      const tab = digest(said.secret)
      for (const session of sessions) if (session.tabs.some(known => timingSafeEqual(known, tab))) return session
      const session = said.token === undefined ? undefined : redeem(digest(said.token))
      if (session === undefined) return undefined
      session.tabs = [...session.tabs, tab].slice(-MAX_TABS)
      return session
    },
    mint: session => {
      const fresh = random(32).toString('base64url')
      for (const known of sessions) {
        if (known !== session) continue
        const until = clock() + MINTED_MS
        minted = [...minted, { digest: digest(fresh), session: known, until }].slice(-MAX_MINTED)
      }
      return fresh
    },
    end: session => {
      for (const known of sessions) {
        if (known !== session) continue
        sessions.delete(known)
        minted = minted.filter(one => one.session !== known)
        known.stop()
      }
    },
  }
}

/** Compared by digest: of one length, and in a time that tells nothing of what is compared. */
const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
