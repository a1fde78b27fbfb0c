import { findBlob } from '../library/blobs.ts'
import { forgetThereOf, listThere } from '../library/remote-content.ts'
import { healNow } from './send-content.ts'
import { storeFailed } from './store.ts'
import type { Halt, Team } from './team.ts'

/** How much of what was seen in the store is looked at again at a time. */
const LOOKED_AT = 500
/** And how long after the last time, in milliseconds. */
export const PATROL_MS = 30 * 60_000

/**
 * Looks whether content that was in the team's store still is, a part at a time, round and round: who misses it there cannot
 * say so to who has it, so whoever has it looks. What is gone is sent again from here.
 *
 * @param after the answer of the time before, '' at first.
 */
export async function patrol(team: Team, after: string): Promise<{ after: string; halt?: Halt }> {
  const store = team.remote.blobs
  const hashes = store ? listThere(team.library, team.tenantId, after, LOOKED_AT) : []
  const last = hashes.at(-1)
  if (!store || last === undefined) return { after: '' }
  const has = await store.has(hashes, { signal: team.signal })
  if (team.signal.aborted) return { after, halt: { kind: 'stopped' } }
  if (has.kind !== 'answer') return { after, halt: storeFailed(has) }
  const gone = hashes.filter(hash => !has.present.has(hash))
  if (gone.length === 0) return { after: last }
  const here = gone.filter(hash => findBlob(team.library, hash).kind === 'found')
  const lost = gone.filter(hash => !here.includes(hash))
  if (lost.length > 0) team.library.write(() => forgetThereOf(team.library, team.tenantId, lost))
  const { mended, halt } = await healNow(team, here)
  team.log(
    'warning',
    `${gone.length} pieces of content were gone from the team’s store; ${mended} were sent again from here.`,
  )
  return { after: last, ...(halt ? { halt } : {}) }
}
