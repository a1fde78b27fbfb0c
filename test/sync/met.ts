import { sha256 } from '../../electron/library/blobs.ts'
import type { Library } from '../../electron/library/library.ts'
import type { OutboxRecord } from '../../electron/library/schema-local.ts'
import type { Change, Pulled, Remote } from '../../electron/sync/remote.ts'

/**
 * What one machine has met and must therefore tell its author: two people's work on one thing, of which one stands. Noted
 * from outside, by what came over the line and what its library held at that moment; the engine's own word is not asked for.
 */
export type Met = {
  /** For a person. */
  what: string
  /** A moment later: it was taken in. False where a full disk undid that, so that it is met again. */
  taken: (library: Library) => boolean
  told: (library: Library) => boolean
}

export type Watcher = { library: Library; tenantId: string; userId: string; meets: (met: Met) => void }

/** Notes what is met in the answers of `remote`, as the engine gets them. */
export function watch(remote: Remote, watcher: Watcher): Remote {
  const { blobs } = remote
  return {
    ...remote,
    pull: async (cursor, limit) => {
      const answer = await remote.pull(cursor, limit)
      if (answer.kind === 'page' || answer.kind === 'rewritten') new Meeting(watcher).pulled(answer)
      return answer
    },
    pushSkills: async rows => {
      const answer = await remote.pushSkills(rows)
      if (answer.kind === 'answered')
        for (const { id, state } of answer.rows) {
          const slug = rows.find(row => row.id === id)?.slug
          if (state === 'slug_taken' && slug !== undefined) new Meeting(watcher).slugTaken(id, slug)
          if (state === 'deleted') new Meeting(watcher).deletedThere('skills', id)
        }
      return answer
    },
    pushRows: async (table, rows) => {
      const answer = await remote.pushRows(table, rows)
      if (answer.kind === 'answered')
        for (const { id, state } of answer.rows) if (state === 'deleted') new Meeting(watcher).deletedThere(table, id)
      return answer
    },
    publish: async move => {
      const answer = await remote.publish(move)
      if (answer.kind === 'moved') new Meeting(watcher).publishMoved(move.skillId, move.versionId)
      return answer
    },
    reviewFeedback: async review => {
      const answer = await remote.reviewFeedback(review)
      if (answer.kind === 'moved') new Meeting(watcher).reviewMoved(review.id, review.status)
      return answer
    },
    blobs: blobs && {
      ...blobs,
      get: async (hash, options) => {
        const answer = await blobs.get(hash, options)
        if (answer.kind === 'damaged' || (answer.kind === 'found' && sha256(answer.bytes) !== hash))
          new Meeting(watcher).damaged(hash)
        return answer
      },
    },
  }
}

/** One answer, held against the library that it comes to. */
class Meeting {
  readonly #watcher: Watcher
  readonly #library: Library
  readonly #queue: OutboxRecord[]

  constructor(watcher: Watcher) {
    const { library, tenantId } = watcher
    this.#watcher = watcher
    this.#library = library
    this.#queue = library.all<OutboxRecord>('SELECT * FROM outbox WHERE tenant_id = ?', tenantId)
  }

  pulled(answer: Extract<Pulled, { kind: 'page' | 'rewritten' }>): void {
    const { tenantId } = this.#watcher
    const state = this.#row('SELECT epoch, head FROM sync_states WHERE tenant_id = ?', tenantId)
    const moved = state?.epoch !== null && state?.epoch !== answer.epoch
    if (answer.kind === 'rewritten' || answer.head < Number(state?.head)) {
      // Nobody announced it.
      if (!moved) this.#meets('an older state of the registry', "kind = 'rolledBack'", [], this.#hasRead(0))
      return
    }
    // Not taken in either: everything is read from its start instead.
    if (moved) return
    for (const change of answer.changes) {
      if (change.operation === 'delete') this.#deleted(change)
      else if (change.operation === 'oversized') continue
      else if (change.entity === 'ratings') this.#rating(change)
      else if (change.entity === 'skills') this.#skill(change)
    }
  }

  slugTaken(id: string, slug: string): void {
    const isCalled = (library: Library) => library.find('SELECT 1 FROM skills WHERE id = ? AND slug = ?', id, slug)
    // Renamed here meanwhile: that name is tried.
    if (isCalled(this.#library))
      this.#meets(`another ${slug}`, "kind = 'slug' AND skill_id = ?", [id], l => !isCalled(l))
  }

  deletedThere(table: string, id: string): void {
    this.#meets(`${table} ${id} deleted there`, "kind = 'deleted' AND entity_id = ?", [id], library =>
      isParked(library, id),
    )
  }

  publishMoved(skillId: string, versionId: string | null): void {
    this.#meets(
      `another publish of ${skillId}`,
      "kind = 'published' AND skill_id = ? AND json_extract(detail, '$.ours') IS ?",
      [skillId, versionId],
      library =>
        !library.find(
          "SELECT 1 FROM outbox WHERE entity_id = ? AND operation = 'publish' AND json_extract(payload, '$.versionId') IS ?",
          skillId,
          versionId,
        ),
    )
  }

  reviewMoved(id: string, status: string): void {
    this.#meets(
      `another review of ${id}`,
      "kind = 'review' AND entity_id = ? AND json_extract(detail, '$.ours') = ?",
      [id, status],
      library =>
        !library.find(
          "SELECT 1 FROM outbox WHERE entity_id = ? AND operation = 'review' AND json_extract(payload, '$.status') = ?",
          id,
          status,
        ),
    )
  }

  damaged(hash: string): void {
    const { tenantId } = this.#watcher
    const wanted = (library: Library) =>
      library.find<{ attempts: number }>(
        'SELECT attempts FROM content_wanted WHERE tenant_id = ? AND sha256 = ?',
        tenantId,
        hash,
      )?.attempts
    const before = wanted(this.#library)
    if (before === undefined) return
    this.#meets(
      `damaged content ${hash.slice(0, 6)}`,
      "kind = 'damaged' AND json_extract(detail, '$.sha256') = ?",
      [hash],
      library => (wanted(library) ?? before) > before,
    )
  }

  /** One's own rating, changed here and on another computer. */
  #rating({ seq, id, row }: Extract<Change, { operation: 'put' }>): void {
    // One that was taken back here is nobody's any more.
    if (row.user_id !== this.#watcher.userId || this.#isQueued(id, ['delete'])) return
    const ours = this.#row(
      'SELECT * FROM ratings WHERE skill_version_id = ? AND user_id = ?',
      String(row.skill_version_id),
      this.#watcher.userId,
    )
    const differs = ['rating', 'comment', 'hours_saved_estimate'].some(column => ours?.[column] !== row[column])
    if (ours && differs && this.#isQueued(String(ours.id), PUT))
      this.#meets(
        `another rating of ${row.skill_version_id}`,
        "kind = 'rating' AND entity_id = ?",
        [String(row.id)],
        this.#hasRead(seq),
      )
  }

  #skill({ seq, id, row }: Extract<Change, { operation: 'put' }>): void {
    const { tenantId } = this.#watcher
    const ours = this.#row('SELECT status FROM skills WHERE id = ?', id)
    if (ours && ours.status !== 'archived' && row.status === 'archived' && this.#isEdited(id))
      this.#meets(`${id} archived there`, "kind = 'archived' AND skill_id = ?", [id], this.#hasRead(seq))
    // While everything is compared, an older name than ours does not count.
    if (this.#row('SELECT 1 AS n FROM sync_states WHERE tenant_id = ? AND reconciling = 1', tenantId)) return
    const namesake = this.#row('SELECT id FROM skills WHERE tenant_id = ? AND slug = ?', tenantId, String(row.slug))
    if (!namesake || namesake.id === id || this.#namesItself(id) || !this.#namesItself(String(namesake.id))) return
    this.#meets(`another ${row.slug}`, "kind = 'slug' AND skill_id = ?", [String(namesake.id)], this.#hasRead(seq))
  }

  #deleted({ seq, entity, id }: Change): void {
    const edited =
      entity === 'skills'
        ? this.#isEdited(id) || this.#row('SELECT 1 AS n FROM skill_versions WHERE skill_id = ?', id) !== undefined
        : this.#isQueued(id, [...PUT, 'review'])
    const table = DELETED.find(name => name === entity)
    if (table && edited && this.#row(`SELECT 1 AS n FROM ${table} WHERE id = ?`, id))
      this.#meets(`${entity} ${id} deleted there`, "kind = 'deleted' AND entity_id = ?", [id], this.#hasRead(seq))
  }

  /** What a skill is called was said here, and is on its way. */
  #namesItself(id: string): boolean {
    return this.#queue.some(
      row =>
        row.entity === 'skill' &&
        row.entity_id === id &&
        (row.operation === 'insert' || (row.operation === 'update' && 'slug' in JSON.parse(row.payload))),
    )
  }

  #isQueued(id: string, operations: readonly string[]): boolean {
    return this.#queue.some(row => row.entity_id === id && operations.includes(row.operation))
  }

  #isEdited(skillId: string): boolean {
    return (
      this.#queue.some(row => row.skill_id === skillId && row.operation !== 'delete') ||
      this.#row('SELECT 1 AS n FROM working_copies WHERE skill_id = ? AND changed = 1', skillId) !== undefined
    )
  }

  #row(sql: string, ...values: string[]): Record<string, string | number | null> | undefined {
    return this.#library.find(sql, ...values)
  }

  /** The page was put into the library; or, while everything is read again, is about to be. */
  #hasRead(seq: number): Met['taken'] {
    const { tenantId } = this.#watcher
    return library =>
      (library.find<{ since: number }>('SELECT since FROM sync_states WHERE tenant_id = ?', tenantId)?.since ?? -1) >=
      seq
  }

  #meets(what: string, where: string, values: (string | null)[], taken: Met['taken']): void {
    const { tenantId, meets } = this.#watcher
    const told = (library: Library) =>
      library.find(`SELECT 1 FROM conflicts WHERE tenant_id = ? AND ${where}`, tenantId, ...values) !== undefined
    meets({ what, taken, told })
  }
}

const PUT: readonly string[] = ['insert', 'update']
const DELETED = ['skills', 'ratings', 'skill_feedback', 'benchmark_cases', 'benchmark_runs'] as const

const isParked = (library: Library, id: string): boolean =>
  library.find("SELECT 1 FROM outbox WHERE entity_id = ? AND parked_code = 'deleted'", id) !== undefined
