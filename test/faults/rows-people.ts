import fs from 'node:fs'
import path from 'node:path'
import pg from 'pg'
import { exportTenant } from '../../electron/registry/export.ts'
import { decodeInvite, encodeInvite } from '../../electron/registry/invite.ts'
import { addMember } from '../../electron/registry/members.ts'
import { pushVersions } from '../../electron/registry/postgres.ts'
import { restoreTenant } from '../../electron/registry/restore.ts'
import { newVersion } from '../registry/registry.ts'
import { type App, newSkill, statusOf, synced, until } from './app.ts'
import { type Computer, type Crew, computer } from './crew.ts'
import { withLibrary } from './oracle.ts'
import { eventually, type Row } from './row.ts'
import { makeOtherTenant, registryMigrations } from './world.ts'

/** What several people, and a registry that was put back, do at once. */

/** Nobody reaches the registry while `work` goes on. */
async function offline(crew: Crew, work: () => Promise<void>): Promise<void> {
  crew.world.wire.refuse(true)
  crew.world.wire.cutAll()
  await work()
  crew.world.wire.refuse(false)
  for (const one of [crew.a, crew.b]) await one.app?.api.sync.now({ tenantId: crew.world.tenantId })
}

async function conflictsOf(app: App, tenantId: string, kind: string) {
  return (await app.api.sync.conflicts({ tenantId })).filter(conflict => conflict.kind === kind)
}

export const PEOPLE_ROWS: Row[] = [
  {
    n: 15,
    title: 'two clients make the next version at once',
    run: async (crew, { times }) => {
      const { a, b, world } = crew
      let shown = 0
      for (let n = 0; n < times(8, 1); n++) {
        const skillId = await newSkill(await a.start(), world.tenantId, `both-${n}-${Date.now()}`)
        await crew.save(a, undefined, skillId)
        for (const one of [a, b]) await synced(await one.start(), world)
        if (n % 2 === 0)
          await offline(
            crew,
            async () => void (await Promise.all([crew.save(a, undefined, skillId), crew.save(b, undefined, skillId)])),
          )
        else await Promise.all([crew.save(a, undefined, skillId), crew.save(b, undefined, skillId)])
        for (const one of [a, b, a]) await synced(await one.start(), world)
        const versions = await (await a.start()).api.versions.list({ skillId })
        if (versions.length !== 3) throw new Error(`${versions.length} of 3 versions are there`)
        const parents = versions.filter(version => version.parentId !== null).map(version => version.parentId)
        if (new Set(parents).size === parents.length) continue
        const told = [
          ...(await conflictsOf(await a.start(), world.tenantId, 'diverged')),
          ...(await conflictsOf(await b.start(), world.tenantId, 'diverged')),
        ].filter(conflict => conflict.skillId === skillId)
        if (told.length === 0) throw new Error('two went apart, and nobody was told')
        shown++
      }
      return `${shown} times apart, both kept and shown; ${await crew.checkAll()}`
    },
  },
  {
    n: 16,
    title: 'two clients change one rating',
    run: async (crew, { times }) => {
      const { a, b, world } = crew
      const saved = await crew.save(b)
      for (const one of [a, b]) await synced(await one.start(), world)
      await a.stop()
      // The same person's second computer.
      const twin = computer(world, a.member, crew.kills)
      fs.cpSync(a.dataDir, twin.dataDir, { recursive: true })
      const rate = async (on: Computer, rating: number) =>
        await (await on.start()).api.ratings.rate({ versionId: saved.id, rating, comment: `${rating}`, hoursSaved: 0 })
      for (let n = 0; n < times(6, 1); n++) {
        await a.start()
        await twin.start()
        await offline(crew, async () => void (await Promise.all([rate(a, 1 + (n % 5)), rate(twin, 1 + ((n + 2) % 5))])))
        for (const one of [a, twin, b, a, twin, b]) await synced(await one.start(), world)
        const seen = await Promise.all(
          [a, twin, b].map(async one => {
            const all = await (await one.start()).api.ratings.list({ skillId: crew.skillId })
            return all.filter(rating => rating.versionId === saved.id).map(rating => rating.rating)
          }),
        )
        const there = await world.sql<{ rating: number }>(
          'SELECT rating FROM whetstone.ratings WHERE skill_version_id = $1',
          [saved.id],
        )
        for (const ratings of [...seen, there.map(row => row.rating)])
          if (ratings.length !== 1 || ratings[0] !== there[0]?.rating)
            throw new Error(`not the same winner everywhere: ${JSON.stringify(seen)}, ${JSON.stringify(there)}`)
      }
      await twin.stop()
      return `the same winner in three libraries and the registry; ${await crew.checkAll()}`
    },
  },
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
        const mine = newVersion(crew.skillId, { message: `slow ${n} ${Math.random()}`, ...(await contentOf(crew)) })
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
    run: async crew => {
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
      return `${lost} lost versions pushed again; ${await crew.checkAll()}`
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
      const squat = await connect()
      const pushed = await pushVersions(squat, [newVersion(crew.skillId, { id: known?.id ?? '' })])
      for (let n = 0; n < times(6, 1); n++) {
        await crew.save(a)
        await synced(await a.start(), world, 60_000)
      }
      await harm
      for (const client of clients) await client.end().catch(() => undefined)
      const rows = await world.sql('SELECT 1 FROM whetstone.skill_versions WHERE tenant_id = $1 AND id = $2', [
        other.tenantId,
        known?.id,
      ])
      await synced(await b.start(), world)
      return `${tried.join(', ')}; squatted: ${pushed.kind === 'answered' ? pushed.rows[0]?.state : pushed.kind}, ${rows.length} rows; ${await crew.checkAll()}`
    },
  },
  {
    n: 25,
    title: 'delete against a concurrent edit',
    run: async (crew, { times }) => {
      const { a, b, world } = crew
      const admin = await loginOf(crew, 'remover', 'admin')
      const client = new pg.Client({ connectionString: admin.url })
      client.on('error', () => undefined)
      await client.connect()
      let told = 0
      for (let n = 0; n < times(4, 1); n++) {
        const skillId = await newSkill(await a.start(), world.tenantId, `goes-${n}-${Date.now()}`)
        // One without versions: those are never deleted. A's own text in it waits in its working copy.
        for (const one of [a, b]) await synced(await one.start(), world)
        world.wire.refuse(true)
        world.wire.cutAll()
        const edited = await crew.save(b, undefined, skillId)
        const { rows } = await client.query('SELECT * FROM whetstone.remove_rows($1, $2)', ['skills', [skillId]])
        world.wire.refuse(false)
        const app = await b.start()
        await app.api.sync.now({ tenantId: world.tenantId })
        if (rows[0]?.state !== 'deleted') throw new Error(`it was not deleted: ${JSON.stringify(rows)}`)
        await eventually('it was told', async () =>
          (await conflictsOf(app, world.tenantId, 'deleted')).some(conflict => conflict.skillId === skillId),
        )
        told++
        const kept = withLibrary(b.dataDir, library =>
          library.find('SELECT 1 FROM skill_versions WHERE id = ?', edited.id),
        )
        if (!kept) throw new Error('the edit was lost')
        const back = await world.sql('SELECT 1 FROM whetstone.skills WHERE tenant_id = $1 AND id = $2', [
          world.tenantId,
          skillId,
        ])
        if (back.length > 0) throw new Error('it came back to life in the registry')
        await decideDeleted(app, world.tenantId, skillId)
        await decideDeleted(await a.start(), world.tenantId, skillId)
        for (const one of [a, b])
          one.saved.splice(0, one.saved.length, ...one.saved.filter(saved => saved.id !== edited.id))
      }
      await client.end()
      await until(await a.start(), world.tenantId, 'rests', status => status.progress === null)
      await statusOf(await a.start(), world.tenantId)
      return `${told} told, kept until decided, none came back; ${await crew.checkAll()}`
    },
  },
]

/** Lets it go, as the registry has, so that all are equal again. */
async function decideDeleted(app: App, tenantId: string, skillId: string): Promise<void> {
  await app.api.sync.now({ tenantId })
  let found: Awaited<ReturnType<typeof conflictsOf>>[number] | undefined
  const here = async () =>
    await app.api.skills.get({ id: skillId }).then(
      () => true,
      () => false,
    )
  await eventually('the deletion came', async () => {
    found = (await conflictsOf(app, tenantId, 'deleted')).find(conflict => conflict.skillId === skillId)
    return found !== undefined || !(await here())
  })
  const discard = found?.choices.find(choice => choice.key === 'discard')
  if (found && discard) await app.api.sync.decideConflict({ id: found.id, choice: discard.key })
  else if (found) throw new Error(`no choice lets it go: ${found.choices.map(choice => choice.key).join(', ')}`)
}

/** A member of the team who comes with a program of their own, past the proxy. */
async function loginOf(crew: Crew, name: string, role: 'author' | 'admin' = 'author'): Promise<{ url: string }> {
  const { world } = crew
  const member = await world.invite(`${name}-${Date.now()}`, role)
  const read = decodeInvite(member.invite)
  if (read.kind !== 'invite') throw new Error(read.reason)
  const url = new URL(read.invite.database)
  await world.sql('UPDATE whetstone.members SET accepted_at = $2 WHERE user_id = $1', [member.userId, Date.now()])
  return { url: world.urlOf({ user: decodeURIComponent(url.username), password: decodeURIComponent(url.password) }) }
}

/** The content of a version that is there already. */
async function contentOf(crew: Crew): Promise<{ content_hash: string }> {
  return { content_hash: crew.a.saved[0]?.contentHash ?? '' }
}

/** A new login for somebody whose account came out of an export, and the invite to it. */
async function inviteTo(crew: Crew, one: Computer): Promise<string> {
  const { world } = crew
  const read = decodeInvite(one.member.invite)
  if (read.kind !== 'invite') throw new Error(read.reason)
  const [now, was] = [Date.now(), read.invite]
  const login = await addMember(await world.owner(), {
    tenantId: world.tenantId,
    userId: one.member.userId,
    name: one.member.name,
    email: `${one.member.name}@team.example`,
    role: 'author',
    now,
    expiresAt: now + 3_600_000,
  })
  const url = new URL(was.database)
  url.username = login.user
  url.password = login.password
  return encodeInvite({ ...was, database: url.href, expiresAt: now + 3_600_000 })
}
