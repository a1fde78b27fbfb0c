import type { ImportProgress, ImportReport } from '../../shared/contract/imports.ts'
import { findSkillMd } from '../../shared/domain/bundle.ts'
import { decodeText } from '../../shared/domain/text.ts'
import type {
  FoundSkill,
  FoundVersion,
  ImportProgress as ReaderProgress,
  Sink,
  Skipped,
} from '../interchange/source.ts'
import { findBlob, hasBlob, putBlob, sha256 } from '../library/blobs.ts'
import type { Context } from './context.ts'
import { type Described, importSkill } from './import-skill.ts'
import { describeSkillMd } from './versions.ts'

/** How much may wait in memory before it is written: large enough that a transaction's cost vanishes, small enough not to stall the app. */
const FLUSH_BYTES = 4 * 1024 * 1024
const FLUSH_SKILLS = 100
/** A report that lists more than this helps nobody; the counts go on. */
const LISTED = 200
const LISTED_SKIPS = 5_000

type Counts = Omit<ImportReport, 'source' | 'cancelled'>

/**
 * Writes what a reader finds into the library, several skills a transaction, each skill whole or not at all. Content that
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
  #described = new Map<string, Described>()

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
    this.#bytes.set(name, Buffer.from(bytes))
    this.#bytesWaiting += bytes.byteLength
    if (this.#bytesWaiting >= FLUSH_BYTES) this.flush()
    return name
  }

  skill(found: FoundSkill): void {
    this.#skills.push(found)
    if (this.#skills.length >= FLUSH_SKILLS) this.flush()
  }

  skipped(skip: Skipped): void {
    if (this.counts.skipped.length < LISTED_SKIPS) this.counts.skipped.push(skip)
  }

  progress(progress: ReaderProgress): void {
    this.#onProgress({ ...progress, total: progress.total ?? null })
  }

  /** Writes what waits, in one transaction. */
  flush(): void {
    const { library } = this.#context
    const skills = this.#skills.splice(0)
    const imported = library.write(() => {
      for (const [name, bytes] of this.#bytes) if (!hasBlob(library, name)) putBlob(library, name, bytes)
      const target = { ...this.#target, describe: this.#describe }
      return skills.map(found => ({ found, ...importSkill(this.#context, target, found) }))
    })
    // Counted after the commit: what is reported is there.
    this.#bytes.clear()
    this.#bytesWaiting = 0
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
    if (!file) return { name: folderName, description: '' }
    const key = `${file.sha256} ${folderName}`
    const there = this.#described.get(key)
    if (there) return there
    const found = this.#bytes.get(file.sha256) ?? bytesOf(this.#context, file.sha256)
    const decoded = found && decodeText(found)
    const described =
      decoded?.kind === 'text' ? describeSkillMd(decoded.text, folderName) : { name: folderName, description: '' }
    this.#described.set(key, described)
    return described
  }
}

function bytesOf(context: Context, name: string): Buffer | undefined {
  const found = findBlob(context.library, name)
  return found.kind === 'found' ? found.bytes : undefined
}
