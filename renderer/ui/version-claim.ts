import { when } from './when.ts'

/**
 * What a team's version says of where it came from, for behind who saved it and when: 'imported from Ada <ada@example.com>,
 * dated 1 Jan 2020, 09:00'. Only its author says so. Empty where it says nothing.
 */
export function sayClaim(version: {
  claimed: { author: { name: string; email: string } | null; createdAt: number | null } | null
}): string {
  const { author, createdAt } = version.claimed ?? { author: null, createdAt: null }
  const from = author === null ? '' : `imported from ${author.name}${author.email === '' ? '' : ` <${author.email}>`}`
  const dated = createdAt === null ? '' : `dated ${when(createdAt)}`
  return [from, dated].filter(part => part !== '').join(', ')
}
