import { randomBytes } from 'node:crypto'
import path from 'node:path'
import { v7 } from 'uuid'
import { putBlob, sha256 } from '../../electron/library/blobs.ts'
import type { Library } from '../../electron/library/library.ts'
import { openLibrary } from '../../electron/library/open.ts'
import { enqueue } from '../../electron/library/outbox.ts'
import { insertSkill, setNewest } from '../../electron/library/skills.ts'
import { insertVersion, putManifest } from '../../electron/library/versions.ts'
import { pushRows } from '../../electron/registry/postgres.ts'
import { byPath, type Manifest } from '../../shared/domain/bundle.ts'
import { resources } from '../support/backend.ts'
import type { Crew } from './crew.ts'
import { withLogin } from './logins.ts'
import { withLibrary } from './oracle.ts'

/** A team as large as one gets: made in a library while its app does not run, and by other members past every app. */
export type Size = {
  /** Skills of ten files of 1 MB each. */
  large: number
  skills: number
  versions: number
  /** Members who rate every version. */
  raters: number
}

const MB = 1024 * 1024
/** Texts that versions go back and forth between: what is stored is rows and content, not how fast a store takes objects. */
const TEXTS = 300

/** Fills A's library, each change with its outbox row in one transaction. Answers how many bytes of content there are. */
export function fillAuthor(crew: Crew, size: Size): { bytes: number; objects: number } {
  const { dataDir, member } = crew.a
  const opened = openLibrary({ dataDir, migrations: path.join(resources.migrations, 'sqlite'), now: Date.now })
  if ('problem' in opened) throw new Error(opened.problem.happened)
  const { library } = opened
  const fill = new Filling(library, crew.world.tenantId, member.userId)
  for (let n = 0; n < size.large; n++)
    library.write(() => {
      const files = Array.from({ length: 10 }, (_, file) => fill.file(`assets/${file}.bin`, randomBytes(MB)))
      fill.skill(`large-${n}`, [[fill.text(`Large ${n}.`), ...files].sort(byPath)])
    })
  library.write(() => fill.texts(Math.min(TEXTS, size.versions / size.skills)))
  for (let n = 0; n < size.skills; n++)
    library.write(() => fill.skill(`many-${n}`, fill.history(size.versions / size.skills)))
  library.close()
  return fill.stored
}

class Filling {
  readonly #library: Library
  readonly #tenantId: string
  readonly #userId: string
  #texts: Manifest[] = []
  readonly stored = { bytes: 0, objects: 0 }

  constructor(library: Library, tenantId: string, userId: string) {
    this.#library = library
    this.#tenantId = tenantId
    this.#userId = userId
  }

  file(name: string, bytes: Buffer): Manifest[number] {
    const hash = sha256(bytes)
    putBlob(this.#library, hash, bytes)
    this.stored.bytes += bytes.length
    this.stored.objects++
    return { path: name, sha256: hash, size: bytes.length, executable: false }
  }

  text(words: string): Manifest[number] {
    const text = `---\nname: many\ndescription: ${words}\n---\n${`${words} Ask first. `.repeat(100)}\n`
    return this.file('SKILL.md', Buffer.from(text))
  }

  texts(count: number): void {
    this.#texts = Array.from({ length: count }, (_, n) => [this.text(`Text ${n}.`)])
  }

  history(length: number): Manifest[] {
    return Array.from({ length }, (_, n) => this.#texts[n % this.#texts.length] ?? [])
  }

  skill(slug: string, versions: readonly Manifest[]): void {
    const [library, tenantId, authorId, now] = [this.#library, this.#tenantId, this.#userId, Date.now()]
    const [skillId, description] = [v7(), 'One of many.']
    insertSkill(library, {
      id: skillId,
      tenantId,
      slug,
      name: slug,
      description,
      category: null,
      tags: [],
      authorId,
      now,
    })
    enqueue(library, { tenantId, skillId, entity: 'skill', entityId: skillId, operation: 'insert', now })
    let parentId: string | null = null
    for (const [n, files] of versions.entries()) {
      const id = v7()
      insertVersion(library, {
        ...{ id, tenantId, skillId, parentId, mergedId: null, contentHash: putManifest(library, files) },
        ...{ name: slug, description, message: `${slug} ${n}`, metadata: {} },
        ...{ createdBy: authorId, createdAt: now, now },
      })
      parentId = id
    }
    if (parentId) setNewest(library, skillId, { id: parentId, name: slug, description }, now)
  }
}

/** Every version of the team rated by so many members, by programs of their own. */
export async function rateAll(crew: Crew, raters: number): Promise<void> {
  const versions = withLibrary(crew.a.dataDir, library =>
    library.all<{ id: string; skill_id: string }>(
      'SELECT id, skill_id FROM skill_versions WHERE tenant_id = ? ORDER BY id',
      crew.world.tenantId,
    ),
  )
  for (let rater = 0; rater < raters; rater++)
    await withLogin(crew, `rater-${rater}`, 'reader', async client => {
      for (let from = 0; from < versions.length; from += PAGE) {
        const page = versions.slice(from, from + PAGE).map((version, n) => ({
          id: v7(),
          skill_id: version.skill_id,
          skill_version_id: version.id,
          rating: 1 + ((from + n + rater) % 5),
          comment: null,
          hours_saved_estimate: ((n + rater) % 9) / 4,
        }))
        const pushed = await pushRows(client, 'ratings', page)
        if (pushed.kind !== 'answered') throw new Error(pushed.message)
      }
    })
}
const PAGE = 10_000
