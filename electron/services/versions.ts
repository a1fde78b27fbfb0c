import type { VersionRow } from '../../shared/contract/versions.ts'
import { checkManifest, encodeManifest, type Manifest } from '../../shared/domain/bundle.ts'
import { plainLine } from '../../shared/domain/rows/text.ts'
import { parseSkillMd } from '../../shared/domain/skill-md.ts'
import { adoptRuns } from '../library/benchmark-batches.ts'
import { putBlob, sha256 } from '../library/blobs.ts'
import { enqueue, isTeam } from '../library/outbox.ts'
import type { SkillRecord } from '../library/schema.ts'
import { findSkill, setNewest, setPublished } from '../library/skills.ts'
import { findSpace, findUser } from '../library/spaces.ts'
import { readMetadata, type VersionMetadata } from '../library/version-metadata.ts'
import {
  findVersion,
  findVersionWithAuthor,
  insertVersion,
  listVersions,
  type VersionWithAuthor,
} from '../library/versions.ts'
import { findWorkingCopy, listWorkingFiles, releaseWorkingCopy, storeWorkingBytes } from '../library/working-copies.ts'
import type { SyncControl } from '../sync/control.ts'
import { blameOf } from './blame.ts'
import { getContent, getSkillMd, getTokens } from './content.ts'
import { announce, type Context, type NotFound, os, refuseReaders } from './context.ts'
import { checkGate, overrideGate } from './gates.ts'
import type { Indexer } from './indexing.ts'
import { retryApproved } from './queue.ts'

export const versionsService = (context: Context, indexer: Indexer, control: SyncControl) => {
  const { library } = context
  const answer = (versionId: string, errors: NotFound): VersionRow => {
    const row = findVersionWithAuthor(library, versionId)
    if (!row) throw errors.NOT_FOUND({ data: { what: 'version', id: versionId } })
    return toRow(row)
  }

  /** A copy made from an older version counts as one before a word of it is changed. */
  const saysTheSame = (baseId: string | null, skill: SkillRecord, files: Manifest): boolean => {
    if (baseId === null || baseId === skill.draft_version_id) return false
    return findVersion(library, baseId)?.content_hash === sha256(encodeManifest(files))
  }

  return {
    list: os.versions.list.handler(({ input }) => listVersions(library, input.skillId).map(toRow)),

    get: os.versions.get.handler(async ({ input, errors }) => {
      const content = getContent(context, { kind: 'version', id: input.id }, errors)
      const row = answer(input.id, errors)
      return {
        ...row,
        files: content.files,
        tokens: await getTokens(context, content, errors),
        skillName: content.skill.name,
        sourceRef: content.version ? (metadataOf(content.version).sourceRef ?? null) : null,
      }
    }),

    save: os.versions.save.handler(({ input, errors }) => {
      const saved = library.write(() => {
        const skill = findSkill(library, input.skillId)
        if (!skill) throw errors.NOT_FOUND({ data: { what: 'skill', id: input.skillId } })
        const copy = findWorkingCopy(library, skill.id)
        if (!copy) throw errors.NOTHING_CHANGED()
        const files = listWorkingFiles(library, skill.id)
        if (saysTheSame(copy.base_version_id, skill, files)) throw errors.NOTHING_CHANGED()
        const problems = checkManifest(files)
        if (problems.length > 0) throw errors.BUNDLE_INVALID({ data: { problems } })
        storeWorkingBytes(library, skill.id)
        const added = addVersion(context, skill, {
          files,
          parentId: copy.base_version_id,
          name: copy.name,
          description: copy.description,
          message: input.message,
        })
        releaseWorkingCopy(library, skill.id)
        adoptRuns(library, skill.id, added.contentHash, added.id)
        return added
      })
      indexer.wake()
      announce(context, ['versions', 'skills', 'workingCopies'], [input.skillId])
      return saved
    }),

    restore: os.versions.restore.handler(({ input, errors }) => {
      const content = getContent(context, { kind: 'version', id: input.id }, errors)
      const { skill, version } = content
      if (!version) throw errors.NOT_FOUND({ data: { what: 'version', id: input.id } })
      const newest = skill.draft_version_id === null ? undefined : findVersion(library, skill.draft_version_id)
      if (newest?.content_hash === version.content_hash) throw errors.NOTHING_CHANGED()
      const saved = library.write(() =>
        addVersion(context, skill, {
          files: content.files,
          parentId: newest?.id ?? null,
          name: version.name,
          description: version.description,
          message: input.message ?? `Restore version ${version.version ?? ''}`.trim(),
          metadata: { restoredFrom: version.id },
        }),
      )
      indexer.wake()
      announce(context, ['versions', 'skills', 'workingCopies'], [skill.id])
      return saved
    }),

    series: os.versions.series.handler(async ({ input }) => {
      const { seriesOf } = await import('./series.ts')
      const series = await seriesOf(context, input.skillId)
      indexer.count(series.filter(point => point.tokens === null).map(point => point.versionId))
      return series
    }),

    blame: os.versions.blame.handler(async ({ input, errors }) => {
      const version = findVersion(library, input.id)
      const blamed = version ? await blameOf(context, version, input.path) : ({ problem: 'no-text' } as const)
      if ('problem' in blamed)
        throw blamed.problem === 'too-long'
          ? errors.TOO_LONG()
          : errors.NOT_FOUND({ data: { what: 'text file', id: input.path } })
      const { lines } = blamed
      return {
        lines: lines.map(versionId => ({ versionId })),
        versions: [...new Set(lines)].map(id => answer(id, errors)),
      }
    }),

    publish: os.versions.publish.handler(({ input, errors }) => {
      const skill = findSkill(library, input.skillId)
      if (!skill) throw errors.NOT_FOUND({ data: { what: 'skill', id: input.skillId } })
      refuseReaders(context, skill.tenant_id)
      const content =
        input.versionId === null ? undefined : getContent(context, { kind: 'version', id: input.versionId }, errors)
      if (content && content.skill.id !== skill.id)
        throw errors.NOT_FOUND({ data: { what: 'version of this skill', id: content.version?.id ?? '' } })
      const text = content ? getSkillMd(context, content, errors) : null
      const now = context.clock()
      const gate = input.versionId === null ? undefined : checkGate(context, skill, input.versionId)
      const shut = gate?.on === true && !gate.open
      if (gate && shut && !input.override) throw errors.GATE_FAILED({ data: gate })
      library.write(() => {
        if (gate && shut && input.versionId !== null && input.override)
          overrideGate(context, {
            skillId: skill.id,
            versionId: input.versionId,
            userId: authorOf(context, skill),
            reason: input.override.reason,
            report: gate,
          })
        if (!setPublished(library, skill.id, input.versionId, input.expected, text, now))
          throw errors.PUBLISHED_MOVED({
            data: { published: findSkill(library, skill.id)?.published_version_id ?? null },
          })
        enqueue(library, {
          tenantId: skill.tenant_id,
          skillId: skill.id,
          entity: 'skill',
          entityId: skill.id,
          operation: 'publish',
          payload: { versionId: input.versionId, expected: input.expected },
          now,
        })
      })
      announce(context, ['skills', 'versions', 'spaces'], [skill.id])
      return { published: input.versionId }
    }),

    approve: os.versions.approve.handler(async ({ input, errors }) => {
      const version = findVersion(library, input.versionId)
      if (!version) throw errors.NOT_FOUND({ data: { what: 'version', id: input.versionId } })
      const said = await control.approve(version.tenant_id, version.id)
      switch (said.kind) {
        case 'forbidden':
          throw errors.FORBIDDEN()
        case 'missing':
          throw errors.MISSING()
        case 'problem':
          throw errors.SYNC_PROBLEM({ message: `${said.problem.happened} ${said.problem.todo}`, data: said.problem })
        case 'approved':
          if (retryApproved(context, version.tenant_id, version.id) > 0) control.now(version.tenant_id)
          announce(context, ['sync'], [version.skill_id])
          return { approved: true as const }
        default:
          return said satisfies never
      }
    }),
  }
}

export type VersionToAdd = {
  files: Manifest
  parentId: string | null
  mergedId?: string | null
  number?: number
  name: string
  description: string
  message: string
  metadata?: VersionMetadata
  createdAt?: number
  createdBy?: string
}

/**
 * Adds an immutable version on top and points the skill at it. Its blobs must be stored already; runs inside
 * `library.write`, so that the row, the pointer and the outbox are one.
 */
export function addVersion(context: Context, skill: SkillRecord, version: VersionToAdd): VersionRow {
  const added = addVersionBeside(context, skill, version)
  setNewest(context.library, skill.id, added, context.clock())
  return added
}

/** Adds an immutable version and leaves the skill pointing where it did. */
export function addVersionBeside(context: Context, skill: SkillRecord, version: VersionToAdd): VersionRow {
  const { library } = context
  refuseReaders(context, skill.tenant_id)
  const now = context.clock()
  const manifest = encodeManifest(version.files)
  const contentHash = sha256(manifest)
  putBlob(library, contentHash, Buffer.from(manifest))
  const { name, description, message, parentId, mergedId = null, metadata = {}, createdAt = now } = version
  const row = {
    id: context.newId(),
    skillId: skill.id,
    parentId,
    mergedId,
    contentHash,
    name,
    description,
    message,
    createdAt,
  }
  const by = version.createdBy ?? authorOf(context, skill)
  const number = insertVersion(library, {
    ...row,
    tenantId: skill.tenant_id,
    number: version.number,
    metadata,
    createdBy: by,
    now,
  })
  const user = findUser(library, by)
  if (!user) throw new Error(`version ${row.id} has no author`)
  // Nobody can have published or rated it yet.
  return {
    ...row,
    ...whoAndWhen({
      metadata: JSON.stringify(metadata),
      of_team: Number(isTeam(library, skill.tenant_id)),
      author_name: user.name,
      author_email: user.email,
      mine: Number(by === authorOf(context, skill)),
      created_at: createdAt,
    }),
    number,
    published: false,
    averageRating: null,
    totalRatings: 0,
  }
}

/** Who writes in that space on this computer. */
export function authorOf(context: Context, skill: Pick<SkillRecord, 'tenant_id'>): string {
  const space = findSpace(context.library, skill.tenant_id)
  if (!space) throw new Error(`tenant ${skill.tenant_id} has no space`)
  return space.user_id
}

/** Name and description as a version's row keeps them: of its SKILL.md, where that can be read, else the folder's name. */
export function describeSkillMd(text: string, folderName: string): { name: string; description: string } {
  const parsed = parseSkillMd(text)
  return { name: plainLine(parsed.name ?? '').trim() || folderName, description: parsed.description?.trim() ?? '' }
}

export const metadataOf = (version: { metadata: string }): VersionMetadata => readMetadata(version.metadata)

type Saved = Pick<VersionWithAuthor, 'metadata' | 'of_team' | 'author_name' | 'author_email' | 'mine' | 'created_at'>

/**
 * In a team what the registry knows comes first: who saved it and when. Whose work it was before that, and of what date, is
 * what its author says, and is shown as such. In a library of one's own the import is one's own word: it shows its commit's
 * author, and a copy the date of its original.
 */
function whoAndWhen(row: Saved): Pick<VersionRow, 'author' | 'mine' | 'createdAt' | 'claimed'> {
  const { author = null, copyOf } = metadataOf(row)
  const saver = { name: plainLine(row.author_name), email: row.author_email }
  if (row.of_team === 1)
    return {
      author: saver,
      mine: row.mine === 1,
      createdAt: row.created_at,
      claimed: author === null && !copyOf ? null : { author, createdAt: copyOf?.createdAt ?? null },
    }
  return {
    author: author ?? saver,
    mine: author === null && row.mine === 1,
    createdAt: copyOf?.createdAt ?? row.created_at,
    claimed: null,
  }
}

export function toRow(row: VersionWithAuthor): VersionRow {
  return {
    id: row.id,
    skillId: row.skill_id,
    number: row.version,
    parentId: row.parent_version_id,
    mergedId: row.merged_version_id,
    contentHash: row.content_hash,
    name: plainLine(row.name),
    description: row.description,
    message: row.message,
    ...whoAndWhen(row),
    published: row.published === 1,
    averageRating: row.average_rating,
    totalRatings: row.total_ratings,
    ...(row.elsewhere === 1 && { elsewhere: true as const }),
  }
}
