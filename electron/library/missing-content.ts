import type { z } from 'zod'
import { manifestEntry } from '../../shared/domain/manifest.ts'
import { findBlob } from './blobs.ts'
import { listCasesWithFiles, readCaseFiles } from './case-files.ts'
import type { Library } from './library.ts'

/** Content that a version, or a benchmark case, names and the library does not have, or not as its name says. */
export type ContentMissing = {
  sha256: string
  kind: 'manifest' | 'file'
  /** In bytes, where a manifest says so. */
  size: number | null
  tenantId: string
  /** Whether its space has a registry, which may have it. */
  team: boolean
  /** The version that names it, or the case. */
  versionId: string
  /** 'pdf-forms v14: scripts/fill.py', for a person. */
  of: string
}

type VersionNamed = {
  id: string
  tenant_id: string
  content_hash: string
  version: number | null
  message: string
  slug: string | null
  team: number
}

const manifest = manifestEntry.array()
/** How many versions are looked at before somebody else may have a turn: the generator's caller decides. */
const PAGE = 256

/**
 * Goes through every version: its manifest must be here, whole, and a manifest, and its files must be here. Manifests are
 * hashed; of files it is enough that there is a row, unless `alsoDamaged` names it.
 *
 * @param everyPage called between pages of versions with how many are done.
 */
export function* listMissingContent(
  library: Library,
  alsoDamaged: ReadonlySet<string> = new Set(),
  everyPage?: (done: number) => void,
): Generator<ContentMissing> {
  const told = new Set<string>()
  let after = ''
  for (let done = 0; ; ) {
    const page = library.all<VersionNamed>(
      `SELECT v.id, v.tenant_id, v.content_hash, v.version, v.message, s.slug,
         coalesce((SELECT kind = 'team' FROM spaces WHERE tenant_id = v.tenant_id), 0) AS team
       FROM skill_versions v LEFT JOIN skills s ON s.id = v.skill_id WHERE v.id > ? ORDER BY v.id LIMIT ?`,
      after,
      PAGE,
    )
    for (const version of page) {
      after = version.id
      for (const item of missingOf(library, version, alsoDamaged)) {
        const key = `${item.tenantId} ${item.sha256}`
        if (told.has(key)) continue
        told.add(key)
        yield item
      }
    }
    done += page.length
    everyPage?.(done)
    if (page.length < PAGE) break
  }
  for (const item of missingOfCases(library, alsoDamaged)) {
    const key = `${item.tenantId} ${item.sha256}`
    if (told.has(key)) continue
    told.add(key)
    yield item
  }
}

function* missingOf(
  library: Library,
  version: VersionNamed,
  alsoDamaged: ReadonlySet<string>,
): Generator<ContentMissing> {
  const of = nameVersion(version)
  const item = (sha256: string, kind: 'manifest' | 'file', size: number | null, path: string): ContentMissing => ({
    sha256,
    kind,
    size,
    tenantId: version.tenant_id,
    team: version.team === 1,
    versionId: version.id,
    of: path === '' ? of : `${of}: ${path}`,
  })
  const files = readManifest(library, version.content_hash)
  if (files === undefined) {
    yield item(version.content_hash, 'manifest', null, '')
    return
  }
  for (const file of files) {
    const here = library.find('SELECT 1 FROM blobs WHERE sha256 = ?', file.sha256) !== undefined
    if (!here || alsoDamaged.has(file.sha256)) yield item(file.sha256, 'file', file.size, file.path)
  }
}

function* missingOfCases(library: Library, alsoDamaged: ReadonlySet<string>): Generator<ContentMissing> {
  for (const row of listCasesWithFiles(library))
    for (const { sha256, size, path } of readCaseFiles(row.files)) {
      const here = library.find('SELECT 1 FROM blobs WHERE sha256 = ?', sha256) !== undefined
      if (here && !alsoDamaged.has(sha256)) continue
      const skill = library.find<{ slug: string }>('SELECT slug FROM skills WHERE id = ?', row.skill_id)
      const kind = library.find<{ kind: string }>('SELECT kind FROM spaces WHERE tenant_id = ?', row.tenant_id)?.kind
      yield {
        ...{ sha256, kind: 'file', size, tenantId: row.tenant_id, team: kind === 'team', versionId: row.id },
        of: `${skill?.slug ?? 'a skill that is gone'}, case “${row.name}”: ${path}`,
      }
    }
}

/** Undefined where it is missing, damaged, or bytes that hash right and are no manifest. */
export function readManifest(library: Library, sha256: string): z.infer<typeof manifest> | undefined {
  const found = findBlob(library, sha256)
  if (found.kind !== 'found') return undefined
  try {
    const read = manifest.safeParse(JSON.parse(found.bytes.toString('utf8')))
    return read.success ? read.data : undefined
  } catch {
    return undefined
  }
}

const nameVersion = (version: VersionNamed): string =>
  `${version.slug ?? 'a skill that is gone'} ${version.version === null ? `(“${version.message}”, not numbered yet)` : `v${version.version}`}`
