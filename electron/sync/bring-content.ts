import { type BlobFound, findBlob, hasBlob, putBlob, sha256 } from '../library/blobs.ts'
import { retryDamaged } from '../library/outbox.ts'
import {
  countWanted,
  doneWanting,
  findWanted,
  listAllWanted,
  listWanted,
  noteThere,
  want,
  wantLater,
} from '../library/remote-content.ts'
import type { WantedRecord } from '../library/schema-local.ts'
import { markUnread } from '../library/search.ts'
import { findVersion } from '../library/versions.ts'
import { readBundle, readManifest } from './bundles.ts'
import { inParallel } from './parallel.ts'
import { backoff } from './policy.ts'
import type { BlobStore } from './remote.ts'
import { BYTES_AT_ONCE, STORED_AT_ONCE, storeFailed } from './store.ts'
import { type Halt, STOPPED, type Team } from './team.ts'
import { tellDamaged } from './tell.ts'

/**
 * Fetches wanted content: manifests, then the files they name. What is missing or damaged there is asked for again later,
 * and holds nothing up. `done`: how many came.
 */
export async function bringContent(team: Team): Promise<{ done: number; halt: Halt | undefined }> {
  const store = team.remote.blobs
  const { library, tenantId } = team
  let done = 0
  for (;;) {
    const wanted = store ? listWanted(library, tenantId, team.clock(), STORED_AT_ONCE * 4) : []
    if (!store || wanted.length === 0) return { done, halt: undefined }
    const total = done + countWanted(library, tenantId).untried
    const halt = await fetchWanted(team, store, wanted, count => {
      done += count
      team.progress({ phase: 'content', done, total: Math.max(done, total) })
    })
    if (done > 0 && (halt || countWanted(library, tenantId).untried === 0)) {
      library.write(() => markUnread(library, tenantId))
      team.changed(['skills'], [])
    }
    if (halt) return { done, halt }
  }
}

type Got = { one: WantedRecord; bytes: Uint8Array }

async function fetchWanted(
  team: Team,
  store: BlobStore,
  wanted: readonly WantedRecord[],
  onStored: (count: number) => void,
): Promise<Halt | undefined> {
  let got: Got[] = []
  const storeGot = () => {
    const batch = got
    got = []
    if (batch.length === 0) return
    storeFetched(team, batch)
    onStored(batch.length)
  }
  team.point('get:before')
  const halt = await inParallel(
    wanted,
    async (one): Promise<Halt | undefined> => {
      if (team.signal.aborted) return STOPPED
      if (hasSound(team, one.sha256)) {
        got.push({ one, bytes: new Uint8Array() })
        return undefined
      }
      const answer = await store.get(one.sha256, {
        signal: team.signal,
        ...(one.size === null ? {} : { size: one.size }),
      })
      if (team.signal.aborted) return STOPPED
      switch (answer.kind) {
        case 'found':
          got.push({ one, bytes: answer.bytes })
          if (got.length >= STORED_AT_ONCE || bytesOf(got) >= BYTES_AT_ONCE / 4) storeGot()
          return undefined
        case 'missing':
        case 'damaged':
          notFound(team, one, answer.kind)
          return undefined
        default:
          return storeFailed(answer)
      }
    },
    one => one.size ?? 16 * 1024,
    BYTES_AT_ONCE,
    team.pace,
  )
  if (team.signal.aborted) return STOPPED
  team.point('get:after')
  storeGot()
  return halt
}

const bytesOf = (got: readonly Got[]): number => got.reduce((sum, one) => sum + one.bytes.length, 0)

function notFound(team: Team, one: WantedRecord, kind: 'missing' | 'damaged'): void {
  const { library, tenantId } = team
  library.write(() => {
    wantLater(library, tenantId, one.sha256, team.clock() + backoff(one.attempts + 3, team.random))
    if (kind === 'damaged') tellDamaged(team, one.version_id, one.sha256, 'it is not what was saved.')
  })
  if (one.attempts === 0 && kind === 'missing')
    team.log(
      'warning',
      `Content ${one.sha256.slice(0, 12)} of ${findVersion(library, one.version_id) ? 'version' : 'case'} ${one.version_id} is not in the team’s store (yet).`,
    )
}

/** Hashed once more, whoever says it was: what is stored is what its name says. */
function storeFetched(team: Team, batch: readonly Got[]): void {
  const { library, tenantId } = team
  const skills = new Set<string>()
  const versions = new Set<string>()
  library.write(() => {
    const there: string[] = []
    for (const { one, bytes } of batch) {
      const here: BlobFound = hasBlob(library, one.sha256) ? findBlob(library, one.sha256) : { kind: 'missing' }
      const content = here.kind === 'found' ? here.bytes : bytes
      if (sha256(content) !== one.sha256) {
        notFound(team, one, 'damaged')
        continue
      }
      if (one.kind === 'manifest' && !takeManifest(team, one, content)) continue
      replaceBlob(library, one.sha256, content)
      there.push(one.sha256)
      doneWanting(library, tenantId, one.sha256)
      versions.add(one.version_id)
    }
    for (const id of versions) {
      // Search and figures were made without it.
      library.run('INSERT OR IGNORE INTO stale_skills (skill_id) SELECT skill_id FROM skill_versions WHERE id = ?', id)
      const of = library.find<{ skill_id: string }>('SELECT skill_id FROM skill_versions WHERE id = ?', id)
      if (of) skills.add(of.skill_id)
    }
    noteThere(library, tenantId, there)
    if (there.length > 0) retryDamaged(library, tenantId)
  })
  team.point('get:stored')
  team.changed(['versions', 'skills'], [...skills])
}

/** False: it hashes right and is no bundle, so nobody is shown it. */
function takeManifest(team: Team, one: WantedRecord, bytes: Uint8Array): boolean {
  const { library, tenantId } = team
  const read = readManifest(bytes)
  if (read.kind === 'unfit') {
    wantLater(library, tenantId, one.sha256, team.clock() + backoff(one.attempts + 8, team.random))
    tellDamaged(team, one.version_id, one.sha256, read.reason)
    return false
  }
  for (const file of read.manifest)
    want(library, tenantId, { sha256: file.sha256, kind: 'file', size: file.size, version_id: one.version_id })
  return true
}

export type Brought = { kind: 'here' } | { kind: 'missing'; hashes: string[] } | { kind: 'halt'; halt: Halt }

/** These now, with the files that the manifests among them name. */
export async function fetchNow(team: Team, hashes: readonly string[]): Promise<Brought> {
  const store = team.remote.blobs
  const { library, tenantId } = team
  if (!store) return { kind: 'missing', hashes: [...hashes] }
  const pending = [...hashes]
  /** To be brought anyway, for this or for another version: what is not there now is asked for again. */
  const kept = new Set(listAllWanted(library, tenantId))
  const asked = new Set<string>()
  const missing: string[] = []
  while (pending.length > 0) {
    const batch = pending.splice(0).filter(hash => !asked.has(hash) && !hasSound(team, hash))
    for (const hash of batch) asked.add(hash)
    const wanted = batch.map(hash => wantedOf(team, hash))
    const halt = await fetchWanted(team, store, wanted, () => undefined)
    if (halt) return { kind: 'halt', halt }
    for (const one of wanted) {
      if (!hasSound(team, one.sha256)) missing.push(one.sha256)
      const read = one.kind === 'manifest' ? readBundle(library, one.sha256) : undefined
      if (read?.kind !== 'manifest') continue
      const files = read.manifest.map(file => file.sha256)
      pending.push(...files)
      if (kept.has(one.sha256)) for (const file of files) kept.add(file)
    }
  }
  library.write(() => {
    for (const hash of asked) if (!kept.has(hash)) doneWanting(library, tenantId, hash)
    markUnread(library, tenantId)
  })
  return missing.length === 0 ? { kind: 'here' } : { kind: 'missing', hashes: missing }
}

const hasSound = (team: Team, hash: string): boolean => findBlob(team.library, hash).kind === 'found'

function wantedOf(team: Team, hash: string): WantedRecord {
  const wanted = findWanted(team.library, team.tenantId, hash)
  if (wanted) return wanted
  const version = team.library.find<{ id: string }>(
    'SELECT id FROM skill_versions WHERE content_hash = ? AND tenant_id = ?',
    hash,
    team.tenantId,
  )
  const base = { tenant_id: team.tenantId, sha256: hash, size: null, attempts: 0, due_at: 0 }
  return { ...base, kind: version ? 'manifest' : 'file', version_id: version?.id ?? '' }
}

/** What is here and damaged makes room. */
export function replaceBlob(library: Team['library'], hash: string, bytes: Uint8Array): void {
  if (hasBlob(library, hash) && findBlob(library, hash).kind === 'damaged')
    library.run('DELETE FROM blobs WHERE sha256 = ?', hash)
  putBlob(library, hash, bytes)
}
