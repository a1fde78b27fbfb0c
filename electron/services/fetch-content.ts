import type { SyncProblem } from '../../shared/contract/sync.ts'
import { findBlob } from '../library/blobs.ts'
import { findManifest, findVersion } from '../library/versions.ts'
import type { SyncControl } from '../sync/control.ts'
import type { Context } from './context.ts'
import { missingContent } from './share.ts'

export type Brought = { kind: 'here'; files: number } | { kind: 'problem'; problem: SyncProblem }

/** So many files, or so many bytes of them, are asked for at a time: between two of them it is said how far it is. */
const FILES_AT_ONCE = 16
const BYTES_AT_ONCE = 1024 * 1024

/**
 * Brings a version's manifest and then the files it names, as far as they are not here.
 *
 * @param onProgress bytes of its files.
 */
export async function bringVersion(
  context: Context,
  control: SyncControl,
  versionId: string,
  onProgress: (done: number, total: number) => void,
): Promise<Brought> {
  const { library } = context
  const version = findVersion(library, versionId)
  if (!version) return { kind: 'here', files: 0 }
  const isHere = (hash: string) => findBlob(library, hash).kind === 'found'
  const manifest = await bring(control, version.tenant_id, isHere(version.content_hash) ? [] : [version.content_hash])
  if (manifest.kind === 'problem') return manifest
  const files = new Map((findManifest(library, version.content_hash) ?? []).map(file => [file.sha256, file.size]))
  const missing = [...files].filter(([hash]) => !isHere(hash))
  const total = sizeOf(missing)
  for (let done = 0, n = 0; n < missing.length; ) {
    onProgress(done, total)
    const part = firstOf(missing.slice(n))
    const brought = await bring(
      control,
      version.tenant_id,
      part.map(([hash]) => hash),
    )
    if (brought.kind === 'problem') return brought
    done += sizeOf(part)
    n += part.length
  }
  return { kind: 'here', files: manifest.files + missing.length }
}

type Sized = readonly [hash: string, size: number]
const sizeOf = (files: readonly Sized[]): number => files.reduce((sum, [, size]) => sum + size, 0)

function firstOf(files: readonly Sized[]): readonly Sized[] {
  let bytes = 0
  const over = files.slice(0, FILES_AT_ONCE).findIndex(([, size]) => {
    bytes += size
    return bytes >= BYTES_AT_ONCE
  })
  return files.slice(0, over === -1 ? FILES_AT_ONCE : over + 1)
}

/** The same for a whole lineage. */
export async function bringSkill(
  context: Context,
  control: SyncControl,
  skill: { id: string; tenant_id: string },
): Promise<Brought> {
  const manifests = await bring(control, skill.tenant_id, missingContent(context, skill.id).manifests)
  if (manifests.kind === 'problem') return manifests
  const files = await bring(control, skill.tenant_id, missingContent(context, skill.id).files)
  return files.kind === 'problem' ? files : { kind: 'here', files: manifests.files + files.files }
}

async function bring(control: SyncControl, tenantId: string, hashes: readonly string[]): Promise<Brought> {
  if (hashes.length === 0) return { kind: 'here', files: 0 }
  const fetched = await control.fetch(tenantId, hashes)
  if (fetched.kind === 'problem') return fetched
  return fetched.kind === 'here'
    ? { kind: 'here', files: hashes.length }
    : {
        kind: 'problem',
        problem: {
          code: 'storage',
          happened: 'The team’s store does not have it yet, or has it damaged.',
          kept: 'The version itself is safe: whoever saved it has its content.',
          todo: 'Ask whoever saved it to open Whetstone and sync, then try again.',
        },
      }
}
