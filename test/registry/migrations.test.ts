import { spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { createInterface } from 'node:readline'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readDefinitions, readFingerprint, recordedFingerprint } from '../../electron/registry/fingerprint.ts'
import { addMember, listMembers, removeMember } from '../../electron/registry/members.ts'
import { type Migration, migrateRegistry } from '../../electron/registry/migrate.ts'
import { hello } from '../../electron/registry/postgres.ts'
import { initRegistry } from '../../electron/registry/provision.ts'
import { projectDir } from '../support/backend.ts'
import { noPostgres, startTestPostgres, type TestPostgres, withClient } from '../support/postgres.ts'
import { migrations } from './registry.ts'

describe.skipIf(noPostgres !== undefined)(`migrations${noPostgres ? `: ${noPostgres}` : ''}`, () => {
  let postgres: TestPostgres
  let expected: Map<string, string>
  beforeAll(async () => {
    postgres = await startTestPostgres()
    const { url } = await postgres.createDatabase()
    await withClient(url, async client => {
      expect(await migrateRegistry(client, migrations, 1)).toMatchObject({
        kind: 'ready',
        version: migrations.at(-1)?.id,
      })
      expected = await readDefinitions(client)
    })
  })
  afterAll(() => postgres.stop())

  const fresh = async () => (await postgres.createDatabase()).url
  const isWhole = async (client: pg.Client) => {
    expect(await readDefinitions(client)).toEqual(expected)
    expect(await recordedFingerprint(client)).toEqual(await readFingerprint(client))
    const { rows } = await client.query('SELECT id, name, hash FROM whetstone.migrations ORDER BY id')
    expect(rows).toEqual(migrations.map(({ id, name, hash }) => ({ id, name, hash })))
  }

  test('are numbered by tens, each once', () => {
    const ids = migrations.map(migration => migration.id)
    expect(ids).toEqual([...new Set(ids)].sort((x, y) => x - y))
    expect(ids.filter(id => id % 10 !== 0)).toEqual([])
  })

  test('twice: the second time nothing is to be done', async () => {
    await withClient(await fresh(), async client => {
      expect(await migrateRegistry(client, migrations, 1)).toMatchObject({
        kind: 'ready',
        applied: migrations.map(one => one.name),
      })
      expect(await migrateRegistry(client, migrations, 2)).toMatchObject({ kind: 'ready', applied: [] })
      await isWhole(client)
    })
  })

  // Many at once, from some states: one at a time, from each, is what the tests below do.
  test.each(
    migrations
      .slice(0, -1)
      .map((migration, n) => ({ name: migration.name, n: n + 1 }))
      .filter(({ n }) => n % 5 === 1),
  )('from the state after $name', async ({ n }) => {
    await withClient(await fresh(), async client => {
      expect(await migrateRegistry(client, migrations.slice(0, n), 1)).toMatchObject({ kind: 'ready' })
      expect(await migrateRegistry(client, migrations, 2)).toMatchObject({
        kind: 'ready',
        applied: migrations.slice(n).map(one => one.name),
      })
      await isWhole(client)
    })
  })

  test('each over a state in which all its statements ran and nobody noted it', async () => {
    await withClient(await fresh(), async client => {
      for (const migration of migrations) {
        await client.query(`BEGIN; ${migration.sql}; COMMIT`)
        expect(await migrateRegistry(client, migrations.slice(0, migrations.indexOf(migration) + 1), 1)).toMatchObject({
          kind: 'ready',
          applied: [migration.name],
        })
      }
      await isWhole(client)
    })
  })

  test('each over a state in which half of its statements ran', async () => {
    await withClient(await fresh(), async client => {
      for (const migration of migrations) {
        const statements = split(migration.sql)
        expect(statements.length).toBeGreaterThan(1)
        await client.query(`BEGIN; ${statements.slice(0, statements.length >> 1).join(';')}; COMMIT`)
        expect(await migrateRegistry(client, migrations.slice(0, migrations.indexOf(migration) + 1), 1)).toMatchObject({
          kind: 'ready',
        })
      }
      await isWhole(client)
    })
  })

  /** Waits inside the transaction, after the migration's own statements. */
  const WAIT = ";DO $$ BEGIN RAISE WARNING 'inside'; PERFORM pg_sleep(600); END $$"
  const upTo = (victim: Migration) => migrations.filter(one => one.id <= victim.id)

  /** By a process of its own, which is killed there. */
  async function killInside(url: string, victim: Migration): Promise<void> {
    const script = `
      import pg from 'pg'
      import { migrateRegistry, readMigrations } from ${JSON.stringify(path.join(projectDir, 'electron/registry/migrate.ts'))}
      const known = readMigrations(${JSON.stringify(path.join(projectDir, 'migrations/postgres'))}).filter(one => one.id <= ${victim.id})
      const last = known.at(-1)
      const client = new pg.Client({ connectionString: ${JSON.stringify(url)} })
      await client.connect()
      client.on('notice', notice => console.log(notice.message))
      await migrateRegistry(client, [...known.slice(0, -1), { ...last, sql: last.sql + ${JSON.stringify(WAIT)} }], 1)`
    const child = spawn(process.execPath, ['--input-type=module-typescript', '-e', script], {
      cwd: projectDir,
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    await new Promise<void>(resolve => createInterface(child.stdout).on('line', line => line === 'inside' && resolve()))
    child.kill('SIGKILL')
    await once(child, 'exit')
  }

  /** By this process, whose line is cut there: all that the server sees of one that is killed. */
  async function cutInside(url: string, victim: Migration): Promise<void> {
    const client = new pg.Client({ connectionString: url })
    client.on('error', () => undefined)
    await client.connect()
    const inside = new Promise<void>(resolve => client.on('notice', notice => notice.message === 'inside' && resolve()))
    const ended = migrateRegistry(
      client,
      upTo(victim).map(one => (one === victim ? { ...one, sql: one.sql + WAIT } : one)),
      1,
    ).catch(() => undefined)
    await inside
    client.connection.stream.destroy()
    await ended
  }

  test('cut off in the middle of each, killed in that of the first and the last, then run again', async () => {
    const url = await fresh()
    for (const victim of migrations) {
      const isKilled = victim === migrations[0] || victim === migrations.at(-1)
      await (isKilled ? killInside : cutInside)(url, victim)
      await withClient(url, async client => {
        // The server notices that its client is gone when it next speaks to it; here we end its session at once.
        await client.query(
          "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'",
        )
        const again = await migrateRegistry(client, upTo(victim), 1)
        expect(again).toMatchObject({ kind: 'ready', applied: [victim.name] })
      })
    }
    await withClient(url, isWhole)
  })

  test('two at once: one waits for the other, both end ready', async () => {
    const url = await fresh()
    const results = await Promise.all(
      [1, 2, 3].map(now => withClient(url, client => migrateRegistry(client, migrations, now))),
    )
    expect(results.map(result => result.kind)).toEqual(['ready', 'ready', 'ready'])
    expect(results.flatMap(result => (result.kind === 'ready' ? result.applied : [])).sort()).toEqual(
      migrations.map(one => one.name),
    )
    await withClient(url, isWhole)
  })

  test('a failing one is undone and named; those before it stay', async () => {
    await withClient(await fresh(), async client => {
      const [first, second] = migrations
      if (!first || !second) throw new Error('no migrations')
      const broken: Migration = { ...second, sql: `${second.sql}; SELECT 1 / 0` }
      expect(await migrateRegistry(client, [first, broken], 1)).toEqual({
        kind: 'failed',
        name: second.name,
        reason: 'division by zero',
      })
      expect(
        (
          await client.query(
            "SELECT FROM pg_class WHERE relname = 'skills' AND relnamespace = 'whetstone'::regnamespace",
          )
        ).rowCount,
      ).toBe(0)
      expect(await migrateRegistry(client, migrations, 1)).toMatchObject({
        kind: 'ready',
        applied: migrations.slice(1).map(one => one.name),
      })
      await isWhole(client)
    })
  })

  test('a newer registry, a rewritten migration, a held lock, a login without rights: each told, nothing done', async () => {
    const { url, name } = await postgres.createDatabase()
    await withClient(url, async client => {
      expect(await migrateRegistry(client, migrations, 1)).toMatchObject({ kind: 'ready' })
      expect(await migrateRegistry(client, migrations.slice(0, -1), 1)).toEqual({
        kind: 'newer',
        unknown: [migrations.at(-1)?.id],
      })
      const edited = migrations.map(one => (one.id === 20 ? { ...one, hash: 'other' } : one))
      expect(await migrateRegistry(client, edited, 1)).toEqual({ kind: 'rewritten', name: '0020_tables.sql' })
      await client.query("CREATE ROLE weak LOGIN PASSWORD 'weak'")
      const weak = `postgres://weak:weak@127.0.0.1:${postgres.server.port}/${name}`
      expect(await withClient(weak, one => migrateRegistry(one, migrations, 1))).toMatchObject({
        kind: 'unsuited',
        reason: expect.stringContaining('CREATEROLE'),
      })
      await client.query('SELECT pg_advisory_lock(1464357716)')
      await withClient(url, async other => {
        const impatient: pg.Client['query'] = other.query.bind(other)
        // Ten seconds are the runner's; the test has no need to wait for them.
        Object.assign(other, {
          query: (text: string, values?: unknown[]) =>
            impatient(text.replace("lock_timeout = '10s'", "lock_timeout = '20ms'"), values),
        })
        expect(await migrateRegistry(other, migrations, 1)).toMatchObject({
          kind: 'busy',
          reason: expect.stringContaining('registry_owner'),
        })
      })
    })
  })

  test('an owner who is no superuser makes a registry, invites, removes', async () => {
    const { url, name } = await postgres.createDatabase()
    // Its own server, for the roles are the whole server's and belong to who made them.
    const own = await startTestPostgres()
    try {
      await withClient(own.server.url, async root => {
        await root.query("CREATE ROLE landlord LOGIN CREATEROLE PASSWORD 'landlord'")
        await root.query(`CREATE DATABASE ${name} OWNER landlord`)
      })
      const landlord = `postgres://landlord:landlord@127.0.0.1:${own.server.port}/${name}`
      await withClient(landlord, async client => {
        const made = await initRegistry(client, migrations, { id: 't1', name: 'Team', slug: 'team', now: 1 })
        expect(made).toMatchObject({ kind: 'ready', created: true })
        // What it may not take from members is said.
        expect(made.kind === 'ready' && made.remains.length).toBe(6)
        expect(await initRegistry(client, migrations, { id: 't2', name: 'Team', slug: 'team', now: 2 })).toMatchObject({
          kind: 'ready',
          created: false,
          tenantId: 't1',
        })
        const login = await addMember(client, {
          tenantId: 't1',
          userId: 'u1',
          name: 'Ada',
          email: null,
          role: 'admin',
          now: 1,
          expiresAt: Date.now() + 60_000,
        })
        const member = new pg.Client({
          connectionString: `postgres://${login.user}:${login.password}@127.0.0.1:${own.server.port}/${name}`,
        })
        member.on('error', () => undefined)
        await member.connect()
        expect(await hello(member)).toMatchObject({ hello: { tenant_id: 't1', user_id: 'u1' } })
        expect(await removeMember(client, 't1', 'u1')).toEqual({ ended: 1, leftBehind: [] })
        expect(await listMembers(client, 't1', 1)).toMatchObject([{ userId: 'u1', state: 'removed' }])
      })
      await withClient(own.server.urlOf(name), async root =>
        expect(new Map([...(await readDefinitions(root))])).toEqual(expected),
      )
    } finally {
      await own.stop()
    }
    expect(url).toContain(name)
  })
})

/** Statements of a migration: split at semicolons that end a line outside of $$ … $$ bodies. */
function split(sql: string): string[] {
  const statements: string[] = []
  let current = ''
  let quoted: string | undefined
  for (const line of sql.split('\n')) {
    for (const [tag] of line.matchAll(/\$[a-z]*\$/g))
      quoted = quoted === undefined ? tag : quoted === tag ? undefined : quoted
    current += `${line}\n`
    if (quoted === undefined && /;\s*(--.*)?$/.test(line)) {
      statements.push(current.replace(/;\s*(--.*)?$/, ''))
      current = ''
    }
  }
  return current.trim() === '' ? statements : [...statements, current]
}
