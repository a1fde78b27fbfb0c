import type { RegistryLook } from '../../shared/contract/registries.ts'
import type { Finding } from '../../shared/contract/sync.ts'
import { FindingList } from './finding-list.tsx'
import { sayHolds } from './words.ts'

/** What the check of a connection found, as a list of what is right and what is not. */
export function LookView({ look }: { look: RegistryLook }) {
  const { words, good } = sayHolds(look)
  const lines: Finding[] = [
    { id: 'reached', state: 'pass', found: [], mend: '', title: `${look.host} is reached: Postgres ${look.server}` },
    {
      id: 'suited',
      state: look.unsuited === null ? 'pass' : 'fail',
      title: look.unsuited ?? 'This login may make a registry here',
      found: [],
      mend: 'Use the login of the database’s owner, on a server that can carry a registry.',
    },
    {
      id: 'holds',
      state: good ? 'pass' : look.holds === 'others' ? 'advice' : 'fail',
      title: `${words}.`,
      found: [],
      mend:
        look.holds === 'others'
          ? 'Use a database of its own: a registry closes its database to other logins.'
          : 'Nothing is changed in it from here.',
    },
    ...look.storage,
  ]
  return <FindingList findings={lines} of="check" />
}

/** Whether anything can be made or opened there. */
export const isUsable = (look: RegistryLook): boolean =>
  look.unsuited === null &&
  look.holds !== 'newer' &&
  look.holds !== 'rewritten' &&
  look.storage.every(one => one.state !== 'fail')
