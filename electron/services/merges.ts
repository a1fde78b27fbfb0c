import type { ManifestEntry } from '../../shared/domain/bundle.ts'
import { byPath, checkManifest, findSkillMd } from '../../shared/domain/bundle.ts'
import { diffManifests } from '../../shared/domain/bundle-diff.ts'
import { type MatchedFiles, matchFiles } from '../../shared/domain/merge-files.ts'
import { decodeText } from '../../shared/domain/text.ts'
import { findBlob, hasBlob, putBlob, sha256 } from '../library/blobs.ts'
import type { VersionRecord } from '../library/schema.ts'
import { findVersion, findVersionWithAuthor } from '../library/versions.ts'
import { getContent, type StoredContent } from './content.ts'
import { announce, type Context, type NotFound, os } from './context.ts'
import type { Indexer } from './indexing.ts'
import { similarityOf } from './similarity.ts'
import { addVersion, describeSkillMd, toRow } from './versions.ts'

export const mergesService = (context: Context, indexer: Indexer) => {
  const { library } = context
  const rowOf = (id: string, errors: NotFound) => {
    const row = findVersionWithAuthor(library, id)
    if (!row) throw errors.NOT_FOUND({ data: { what: 'version', id } })
    return toRow(row)
  }

  return {
    prepare: os.merges.prepare.handler(async ({ input, errors }) => {
      const left = getContent(context, { kind: 'version', id: input.leftId }, errors)
      const right = getContent(context, { kind: 'version', id: input.rightId }, errors)
      const baseVersion = mergeBase(context, input.leftId, input.rightId)
      const base = baseVersion && getContent(context, { kind: 'version', id: baseVersion.id }, errors)
      const renames = async (side: StoredContent) =>
        base
          ? diffManifests(base.files, side.files, { similarity: await similarityOf(context, base, side, errors) })
          : []
      const files = matchFiles(
        { base: base?.files ?? [], left: left.files, right: right.files },
        { left: await renames(left), right: await renames(right) },
      )
      return {
        skillId: left.skill.id,
        base: baseVersion ? rowOf(baseVersion.id, errors) : null,
        left: rowOf(input.leftId, errors),
        right: rowOf(input.rightId, errors),
        files: files.map(({ path, ...three }) => ({
          path,
          base: three.base ?? null,
          left: three.left ?? null,
          right: three.right ?? null,
          state: stateOf(context, path, three),
        })),
      }
    }),

    save: os.merges.save.handler(({ input, errors }) => {
      const left = getContent(context, { kind: 'version', id: input.leftId }, errors)
      const right = getContent(context, { kind: 'version', id: input.rightId }, errors)
      if (right.skill.tenant_id !== left.skill.tenant_id)
        throw errors.NOT_FOUND({ data: { what: 'version in this space', id: input.rightId } })
      const unsettled = input.files.filter(file => file.content.kind === 'text' && hasMarkers(file.content.text))
      if (unsettled.length > 0) throw errors.UNSETTLED({ data: { paths: unsettled.map(file => file.path) } })
      const files = input.files.map(({ path, executable, content }) => {
        if (content.kind === 'text') {
          const bytes = Buffer.from(content.text)
          return { path, executable, bytes, sha256: sha256(bytes), size: bytes.byteLength }
        }
        const known = [...left.files, ...right.files].find(file => file.sha256 === content.sha256)
        if (!known || !hasBlob(library, content.sha256)) throw errors.NOT_FOUND({ data: { what: 'content', id: path } })
        return { path, executable, bytes: undefined, sha256: known.sha256, size: known.size }
      })
      const manifest = files.map(({ bytes: _, ...entry }) => entry).sort(byPath)
      const problems = checkManifest(manifest)
      if (problems.length > 0) throw errors.BUNDLE_INVALID({ data: { problems } })
      const saved = library.write(() => {
        for (const file of files) if (file.bytes) putBlob(library, file.sha256, file.bytes)
        const skillMd = findSkillMd(manifest)
        const found = skillMd && findBlob(library, skillMd.sha256)
        const decoded = found?.kind === 'found' ? decodeText(found.bytes) : undefined
        return addVersion(context, left.skill, {
          ...describeSkillMd(decoded?.kind === 'text' ? decoded.text : '', left.skill.slug),
          files: manifest,
          parentId: input.leftId,
          mergedId: input.rightId,
          message: input.message,
        })
      })
      indexer.wake()
      announce(context, ['versions', 'skills', 'workingCopies'], [left.skill.id])
      return saved
    }),
  }
}

/**
 * Decided by hashes alone where one side is as the base was; by lines where all that differ are text. What one side renamed
 * and the other removed is for a person to choose, and so is a file with two new names.
 */
function stateOf(
  context: Context,
  path: string,
  { base, left, right }: MatchedFiles,
): 'same' | 'left' | 'right' | 'text' | 'choose' {
  const one = left ?? right
  if (base && one && (!left || !right) && one.path !== base.path) return 'choose'
  if (left && right && left.path !== path && right.path !== path) return 'choose'
  const [b, l, r] = [base, left, right].map(file => file && `${file.sha256} ${file.executable}`)
  if (l === r) return 'same'
  if (b === r) return 'left'
  if (b === l) return 'right'
  const isText = (file: ManifestEntry | undefined) => {
    const found = file && findBlob(context.library, file.sha256)
    return found?.kind === 'found' && decodeText(found.bytes).kind === 'text'
  }
  return isText(left) && isText(right) && (base === undefined || isText(base)) ? 'text' : 'choose'
}

/** The lines that other tools mark a conflict with, all three kinds of them: such a text was pasted, not settled. */
const hasMarkers = (text: string): boolean => /^<{7} /m.test(text) && /^={7}$/m.test(text) && /^>{7} /m.test(text)

/** The newest version that both descend from (a version descends from itself), by distance; undefined when there is none. */
export function mergeBase(context: Context, leftId: string, rightId: string): VersionRecord | undefined {
  const ofLeft = ancestors(context, leftId)
  const common = [...ancestors(context, rightId)].filter(([id]) => ofLeft.has(id))
  // One that another common ancestor descends from is not the newest.
  const older = new Set(common.flatMap(([id]) => [...ancestors(context, id).keys()].filter(other => other !== id)))
  return common.find(([id]) => !older.has(id))?.[1]
}

/** A version and everything before it, nearest first. */
function ancestors(context: Context, id: string): Map<string, VersionRecord> {
  const found = new Map<string, VersionRecord>()
  let next = [id]
  while (next.length > 0) {
    const versions = next.flatMap(one => (found.has(one) ? [] : (findVersion(context.library, one) ?? [])))
    for (const version of versions) found.set(version.id, version)
    next = versions.flatMap(version => [version.parent_version_id ?? [], version.merged_version_id ?? []].flat())
  }
  return found
}
