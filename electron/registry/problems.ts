import { errorCode, reasonOf } from './errors.ts'
import { Refused } from './keep.ts'

/** What a person is told when a registry did not do what its owner wanted. */
export type Problem = {
  code:
    | 'address'
    | 'unreachable'
    | 'tls'
    | 'password'
    | 'database'
    | 'rights'
    | 'unsuited'
    | 'newer'
    | 'occupied'
    | 'storage'
    | 'busy'
    | 'gone'
    | 'broken'
    | 'stopped'
    | 'refused'
  happened: string
  /** Empty where `happened` says it. */
  kept: string
  todo: string
}

const UNCHANGED = 'Nothing was changed.'

export const problem = (code: Problem['code'], happened: string, todo: string, kept = UNCHANGED): Problem => ({
  code,
  happened,
  kept,
  todo,
})

/** A problem on its way out of work that cannot go on. */
export class Stopped extends Error {
  override name = 'Stopped'
  readonly problem: Problem
  constructor(why: Problem) {
    super(why.happened)
    this.problem = why
  }
}

type Target = { host: string; port: number; user: string; database: string; ownCa: boolean }

/** Why a connection was not made, by SQLSTATE (Postgres, appendix A) or Node's code. Anything else is thrown on. */
export function whyNotConnected(error: unknown, to: Target): Problem {
  const code = errorCode(error) ?? ''
  const said = reasonOf(error)
  const unreachable = (happened: string, todo: string) => problem('unreachable', happened, todo)
  if (/^E(NOTFOUND|AI_AGAIN|AI_NODATA)/.test(code))
    return unreachable(
      `There is no computer of the name ${to.host}, or this one is offline.`,
      'Check the name and the network.',
    )
  if (code === 'ECONNREFUSED')
    return unreachable(
      `${to.host} is there, but no database listens at port ${to.port}.`,
      'Check the port, and whether the database runs.',
    )
  if (/^E(TIMEDOUT|HOSTUNREACH|NETUNREACH|NETDOWN|HOSTDOWN)$/.test(code) || /timeout/i.test(said))
    return unreachable(
      `There is no way to ${to.host} from here: nothing answered.`,
      'Check the network, a firewall, and whether the database takes connections from this address.',
    )
  if (code === 'ECONNRESET' || code === 'EPIPE' || /terminated|ended unexpectedly/i.test(said))
    return unreachable(`${to.host} hung up before a login.`, 'Check that a Postgres listens there, and try again.')
  if (/does not support SSL/i.test(said))
    return problem(
      'tls',
      `${to.host} offers no encryption, so the password and the team’s skills could be read on the way.`,
      'Turn TLS on at the server. Without it only a database on this computer can be used.',
    )
  if (/CERT_HAS_EXPIRED/.test(code))
    return problem('tls', `The certificate of ${to.host} has expired.`, 'Have it renewed.')
  if (/ALTNAME/.test(code))
    return problem(
      'tls',
      `The certificate of ${to.host} is for another name: ${said}.`,
      'Use the name that the certificate has.',
    )
  if (/CERT|TLS|SSL|SELF_SIGNED|UNABLE_TO_/.test(code))
    return problem(
      'tls',
      `The certificate of ${to.host} is signed by nobody whom ${to.ownCa ? 'the given authority vouches for' : 'this computer knows'}.`,
      to.ownCa
        ? 'Check that it is the authority that signed the server’s certificate.'
        : 'If your team has its own authority, paste its certificate below the connection string.',
    )
  if (code === '28P01' || /password/i.test(said))
    return problem('password', `${to.host} did not accept the password of ${to.user}.`, 'Check login and password.')
  if (code === '28000')
    return problem(
      'password',
      `${to.host} does not let ${to.user} in from here: ${said}.`,
      'Check the login, and the server’s pg_hba.conf.',
    )
  if (code === '3D000')
    return problem(
      'database',
      `${to.host} has no database ${to.database}.`,
      'Check the name, or have that database made: a registry wants one of its own.',
    )
  if (code === '53300') return problem('busy', `${to.host} has no connection left.`, 'Try again in a moment.')
  if (/^57P0/.test(code)) return problem('busy', `${to.host} is starting or stopping.`, 'Try again in a moment.')
  if (code === '') throw error
  return unreachable(`${to.host} did not let us in: ${said}.`, 'Check the connection string.')
}

/** Why work on a connection did not come to its end. A bug is thrown on. */
export function whyNotDone(error: unknown, host: string): Problem {
  if (error instanceof Stopped) return error.problem
  if (error instanceof Refused) return refusedAs(error)
  if (error instanceof Error && error.name === 'AbortError')
    return problem(
      'stopped',
      'Stopped, as you asked.',
      'Begin again whenever you like.',
      'Nothing half was left behind.',
    )
  const code = errorCode(error) ?? ''
  const said = reasonOf(error)
  const undone = 'What was under way was undone.'
  if (code === '42501')
    return problem('rights', `This login may not do that: ${said}.`, 'Use the login that owns the database.', undone)
  if (code === '55P03' || code === '40P01' || code === '57014')
    return problem('busy', `Somebody else is at it: ${said}.`, 'Try again in a moment.', undone)
  if (code === '53100')
    return problem('refused', `The disk of ${host} is full.`, 'Make room there, then try again.', undone)
  if (code === '42P01' || code === '3F000' || code === '42704' || code === '22023')
    return problem('gone', `There is no registry in this database (any more): ${said}.`, 'Check which database it is.')
  if (/^(08|57P)/.test(code) || /^E[A-Z]+$/.test(code) || /terminated|ended|not queryable|timeout/i.test(said))
    return problem(
      'broken',
      `The connection to ${host} was lost: ${said}.`,
      'Try again: doing it twice does no harm.',
      undone,
    )
  // Any other refusal of the server's, in its own words.
  if (/^[0-9A-Z]{5}$/.test(code)) return problem('refused', `${host} refused: ${said}.`, 'Try again.', undone)
  throw error
}

function refusedAs({ message, about }: Refused): Problem {
  // Most of these sentences say it themselves.
  const kept = /nothing was/i.test(message) ? '' : UNCHANGED
  switch (about) {
    case 'storage':
      return problem('storage', message, 'Check the storage’s settings.', kept)
    case 'newer':
      return problem('newer', message, 'Update the app.', kept)
    case 'work':
      return problem('refused', message, 'Try again once that is mended.', kept)
    default:
      return about satisfies never
  }
}
