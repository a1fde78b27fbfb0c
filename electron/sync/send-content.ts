import { findBlob, sha256 } from '../library/blobs.ts'
import type { Parked } from '../library/outbox.ts'
import { noteThere, unknownThere } from '../library/remote-content.ts'
import type { VersionRecord } from '../library/schema.ts'
import { replaceBlob } from './bring-content.ts'
import { readBundle } from './bundles.ts'
import { inParallel } from './parallel.ts'
import { PARKED } from './problems.ts'
import type { BlobFailure, BlobStore } from './remote.ts'
import { BYTES_AT_ONCE, NOTED_AT_ONCE, storeFailed } from './store.ts'
import { type Halt, STOPPED, type Team } from './team.ts'

/** What is this large is asked for before it is sent; below, sending it is as cheap. */
const ASK_FIRST_BYTES = 256 * 1024

/** `versionId`: what cannot go without it: a version, or a benchmark case. `after`: hashes before it in the list that must be there first. */
export type ToSend = { sha256: string; size: number; versionId: string; after?: readonly string[] }
/** Versions whose content cannot go, each with why. */
export type Unsendable = ReadonlyMap<string, Parked>

/**
 * Puts into the team's store what these versions need and what is not known to be there: files first, then the manifests
 * that name them, so that a manifest that is there has its files.
 */
export async function sendContent(
  team: Team,
  store: BlobStore,
  versions: readonly Pick<VersionRecord, 'id' | 'content_hash'>[],
): Promise<{ unsendable: Unsendable; halt: Halt | undefined }> {
  const { library, tenantId } = team
  const unsendable = new Map<string, Parked>()
  const manifests = new Map<string, ToSend & { after: string[] }>()
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
    let read = readBundle(library, version.content_hash)
    if (read.kind === 'unfit') {
      const mended = await mendFromStore(team, store, version.content_hash)
      if (mended !== 'here' && mended !== 'lost') return { unsendable, halt: mended }
      read = readBundle(library, version.content_hash)
    }
    if (read.kind === 'unfit') {
      unsendable.set(version.id, PARKED.damaged)
      continue
    }
    const after = read.manifest.map(file => file.sha256)
    manifests.set(version.content_hash, { sha256: version.content_hash, size: 0, versionId: version.id, after })
    for (const { sha256, size } of read.manifest) files.set(sha256, { sha256, size, versionId: version.id })
  }
  const freshFiles = unknownThere(library, tenantId, [...files.keys()]).flatMap(hash => files.get(hash) ?? [])
  // In one list, so that the last files and the first manifests are on their way side by side.
  const blobs = [...freshFiles, ...manifests.values()]
  const halt = await sendBlobs(team, store, blobs, unsendable)
  return { unsendable, halt }
}

export async function sendBlobs(
  team: Team,
  store: BlobStore,
  blobs: readonly ToSend[],
  unsendable: Map<string, Parked>,
): Promise<Halt | undefined> {
  if (blobs.length === 0) return undefined
  const progress = { done: 0, total: blobs.length }
  const { library, tenantId } = team
  const there = await presentThere(store, blobs, team.signal)
  if ('kind' in there) return storeFailed(there)
  let sent: string[] = [...there]
  const note = () => {
    const noted = sent
    sent = []
    if (noted.length > 0) library.write(() => noteThere(library, tenantId, noted))
    team.point('put:noted')
  }
  const fates = new Map<string, Promise<Fate>>()
  team.point('put:before')
  const halt = await inParallel(
    blobs.filter(blob => !there.has(blob.sha256)),
    async (blob): Promise<Halt | undefined> => {
      const sending = sendOne(team, store, blob, fates)
      fates.set(blob.sha256, sending)
      const fate = await sending
      if (fate.kind === 'halt') return fate.halt
      if (fate.kind === 'parked') unsendable.set(blob.versionId, fate.parked)
      else {
        sent.push(blob.sha256)
        progress.done += 1
        if (sent.length >= NOTED_AT_ONCE) note()
        if (progress.done % 16 === 0) team.progress({ phase: 'sending', ...progress })
      }
      return undefined
    },
    blob => blob.size,
    BYTES_AT_ONCE,
    team.pace,
  )
  if (team.signal.aborted) return STOPPED
  team.point('put:after')
  note()
  return halt
}

/** What became of a blob. */
type Fate = { kind: 'there' } | { kind: 'parked'; parked: Parked } | { kind: 'halt'; halt: Halt }
const halted = (halt: Halt): Fate => ({ kind: 'halt', halt })

/** @param fates of those before it in the list: it goes where what it names went. */
async function sendOne(
  team: Team,
  store: BlobStore,
  blob: ToSend,
  fates: ReadonlyMap<string, Promise<Fate>>,
): Promise<Fate> {
  const before = await Promise.all(blob.after?.map(hash => fates.get(hash)) ?? [])
  if (team.signal.aborted) return halted(STOPPED)
  const lost = before.find(fate => fate !== undefined && fate.kind !== 'there')
  if (lost) return lost
  const found = findBlob(team.library, blob.sha256)
  if (found.kind !== 'found') {
    const mended = await mendFromStore(team, store, blob.sha256)
    if (mended === 'here') return { kind: 'there' }
    return mended === 'lost' ? { kind: 'parked', parked: PARKED.damaged } : halted(mended)
  }
  const put = await putOrRepair(store, blob.sha256, found.bytes, team.signal)
  if (team.signal.aborted) return halted(STOPPED)
  if (put === 'too-large') return { kind: 'parked', parked: PARKED.tooLarge }
  return put ? halted(storeFailed(put)) : { kind: 'there' }
}

/** What is missing or damaged here may lie whole in the store: from another computer, or from before a restore. */
async function mendFromStore(team: Team, store: BlobStore, hash: string): Promise<'here' | 'lost' | Halt> {
  const { library, tenantId } = team
  const got = await store.get(hash, { signal: team.signal })
  if (team.signal.aborted) return STOPPED
  switch (got.kind) {
    case 'found': {
      const { bytes } = got
      if (sha256(bytes) !== hash) return 'lost'
      library.write(() => {
        replaceBlob(library, hash, bytes)
        noteThere(library, tenantId, [hash])
      })
      return 'here'
    }
    case 'missing':
    case 'damaged':
      return 'lost'
    default:
      return storeFailed(got)
  }
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
    // A reader's key may be one that only reads: then whoever may write puts it back, and nothing is wrong here.
    else if (done.kind === 'denied' && team.role() === 'reader') return undefined
    else if (done.kind !== 'present' && done.kind !== 'damaged') return storeFailed(done)
    return undefined
  })
  return { mended, halt }
}
