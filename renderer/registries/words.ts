import type { Registry, RegistryLook, RegistryMember, RegistryProblem } from '../../shared/contract/registries.ts'
import { registryProblem } from '../../shared/contract/registries.ts'
import type { Finding } from '../../shared/contract/sync.ts'
import { isExpected, sayError } from '../api.ts'
import { count } from '../ui/format.ts'
import { when } from '../ui/when.ts'

/** What went wrong, in three parts; a part that was said already is left out. */
export function sayProblem(error: unknown): {
  happened: string
  kept?: string
  todo?: string
  code?: RegistryProblem['code']
} {
  const parsed = isExpected(error) && error.code === 'REGISTRY' ? registryProblem.safeParse(error.data) : undefined
  if (!parsed?.success) return { happened: sayError(error) }
  const { code, happened, kept, todo } = parsed.data
  return { code, happened, todo, ...(kept !== '' && { kept }) }
}

export const ROLES: { value: RegistryMember['role']; label: string }[] = [
  { value: 'reader', label: 'Reader' },
  { value: 'author', label: 'Author' },
  { value: 'admin', label: 'Admin' },
]
export const ROLE_WORDS: Record<RegistryMember['role'], string> = {
  reader: 'reads, rates and reports',
  author: 'also writes and publishes their own skills',
  admin: 'also publishes and reviews everybody’s',
}

export function sayState(member: RegistryMember): string {
  switch (member.state) {
    case 'active':
      return 'Joined'
    case 'invited':
      return member.expiresAt === null ? 'Invited' : `Invited, until ${when(member.expiresAt)}`
    case 'expired':
      return 'The invite has expired'
    case 'removed':
      return 'No access'
    default:
      return member.state satisfies never
  }
}

export function sayLogin(login: Registry['login']): string {
  switch (login) {
    case 'keychain':
      return 'Owner’s login in the keychain'
    case 'file':
      return 'Owner’s login in a file that only you can read (this computer has no keychain)'
    case 'session':
      return 'Owner’s login known until the app closes'
    case 'needed':
      return 'Owner’s login needed'
    default:
      return login satisfies never
  }
}

/** What a database holds, and whether one may go on. */
export function sayHolds(look: RegistryLook): { words: string; good: boolean } {
  switch (look.holds) {
    case 'empty':
      return { words: 'The database is empty: ready for a registry', good: true }
    case 'others':
      return { words: `The database holds tables of another program: ${look.others.join(', ')}`, good: false }
    case 'registry':
      return { words: `The database holds a registry with ${count(look.teams.length, 'team')}`, good: true }
    case 'older':
      return {
        words: `The database holds an older registry with ${count(look.teams.length, 'team')}; making a team brings it up to date, as “registry migrate” does`,
        good: true,
      }
    case 'newer':
      return { words: 'The registry was made by a newer Whetstone. Update the app', good: false }
    case 'rewritten':
      return { words: 'The registry was made by another Whetstone than the released ones', good: false }
    default:
      return look.holds satisfies never
  }
}

/** '41 rules hold', '2 rules are broken, 39 hold', with what is only advised. */
export function sayFindings(findings: readonly Finding[]): string {
  const of = (state: Finding['state']) => findings.filter(one => one.state === state).length
  const holding = `${count(of('pass'), 'rule')} ${of('pass') === 1 ? 'holds' : 'hold'}`
  const parts = [
    of('fail') > 0
      ? `${count(of('fail'), 'rule')} ${of('fail') === 1 ? 'is' : 'are'} broken, ${of('pass')} hold`
      : holding,
    ...(of('advice') > 0 ? [`${count(of('advice'), 'piece')} of advice`] : []),
    ...(of('unknown') > 0 ? [`${of('unknown')} could not be looked at`] : []),
  ]
  return parts.join(' · ')
}

/** What of a team's content a step of an export or a restore is at. */
export const sayMoved = ({ what, done }: { what: string; done: number }): string =>
  what === 'blobs'
    ? `Files: ${done.toLocaleString('en')}`
    : `${what.replaceAll('_', ' ')}: ${done.toLocaleString('en')}`
