import { existsSync, mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect } from 'vitest'
import { readGit } from '../../electron/interchange/git-history.ts'
import { RecordingSink } from '../../electron/interchange/recording-sink.ts'
import type { FoundSkill } from '../../electron/interchange/source.ts'
import { type Change, type Commit, initRepository, writeCommits } from './git-repository.ts'

/** Small histories in a few words, for the tests of what they become. */

/** A SKILL.md long enough that git finds it again when it is renamed and edited. */
export const text = (name: string, body = 'Does a thing.') =>
  `---\nname: ${name}\ndescription: ${body}\n---\n# ${name}\n\n${'A line that stays as it is.\n'.repeat(10)}`
export const write = (path: string, bytes: string | Uint8Array, mode?: '100644' | '100755' | '120000'): Change => ({
  write: path,
  bytes,
  mode,
})
export const remove = (path: string): Change => ({ delete: path })
/** A commit on the one before it; its message is its name. */
export const commit = (message: string, ...changes: Change[]): Commit => ({ name: message, message, changes })
export const merge = (message: string, parents: string[], ...changes: Change[]): Commit => ({
  ...commit(message, ...changes),
  parents,
})

/** A chain as `message<parents: path path`, one line a version. */
export const drawing = (skill: FoundSkill): string[] =>
  skill.versions.map(
    ({ message, parents, manifest }) =>
      `${message}<${parents.join(',')}: ${manifest.map(entry => entry.path).join(' ')}`,
  )

/** A repository for each test, gone after it. */
export class HistoryInTest {
  folder = ''
  sink = new RecordingSink()

  constructor() {
    beforeEach(() => {
      this.folder = realpathSync(mkdtempSync(join(tmpdir(), 'history-')))
      this.sink = new RecordingSink()
    })
    afterEach(() => rmSync(this.folder, { recursive: true, force: true }))
  }

  /** Makes a history and reads it; a second one in the same test starts afresh. */
  async read(...commits: Commit[]): Promise<FoundSkill[]> {
    if (existsSync(join(this.folder, '.git'))) {
      rmSync(this.folder, { recursive: true })
      this.sink = new RecordingSink()
    }
    initRepository(this.folder)
    await writeCommits(this.folder, commits)
    const result = await readGit(this.folder, this.sink, { signal: new AbortController().signal })
    expect(result).toMatchObject({ ok: true })
    return this.sink.skills
  }
}
