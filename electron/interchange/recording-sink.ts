import { hash } from 'node:crypto'
import type { FoundSkill, FoundVersion, ImportProgress, Sink, Skipped } from './source.ts'

/**
 * A sink that keeps in memory whatever it is given, for tests and for reading one skill without storing it. Holds
 * readers to their word: a skill whose blobs did not come before it is a bug and throws.
 */
export class RecordingSink implements Sink {
  readonly blobs = new Map<string, Uint8Array>()
  readonly skills: FoundSkill[] = []
  readonly skips: Skipped[] = []
  readonly steps: ImportProgress[] = []

  blob(bytes: Uint8Array): string {
    const sha256 = hash('sha256', bytes, 'hex')
    // The reader may use its buffer again.
    if (!this.blobs.has(sha256)) this.blobs.set(sha256, Uint8Array.from(bytes))
    return sha256
  }

  skill(found: FoundSkill): void {
    for (const [index, version] of found.versions.entries()) {
      if (version.parents.some(parent => parent >= index))
        throw new Error(`${found.path}: a parent comes after its child`)
      for (const entry of version.manifest)
        if (this.blobs.get(entry.sha256)?.byteLength !== entry.size)
          throw new Error(`${found.path}: ${entry.path} was not handed over before its skill`)
    }
    this.skills.push(found)
  }

  skipped(skip: Skipped): void {
    this.skips.push(skip)
  }

  progress(progress: ImportProgress): void {
    this.steps.push(progress)
  }

  /** The skill at a path relative to what was read; throws when there is none. */
  at(path: string): FoundSkill {
    const found = this.skills.find(skill => skill.path === path)
    if (!found) throw new Error(`no skill at “${path}”, only at ${this.skills.map(skill => skill.path).join(', ')}`)
    return found
  }

  /** A version's files as text, by path; an executable one's path ends in `*`. */
  files(version: FoundVersion | undefined): Record<string, string> {
    const text = (sha256: string) => Buffer.from(this.blobs.get(sha256) ?? []).toString('utf8')
    return Object.fromEntries(
      (version?.manifest ?? []).map(({ path, sha256, executable }) => [path + (executable ? '*' : ''), text(sha256)]),
    )
  }

  /** What was skipped, as `CODE path`, sorted. */
  get skippedLines(): string[] {
    return this.skips.map(({ code, path }) => `${code} ${path}`).sort()
  }
}
