import type { ClientBase } from 'pg'
import { errorCode, reasonOf } from './errors.ts'
import { failureOf, isAboutARow, isHeldUp, isWorthRepeating, type RegistryFailure } from './failure.ts'
import { textArray } from './text-array.ts'

/**
 * What a member's app says to the registry: plain functions over one connection, each call one statement and so one short
 * transaction. Rows are the library's own (see schema.ts); what the registry decides (numbers, times, author) is in the
 * answers, and only those acknowledge anything.
 */
export type Answer<Row> = { kind: 'answered'; rows: Row[] } | RegistryFailure

/** One row that was refused and will be again: parked with its reason, while the others of its page went in. */
export type Refused = { id: string; state: 'refused'; code: string; reason: string }

export type Hello = {
  tenant_id: string
  tenant_name: string
  tenant_slug: string
  user_id: string
  user_name: string
  role: 'reader' | 'author' | 'admin'
  /** Another one than last time: compare everything. */
  epoch: string
  /** The tenant's newest sequence number. */
  n: number
  /** For LISTEN; a secret of the tenant. */
  channel: string
  publish_needs_approval: number
  /** The highest migration applied. */
  schema_version: number
}

/** Who we are here and where the tenant stands, in one round trip; undefined where this login is no (longer a) member. */
export async function hello(
  client: ClientBase,
): Promise<{ kind: 'hello'; hello: Hello | undefined } | RegistryFailure> {
  return await answered(async () => {
    const { rows } = await client.query<Omit<Hello, 'n'> & { n: string }>('SELECT * FROM whetstone.hello()')
    const row = rows[0]
    return { kind: 'hello' as const, hello: row && { ...row, n: Number(row.n) } }
  })
}

/** A version as the library has it, without what the registry decides. */
export type VersionToPush = {
  id: string
  skill_id: string
  parent_version_id: string | null
  merged_version_id: string | null
  content_hash: string
  content_type: string
  name: string
  description: string
  message: string
  /** JSON text. */
  metadata: string
}
export type PushedVersion =
  | {
      id: string
      /** `conflict`: that id is here with other content or another author. */
      state: 'inserted' | 'identical' | 'conflict'
      version: number
      /** Null where it was here before. */
      seq: number | null
      /** As stored: what an acknowledgement is checked by. */
      content_hash: string
      created_at: number
    }
  | Refused

/** What a client says of a version. */
export const VERSION_COLUMNS = [
  'id',
  'skill_id',
  'parent_version_id',
  'merged_version_id',
  'content_hash',
  'content_type',
  'name',
  'description',
  'message',
  'metadata',
] as const satisfies (keyof VersionToPush)[]
const PUSH_VERSIONS = `SELECT * FROM whetstone.push_versions(${VERSION_COLUMNS.map((_, n) => `$${n + 1}::text[]`).join(', ')})`

/** Of a page: large enough that the round trip does not count, small enough for the other writers of the team. */
export const PAGE_ROWS = 1_000

/**
 * Numbers and stores versions, parents before children, each page a transaction; a client that pipelines sends the next
 * page while the server works. Pushing again is harmless: what is there is told as identical.
 */
export async function pushVersions(client: ClientBase, rows: readonly VersionToPush[]): Promise<Answer<PushedVersion>> {
  type Sent = Omit<Exclude<PushedVersion, Refused>, 'seq' | 'created_at'> & { seq: string | null; created_at: string }
  const send = async (page: readonly VersionToPush[]): Promise<PushedVersion[]> => {
    const values = VERSION_COLUMNS.map(column => textArray(page, column))
    const result = await client.query<Sent>({ name: 'push_versions', text: PUSH_VERSIONS, values })
    return result.rows.map(row => ({
      ...row,
      seq: row.seq === null ? null : Number(row.seq),
      created_at: Number(row.created_at),
    }))
  }
  return await inPages(client, rows, send)
}

/** The other synced tables; `push_…` says in SQL what of a row a client may decide. */
export type PushableTable =
  | 'ratings'
  | 'feedback'
  | 'measurements'
  | 'usage_events'
  | 'benchmark_cases'
  | 'benchmark_runs'
  | 'benchmark_results'
export type PushedRow =
  | {
      id: string
      /** `deleted`: it has a tombstone and stays deleted. `conflict`: another row has that id, or may not be changed so. */
      state: 'inserted' | 'updated' | 'identical' | 'conflict' | 'deleted'
      seq: number | null
      /** The row that is kept: of ratings one for each user and version, whatever id was sent. */
      stored_id: string
    }
  | Refused

/** The library's row; columns that the registry decides are ignored. */
export type RowToPush = { id: string; [column: string]: string | number | null | undefined }

export async function pushRows(
  client: ClientBase,
  table: PushableTable,
  rows: readonly RowToPush[],
): Promise<Answer<PushedRow>> {
  type Sent = Omit<Exclude<PushedRow, Refused>, 'seq'> & { seq: string | null }
  return await inPages(client, rows, async page => {
    const text = `SELECT * FROM whetstone.push_${table}($1)`
    const result = await client.query<Sent>({ name: `push_${table}`, text, values: [JSON.stringify(page)] })
    return result.rows.map(row => ({ ...row, seq: row.seq === null ? null : Number(row.seq) }))
  })
}

export type SkillToPush = {
  id: string
  slug: string
  name: string
  description: string
  category: string | null
  /** JSON text. */
  tags: string
  status: string
  visibility: string
  forked_from_id: string | null
  forked_at_version_id: string | null
  /** The sequence number of the state this change was made from; absent: whatever is there. */
  expected_seq?: number
}
export type PushedSkill =
  | {
      id: string
      state: 'inserted' | 'updated' | 'identical' | 'conflict' | 'deleted' | 'forbidden' | 'slug_taken'
      seq: number | null
      /** Whose slug it is. */
      other_id: string | null
    }
  | Refused

export async function pushSkills(client: ClientBase, rows: readonly SkillToPush[]): Promise<Answer<PushedSkill>> {
  type Sent = Omit<Exclude<PushedSkill, Refused>, 'seq'> & { seq: string | null }
  return await inPages(client, rows, async page => {
    const values = [JSON.stringify(page)]
    const result = await client.query<Sent>({
      name: 'push_skills',
      text: 'SELECT * FROM whetstone.push_skills($1)',
      values,
    })
    return result.rows.map(row => ({ ...row, seq: row.seq === null ? null : Number(row.seq) }))
  })
}

export type Published = {
  kind: 'published' | 'identical' | 'moved' | 'missing' | 'forbidden' | 'needs_approval'
  /** Where the pointer is now. */
  published: string | null
}

/** A version's SKILL.md, with the manifest that proves to the registry that it is: canonical, hashing to the version's name. */
export type ProvenText = { skillMd: string; manifest: string }

/** Moves the published pointer if it is where `expected` says. `content` is the SKILL.md for agents' tools that read it. */
export async function publish(
  client: ClientBase,
  move: { skillId: string; versionId: string | null; expected: string | null; content: ProvenText | null },
): Promise<Published | RegistryFailure> {
  return await answered(async () => {
    const { rows } = await client.query<{ state: Published['kind']; published: string | null }>(
      'SELECT state, published FROM whetstone.publish($1, $2, $3, $4, $5)',
      [move.skillId, move.versionId, move.expected, move.content?.skillMd ?? null, move.content?.manifest ?? null],
    )
    return { kind: rows[0]?.state ?? 'missing', published: rows[0]?.published ?? null }
  })
}

export type Approved = { kind: 'approved' | 'forbidden' | 'missing' }

/** Says that a version may be published: by an admin or the skill's author, never by who saved it. Saying it again is harmless. */
export async function approve(client: ClientBase, versionId: string): Promise<Approved | RegistryFailure> {
  return await answered(async () => {
    const text = 'SELECT whetstone.approve_version($1) AS said'
    const { rows } = await client.query<{ said: Approved['kind'] }>(text, [versionId])
    return { kind: rows[0]?.said ?? 'missing' }
  })
}

export type Reviewed = { kind: 'updated' | 'identical' | 'moved' | 'missing' | 'forbidden'; status: string | null }

export async function reviewFeedback(
  client: ClientBase,
  review: { id: string; expected: string; status: string; notes: string | null; implementedBy: string | null },
): Promise<Reviewed | RegistryFailure> {
  return await answered(async () => {
    const { rows } = await client.query<{ state: Reviewed['kind']; status: string | null }>(
      'SELECT state, status FROM whetstone.review_feedback($1, $2, $3, $4, $5)',
      [review.id, review.expected, review.status, review.notes, review.implementedBy],
    )
    return { kind: rows[0]?.state ?? 'missing', status: rows[0]?.status ?? null }
  })
}

export type Removed = { id: string; state: 'deleted' | 'missing' | 'forbidden'; seq: number | null } | Refused

export type RemovableTable =
  | 'skills'
  | 'ratings'
  | 'skill_feedback'
  | 'token_measurements'
  | 'usage_events'
  | 'benchmark_cases'
  | 'benchmark_runs'

/** `entity` is the table's name. Deleting what is deleted says so again. */
export async function removeRows(
  client: ClientBase,
  entity: RemovableTable,
  ids: readonly string[],
): Promise<Answer<Removed>> {
  type Sent = { id: string; state: 'deleted' | 'missing' | 'forbidden'; seq: string | null }
  return await inPages(
    client,
    ids.map(id => ({ id })),
    async page => {
      const values = [entity, page.map(row => row.id)]
      const result = await client.query<Sent>('SELECT * FROM whetstone.remove_rows($1, $2)', values)
      return result.rows.map(row => ({ ...row, seq: row.seq === null ? null : Number(row.seq) }))
    },
  )
}

const TRIES = 4

/** Pages sent ahead of the answers, so that over a slow line the server always has the next one; `pg` queues them otherwise. */
const PAGES_AHEAD = 4
const pagesAhead = (client: ClientBase): number => ('pipeline' in client && client.pipeline === true ? PAGES_AHEAD : 0)

/**
 * Page after page; a page that one row spoils is cut in two until that row stands alone. Pages that were sent ahead of a
 * spoiled one may have been refused for what that one lacked, so they are sent again after it, in their order.
 */
async function inPages<In extends { id: string }, Out>(
  client: ClientBase,
  rows: readonly In[],
  send: (page: readonly In[]) => Promise<Out[]>,
): Promise<Answer<Out | Refused>> {
  const sendPage = async (page: readonly In[], tries = TRIES): Promise<(Out | Refused)[]> => {
    try {
      return await send(page)
    } catch (error) {
      if (isWorthRepeating(error) && tries > 1) return await sendPage(page, tries - 1)
      // Whoever sits on the team's rows or the queue is ended by those who wait; once, then it is tried later.
      if (isHeldUp(error) && tries === TRIES) {
        await client.query('SELECT whetstone.reap()')
        return await sendPage(page, 1)
      }
      const [first] = page
      if (!isAboutARow(error) || !first) throw error
      if (page.length === 1)
        return [{ id: first.id, state: 'refused', code: errorCode(error) ?? '', reason: reasonOf(error) }]
      const half = page.length >> 1
      return [...(await sendPage(page.slice(0, half))), ...(await sendPage(page.slice(half)))]
    }
  }
  type Sent = { page: readonly In[]; answer: Promise<Out[] | { error: unknown }> }
  const most = pagesAhead(client)
  const ahead: Sent[] = []
  const done: (Out | Refused)[] = []
  const finishFirst = async (): Promise<void> => {
    const first = ahead.shift()
    const said = await first?.answer
    if (!first || !said) return
    if (Array.isArray(said)) return void done.push(...said)
    if (!isAboutARow(said.error) && !isWorthRepeating(said.error) && !isHeldUp(said.error)) throw said.error
    await Promise.all(ahead.map(one => one.answer))
    done.push(...(await sendPage(first.page)))
  }
  return await answered(async () => {
    for (let start = 0; start < rows.length; start += PAGE_ROWS) {
      const page = rows.slice(start, start + PAGE_ROWS)
      ahead.push({ page, answer: send(page).catch((error: unknown) => ({ error })) })
      if (ahead.length > most) await finishFirst()
    }
    while (ahead.length > 0) await finishFirst()
    return { kind: 'answered' as const, rows: done }
  })
}

async function answered<T>(work: () => Promise<T>): Promise<T | RegistryFailure> {
  try {
    return await work()
  } catch (error) {
    return failureOf(error)
  }
}
