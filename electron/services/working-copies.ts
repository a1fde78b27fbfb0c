import type { WorkingCopy } from '../../shared/contract/working-copies.ts'
import {
  BUNDLE_LIMITS,
  checkPath,
  encodeManifest,
  findClash,
  findSkillMd,
  isSkillMd,
  type Manifest,
  type ManifestEntry,
} from '../../shared/domain/bundle.ts'
import { decodeText } from '../../shared/domain/text.ts'
import { findBlob, hasBlob, sha256 } from '../library/blobs.ts'
import type { SkillRecord } from '../library/schema.ts'
import type { WorkingCopyRecord } from '../library/schema-local.ts'
import { findSkill } from '../library/skills.ts'
import { findVersion } from '../library/versions.ts'
import {
  clearReleased,
  deleteWorkingCopy,
  deleteWorkingFile,
  findWorkingCopy,
  findWorkingFile,
  insertWorkingCopy,
  listWorkingFiles,
  moveWorkingFile,
  putWorkingFile,
  storeWorkingBytes,
  updateWorkingCopy,
} from '../library/working-copies.ts'
import { getManifest, getWorkingFiles } from './content.ts'
import { announce, type Context, type Damaged, type NotFound, os, refuseReaders } from './context.ts'
import { describeSkillMd } from './versions.ts'

export const workingCopiesService = (context: Context) => {
  const { library } = context
  const skillOf = (id: string, errors: NotFound): SkillRecord => {
    const skill = findSkill(library, id)
    if (!skill) throw errors.NOT_FOUND({ data: { what: 'skill', id } })
    return skill
  }
  const done = (skill: SkillRecord, errors: Damaged): WorkingCopy => {
    announce(context, ['workingCopies'], [skill.id])
    return show(context, skill, errors)
  }

  return {
    get: os.workingCopies.get.handler(({ input, errors }) => show(context, skillOf(input.skillId, errors), errors)),

    write: os.workingCopies.write.handler(({ input, errors }) => {
      const bad = checkPath(input.path)
      if (bad) throw errors.PATH_INVALID({ data: { reason: bad.message } })
      const { content } = input
      const bytes = content.kind === 'text' ? Buffer.from(content.text) : Buffer.from(content.base64, 'base64')
      if (bytes.byteLength > BUNDLE_LIMITS.fileBytes)
        throw errors.FILE_TOO_LARGE({
          data: { reason: `A file may have ${BUNDLE_LIMITS.fileBytes / 1024 / 1024} MB.` },
        })
      const hash = sha256(bytes)
      const skill = skillOf(input.skillId, errors)
      const was = findWorkingCopy(library, skill.id)?.changed
      const savedAt = library.write(() => {
        const copy = ensureWorkingCopy(context, skill, errors)
        const there = findWorkingFile(library, skill.id, input.path)
        if ((there?.sha256 ?? null) !== input.expected && there?.sha256 !== hash)
          throw errors.CHANGED_ELSEWHERE({ data: { sha256: there?.sha256 ?? null } })
        const clash = there ? undefined : whyNotAdded(listWorkingFiles(library, skill.id), input.path)
        if (clash) throw errors.PATH_INVALID({ data: { reason: clash } })
        const executable = input.executable ?? there?.executable ?? false
        const file = { path: input.path, sha256: hash, size: bytes.byteLength, executable }
        putWorkingFile(library, skill.id, file, hasBlob(library, hash) ? null : bytes)
        return settle(context, skill, copy, isSkillMd(input.path) ? bytes : undefined)
      })
      const now = findWorkingCopy(library, skill.id)?.changed
      announce(context, was === now ? ['workingCopies'] : ['workingCopies', 'skills'], [skill.id])
      return { sha256: hash, size: bytes.byteLength, savedAt }
    }),

    move: os.workingCopies.move.handler(({ input, errors }) => {
      const bad = checkPath(input.to)
      if (bad) throw errors.PATH_INVALID({ data: { reason: bad.message } })
      const skill = skillOf(input.skillId, errors)
      library.write(() => {
        const copy = ensureWorkingCopy(context, skill, errors)
        const others = listWorkingFiles(library, skill.id).filter(file => file.path !== input.from)
        const clash = whyNotAdded(others, input.to)
        if (clash) throw errors.PATH_INVALID({ data: { reason: clash } })
        if (!moveWorkingFile(library, skill.id, input.from, input.to))
          throw errors.NOT_FOUND({ data: { what: 'file', id: input.from } })
        settle(context, skill, copy)
      })
      return done(skill, errors)
    }),

    remove: os.workingCopies.remove.handler(({ input, errors }) => {
      const skill = skillOf(input.skillId, errors)
      library.write(() => {
        const copy = ensureWorkingCopy(context, skill, errors)
        // What was typed becomes content by hash first, so that undoing (`put`) finds it.
        storeWorkingBytes(library, skill.id)
        if (!deleteWorkingFile(library, skill.id, input.path))
          throw errors.NOT_FOUND({ data: { what: 'file', id: input.path } })
        settle(context, skill, copy)
      })
      return done(skill, errors)
    }),

    discard: os.workingCopies.discard.handler(({ input, errors }) => {
      const skill = skillOf(input.skillId, errors)
      const { files: was } = getWorkingFiles(context, skill, errors)
      library.write(() => {
        storeWorkingBytes(library, skill.id)
        // A skill that was never saved has nothing to go back to: it keeps what it holds.
        if (skill.draft_version_id !== null) deleteWorkingCopy(library, skill.id)
      })
      announce(context, ['skills'], [skill.id])
      return { was, now: done(skill, errors) }
    }),

    put: os.workingCopies.put.handler(({ input, errors }) => {
      const skill = skillOf(input.skillId, errors)
      refuseReaders(context, skill.tenant_id)
      library.write(() => {
        storeWorkingBytes(library, skill.id)
        const missing = input.files.find(file => !hasBlob(library, file.sha256))
        if (missing) throw errors.NOT_FOUND({ data: { what: 'content', id: missing.path } })
        const base = input.baseId === undefined ? findWorkingCopy(library, skill.id)?.base_version_id : input.baseId
        const baseId = base === undefined ? skill.draft_version_id : base
        deleteWorkingCopy(library, skill.id)
        const copy = { skill_id: skill.id, base_version_id: baseId, changed: 0, name: skill.slug, description: '' }
        insertWorkingCopy(library, { ...copy, saved_at: context.clock() }, input.files)
        settle(context, skill, { ...copy, saved_at: 0 }, skillMdBytes(input.files))
      })
      announce(context, ['skills'], [skill.id])
      return done(skill, errors)
    }),
  }

  function skillMdBytes(files: Manifest): Buffer | undefined {
    const file = findSkillMd(files)
    const found = file && findBlob(library, file.sha256)
    return found?.kind === 'found' ? found.bytes : undefined
  }
}

/** The row of an untouched working copy is made at its first change, from the newest version. */
function ensureWorkingCopy(context: Context, skill: SkillRecord, errors: Damaged): WorkingCopyRecord {
  refuseReaders(context, skill.tenant_id)
  const there = findWorkingCopy(context.library, skill.id)
  if (there) return there
  const { version, files } = getWorkingFiles(context, skill, errors)
  clearReleased(context.library, skill.id)
  const copy = {
    skill_id: skill.id,
    base_version_id: version?.id ?? null,
    changed: 0,
    name: version?.name ?? skill.slug,
    description: version?.description ?? '',
    saved_at: context.clock(),
  }
  insertWorkingCopy(context.library, copy, files)
  return copy
}

/** After each change, in its transaction: is it still different from its base, and what do its name and description say now? */
function settle(context: Context, skill: SkillRecord, copy: WorkingCopyRecord, skillMd?: Buffer): number {
  const { library } = context
  const base = copy.base_version_id === null ? undefined : findVersion(library, copy.base_version_id)
  const hash = sha256(encodeManifest(listWorkingFiles(library, skill.id)))
  const decoded = skillMd && decodeText(skillMd)
  const described =
    decoded?.kind === 'text'
      ? describeSkillMd(decoded.text, skill.slug)
      : { name: copy.name, description: copy.description }
  const saved_at = context.clock()
  updateWorkingCopy(library, {
    ...described,
    skill_id: skill.id,
    // What is based on an older version is worth keeping even while it says the same.
    changed: base?.content_hash === hash && base.id === skill.draft_version_id ? 0 : 1,
    saved_at,
  })
  return saved_at
}

function show(context: Context, skill: SkillRecord, errors: Damaged): WorkingCopy {
  const copy = findWorkingCopy(context.library, skill.id)
  const { version, files } = getWorkingFiles(context, skill, errors)
  const base = new Map((version ? getManifest(context, version, errors) : []).map(file => [file.path, file]))
  return {
    skillId: skill.id,
    base: version ? { id: version.id, number: version.version } : null,
    behind: (version?.id ?? null) !== skill.draft_version_id,
    changed: copy?.changed === 1,
    files: files.map(file => ({ ...file, state: stateOf(base.get(file.path), file) })),
    removed: [...base.keys()].filter(path => !files.some(file => file.path === path)),
    savedAt: copy?.saved_at ?? null,
  }
}

const stateOf = (was: ManifestEntry | undefined, is: ManifestEntry): 'same' | 'added' | 'changed' =>
  was === undefined ? 'added' : was.sha256 === is.sha256 && was.executable === is.executable ? 'same' : 'changed'

/** Why another file of that name cannot be added. */
function whyNotAdded(files: Manifest, path: string): string | undefined {
  const clash = findClash(
    files.map(file => file.path),
    path,
  )
  if (clash) return clash.message
  return files.length >= BUNDLE_LIMITS.files ? `A skill may have ${BUNDLE_LIMITS.files} files.` : undefined
}
