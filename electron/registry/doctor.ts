import type { ClientBase } from 'pg'
import { DATA_CHECKS } from './doctor-data.ts'
import { LOGIN_CHECKS } from './doctor-logins.ts'
import { SCHEMA_CHECKS } from './doctor-schema.ts'
import { SERVER_CHECKS } from './doctor-server.ts'
import { errorCode, reasonOf } from './errors.ts'
import type { Migration } from './migrate.ts'
import { type ActingRole, inTransaction } from './transaction.ts'

/** One rule of the registry, asked of a live one. */
export type Check = {
  id: string
  /** What holds where it passes. */
  title: string
  /** What to do where it does not. */
  mend: string
  /** `advice`: a registry can be used without it, and `remains` is what somebody could then do. */
  level?: 'advice'
  /** `member`: any login can see it, so the app asks on connecting. `owner`: only whoever provisions sees it. */
  who: 'member' | 'owner'
  /** Acts as this role; the provisioner sees all tenants' rows. */
  as?: ActingRole
  /** What is wrong, one row each, in a column `name`; `$1` where `needs` is given. Or the same as a function. */
  find: string | ((client: ClientBase, context: DoctorContext) => Promise<string[]>)
}

export type DoctorContext = { migrations: readonly Migration[] }

export type Finding = {
  id: string
  title: string
  /** `unknown`: this login may not look. */
  state: 'pass' | 'fail' | 'advice' | 'unknown'
  /** What was found, a line each, at most ten; empty where it passes. */
  found: string[]
  mend: string
}

export const CHECKS: readonly Check[] = [...SERVER_CHECKS, ...SCHEMA_CHECKS, ...LOGIN_CHECKS, ...DATA_CHECKS]
const LINES = 10

/** Asks every rule that `who` can see. Reads only. */
export async function examine(client: ClientBase, who: Check['who'], context: DoctorContext): Promise<Finding[]> {
  const findings: Finding[] = []
  for (const check of CHECKS)
    if (who === 'owner' || check.who === 'member') findings.push(await ask(client, check, context))
  return findings
}

/** True where every rule passes; advice does not count. */
export const isSound = (findings: readonly Finding[]): boolean => findings.every(one => one.state !== 'fail')

async function ask(client: ClientBase, check: Check, context: DoctorContext): Promise<Finding> {
  const { id, title, mend } = check
  try {
    const problems = await inTransaction(client, () => problemsOf(client, check, context), check.as)
    const more = problems.length - LINES
    const found = more > 0 ? [...problems.slice(0, LINES), `… and ${more} more`] : problems
    return { id, title, mend, found, state: problems.length === 0 ? 'pass' : (check.level ?? 'fail') }
  } catch (error) {
    // What is so broken that it cannot be asked has failed; what may not be looked at is unknown.
    const state = errorCode(error) === '42501' && check.level === 'advice' ? 'unknown' : 'fail'
    return { id, title, mend, state, found: [reasonOf(error)] }
  }
}

async function problemsOf(client: ClientBase, check: Check, context: DoctorContext): Promise<string[]> {
  if (typeof check.find !== 'string') return await check.find(client, context)
  return (await client.query<{ name: string }>(check.find)).rows.map(row => row.name)
}
