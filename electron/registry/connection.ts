import net from 'node:net'
import type { ClientConfig } from 'pg'

/**
 * From a connection string to a client's settings, or why it is refused. Beyond this computer the only accepted way is
 * TLS with the server's certificate and name verified (libpq's `verify-full`), whatever the string asks for: `require`
 * encrypts towards anybody, and `prefer` goes on without TLS when somebody in between says there is none.
 */
export type Connection =
  | { kind: 'ok'; config: ClientConfig; database: string; user: string; host: string; local: boolean }
  | { kind: 'refused'; reason: string }

/** PEM of a certificate authority that alone is trusted, in place of the system's. */
export type ConnectionOptions = { ca?: string }

const ENCRYPTED = ['require', 'verify-ca', 'verify-full']
const CONNECT_MS = 15_000

export function connectionOf(text: string, options: ConnectionOptions = {}): Connection {
  const refused = (reason: string): Connection => ({ kind: 'refused', reason })
  const url = URL.canParse(text.trim()) ? new URL(text.trim()) : undefined
  if (!url || (url.protocol !== 'postgres:' && url.protocol !== 'postgresql:'))
    return refused('That is no connection string: it starts with postgres:// and names a login, a host and a database.')
  const database = decodeURIComponent(url.pathname.slice(1))
  const user = decodeURIComponent(url.username)
  const host = url.hostname.replace(/^\[|\]$/g, '')
  if (user === '' || database === '' || host === '')
    return refused('The connection string must name a login, a host and a database: postgres://login@host/database.')
  const mode = url.searchParams.get('sslmode')
  const local = isLoopback(host)
  if (!local && mode !== null && !ENCRYPTED.includes(mode))
    return refused(
      `sslmode=${mode} would send the password and the team's skills to ${host} where others can read them. Use sslmode=verify-full, or leave sslmode out.`,
    )
  if (url.searchParams.has('sslrootcert') && options.ca === undefined)
    return refused(
      'A certificate authority of your own is given beside the connection string (--ca FILE, or its field in the app), not as sslrootcert.',
    )
  const encrypted = !local || options.ca !== undefined || (mode !== null && ENCRYPTED.includes(mode))
  return {
    kind: 'ok',
    database,
    user,
    host,
    local,
    config: {
      host,
      port: url.port === '' ? 5432 : Number(url.port),
      user,
      database,
      password: decodeURIComponent(url.password),
      // `host` beside the socket: for an address instead of a name, TLS would otherwise check the certificate for 'localhost'.
      ssl: encrypted ? { rejectUnauthorized: true, minVersion: 'TLSv1.2', host, ca: options.ca } : false,
      // Binds the password's proof to this TLS connection, so that it is worth nothing to a server in between.
      enableChannelBinding: true,
      application_name: 'whetstone',
      connectionTimeoutMillis: CONNECT_MS,
      keepAlive: true,
    },
  }
}

/** Only names and addresses that cannot leave this computer. */
export function isLoopback(host: string): boolean {
  if (host === 'localhost' || host === '::1') return true
  return net.isIPv4(host) && host.startsWith('127.')
}

/** The same database as another login: what an invite carries. */
export function urlFor(owner: string, login: { user: string; password: string }): string {
  const url = new URL(owner.trim())
  url.username = encodeURIComponent(login.user)
  url.password = encodeURIComponent(login.password)
  return url.href
}
