import type { ContentRef } from '../../shared/contract/base.ts'
import { findSkillMd, type Manifest, type ManifestEntry } from '../../shared/domain/bundle.ts'
import { folderNameOf } from '../../shared/domain/folder-name.ts'
import { decodeText } from '../../shared/domain/text.ts'
import { countingTiers, type TokenTiers } from '../../shared/domain/tokens.ts'
import { inTurns, takeTurns } from '../interchange/turns.ts'
import { findBlob, hasBlob } from '../library/blobs.ts'
import { findFacts } from '../library/facts.ts'
import { isTeam } from '../library/outbox.ts'
import type { SkillRecord, VersionRecord } from '../library/schema.ts'
import { findSkill } from '../library/skills.ts'
import { findManifest, findVersion } from '../library/versions.ts'
import { findWorkingBytes, findWorkingCopy, listWorkingFiles } from '../library/working-copies.ts'
import type { Context, Damaged, NotFound, Unreadable } from './context.ts'
import type { FolderOnDisk } from './folders.ts'

/** Content of the library: whose it is and which files it has. */
export type StoredContent = {
  skill: SkillRecord
  version: VersionRecord | undefined
  files: Manifest
  working: boolean
  disk?: undefined
}
/** A skill's folder on disk, as it was when it was read. */
export type FolderContent = {
  skill?: undefined
  version?: undefined
  working: false
  files: Manifest
  disk: FolderOnDisk
}
export type Content = StoredContent | FolderContent

type StoredRef = Exclude<ContentRef, { kind: 'folder' }>

/** Any content. A folder is read at `fresh`, and its files then come from what was read. */
export async function openContent(
  context: Context,
  of: ContentRef,
  errors: NotFound & Damaged & Unreadable,
  fresh = true,
): Promise<Content> {
  if (of.kind !== 'folder') return getContent(context, of, errors)
  const disk = await context.folders.open(of.path, fresh)
  if ('reason' in disk) throw errors.FOLDER_UNREADABLE({ message: disk.reason, data: { path: of.path } })
  return { working: false, files: disk.files, disk }
}

export function getContent(context: Context, of: StoredRef, errors: NotFound & Damaged): StoredContent {
  const { library } = context
  if (of.kind === 'version') {
    const version = findVersion(library, of.id)
    const skill = version && findSkill(library, version.skill_id)
    if (!version || !skill) throw errors.NOT_FOUND({ data: { what: 'version', id: of.id } })
    return { skill, version, files: getManifest(context, version, errors), working: false }
  }
  const skill = findSkill(library, of.skillId)
  if (!skill) throw errors.NOT_FOUND({ data: { what: 'skill', id: of.skillId } })
  if (of.kind === 'working') return { skill, ...getWorkingFiles(context, skill, errors), working: true }
  if (skill.published_version_id === null) throw errors.NOT_FOUND({ data: { what: 'published version', id: skill.id } })
  return getContent(context, { kind: 'version', id: skill.published_version_id }, errors)
}

/** The working copy's files; where nothing was touched, those of the newest version. */
export function getWorkingFiles(
  context: Context,
  skill: SkillRecord,
  errors: Damaged,
): { version: VersionRecord | undefined; files: Manifest } {
  const copy = findWorkingCopy(context.library, skill.id)
  const baseId = copy ? copy.base_version_id : skill.draft_version_id
  const version = baseId === null ? undefined : findVersion(context.library, baseId)
  if (copy) return { version, files: listWorkingFiles(context.library, skill.id) }
  return { version, files: version ? getManifest(context, version, errors) : [] }
}

export function getManifest(context: Context, version: VersionRecord, errors: Damaged): Manifest {
  const manifest = findManifest(context.library, version.content_hash)
  if (!manifest) throw unreadable(context, version, { sha256: version.content_hash, path: '' }, errors)
  return manifest
}

/** A team's content may be elsewhere, and can be brought; anything else that cannot be read is damaged. */
function unreadable(
  context: Context,
  version: VersionRecord | undefined,
  { sha256, path }: { sha256: string; path: string },
  errors: Damaged,
): Error {
  const data = { sha256, path }
  const elsewhere =
    version !== undefined && isTeam(context.library, version.tenant_id) && !hasBlob(context.library, data.sha256)
  return elsewhere && errors.CONTENT_ELSEWHERE
    ? errors.CONTENT_ELSEWHERE({ data: { versionId: version.id } })
    : errors.CONTENT_DAMAGED({ data })
}

/** Bytes of one file, checked against its hash. */
export function getBytes(context: Context, content: Content, file: ManifestEntry, errors: Damaged): Buffer {
  if (content.disk) {
    const bytes = content.disk.bytes.get(file.sha256)
    if (!bytes) throw errors.CONTENT_DAMAGED({ data: { sha256: file.sha256, path: file.path } })
    return bytes
  }
  const typed = content.working ? findWorkingBytes(context.library, content.skill.id, file.path) : undefined
  if (typed) return typed
  const found = findBlob(context.library, file.sha256)
  if (found.kind !== 'found') throw unreadable(context, content.version, file, errors)
  return found.bytes
}

/** Text of one file; undefined when it is not UTF-8 text. */
export function getText(context: Context, content: Content, file: ManifestEntry, errors: Damaged): string | undefined {
  const decoded = decodeText(getBytes(context, content, file, errors))
  return decoded.kind === 'text' ? decoded.text : undefined
}

/** SKILL.md as text; empty where there is none or it is not UTF-8. */
export function getSkillMd(context: Context, content: Content, errors: Damaged): string {
  const file = findSkillMd(content.files)
  return (file && getText(context, content, file, errors)) ?? ''
}

/** The name of its folder, wherever it is written. */
export const nameOf = (content: Content): string => folderNameOf(content.skill?.slug ?? content.disk?.name ?? 'skill')

/** Tokens of any content: from the facts of a version, counted afresh for a working copy. */
export async function getTokens(context: Context, content: Content, errors: Damaged): Promise<TokenTiers> {
  const known = content.working || !content.version ? undefined : findFacts(context.library, content.version.id)
  return known?.tokens ?? (await countContent(context, content, errors))
}

/** A file beyond this is not read by an agent whole, and counting it would stall the backend: it is left out. */
const COUNTED_BYTES = 1024 * 1024

/** In turns, for a content may have two thousand files. */
export function countContent(
  context: Context,
  content: Content,
  errors: Damaged,
  rest = takeTurns(),
): Promise<TokenTiers> {
  const skillMd = findSkillMd(content.files)
  const others = content.files.filter(file => file !== skillMd && file.size <= COUNTED_BYTES)
  function* texts() {
    for (const file of others) yield getText(context, content, file, errors) ?? ''
  }
  return inTurns(countingTiers(getSkillMd(context, content, errors), texts()), rest)
}

const MEDIA_TYPES: Record<string, string> = {
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  gif: 'image/gif',
  webp: 'image/webp',
  svg: 'image/svg+xml',
  ico: 'image/x-icon',
  pdf: 'application/pdf',
  zip: 'application/zip',
}

export const mediaTypeOf = (path: string): string =>
  MEDIA_TYPES[path.slice(path.lastIndexOf('.') + 1).toLowerCase()] ?? 'application/octet-stream'
