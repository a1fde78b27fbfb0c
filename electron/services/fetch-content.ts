import type { SyncProblem } from '../../shared/contract/sync.ts'
import { findBlob } from '../library/blobs.ts'
import { findManifest, findVersion } from '../library/versions.ts'
import type { SyncControl } from '../sync/control.ts'
import type { Context } from './context.ts'
import { missingContent } from './share.ts'

export type Brought = { kind: 'here'; files: number } | { kind: 'problem'; problem: SyncProblem }

/** Brings a version's manifest and then the files it names, as far as they are not here. */
export async function bringVersion(context: Context, control: SyncControl, versionId: string): Promise<Brought> {
  const { library } = context
  const version = findVersion(library, versionId)
  if (!version) return { kind: 'here', files: 0 }
  const isHere = (hash: string) => findBlob(library, hash).kind === 'found'
  const manifest = await bring(control, version.tenant_id, isHere(version.content_hash) ? [] : [version.content_hash])
  if (manifest.kind === 'problem') return manifest
  const files = findManifest(library, version.content_hash) ?? []
  const missing = [...new Set(files.map(file => file.sha256))].filter(hash => !isHere(hash))
  const brought = await bring(control, version.tenant_id, missing)
  return brought.kind === 'problem' ? brought : { kind: 'here', files: manifest.files + brought.files }
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
          happened: 'This content is not in the team’s store yet.',
          kept: 'The version itself is safe: whoever saved it has its content.',
          todo: 'Ask them to open Whetstone and sync, then try again.',
        },
      }
}
