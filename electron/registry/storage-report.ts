import type { ClientBase } from 'pg'
import { z } from 'zod'
import { caseFile } from '../../shared/domain/benchmark/case-set.ts'
import { manifestEntry } from '../../shared/domain/manifest.ts'
import { parseJson } from './archive.ts'
import { type GarbageReport, reportGarbage } from './blob-garbage.ts'
import { type BlobFailure, type BlobStore, type CallOptions, isBlobFailure } from './blobs.ts'
import { inParallel } from './parallel.ts'
import { inTransaction } from './transaction.ts'

/** `unread`: manifests that are missing or damaged: some of what looks unreferenced may be files that they name. */
export type StorageReport = GarbageReport & { unread: string[] }

export type StorageReportOptions = CallOptions & { progress?: (what: string, done: number) => void; graceMs?: number }

const AT_ONCE = 16
const fileOfCase = caseFile.pick({ sha256: true })

/**
 * What lies in a team's storage against what the team's rows name: manifests, the files in them, files of benchmark
 * cases. A report, by whoever provisions: nothing is deleted, here or anywhere.
 */
export async function reportStorage(
  client: ClientBase,
  tenantId: string,
  store: BlobStore,
  { signal, progress, graceMs }: StorageReportOptions = {},
): Promise<{ kind: 'report'; report: StorageReport } | BlobFailure> {
  const rows = await inTransaction(client, () => hashesInRows(client, tenantId), 'whetstone_provisioner')
  const { manifests, ofCases } = rows
  const named = new Set(manifests)
  const unread: string[] = []
  let read = 0
  const failed = await inParallel(
    manifests,
    AT_ONCE,
    async hash => {
      const got = await store.get(hash, { signal })
      if (isBlobFailure(got)) return got
      progress?.('manifests', ++read)
      const entries = got.kind === 'found' ? entriesOf(got.bytes) : undefined
      if (entries === undefined) unread.push(hash)
      for (const entry of entries ?? []) named.add(entry)
      return undefined
    },
    result => result !== undefined,
  )
  if (failed) return failed
  for (const hash of ofCases) named.add(hash)
  const listed = await reportGarbage(store, named, { signal, ...(graceMs !== undefined && { graceMs }) })
  if (listed.kind !== 'report') return listed
  return { kind: 'report', report: { ...listed.report, unread: unread.sort() } }
}

/** As whoever provisions, inside a transaction. */
export async function hashesInRows(
  client: ClientBase,
  tenantId: string,
): Promise<{ manifests: string[]; ofCases: Set<string> }> {
  const versions = await client.query<{ hash: string }>(
    'SELECT DISTINCT content_hash AS hash FROM whetstone.skill_versions WHERE tenant_id = $1 ORDER BY 1',
    [tenantId],
  )
  const cases = await client.query<{ files: string }>(
    "SELECT files FROM whetstone.benchmark_cases WHERE tenant_id = $1 AND files <> '[]' ORDER BY id",
    [tenantId],
  )
  const files = cases.rows.flatMap(row => z.array(z.unknown()).safeParse(parseJson(row.files)).data ?? [])
  // Each one that can be: a member may have sent anything.
  const ofCases = files.flatMap(file => fileOfCase.safeParse(file).data?.sha256 ?? [])
  return { manifests: versions.rows.map(row => row.hash), ofCases: new Set(ofCases) }
}

function entriesOf(bytes: Uint8Array): string[] | undefined {
  const parsed = z.array(manifestEntry).safeParse(parseJson(Buffer.from(bytes).toString('utf8')))
  return parsed.data?.map(entry => entry.sha256)
}
