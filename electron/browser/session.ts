import { createHmac, timingSafeEqual } from 'node:crypto'
import { chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * Who may talk to the browser host. Somebody who can read the terminal opens the printed address; its token works once
 * and is exchanged for a cookie that only this host can make.
 *
 * The cookie is a keyed hash under a secret kept beside the library (mode 0600), so a page that is open goes on by
 * itself when the host starts again on the same folder and port. That gives nothing away: who can read the secret can
 * read the library next to it. The token lives in memory only.
 *
 * A limit of every cookie: browsers send it to all ports of 127.0.0.1. A server that another user of this machine runs,
 * opened in the same browser, could see it; that is why the Origin of every WebSocket is checked as well, and why
 * Electron, which needs no cookie, is the first choice.
 */
export type Session = {
  /** The token that opens the door now; a new one each time the last was used. */
  token(): string
  /** True once for each token. */
  redeem(token: string): boolean
  /** Whether the token was used, so that somebody who is refused needs a new one. */
  spent(): boolean
  renew(): void
  /** The cookie's header. HttpOnly, SameSite=Strict, gone when the browser closes. */
  cookie(): string
  /** @param header the request's Cookie header. */
  holds(header: string | undefined): boolean
}

/** @param scope tells hosts on one machine apart; cookies do not know ports. */
export function createSession(secret: Buffer, scope: string, random: (bytes: number) => Buffer): Session {
  const name = `whetstone_${scope}`
  const value = createHmac('sha256', secret).update(`session ${scope}`).digest('base64url')
  let token = random(32).toString('base64url')
  let used = false
  return {
    token: () => token,
    redeem: given => {
      if (used || !same(given, token)) return false
      used = true
      return true
    },
    spent: () => used,
    renew: () => {
      token = random(32).toString('base64url')
      used = false
    },
    cookie: () => `${name}=${value}; HttpOnly; SameSite=Strict; Path=/`,
    holds: header =>
      (header ?? '').split(';').some(part => {
        const at = part.indexOf('=')
        return at > 0 && part.slice(0, at).trim() === name && same(part.slice(at + 1).trim(), value)
      }),
  }
}

/** Equal, in a time that does not tell how far. */
function same(a: string, b: string): boolean {
  const left = Buffer.from(a)
  const right = Buffer.from(b)
  return left.length === right.length && timingSafeEqual(left, right)
}

const SECRET_BYTES = 32

/** The secret of this library's sessions; made anew when it is missing, damaged or readable by others. */
export function sessionSecret(dataDir: string, random: (bytes: number) => Buffer): Buffer {
  const path = join(dataDir, 'browser-session')
  try {
    const open = process.platform !== 'win32' && (statSync(path).mode & 0o077) !== 0
    const kept = Buffer.from(readFileSync(path, 'utf8').trim(), 'base64url')
    if (!open && kept.length === SECRET_BYTES) return kept
  } catch {
    // None yet.
  }
  const secret = random(SECRET_BYTES)
  try {
    mkdirSync(dataDir, { recursive: true })
    writeFileSync(path, `${secret.toString('base64url')}\n`, { mode: 0o600 })
    chmodSync(path, 0o600)
  } catch {
    // A folder that cannot be written is the library's to report; sessions then last as long as this process.
  }
  return secret
}
