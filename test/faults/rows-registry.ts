import fs from 'node:fs'
import path from 'node:path'
import pg from 'pg'
import { exportTenant } from '../../electron/registry/export.ts'
import { pushVersions } from '../../electron/registry/postgres.ts'
import { restoreTenant } from '../../electron/registry/restore.ts'
import { newVersion } from '../registry/registry.ts'
import { synced } from './app.ts'
import { type Crew, orGone } from './crew.ts'
import { inviteTo, loginOf } from './logins.ts'
import { eventually, type Row } from './row.ts'
import { haltOnce } from './striking.ts'
import { makeOtherTenant, registryMigrations } from './world.ts'

/** A registry that others write to, that was put back, that is attacked. */

export const REGISTRY_ROWS: Row[] = [
  {
    n: 21,
    title: 'another writer’s transaction open during a pull',
    run: async (crew, { times }) => {
      const { a, b, world } = crew
      const { url } = await loginOf(crew, 'slow-writer')
      const client = new pg.Client({ connectionString: url })
      client.on('error', () => undefined)
      await client.connect()
      for (let n = 0; n < times(5, 1); n++) {
        const mine = newVersion(crew.skillId, {
          message: `slow ${n} ${Math.random()}`,
          content_hash: crew.a.saved[0]?.contentHash ?? '',
        })
        await client.query('BEGIN')
        const pushed = await pushVersions(client, [mine])
        if (pushed.kind !== 'answered') throw new Error(pushed.message)
        // While that is open, others pull, and their pushes wait their turn.
        const saving = crew.save(b)
        await (await a.start()).api.sync.now({ tenantId: world.tenantId })
        await saving
        await new Promise(resolve => setTimeout(resolve, 500))
        await client.query('COMMIT')
        await eventually('the late one came', async () =>
          (await (await a.start()).api.versions.list({ skillId: crew.skillId })).some(
            version => version.id === mine.id,
          ),
        )
      }
      await client.end()
      return await crew.checkAll()
    },
  },
  {
    n: 22,
    title: 'registry restored from a backup (new epoch)',
    run: async (crew, { times }) => {
      const struck = await putBackAndStrike(crew, times(3, 1))
      const lost = await restoreElsewhere(crew)
      return `${struck} times struck while comparing; ${lost} lost versions pushed again; ${await crew.checkAll()}`
    },
  },
  {
    n: 23,
    title: 'hostile member: squatting, long transactions, locks, huge rows',
    run: async (crew, { times }) => {
      const { a, b, world } = crew
      const other = await makeOtherTenant(world)
      const clients: pg.Client[] = []
      const connect = async () => {
        const client = new pg.Client({ connectionString: other.url })
        client.on('error', () => undefined)
        await client.connect()
        clients.push(client)
        return client
      }
      const tried: string[] = []
      const attempt = (what: string, work: Promise<unknown>) =>
        work.then(
          () => tried.push(`${what}: allowed`),
          () => tried.push(`${what}: refused`),
        )
      const holder = await connect()
      await holder.query('BEGIN')
      await holder.query('SELECT * FROM whetstone.hello()').catch(() => undefined)
      const locker = await connect()
      const huge = await connect()
      const known = a.saved[0]
      const harm = Promise.all([
        attempt('lock', locker.query('LOCK TABLE whetstone.skill_versions IN ACCESS EXCLUSIVE MODE')),
        attempt(
          'advisory locks',
          (async () => {
            for (let n = 0; n < 500; n++) await holder.query('SELECT pg_advisory_lock($1)', [n])
          })(),
        ),
        attempt(
          'huge row',
          huge.query(
            "SELECT * FROM whetstone.push_skills(jsonb_build_array(jsonb_build_object('id', 'x', 'slug', 'x', 'name', repeat('x', 60000000)))::text)",
          ),
        ),
      ])
      let slowest = 0
      const squat = await connect()
      const pushed = await pushVersions(squat, [newVersion(crew.skillId, { id: known?.id ?? '' })])
      for (let n = 0; n < times(6, 1); n++) {
        const saved = await crew.save(a)
        const began = performance.now()
        await eventually('it arrived', async () => {
          const there = await world.sql('SELECT 1 FROM whetstone.skill_versions WHERE id = $1', [saved.id])
          return there.length === 1
        })
        slowest = Math.max(slowest, performance.now() - began)
      }
      await harm
      for (const what of ['lock', 'huge row'])
        if (!tried.includes(`${what}: refused`)) throw new Error(`not refused: ${tried.join(', ')}`)
      if (slowest > 5_000) throw new Error(`the other team waited ${(slowest / 1_000).toFixed(1)} s meanwhile`)
      for (const client of clients) await client.end().catch(() => undefined)
      const rows = await world.sql('SELECT 1 FROM whetstone.skill_versions WHERE tenant_id = $1 AND id = $2', [
        other.tenantId,
        known?.id,
      ])
      await synced(await b.start(), world)
      if (rows.length > 0) throw new Error('a version of another team was taken over')
      return `${tried.join(', ')}; the other team waited ${(slowest / 1_000).toFixed(1)} s at most; squatted: ${pushed.kind === 'answered' ? pushed.rows[0]?.state : pushed.kind}, ${rows.length} rows; ${await crew.checkAll()}`
    },
  },
]

/**
 * The server's files as they were some time ago, under the same logins: nobody says so, and the log is not the one that was
 * read. A is struck while it compares, at each point of that.
 */
async function putBackAndStrike(crew: Crew, times: number): Promise<number> {
  const { a, b, world } = crew
  let struck = 0
  for (let n = 0; n < times; n++)
    for (const point of ['reconcile:begun', 'reconcile:finishing', 'reconcile:done'] as const) {
      for (const one of [a, b]) await synced(await one.start(), world)
      const kept = await world.keepPostgres()
      const lost = [await crew.save(a), await crew.save(b)].map(saved => saved.id)
      for (const one of [a, b, a]) await synced(await one.start(), world)
      const there = await haltOnce(crew, point, 1, async () => {
        await Promise.all([a.stop(), b.stop()])
        await kept.putBack()
        const rows = await world.sql('SELECT 1 FROM whetstone.skill_versions WHERE id = ANY($1)', [lost])
        if (rows.length > 0) throw new Error('what came after the copy is still there')
        return async app => await orGone(app, app.api.sync.now({ tenantId: world.tenantId }))
      })
      if (!there) throw new Error(`${point} was never passed`)
      struck++
      await crew.checkAll()
    }
  return struck
}

/** An export put into an empty database: another epoch, and new logins. Answers how many versions it lacked. */
async function restoreElsewhere(crew: Crew): Promise<number> {
  const { a, b, world } = crew
  for (const one of [a, b]) await synced(await one.start(), world)
  const folder = fs.mkdtempSync(path.join(world.folder, 'export-'))
  const exported = await exportTenant(await world.owner(), {
    tenantId: world.tenantId,
    folder,
    store: null,
    now: Date.now(),
  })
  if (exported.kind !== 'exported') throw new Error(exported.reason)
  // All of this is only in the libraries once the registry is put back.
  await crew.save(a)
  await crew.save(b)
  const versionId = (await crew.save(a)).id
  await (await b.start()).api.ratings.rate({
    versionId: b.saved[0]?.id ?? versionId,
    rating: 5,
    comment: null,
    hoursSaved: 0,
  })
  for (const one of [a, b, a]) await synced(await one.start(), world)
  await Promise.all([a.stop(), b.stop()])
  await world.emptyDatabase()
  const restored = await restoreTenant(await world.owner(), {
    folder,
    store: null,
    migrations: registryMigrations,
    now: Date.now(),
  })
  if (restored.kind !== 'restored') throw new Error(JSON.stringify(restored))
  const [missing] = await world.sql<{ n: string }>(
    'SELECT count(*) AS n FROM whetstone.skill_versions WHERE id = ANY($1)',
    [[...a.saved, ...b.saved].map(saved => saved.id)],
  )
  const lost = a.saved.length + b.saved.length - Number(missing?.n)
  if (lost < 3) throw new Error('the restored registry should lack what came after its backup')
  for (const one of [a, b]) {
    const app = await one.start()
    const steps = await app.api.sync.join({ invite: await inviteTo(crew, one) })
    while (!(await steps.next()).done);
    await app.api.sync.start({ tenantId: world.tenantId })
  }
  return lost
}
