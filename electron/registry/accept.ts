import { Client, type ClientConfig, escapeIdentifier, escapeLiteral } from 'pg'
import { errorCode } from './errors.ts'
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

const TAKE_OVERS = 3

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
    if (!rows[0]?.done) {
      await client.query('COMMIT')
      // With the password that this computer gave it: an earlier try was cut off, maybe before the others were sent out.
      if (config.password === password) await endOthers(client)
      return { kind: 'used', hello: said.hello }
    }
    const takeOver = `ALTER ROLE ${escapeIdentifier(config.user ?? '')} PASSWORD ${escapeLiteral(scramVerifier(password))}`
    await client.query(takeOver)
    await client.query('COMMIT')
    // Until here the invite's password was good: who came in with it meanwhile goes now, and nobody comes after them. One
    // who was in may have set a password of their own on the way out: then ours opens nothing, and is set once more.
    for (let tries = 0; tries < TAKE_OVERS; tries++) {
      await endOthers(client)
      if (await opens({ ...config, password })) return { kind: 'accepted', password, hello: said.hello }
      await client.query(takeOver)
    }
    return { kind: 'denied', code: '28P01', message: 'Somebody else who has this invite keeps changing its password.' }
  } catch (error) {
    return failureOf(error)
  } finally {
    await client.end().catch(() => undefined)
  }
}

/** Whoever was let in as this login before: a changed password alone would leave them where they are. */
const endOthers = (client: Client) => client.query('SELECT whetstone.end_other_sessions()')

async function opens(config: ClientConfig): Promise<boolean> {
  const client = new Client(config)
  client.on('error', () => undefined)
  try {
    await client.connect()
    return true
  } catch (error) {
    if (errorCode(error) === '28P01') return false
    throw error
  } finally {
    await client.end().catch(() => undefined)
  }
}
