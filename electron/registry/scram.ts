import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto'

/** Postgres's own default. */
const ITERATIONS = 4_096

/**
 * What Postgres stores for a password (RFC 5802, as in its `pg_authid`). Made here, so that the password itself is never
 * in a statement, and so in no server's log. Passwords must be ASCII: others would need SASLprep.
 */
export function scramVerifier(password: string, salt: Buffer = randomBytes(16)): string {
  const salted = pbkdf2Sync(password, salt, ITERATIONS, 32, 'sha256')
  const key = (name: string) => createHmac('sha256', salted).update(name).digest()
  const stored = createHash('sha256').update(key('Client Key')).digest('base64')
  return `SCRAM-SHA-256$${ITERATIONS}:${salt.toString('base64')}$${stored}:${key('Server Key').toString('base64')}`
}

/** 32 letters, digits, - and _: 192 random bits. */
export const newPassword = (): string => randomBytes(24).toString('base64url')
