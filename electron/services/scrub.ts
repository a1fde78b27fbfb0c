import { findBlob, putBlob, sha256 } from '../library/blobs.ts'
import type { Library } from '../library/library.ts'
import type { SyncControl } from '../sync/control.ts'
import type { Context } from './context.ts'
import { nameOfSkill, nameOfVersion } from './sync-words.ts'

/** How much is hashed before others get their turn: some 10 ms. */
const SLICE_BYTES = 8 * 1024 * 1024
const SLICE_ROWS = 500

export type Scrubbed = {
  checked: number
  damaged: number
  repaired: number
  lost: { sha256: string; of: string }[]
}

/**
 * Hashes everything stored again. What does not match its name is fetched from a team that has it; the bytes that are here
 * stay until then, for damaged content is better than none.
 */
export async function* scrub(
  { library }: Context,
  control: SyncControl,
  signal?: AbortSignal,
): AsyncGenerator<{ done: number; total: number }, Scrubbed> {
  const { n: total } = library.get<{ n: number }>('SELECT count(*) AS n FROM blobs')
  const damaged: string[] = []
  let done = 0
  for (let after = 0; ; ) {
    signal?.throwIfAborted()
    const slice = hashSlice(library, after)
    done += slice.checked
    damaged.push(...slice.damaged)
    if (slice.checked === 0) break
    after = slice.last
    yield { done, total: Math.max(total, done) }
    await new Promise(resolve => setImmediate(resolve))
  }
  const lost: Scrubbed['lost'] = []
  for (const hash of damaged)
    if (!(await refetch(library, control, hash))) lost.push({ sha256: hash, of: usedBy(library, hash) })
  return { checked: done, damaged: damaged.length, repaired: damaged.length - lost.length, lost }
}

function hashSlice(library: Library, after: number): { checked: number; last: number; damaged: string[] } {
  const damaged: string[] = []
  let [checked, last, size] = [0, after, 0]
  while (checked < SLICE_ROWS && size < SLICE_BYTES) {
    const row = library.find<{ rowid: number; sha256: string; bytes: Buffer }>(
      'SELECT rowid, sha256, bytes FROM blobs WHERE rowid > ? ORDER BY rowid LIMIT 1',
      last,
    )
    if (!row) break
    if (sha256(row.bytes) !== row.sha256) damaged.push(row.sha256)
    checked += 1
    last = row.rowid
    size += row.bytes.byteLength
  }
  return { checked, last, damaged }
}

/** True once the right bytes are here. */
async function refetch(library: Library, control: SyncControl, hash: string): Promise<boolean> {
  const was = library.find<{ bytes: Buffer }>('SELECT bytes FROM blobs WHERE sha256 = ?', hash)?.bytes
  for (const { tenantId } of control.status()) {
    library.run('DELETE FROM blobs WHERE sha256 = ?', hash)
    await control.fetch(tenantId, [hash])
    if (findBlob(library, hash).kind === 'found') return true
  }
  if (was) putBlob(library, hash, was)
  return false
}

/** 'v5 of pdf-forms', the newest version that needs it. */
function usedBy(library: Library, hash: string): string {
  const version = library.find<{ id: string; skill_id: string }>(
    `SELECT v.id, v.skill_id FROM skill_versions v JOIN blobs b ON b.sha256 = v.content_hash
     WHERE v.content_hash = ?1 OR instr(CAST(b.bytes AS TEXT), ?1) > 0 ORDER BY v.rowid DESC LIMIT 1`,
    hash,
  )
  return version
    ? `${nameOfVersion(library, version.id)} of ${nameOfSkill(library, version.skill_id)}`
    : 'nothing that is shown'
}
