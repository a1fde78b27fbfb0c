import path from 'node:path'
import type { Manifest } from '../../shared/domain/bundle.ts'
import { RecordingSink } from '../interchange/recording-sink.ts'

/** One skill's folder as it was read, with its bytes by SHA-256. */
export type FolderOnDisk = { name: string; path: string; files: Manifest; bytes: ReadonlyMap<string, Buffer> }

/** How many are kept: two sides of a comparison, and those one just came from. */
const KEPT = 4

/**
 * Folders on disk that are looked at without importing them. A folder that is read again while somebody looks at its files
 * must not change under them: `open` without `fresh` gives what was read last.
 */
export class Folders {
  #home: string
  #read = new Map<string, FolderOnDisk>()

  constructor(home: string) {
    this.#home = home
  }

  async open(given: string, fresh: boolean): Promise<FolderOnDisk | { reason: string }> {
    const full = path.resolve(given.replace(/^~(?=$|[/\\])/, this.#home))
    const known = this.#read.get(full)
    if (known && !fresh) return known
    const { readFolder } = await import('../interchange/folder.ts')
    const sink = new RecordingSink()
    const result = await readFolder(full, sink, { signal: new AbortController().signal })
    if (!result.ok) return { reason: result.message }
    const [found, ...more] = sink.skills
    if (more.length > 0)
      return { reason: `There are ${sink.skills.length} skills below “${given}”: name the folder of one.` }
    if (!found) return { reason: sink.skips[0]?.message ?? `There is no SKILL.md in “${given}”.` }
    const bytes = new Map([...sink.blobs].map(([name, data]) => [name, Buffer.from(data)]))
    const folder = { name: found.folderName, path: full, files: found.versions.at(-1)?.manifest ?? [], bytes }
    this.#read.delete(full)
    this.#read.set(full, folder)
    for (const old of [...this.#read.keys()].slice(0, -KEPT)) this.#read.delete(old)
    return folder
  }
}
