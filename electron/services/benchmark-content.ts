import type { Subject } from '../../shared/contract/benchmarks.ts'
import { type GivenFile, laidFiles, soundFiles } from '../../shared/domain/benchmark/laid-files.ts'
import {
  checkManifest,
  encodeManifest,
  findSkillMd,
  type Manifest,
  type ManifestEntry,
} from '../../shared/domain/bundle.ts'
import { declaresHooks, mayDeclareHooks } from '../../shared/domain/skill-hooks.ts'
import { parseSkillMd } from '../../shared/domain/skill-md.ts'
import { decodeText } from '../../shared/domain/text.ts'
import type { AgentFile, CaseInput, GivenSkill, PlannedCase, PlannedSubject, Sources } from '../benchmark/control.ts'
import { findBlob, sha256 } from '../library/blobs.ts'
import type { Library } from '../library/library.ts'
import { findSkill } from '../library/skills.ts'
import { findManifest, findVersion } from '../library/versions.ts'
import { findWorkingBytes, listWorkingFiles, storeWorkingBytes } from '../library/working-copies.ts'
import { getWorkingFiles } from './content.ts'
import type { Context, Damaged } from './context.ts'

type Read = (file: ManifestEntry) => Buffer | undefined
type Bundle = { folder: string; files: Manifest; read: Read }

/** What a plan tries: undefined with the reason where it is not here. */
export function subjectOf(
  context: Context,
  subject: Subject,
  skillId: string,
  errors: Damaged,
): Omit<PlannedSubject, 'runId'> | { reason: string } {
  const { library } = context
  if (subject.kind === 'none')
    return { kind: 'none', label: 'no skill', skillId: null, versionId: null, contentHash: null }
  if (subject.kind === 'working') {
    const skill = findSkill(library, subject.skillId)
    if (!skill) return { reason: 'A skill of the plan is no longer here.' }
    const { files } = getWorkingFiles(context, skill, errors)
    if (!findSkillMd(files)) return { reason: `The working copy of ${skill.slug} has no SKILL.md.` }
    const label = skill.id === skillId ? 'working copy' : `${skill.slug} working copy`
    return { kind: 'working', label, skillId: skill.id, versionId: null, contentHash: sha256(encodeManifest(files)) }
  }
  const version = findVersion(library, subject.id)
  const skill = version && findSkill(library, version.skill_id)
  if (!version || !skill) return { reason: 'A version of the plan is no longer here.' }
  const number = version.version === null ? `unnumbered ${version.id.slice(-6)}` : `v${version.version}`
  const label = skill.id === skillId ? number : `${skill.slug} ${number}`
  const files = findManifest(library, version.content_hash)
  if (!files) return { reason: `The content of ${label} is not on this computer, or is damaged.` }
  const missing = files.find(file => findBlob(library, file.sha256).kind !== 'found')
  if (missing) return { reason: `${missing.path} of ${label} is not on this computer, or is damaged.` }
  return { kind: 'version', label, skillId: skill.id, versionId: version.id, contentHash: version.content_hash }
}

/** A working copy's bytes as blobs, so that the run tries what was there when it began. Runs inside `library.write`. */
export function keepWorking(
  library: Library,
  subject: PlannedSubject,
  putManifest: (files: Manifest) => string,
): boolean {
  if (subject.kind !== 'working' || subject.skillId === null) return true
  const files = listWorkingFiles(library, subject.skillId)
  // Nothing was touched: what is edited is a version, whose manifest is here.
  if (files.length === 0)
    return subject.contentHash !== null && findManifest(library, subject.contentHash) !== undefined
  storeWorkingBytes(library, subject.skillId)
  return putManifest(files) === subject.contentHash
}

/** Contents of a plan from the blobs, or, before it has begun, from the working copy itself. */
export function sourcesOf(library: Library): Sources {
  return {
    skillsOf: subject => {
      const bundle = bundleOf(library, subject)
      return bundle ? [givenSkill(bundle)] : []
    },
    inputOf: one => inputOf(library, one),
  }
}

function bundleOf(library: Library, subject: PlannedSubject): Bundle | undefined {
  if (subject.contentHash === null || subject.skillId === null) return undefined
  const skillId = subject.skillId
  const folder = findSkill(library, skillId)?.slug ?? 'skill'
  const read: Read = file => {
    const found = findBlob(library, file.sha256)
    if (found.kind === 'found') return found.bytes
    return subject.kind === 'working' ? findWorkingBytes(library, skillId, file.path) : undefined
  }
  const working = subject.kind === 'working' ? listWorkingFiles(library, skillId) : undefined
  const files = findManifest(library, subject.contentHash) ?? working
  if (!files) throw new Error(`the content of ${subject.label} is missing or damaged`)
  return { folder, files, read }
}

function givenSkill(bundle: Bundle): GivenSkill {
  const { folder, files } = bundle
  const skillMd = findSkillMd(files)
  const parsed = parseSkillMd((skillMd && textOf(bytesOf(bundle, skillMd))) ?? '')
  return {
    name: parsed.name?.trim() || folder,
    description: parsed.description?.trim() ?? '',
    body: parsed.body,
    files: files
      .filter(file => file !== skillMd)
      .map(file => ({
        path: file.path,
        size: file.size,
        executable: file.executable,
        text: () => textOf(bytesOf(bundle, file)),
      })),
  }
}

/** A skill's folder as an agent's command line finds it; [] for the baseline. */
export function agentSkillsOf(library: Library, subject: PlannedSubject): { name: string; files: AgentFile[] }[] {
  const bundle = bundleOf(library, subject)
  if (!bundle) return []
  const files = bundle.files.map(file => ({
    path: file.path,
    bytes: bytesOf(bundle, file),
    executable: file.executable,
  }))
  return [{ name: bundle.folder, files }]
}

function bytesOf({ read }: Bundle, file: ManifestEntry): Buffer {
  const bytes = read(file)
  // The plan saw it; a file that has gone bad since stops the run rather than be left out of what is tried.
  if (!bytes) throw new Error(`${file.path} is missing or damaged`)
  return bytes
}

/** Why a skill's files cannot all be laid for an agent, in words; undefined when they can. */
export function unsafePathOf(library: Library, subject: Omit<PlannedSubject, 'runId'>): string | undefined {
  const files = subject.contentHash === null ? undefined : findManifest(library, subject.contentHash)
  return checkManifest(files ?? []).find(({ code }) => code.startsWith('PATH_'))?.message
}

/** The files of a skill that make an agent run commands by itself, as soon as it uses the skill. */
export function hooksOf(library: Library, subject: Omit<PlannedSubject, 'runId'>): { path: string; sha256: string }[] {
  const bundle = bundleOf(library, { ...subject, runId: '' })
  if (!bundle) return []
  return bundle.files
    .filter(file => mayDeclareHooks(file.path) && declaresHooks(textOf(bundle.read(file)) ?? ''))
    .map(({ path, sha256: name }) => ({ path, sha256: name }))
}

/**
 * What an agent's command line finds beside the task: see laid-files.ts. Files that never came are left out; one that is gone
 * is named.
 */
export function caseFilesOf(
  library: Library,
  one: PlannedCase,
  given: readonly GivenFile[],
): AgentFile[] | { missing: string } {
  const files: AgentFile[] = []
  for (const file of laidFiles(one, given)) {
    const { state, bytes } = caseBytes(library, file.sha256)
    if (state === 'gone') return { missing: file.path }
    if (bytes) files.push({ path: file.path, bytes, executable: false })
  }
  return files
}

/** The files of cases that came along once and cannot be read here now. */
export const missingCaseFiles = (library: Library, cases: readonly PlannedCase[]): { of: string; path: string }[] =>
  cases.flatMap(one =>
    soundFiles(one.files)
      .filter(file => caseBytes(library, file.sha256).state === 'gone')
      .map(file => ({ of: one.name, path: file.path })),
  )

const inputOf = (library: Library, one: PlannedCase): CaseInput => ({
  prompt: one.prompt,
  files: soundFiles(one.files).map(file => {
    const { state, bytes } = caseBytes(library, file.sha256)
    return { path: file.path, size: bytes?.byteLength ?? file.size ?? 0, text: textOf(bytes), state }
  }),
})

function caseBytes(
  library: Library,
  name: string | null,
): { state: CaseInput['files'][number]['state']; bytes?: Buffer } {
  if (name === null) return { state: 'never' }
  const found = findBlob(library, name)
  return found.kind === 'found' ? { state: 'here', bytes: found.bytes } : { state: 'gone' }
}

function textOf(bytes: Buffer | undefined): string | undefined {
  if (bytes === undefined) return undefined
  const decoded = decodeText(bytes)
  return decoded.kind === 'text' ? decoded.text : undefined
}
