import { plainLine } from '../../shared/domain/rows/text.ts'
import type { Library } from './library.ts'

type Named = { id: string; name: string; email: string | null }

/** Names that look alike: case, width, spaces and what is not seen make no difference. */
const looks = (name: string): string =>
  name
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[\p{Default_Ignorable_Code_Point}\p{Z}\p{Cc}]/gu, '')

/**
 * How the members of a space are called in lists. Everybody chooses their own name, so two that look alike are told apart by
 * their addresses, or by their ids where those are alike too: nobody is taken for a colleague.
 *
 * @returns the name of a user by their id; of somebody else, the name that is given.
 */
export function userNames(library: Library, tenantId: string): (userId: string, name: string) => string {
  const users = library.all<Named>('SELECT id, name, email FROM users WHERE tenant_id = ?', tenantId)
  const alike = Map.groupBy(users, user => looks(user.name))
  const shown = new Map<string, string>()
  for (const group of alike.values())
    for (const user of group) shown.set(user.id, group.length > 1 ? apart(user, group) : plainLine(user.name))
  return (userId, name) => shown.get(userId) ?? plainLine(name)
}

function apart({ id, name, email }: Named, group: readonly Named[]): string {
  const address = looks(email ?? '')
  const isTheirs = address !== '' && group.every(other => other.id === id || looks(other.email ?? '') !== address)
  return `${plainLine(name)} (${isTheirs ? plainLine(email ?? '') : `…${id.slice(-6)}`})`
}

/** Rows of one space with the names of who made them as they are shown. */
export function withNames<Row extends { tenant_id: string }>(
  library: Library,
  rows: readonly Row[],
  show: (row: Row, nameOf: (userId: string, name: string) => string) => Row,
): Row[] {
  const names = new Map<string, (userId: string, name: string) => string>()
  return rows.map(row => {
    let nameOf = names.get(row.tenant_id)
    if (!nameOf) {
      nameOf = userNames(library, row.tenant_id)
      names.set(row.tenant_id, nameOf)
    }
    return show(row, nameOf)
  })
}
