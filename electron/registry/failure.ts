import { errorCode, reasonOf } from './errors.ts'

/** Why the registry did not answer. What to do about each is the sync policy's business. */
export type RegistryFailure = {
  kind:
    | 'retry' // passing: network, time-out, deadlock, a server that restarts
    | 'denied' // wrong or expired password, removed member, role too low
    | 'quota' // the team's space, or the server's disk, is used up
    | 'tls' // the connection is not to be trusted
    | 'refused' // the registry will not do this, and trying again does not help
  /** SQLSTATE or Node's code, for the log. */
  code: string
  /** What the server said; never a password. */
  message: string
}

/** Codes that speak about one row of a page, so that the page can be cut in two to find it. */
const ABOUT_A_ROW = /^(22|23)...$|^WS40[459]$|^WS412$|^54000$/
/**
 * 54000 is a limit of the server, and one of these limits is nobody's row: the queue of notifications, which is the whole
 * server's. It is full until those who hold it are ended, and passes. (Messages may be translated, this word is not.)
 */
const isQueueFull = (error: unknown): boolean => errorCode(error) === '54000' && /NOTIFY/.test(reasonOf(error))
/** Somebody else was in between; at once again. 23505: an id that was not there when we looked. */
const AGAIN = new Set(['40001', '40P01', '23505'])

export const isAboutARow = (error: unknown): boolean => ABOUT_A_ROW.test(errorCode(error) ?? '') && !isQueueFull(error)
/** Somebody holds what this needs, who may have to be ended first (whetstone.reap). */
export const isHeldUp = (error: unknown): boolean => errorCode(error) === '55P03' || isQueueFull(error)
export const isWorthRepeating = (error: unknown): boolean => AGAIN.has(errorCode(error) ?? '')

/** What `pg` says without a code, of a line that is cut, and of another side that is not who it should be. */
const CUT = /timeout|terminated|ended|not queryable|invalid response|from backend|Unknown \w+ message/i
const UNTRUSTED = /\bSSL\b|^SASL|^SCRAM/
/** A statement that this connection prepared is not what it was, for the registry was migrated; another connection knows. */
const STALE_STATEMENT = /^26000$|^42P05$|^0A000$/

/** Sorts what `pg` threw. Anything else without a code is a bug of ours and is thrown on. */
export function failureOf(error: unknown): RegistryFailure {
  const code = errorCode(error) ?? ''
  const message = reasonOf(error)
  if (/client password must be/.test(message)) return { kind: 'denied', code, message: 'There is no password.' }
  if (code === '' && UNTRUSTED.test(message)) return { kind: 'tls', code, message }
  if (code === '' && !CUT.test(message)) throw error
  if (isQueueFull(error)) return { kind: 'retry', code, message }
  return { kind: kindOf(code), code, message }
}

function kindOf(code: string): RegistryFailure['kind'] {
  if (code === 'WS401' || code === 'WS403' || code === '42501' || /^28/.test(code)) return 'denied'
  if (code === 'WS507' || code === '53100') return 'quota'
  if (/CERT|TLS|SSL|SELF_SIGNED|UNABLE_TO_/.test(code)) return 'tls'
  if (STALE_STATEMENT.test(code)) return 'retry'
  if (code === '' || /^(08|40|53|55|57|58)/.test(code) || /^E[A-Z]+/.test(code)) return 'retry'
  return 'refused'
}
