import type { ImportProgress, ImportReport } from '../../shared/contract/imports.ts'
import { findSkillMd } from '../../shared/domain/bundle.ts'
import { glanceAtFields } from '../../shared/domain/skill-glance.ts'
import { decodeText } from '../../shared/domain/text.ts'
import type {
  FoundSkill,
  FoundVersion,
  ImportProgress as ReaderProgress,
  Sink,
  Skipped,
} from '../interchange/source.ts'
import { takeTurns } from '../interchange/turns.ts'
import { findBlob, putBlob, sha256 } from '../library/blobs.ts'
import type { Context } from './context.ts'
import { type Described, type Imported, importSkill } from './import-skill.ts'
import { describeSkillMd } from './versions.ts'

/** How much may wait in memory before it is written: large enough that a transaction's cost vanishes, small enough not to stall the app. */
const FLUSH_BYTES = 4 * 1024 * 1024
const FLUSH_SKILLS = 250
/** How long one transaction may hold up everything else. */
const TRANSACTION_MS = 30
/** A report that lists more than this helps nobody; the counts go on. */
const LISTED = 200
const LISTED_SKIPS = 5_000

type Counts = Omit<ImportReport, 'source' | 'cancelled'>

/**
 * Writes what a reader finds into the library, several skills a transaction, a long history in several. Content that
 * came before a cancelled skill may stay as blobs that nothing names: harmless, and there when the import is done again.
 */
export class LibrarySink implements Sink {
  readonly counts: Counts = {
    skillsAdded: 0,
    skillsUpdated: 0,
    skillsUnchanged: 0,
    versionsAdded: 0,
    skipped: [],
    skills: [],
  }
  readonly skillIds: string[] = []
  #context: Context
  #target: { tenantId: string; userId: string }
  #onProgress: (progress: ImportProgress) => void
  #seen = new Set<string>()
  #bytes = new Map<string, Buffer>()
  #bytesWaiting = 0
  #skills: FoundSkill[] = []
  #lastOfSlug = new Map<string, number>()
  readonly #rest = takeTurns()
  /** By the hash of a SKILL.md; a name it does not say is its folder's. */
  #described = new Map<string, Partial<Described>>()

  constructor(
    context: Context,
    target: { tenantId: string; userId: string },
    onProgress: (progress: ImportProgress) => void,
  ) {
    this.#context = context
    this.#target = target
    this.#onProgress = onProgress
  }

  blob(bytes: Uint8Array): string {
    const name = sha256(bytes)
    if (this.#seen.has(name)) return name
    this.#seen.add(name)
    // The reader may use its buffer again.
    const copy = Buffer.from(bytes)
    this.#bytes.set(name, copy)
    const described = glanceAt(copy)
    if (described) this.#described.set(name, described)
    this.#bytesWaiting += bytes.byteLength
    if (this.#bytesWaiting >= FLUSH_BYTES) this.#context.library.write(() => this.#writeBytes())
    return name
  }

  async skill(found: FoundSkill): Promise<void> {
    this.#skills.push(found)
    if (this.#skills.length >= FLUSH_SKILLS) await this.flush()
  }

  skipped(skip: Skipped): void {
    if (this.counts.skipped.length < LISTED_SKIPS) this.counts.skipped.push(skip)
  }

  progress(progress: ReaderProgress): void {
    this.#onProgress({ ...progress, total: progress.total ?? null })
  }

  /** Writes what waits, in short transactions between which others have their turn. */
  async flush(): Promise<void> {
    const target = { ...this.#target, describe: this.#describe, lastOfSlug: this.#lastOfSlug }
    const skills = this.#skills.splice(0)
    let writing: { found: FoundSkill; steps: ReturnType<typeof importSkill> } | undefined
    while (writing || skills.length > 0 || this.#bytes.size > 0) {
      const imported: (Imported & { found: FoundSkill })[] = []
      const until = performance.now() + TRANSACTION_MS
      this.#context.library.write(() => {
        this.#writeBytes()
        do {
          const found: FoundSkill | undefined = writing?.found ?? skills.shift()
          if (!found) break
          const steps = writing?.steps ?? importSkill(this.#context, target, found)
          const step = steps.next()
          writing = step.done ? undefined : { found, steps }
          if (step.done) imported.push({ found, ...step.value })
        } while (performance.now() < until)
      })
      // Counted after the commit: what is reported is there.
      this.#count(imported)
      await this.#rest()
    }
  }

  /** Inside a transaction. */
  #writeBytes(): void {
    for (const [name, bytes] of this.#bytes) putBlob(this.#context.library, name, bytes)
    this.#bytes.clear()
    this.#bytesWaiting = 0
  }

  #count(imported: readonly (Imported & { found: FoundSkill })[]): void {
    for (const one of imported) {
      this.skillIds.push(one.skillId)
      this.counts.versionsAdded += one.versionsAdded
      if (one.isNew) this.counts.skillsAdded += 1
      else if (one.versionsAdded > 0) this.counts.skillsUpdated += 1
      else this.counts.skillsUnchanged += 1
      if (one.versionsAdded > 0 && this.counts.skills.length < LISTED)
        this.counts.skills.push({ id: one.skillId, name: one.name, versionsAdded: one.versionsAdded })
      if (one.diverged)
        this.skipped({
          path: one.found.path,
          code: 'DIVERGED',
          message:
            'It changed there and here. Both were kept; your own version stays the newest. Compare the two to merge them.',
        })
    }
  }

  #describe = (version: FoundVersion, folderName: string): Described => {
    const file = findSkillMd(version.manifest)
    const described = file ? (this.#described.get(file.sha256) ?? this.#readDescribed(file.sha256)) : {}
    return { name: described.name ?? folderName, description: described.description ?? '' }
  }

  /** Where a glance was not enough. */
  #readDescribed(name: string): Partial<Described> {
    const bytes = this.#bytes.get(name) ?? bytesOf(this.#context, name)
    const decoded = bytes && decodeText(bytes)
    const described = decoded?.kind === 'text' ? describeSkillMd(decoded.text, '') : undefined
    // An empty name is none.
    const known = { ...described, name: described?.name || undefined }
    this.#described.set(name, known)
    return known
  }
}

/** Longer frontmatter is the parser's. */
const GLANCED_BYTES = 16 * 1024

/** Name and description while the bytes are at hand: most files are plain enough, and there may be thousands. */
function glanceAt(bytes: Buffer): Described | undefined {
  if (bytes[0] !== 0x2d) return undefined
  const end = bytes.indexOf('\n---', 3)
  if (end === -1 || end > GLANCED_BYTES) return undefined
  const fields = glanceAtFields(bytes.toString('utf8', 0, bytes.indexOf('\n', end + 1) + 1))
  const name = fields?.get('name')?.trim()
  const description = fields?.get('description')?.trim()
  return name && description !== undefined ? { name, description } : undefined
}

function bytesOf(context: Context, name: string): Buffer | undefined {
  const found = findBlob(context.library, name)
  return found.kind === 'found' ? found.bytes : undefined
}
