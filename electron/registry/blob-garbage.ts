import type { BlobEntry, BlobFailure, BlobStore, CallOptions } from './blobs.ts'

/** What lies in a store, against what the registry's rows name. A report: nothing is deleted because of it. */
export type GarbageReport = {
  blobs: number
  bytes: number
  /** Named by no row, and not new. */
  unreferenced: BlobEntry[]
  /** Named by no row, but so new that their rows may be on the way: content is sent before the row that names it. */
  recent: BlobEntry[]
  /** No blobs: unfinished files, or a stranger's. */
  strange: BlobEntry[]
  /** Named by a row, and not there. Any member's app that has the content puts it back. */
  missing: string[]
}

const WEEK_MS = 7 * 24 * 60 * 60 * 1000

/**
 * @param references every hash that a row names: of manifests, and of the files in them
 * @param graceMs how long content may wait for its row, from the newest thing in the store: by the store's own time,
 *   for no clock of ours decides anything
 */
export async function reportGarbage(
  store: BlobStore,
  references: ReadonlySet<string>,
  { signal, graceMs = WEEK_MS }: CallOptions & { graceMs?: number } = {},
): Promise<{ kind: 'report'; report: GarbageReport } | BlobFailure> {
  const listed = await listAll(store, signal)
  if (listed.kind !== 'listed') return listed
  const { entries } = listed
  const newest = entries.reduce((latest, { modifiedAt }) => Math.max(latest, modifiedAt), 0)
  const blobs = entries.filter(({ hash }) => hash !== undefined)
  const unnamed = blobs.filter(({ hash = '' }) => !references.has(hash))
  const isRecent = ({ modifiedAt }: BlobEntry) => newest - modifiedAt < graceMs
  const present = new Set(blobs.map(({ hash }) => hash))
  const report = {
    blobs: blobs.length,
    bytes: blobs.reduce((sum, { size }) => sum + size, 0),
    unreferenced: unnamed.filter(entry => !isRecent(entry)),
    recent: unnamed.filter(isRecent),
    strange: entries.filter(({ hash }) => hash === undefined),
    missing: [...references].filter(hash => !present.has(hash)),
  }
  return { kind: 'report', report }
}

async function listAll(
  store: BlobStore,
  signal: AbortSignal | undefined,
): Promise<{ kind: 'listed'; entries: BlobEntry[] } | BlobFailure> {
  const entries: BlobEntry[] = []
  for (let after: string | undefined; ; ) {
    const page = await store.list({ after, signal })
    if (page.kind !== 'page') return page
    entries.push(...page.entries)
    if (page.next === undefined) return { kind: 'listed', entries }
    after = page.next
  }
}
