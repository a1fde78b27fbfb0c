import { type BlobFound, findBlob, hasBlob, putBlob, sha256 } from '../library/blobs.ts'
import type { Parked } from '../library/outbox.ts'
import {
  countWanted,
  doneWanting,
  listWanted,
  noteThere,
  unknownThere,
  want,
  wantLater,
} from '../library/remote-content.ts'
import type { VersionRecord } from '../library/schema.ts'
import type { WantedRecord } from '../library/schema-local.ts'
import { readBundle, readManifest } from './bundles.ts'
import { inParallel } from './parallel.ts'
import { backoff } from './policy.ts'
import { PARKED } from './problems.ts'
import type { BlobFailure, BlobStore } from './remote.ts'
import { type Halt, STOPPED, type Team } from './team.ts'
import { tellDamaged } from './tell.ts'

/** So much may be in memory at once, in bytes; a single larger file goes alone. */
const BYTES_AT_ONCE = 64 * 1024 * 1024
/** Stored in one transaction. */
const STORED_AT_ONCE = 256
/** What is this large is asked for before it is sent; below, sending it is as cheap. */
const ASK_FIRST_BYTES = 256 * 1024

const failed = (failure: BlobFailure): Halt =>
  failure.kind === 'cancelled' ? STOPPED : { kind: 'failed', failed: { from: 'store', failure } }

// Sending ------------------------------------------------------------------------------------------------------------

type ToSend = { sha256: string; size: number; versionId: string }
/** Versions whose content cannot go, each with why. */
export type Unsendable = ReadonlyMap<string, Parked>

/**
 * Puts into the team's store what these versions need and what is not known to be there: files first, then the manifests
 * that name them, so that a manifest that is there has its files.
 */
export async function sendContent(
  team: Team,
  store: BlobStore,
  versions: readonly VersionRecord[],
): Promise<{ unsendable: Unsendable; halt: Halt | undefined }> {
  const { library, tenantId } = team
  const unsendable = new Map<string, Parked>()
  const manifests = new Map<string, ToSend>()
  const files = new Map<string, ToSend>()
  const unknown = new Set(
    unknownThere(
      library,
      tenantId,
      versions.map(version => version.content_hash),
    ),
  )
  for (const version of versions) {
    if (!unknown.has(version.content_hash) || manifests.has(version.content_hash)) continue
    const read = readBundle(library, version.content_hash)
    if (read.kind === 'unfit') {
      unsendable.set(version.id, PARKED.damaged)
      continue
    }
    manifests.set(version.content_hash, { sha256: version.content_hash, size: 0, versionId: version.id })
    for (const { sha256, size } of read.manifest) files.set(sha256, { sha256, size, versionId: version.id })
  }
  const freshFiles = unknownThere(library, tenantId, [...files.keys()]).flatMap(hash => files.get(hash) ?? [])
  const total = freshFiles.length + manifests.size
  const progress = { done: 0, total }
  const halt =
    (await sendBlobs(team, store, freshFiles, unsendable, progress)) ??
    (await sendBlobs(
      team,
      store,
      [...manifests.values()].filter(one => !unsendable.has(one.versionId)),
      unsendable,
      progress,
    ))
  return { unsendable, halt }
}

async function sendBlobs(
  team: Team,
  store: BlobStore,
  blobs: readonly ToSend[],
  unsendable: Map<string, Parked>,
  progress: { done: number; total: number },
): Promise<Halt | undefined> {
  if (blobs.length === 0) return undefined
  const { library, tenantId } = team
  const there = await presentThere(store, blobs, team.signal)
  if ('kind' in there) return failed(there)
  let sent: string[] = [...there]
  const note = () => {
    const noted = sent
    sent = []
    if (noted.length > 0) library.write(() => noteThere(library, tenantId, noted))
    team.point('put:noted')
  }
  team.point('put:before')
  const halt = await inParallel(
    blobs.filter(blob => !there.has(blob.sha256)),
    async (blob): Promise<Halt | undefined> => {
      if (team.signal.aborted) return STOPPED
      const found = findBlob(library, blob.sha256)
      if (found.kind !== 'found') {
        unsendable.set(blob.versionId, PARKED.damaged)
        return undefined
      }
      const put = await putOrRepair(store, blob.sha256, found.bytes, team.signal)
      if (team.signal.aborted) return STOPPED
      if (put === 'too-large') unsendable.set(blob.versionId, PARKED.tooLarge)
      else if (put) return failed(put)
      else {
        sent.push(blob.sha256)
        progress.done += 1
        if (sent.length >= STORED_AT_ONCE) note()
        if (progress.done % 16 === 0) team.progress({ phase: 'sending', ...progress })
      }
      return undefined
    },
    blob => blob.size,
    BYTES_AT_ONCE,
  )
  if (team.signal.aborted) return STOPPED
  team.point('put:after')
  note()
  return halt
}

/** Large ones that are there with the right size need not be sent. */
async function presentThere(
  store: BlobStore,
  blobs: readonly ToSend[],
  signal: AbortSignal,
): Promise<Set<string> | BlobFailure> {
  const large = blobs.filter(blob => blob.size >= ASK_FIRST_BYTES)
  if (large.length === 0) return new Set()
  const has = await store.has(
    large.map(blob => blob.sha256),
    { signal },
  )
  if (has.kind !== 'answer') return has
  return new Set(large.filter(blob => has.present.get(blob.sha256) === blob.size).map(blob => blob.sha256))
}

/** Undefined: it is there, whole. What was there damaged is put right. */
async function putOrRepair(
  store: BlobStore,
  hash: string,
  bytes: Uint8Array,
  signal: AbortSignal,
): Promise<BlobFailure | 'too-large' | undefined> {
  const put = await store.put(hash, bytes, { signal })
  const done = put.kind === 'damaged' ? await store.repair(hash, bytes, { signal }) : put
  switch (done.kind) {
    case 'stored':
    case 'present':
      return undefined
    case 'damaged':
      return { kind: 'retry', message: done.message }
    case 'refused':
      return 'too-large'
    default:
      return done
  }
}

// Fetching -----------------------------------------------------------------------------------------------------------

/**
 * Fetches wanted content: manifests, then the files they name. What is missing or damaged there is asked for again later,
 * and holds nothing up.
 */
export async function bringContent(team: Team): Promise<Halt | undefined> {
  const store = team.remote.blobs
  const { library, tenantId } = team
  if (!store) return undefined
  let done = 0
  for (;;) {
    const wanted = listWanted(library, tenantId, team.clock(), STORED_AT_ONCE * 4)
    if (wanted.length === 0) return undefined
    const halt = await fetchWanted(team, store, wanted, count => {
      done += count
      team.progress({ phase: 'content', done, total: done + countWanted(library, tenantId).untried })
    })
    if (halt) return halt
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
          return failed(answer)
      }
    },
    one => one.size ?? 16 * 1024,
    BYTES_AT_ONCE,
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
    if (kind === 'damaged') tellDamaged(team, one.version_id, one.sha256, 'it is not what its name says.')
  })
  if (one.attempts === 0 && kind === 'missing')
    team.log(
      'warning',
      `Content ${one.sha256.slice(0, 12)} of version ${one.version_id} is not in the team’s store (yet).`,
    )
}

/** Hashed once more, whoever says it was: what is stored is what its name says. */
function storeFetched(team: Team, batch: readonly Got[]): void {
  const { library, tenantId } = team
  const skills = new Set<string>()
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
      // What is here and damaged makes room.
      if (here.kind === 'damaged') library.run('DELETE FROM blobs WHERE sha256 = ?', one.sha256)
      putBlob(library, one.sha256, content)
      there.push(one.sha256)
      doneWanting(library, tenantId, one.sha256)
      library.run(
        'INSERT OR IGNORE INTO stale_skills (skill_id) SELECT skill_id FROM skill_versions WHERE id = ?',
        one.version_id,
      )
      const skill = library.find<{ skill_id: string }>(
        'SELECT skill_id FROM skill_versions WHERE id = ?',
        one.version_id,
      )
      if (skill) skills.add(skill.skill_id)
    }
    noteThere(library, tenantId, there)
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

// On demand ----------------------------------------------------------------------------------------------------------

export type Brought = { kind: 'here' } | { kind: 'missing'; hashes: string[] } | { kind: 'halt'; halt: Halt }

/** These now, with the files that the manifests among them name. */
export async function fetchNow(team: Team, hashes: readonly string[]): Promise<Brought> {
  const store = team.remote.blobs
  const { library, tenantId } = team
  if (!store) return { kind: 'missing', hashes: [...hashes] }
  const pending = [...hashes]
  const asked = new Set<string>()
  const missing: string[] = []
  while (pending.length > 0) {
    const batch = pending.splice(0).filter(hash => !asked.has(hash) && !hasSound(team, hash))
    for (const hash of batch) asked.add(hash)
    const wanted = batch.map(hash => wantedOf(team, hash))
    const halt = await fetchWanted(team, store, wanted, () => undefined)
    if (halt) return { kind: 'halt', halt }
    for (const one of wanted) {
      if (!hasBlob(library, one.sha256)) missing.push(one.sha256)
      const read = one.kind === 'manifest' ? readBundle(library, one.sha256) : undefined
      if (read?.kind === 'manifest') pending.push(...read.manifest.map(file => file.sha256))
    }
  }
  for (const hash of asked) doneWanting(library, tenantId, hash)
  return missing.length === 0 ? { kind: 'here' } : { kind: 'missing', hashes: missing }
}

const hasSound = (team: Team, hash: string): boolean => findBlob(team.library, hash).kind === 'found'

function wantedOf(team: Team, hash: string): WantedRecord {
  const version = team.library.find<{ id: string }>(
    'SELECT id FROM skill_versions WHERE content_hash = ? AND tenant_id = ?',
    hash,
    team.tenantId,
  )
  const base = { tenant_id: team.tenantId, sha256: hash, size: null, attempts: 0, due_at: 0 }
  return { ...base, kind: version ? 'manifest' : 'file', version_id: version?.id ?? '' }
}

/** Sends what is missing or damaged there and sound here; answers how many were mended. */
export async function healNow(
  team: Team,
  hashes: readonly string[],
): Promise<{ mended: number; halt: Halt | undefined }> {
  const store = team.remote.blobs
  if (!store) return { mended: 0, halt: undefined }
  let mended = 0
  const halt = await inParallel(hashes, async (hash): Promise<Halt | undefined> => {
    if (team.signal.aborted) return STOPPED
    const found = findBlob(team.library, hash)
    if (found.kind !== 'found') return undefined
    const done = await store.repair(hash, found.bytes, { signal: team.signal })
    if (team.signal.aborted) return STOPPED
    if (done.kind === 'stored') mended += 1
    else if (done.kind !== 'present' && done.kind !== 'damaged') return failed(done)
    return undefined
  })
  return { mended, halt }
}
