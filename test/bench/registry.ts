/**
 * The registry against bare Postgres, in one run on one server with its usual durability: rows into `skill_versions`
 * through `pushVersions` (policies, checks, references, numbers, change log) beside COPY of the same rows from the same
 * objects into a table without any of it; and reading as a member beside reading as a superuser, whom no policy touches.
 * `node test/bench/registry.ts` runs it alone.
 */

import { readFileSync } from 'node:fs'
import pg from 'pg'
import { v7 } from 'uuid'
import { startEmbeddedPostgres } from '../../electron/registry/embedded-postgres.ts'
import { addMember } from '../../electron/registry/members.ts'
import {
  pushSkills,
  pushVersions,
  type SkillToPush,
  VERSION_COLUMNS,
  type VersionToPush,
} from '../../electron/registry/postgres.ts'
import { initRegistry } from '../../electron/registry/provision.ts'
import { type Cursor, pull } from '../../electron/registry/pull.ts'
import { textArray } from '../../electron/registry/text-array.ts'
import { migrations, newSkill } from '../registry/registry.ts'
import { BARE, copy, encode, versionsOf } from './copy.ts'

const ROWS = 10_000
const ROUNDS = 7
const TENANTS = 4
const GOALS = { page: 0.6, policy: 1.2 }

type Bench = { owner: pg.Client; members: [pg.Client, pg.Client]; tenantId: string; skills: SkillToPush[] }

export async function benchRegistry(print: (line: string) => void): Promise<void> {
  const started = await startEmbeddedPostgres({ settings: { shared_buffers: '256MB', max_wal_size: '4GB' } })
  if (started.kind !== 'started') return print(`Left out: ${started.reason}`)
  const open: pg.Client[] = []
  try {
    const connect = async (url: string) => {
      // As the app's connections are (electron/registry/pool.ts): a page is sent before the one before it is answered.
      const client = new pg.Client({ connectionString: url, pipeline: url !== started.server.url })
      await client.connect()
      open.push(client)
      return client
    }
    const owner = await connect(started.server.url)
    const bench = await prepare(owner, started.server.url, connect)
    const missed: string[] = []
    await benchPush(bench, print, missed)
    await benchReads(bench, print, missed)
    print(missed.length === 0 ? 'Every goal met.' : `Missed: ${missed.join('; ')}.`)
  } finally {
    for (const client of open) await client.end().catch(() => undefined)
    await started.server.stop()
  }
}

async function prepare(owner: pg.Client, url: string, connect: (url: string) => Promise<pg.Client>): Promise<Bench> {
  const now = Date.now()
  const tenantId = v7()
  const made = await initRegistry(owner, migrations, { id: tenantId, name: 'Bench', slug: 'bench', now })
  if (made.kind !== 'ready') throw new Error(JSON.stringify(made))
  const member = async (): Promise<pg.Client> => {
    const login = await addMember(owner, {
      tenantId,
      userId: v7(),
      name: 'Ada',
      email: null,
      role: 'author',
      now,
      expiresAt: now + 3_600_000,
    })
    return await connect(url.replace(/\/\/[^@]*@/, `//${login.user}:${login.password}@`))
  }
  const members: Bench['members'] = [await member(), await member()]
  const skills = Array.from({ length: 100 }, () => newSkill())
  await pushSkills(members[0], skills)
  return { owner, members, tenantId, skills }
}

type Taken = { ms: number; server: number | undefined }

async function benchPush(bench: Bench, print: (line: string) => void, missed: string[]): Promise<void> {
  const { owner, members, skills } = bench
  const push = async (client: pg.Client, rows: VersionToPush[]) => {
    const answer = await pushVersions(client, rows)
    if (answer.kind !== 'answered' || answer.rows.some(row => row.state !== 'inserted'))
      throw new Error(JSON.stringify(answer).slice(0, 500))
  }
  const ways: { name: string; on: pg.Client[]; table?: string; work: (rows: VersionToPush[]) => Promise<unknown> }[] = [
    { name: 'COPY into a bare table', on: [owner], table: BARE, work: rows => copy(owner, () => encode(rows)) },
    {
      name: 'COPY into a table with the same keys and checks',
      on: [owner],
      table: `${BARE}; ${KEYED}`,
      work: rows => copy(owner, () => encode(rows)),
    },
    {
      name: 'page inserts under the policies, into a table with a key',
      on: [members[0]],
      table: `${BARE}; ${GUARDED}`,
      work: rows => insertPages(members[0], rows),
    },
    { name: 'pushVersions, one connection', on: [members[0]], work: rows => push(members[0], rows) },
    {
      name: 'pushVersions, two connections of one team',
      on: members,
      work: rows => Promise.all([push(members[0], rows.slice(0, ROWS / 2)), push(members[1], rows.slice(ROWS / 2))]),
    },
  ]
  const taken = new Map<string, Taken[]>(ways.map(way => [way.name, []]))
  for (let round = 0; round < ROUNDS; round++)
    for (const { name, on, table, work } of ways) {
      const rows = versionsOf(skills, ROWS)
      await owner.query(table ? `${table}; CHECKPOINT` : 'CHECKPOINT')
      const before = await serverTime(on)
      const ms = await time(() => work(rows))
      const after = await serverTime(on)
      taken.get(name)?.push({ ms, server: before === undefined || after === undefined ? undefined : after - before })
    }
  print(`${ROWS.toLocaleString('en')} versions of 1.1 KB, best of ${ROUNDS}; each against the first line`)
  print(`${''.padEnd(58)}      time                          server's own time`)
  const base = bestOf(taken.get(ways[0]?.name ?? '') ?? [])
  for (const { name } of ways) {
    const best = bestOf(taken.get(name) ?? [])
    const own =
      best.server === undefined
        ? ''
        : `${best.server.toFixed(0).padStart(7)} ms ${((base.server ?? 0) / best.server).toFixed(2)}`
    const ratio = base.ms / best.ms
    print(
      `${name.padEnd(58)} ${best.ms.toFixed(0).padStart(6)} ms ${perSecond(best.ms).padStart(8)} rows/s ${ratio.toFixed(2)} ${own}`,
    )
    if (name.startsWith('page') && ratio < GOALS.page)
      missed.push(`${name}: ${ratio.toFixed(2)} of COPY, goal ${GOALS.page}`)
  }
}

const bestOf = (all: readonly Taken[]): Taken => ({
  ms: best(all.map(one => one.ms)),
  server: all.every(one => one.server !== undefined) ? best(all.map(one => one.server ?? 0)) : undefined,
})

/** Milliseconds that these connections' backends have computed so far, where Linux tells: other load does not count. */
async function serverTime(clients: readonly pg.Client[]): Promise<number | undefined> {
  let total = 0
  for (const client of clients) {
    const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')
    try {
      total += Number(readFileSync(`/proc/${rows[0]?.pid}/schedstat`, 'utf8').split(' ')[0]) / 1e6
    } catch {
      return undefined
    }
  }
  return total
}

async function benchReads(bench: Bench, print: (line: string) => void, missed: string[]): Promise<void> {
  const { owner, members, tenantId, skills } = bench
  for (let n = 1; n < TENANTS; n++) await otherTenant(owner, tenantId, n)
  await owner.query('ANALYZE')
  const skillId = skills[7]?.id ?? ''
  const queries: [name: string, sql: string, filter: string, values: unknown[]][] = [
    [
      'the versions of a skill',
      'SELECT id, version, name, message, created_at FROM whetstone.skill_versions WHERE skill_id = $1',
      ' AND tenant_id = $2',
      [skillId],
    ],
    [
      'one version by id, 100 times',
      'SELECT v.* FROM unnest($1::text[]) i JOIN whetstone.skill_versions v ON v.id = i',
      ' AND v.tenant_id = $2',
      [
        (
          await owner.query(
            'SELECT array_agg(id) AS ids FROM (SELECT id FROM whetstone.skill_versions WHERE tenant_id = $1 LIMIT 100) x',
            [tenantId],
          )
        ).rows[0].ids,
      ],
    ],
    ['all skills by name', 'SELECT * FROM whetstone.skills ORDER BY lower(name) LIMIT $1', '', [200]],
    [
      'count of all versions',
      'SELECT count(*) FROM whetstone.skill_versions WHERE version > $1',
      ' AND tenant_id = $2',
      [0],
    ],
  ]
  print('')
  print('Reading under the policies, against a superuser who names the tenant; best of 200')
  for (const [name, sql, filter, values] of queries) {
    const plain = filter === '' ? sql.replace(' ORDER', ' WHERE tenant_id = $2 ORDER') : sql + filter
    const ratio = await ratioOf(
      () => members[0].query({ name: `m ${name}`, text: sql, values }),
      () => owner.query({ name: `o ${name}`, text: plain, values: [...values, tenantId] }),
    )
    print(
      `${name.padEnd(58)} ${ratio.with.toFixed(3).padStart(9)} ms ${ratio.without.toFixed(3).padStart(9)} ms ${(ratio.with / ratio.without).toFixed(2).padStart(6)}×`,
    )
    if (ratio.with / ratio.without > GOALS.policy)
      missed.push(`${name} ${(ratio.with / ratio.without).toFixed(2)}×, goal ${GOALS.policy}×`)
  }
  let cursor: Cursor = { since: 0, mark: null }
  let rows = 0
  const taken = await time(async () => {
    while (rows < ROWS) {
      const page = await pull(members[1], cursor, 2_000)
      if (page.kind !== 'page') throw new Error(JSON.stringify(page))
      rows += page.changes.length
      cursor = page.next
    }
  })
  const nothing: number[] = []
  for (let n = 0; n < 50; n++) {
    const head = await pull(members[1], { ...cursor, since: cursor.since }, 1)
    nothing.push(
      await time(() => pull(members[1], head.kind === 'page' ? { since: head.head, mark: null } : cursor, 1)),
    )
  }
  print(`${'pull of 10,000 rows, pages of 2,000'.padEnd(58)} ${taken.toFixed(0).padStart(9)} ms`)
  print(`${'pull when nothing is new, one round trip'.padEnd(58)} ${best(nothing).toFixed(3).padStart(9)} ms`)
}

/** The same versions once more for another tenant, so that policies have something to keep apart. */
async function otherTenant(owner: pg.Client, like: string, n: number): Promise<void> {
  const id = `other-${n}`
  await owner.query('INSERT INTO whetstone.tenants (id, name, slug, created_at) VALUES ($1, $1, $1, 1)', [id])
  const columns = async (table: string) =>
    (
      await owner.query<{ name: string }>(
        "SELECT attname AS name FROM pg_attribute WHERE attrelid = ('whetstone.' || $1)::regclass AND attnum > 0 AND attname <> 'tenant_id'",
        [table],
      )
    ).rows
      .map(row => row.name)
      .join(', ')
  for (const table of ['users', 'skills', 'skill_versions']) {
    const names = await columns(table)
    await owner.query(
      `INSERT INTO whetstone.${table} (tenant_id, ${names}) SELECT $1, ${names} FROM whetstone.${table} WHERE tenant_id = $2`,
      [id, like],
    )
  }
}

async function ratioOf(
  first: () => Promise<unknown>,
  second: () => Promise<unknown>,
): Promise<{ with: number; without: number }> {
  const times: [number[], number[]] = [[], []]
  for (let n = 0; n < 200; n++) {
    times[0].push(await time(first))
    times[1].push(await time(second))
  }
  return { with: best(times[0]), without: best(times[1]) }
}

async function time(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now()
  await work()
  return performance.now() - start
}

const best = (times: readonly number[]): number => Math.min(...times)
const perSecond = (ms: number): string => Math.round((ROWS / ms) * 1_000).toLocaleString('en')

/** As skill_versions has them; still no policy, no reference, no number given, no log. */
const KEYED = `ALTER TABLE bare ADD tenant_id text NOT NULL DEFAULT 't', ADD PRIMARY KEY (tenant_id, id), ADD UNIQUE (tenant_id, skill_id, version),
  ADD CHECK (length(content_hash) = 64), ADD CHECK (encode(decode(content_hash, 'hex'), 'hex') = content_hash), ADD CHECK (metadata IS JSON),
  ADD CHECK (octet_length(name) <= 1000 AND octet_length(description) <= 20000 AND octet_length(message) <= 40000 AND octet_length(metadata) <= 65536)`

/** A page insert as such: what row-level security alone costs. */
const GUARDED = `ALTER TABLE bare ADD tenant_id text COLLATE "C" NOT NULL DEFAULT whetstone.current_tenant(), ADD PRIMARY KEY (tenant_id, id);
  ALTER TABLE bare ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY; GRANT SELECT, INSERT ON bare TO whetstone_author;
  CREATE POLICY tenant_isolation ON bare USING (tenant_id = (SELECT whetstone.current_tenant())) WITH CHECK (tenant_id = (SELECT whetstone.current_tenant()))`

async function insertPages(client: pg.Client, rows: readonly VersionToPush[]): Promise<void> {
  const columns = VERSION_COLUMNS.join(', ')
  const text = `INSERT INTO public.bare (tenant_id, ${columns}) SELECT t, p.* FROM whetstone.current_tenant() t,
    unnest(${VERSION_COLUMNS.map((_, n) => `$${n + 1}::text[]`).join(', ')}) AS p (${columns})`
  for (let start = 0; start < rows.length; start += 1_000) {
    const page = rows.slice(start, start + 1_000)
    await client.query({ text, values: VERSION_COLUMNS.map(column => textArray(page, column)) })
  }
}

if (process.argv[1] === import.meta.filename) await benchRegistry(line => console.log(line))
