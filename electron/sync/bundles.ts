import { checkManifest, encodeManifest, findSkillMd, type Manifest } from '../../shared/domain/bundle.ts'
import { manifestEntry } from '../../shared/domain/manifest.ts'
import { decodeText } from '../../shared/domain/text.ts'
import { findBlob } from '../library/blobs.ts'
import type { Library } from '../library/library.ts'
import type { Wanted } from '../library/remote-content.ts'
import { findVersion } from '../library/versions.ts'
import type { ProvenText } from './remote.ts'

export type ReadBundle = { kind: 'manifest'; manifest: Manifest } | { kind: 'unfit'; reason: string }

/** A manifest out of bytes that hash right: they may still be no manifest, or one that no skill may have. */
export function readManifest(bytes: Uint8Array): ReadBundle {
  const decoded = decodeText(bytes)
  if (decoded.kind !== 'text') return { kind: 'unfit', reason: 'its list of files is no text.' }
  let parsed: unknown
  try {
    parsed = JSON.parse(decoded.text)
  } catch {
    return { kind: 'unfit', reason: 'its list of files cannot be read.' }
  }
  const manifest = manifestEntry.array().safeParse(parsed)
  if (!manifest.success) return { kind: 'unfit', reason: 'its list of files cannot be understood.' }
  if (manifest.data.some(file => !/^[0-9a-f]{64}$/.test(file.sha256)))
    return { kind: 'unfit', reason: 'its list of files names content in a way that cannot be.' }
  const [problem] = checkManifest(manifest.data)
  if (problem) return { kind: 'unfit', reason: problem.message }
  if (encodeManifest(manifest.data) !== decoded.text)
    return { kind: 'unfit', reason: 'its list of files is not written as it must be.' }
  return { kind: 'manifest', manifest: manifest.data }
}

/** What of a bundle is here. `damaged`: a blob that is not what its name says. */
export function readBundle(library: Library, contentHash: string): ReadBundle {
  const found = findBlob(library, contentHash)
  if (found.kind === 'missing') return { kind: 'unfit', reason: 'its list of files is not on this computer.' }
  if (found.kind === 'damaged') return { kind: 'unfit', reason: 'its list of files is damaged.' }
  return readManifest(found.bytes)
}

const CONTENT_BYTES = 1024 * 1024

/** What `skillMdOf` wants and has not here, sound: the manifest, or then the file. */
export function missingText(library: Library, contentHash: string): Pick<Wanted, 'sha256' | 'kind'> | undefined {
  const found = findBlob(library, contentHash)
  if (found.kind !== 'found') return { sha256: contentHash, kind: 'manifest' }
  const read = readManifest(found.bytes)
  const file = read.kind === 'manifest' ? findSkillMd(read.manifest) : undefined
  if (!file || file.size > CONTENT_BYTES || findBlob(library, file.sha256).kind === 'found') return undefined
  return { sha256: file.sha256, kind: 'file' }
}

/** The SKILL.md of a version, for tools that read `skills.content`; null where it is not text, or longer than is kept there. */
export const skillMdOf = (library: Library, versionId: string): string | null =>
  provenTextOf(library, versionId)?.skillMd ?? null

/** The same with its manifest, for the registry, which believes only what hashes to the version's name. */
export function provenTextOf(library: Library, versionId: string): ProvenText | null {
  const version = findVersion(library, versionId)
  const read = version && readBundle(library, version.content_hash)
  const file = read?.kind === 'manifest' ? findSkillMd(read.manifest) : undefined
  const found = file && file.size <= CONTENT_BYTES ? findBlob(library, file.sha256) : undefined
  const decoded = found?.kind === 'found' ? decodeText(found.bytes) : undefined
  if (read?.kind !== 'manifest' || decoded?.kind !== 'text' || decoded.text.includes('\u0000')) return null
  return { skillMd: decoded.text, manifest: encodeManifest(read.manifest) }
}
