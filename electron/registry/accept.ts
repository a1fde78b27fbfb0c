import { Client, type ClientConfig, escapeIdentifier, escapeLiteral } from 'pg'
import { failureOf, type RegistryFailure } from './failure.ts'
import { type Hello, hello } from './postgres.ts'
import { newPassword, scramVerifier } from './scram.ts'

export type Accepted =
  /** `password` is the login's from now on; whoever else read the invite can do nothing with it. */
  | { kind: 'accepted'; password: string; hello: Hello }
  /** It was accepted before; whoever gets in with a password of their own did that themselves. */
  | { kind: 'used'; hello: Hello }
  | { kind: 'expired' }
  | RegistryFailure

/**
 * Uses an invite up: joins, and takes the login over with a password that only this computer knows. It is best kept before
 * it is sent: whether the last answer arrives, nobody can promise.
 */
export async function acceptInvite(config: ClientConfig, password = newPassword()): Promise<Accepted> {
  const client = new Client(config)
  client.on('error', () => undefined)
  try {
    await client.connect()
    // One transaction: an invite is not used up by an app that could not take it over.
    await client.query('BEGIN')
    const { rows } = await client.query<{ done: boolean }>('SELECT whetstone.accept_invite() AS done')
    const said = await hello(client)
    if (said.kind !== 'hello') return said
    if (!said.hello) return { kind: 'expired' }
    if (!rows[0]?.done) return { kind: 'used', hello: said.hello }
    await client.query(
      `ALTER ROLE ${escapeIdentifier(config.user ?? '')} PASSWORD ${escapeLiteral(scramVerifier(password))}`,
    )
    await client.query('COMMIT')
    // Until here the invite's password was good: who came in meanwhile goes now, and nobody comes after them.
    await client.query('SELECT whetstone.end_other_sessions()')
    return { kind: 'accepted', password, hello: said.hello }
  } catch (error) {
    return failureOf(error)
  } finally {
    await client.end().catch(() => undefined)
  }
}
