import path from 'node:path'
import { findBlob } from '../library/blobs.ts'
import { listCasesWithFiles, readCaseFiles } from '../library/case-files.ts'
import type { Library } from '../library/library.ts'
import { findElsewhere, mendNames, mendSearch, mendTotals, quarantine, restoreBlob } from '../library/mend.ts'
import type { ContentMissing } from '../library/missing-content.ts'
import { listBackups } from '../library/open.ts'
import { retryDamaged } from '../library/outbox.ts'
import type { ScrubFound, ScrubProgress } from '../library/scrub.ts'
import { scrubInWorker } from '../library/scrub-worker.ts'
import type { SyncControl } from '../sync/control.ts'
import type { Context } from './context.ts'
import { latestOnly } from './latest-only.ts'

export type Scrubbed = {
  checked: number
  damaged: number
  repaired: number
  /** Of those, what teams' stores had lost and got from here. */
  healed: number
  lost: { sha256: string; of: string }[]
}

type Scrubbing = Pick<Context, 'library' | 'log'>

/** How much is asked of a registry at a time. */
const ASKED = 500
/** How much is compared with a team's store at a time: what the network cuts short costs only that. */
const HEALED = 64
/** A manifest that is mended names files that may be damaged too. */
const ROUNDS = 3

/**
 * Hashes everything stored again, in a thread of its own. What does not match its name is taken out of the library (quarantine/)
 * and brought again: from a working copy, a backup, or a team's registry; and a team's store gets from here what it has lost.
 * Indexes, totals and search that do not agree with their rows are made again from them. What nobody has is listed by name.
 */
export async function* scrub(
  context: Scrubbing,
  control: SyncControl,
  signal?: AbortSignal,
): AsyncGenerator<ScrubProgress, Scrubbed> {
  const progress = latestOnly<ScrubProgress>()
  const stop = new AbortController()
  const signals = AbortSignal.any([stop.signal, ...(signal ? [signal] : [])])
  const scrubbing = run(context, control, progress.push, signals)
  scrubbing.finally(progress.end).catch(() => {})
  try {
    yield* progress.values
    return await scrubbing
  } finally {
    stop.abort(new DOMException('Stopped.', 'AbortError'))
  }
}

async function run(
  context: Scrubbing,
  control: SyncControl,
  onProgress: (progress: ScrubProgress) => void,
  signal: AbortSignal,
): Promise<Scrubbed> {
  const { library } = context
  const file = library.db.name
  const first = await scrubInWorker(file, onProgress, signal)
  mendDerived(context, first)
  const damaged = new Set<string>()
  for (const blob of first.damaged) if (quarantine(library, path.dirname(file), blob.rowid)) damaged.add(blob.sha256)
  let missing = first.missing.filter(item => isOurs(library, item, damaged))
  const bad = new Set([...damaged, ...missing.map(item => item.sha256)])
  let repaired = 0
  for (let round = 0; round < ROUNDS && missing.length > 0; round++) {
    const mended = await bringBack(context, control, missing, signal)
    repaired += mended
    if (mended === 0) break
    const again = await scrubInWorker(file, () => undefined, signal)
    missing = again.missing.filter(item => isOurs(library, item, damaged))
    for (const item of missing) bad.add(item.sha256)
  }
  const healed = await healRegistries(context, control, signal)
  return {
    checked: first.checked,
    damaged: bad.size,
    repaired: repaired + healed,
    healed,
    lost: missing.map(({ sha256, of }) => ({ sha256, of })),
  }
}

/** What can be said again from other rows. */
function mendDerived(context: Scrubbing, found: ScrubFound): void {
  const { library, log } = context
  if (found.namesWrong) mendNames(library)
  if (found.totalsWrong.length > 0) mendTotals(library)
  if (found.searchWrong) mendSearch(library)
  if (found.namesWrong || found.totalsWrong.length > 0 || found.searchWrong)
    log(
      `scrub: mended ${[
        found.namesWrong ? 'the index of content' : '',
        found.totalsWrong.length > 0 ? `totals of ${found.totalsWrong.length} skills` : '',
        found.searchWrong ? 'the search index' : '',
      ]
        .filter(Boolean)
        .join(', ')}`,
    )
  for (const table of found.dangling) log(`scrub: rows of ${table} point at rows that are not there`)
  for (const line of found.structure) log(`scrub: ${line}`)
}

/** Content of a team that was never brought here, by choice or because it is on its way, is not lost. */
function isOurs(library: Library, item: ContentMissing, damaged: ReadonlySet<string>): boolean {
  if (!item.team || damaged.has(item.sha256)) return true
  const awaited = library.find(
    `SELECT 1 FROM sync_states s WHERE s.tenant_id = @tenantId AND (s.content = 'newest'
       OR EXISTS (SELECT 1 FROM content_wanted w WHERE w.tenant_id = s.tenant_id AND w.sha256 = @sha256))`,
    { tenantId: item.tenantId, sha256: item.sha256 },
  )
  return awaited === undefined
}

/** First from this computer, then from the registries. Answers how many are sound now. */
async function bringBack(
  { library }: Scrubbing,
  control: SyncControl,
  missing: readonly ContentMissing[],
  signal: AbortSignal,
): Promise<number> {
  const names = [...new Set(missing.map(item => item.sha256))]
  const backups = listBackups(path.dirname(library.db.name))
  for (const [name, bytes] of findElsewhere(library, backups, names)) restoreBlob(library, name, bytes)
  const elsewhere = missing.filter(item => item.team && findBlob(library, item.sha256).kind !== 'found')
  for (const [tenantId, items] of Map.groupBy(elsewhere, item => item.tenantId))
    for (let from = 0; from < items.length; from += ASKED) {
      signal.throwIfAborted()
      await control.fetch(
        tenantId,
        items.slice(from, from + ASKED).map(item => item.sha256),
      )
    }
  const mended = names.filter(name => findBlob(library, name).kind === 'found').length
  if (mended > 0)
    library.write(() => {
      for (const tenantId of new Set(missing.map(item => item.tenantId))) retryDamaged(library, tenantId)
    })
  return mended
}

/** Sends to each team's store what it has lost of what is here. Answers how many it took. */
async function healRegistries({ library }: Scrubbing, control: SyncControl, signal: AbortSignal): Promise<number> {
  let healed = 0
  for (const team of control.status()) {
    if (team.state === 'left' || team.state === 'paused' || team.state === 'offline' || team.state === 'attention')
      continue
    const names = library
      .all<{ sha256: string }>(
        `SELECT DISTINCT content_hash AS sha256 FROM skill_versions WHERE tenant_id = ? AND version IS NOT NULL
         UNION SELECT f.value ->> 'sha256' FROM skill_versions v JOIN blobs m ON m.sha256 = v.content_hash,
           json_each(CASE WHEN json_valid(CAST(m.bytes AS TEXT)) THEN CAST(m.bytes AS TEXT) ELSE '[]' END) f
         WHERE v.tenant_id = ? AND v.version IS NOT NULL`,
        team.tenantId,
        team.tenantId,
      )
      .map(row => row.sha256)
    for (const row of listCasesWithFiles(library, team.tenantId))
      names.push(...readCaseFiles(row.files).map(file => file.sha256))
    for (let from = 0; from < names.length; from += HEALED) {
      signal.throwIfAborted()
      healed += await control.heal(team.tenantId, names.slice(from, from + HEALED))
    }
  }
  return healed
}
