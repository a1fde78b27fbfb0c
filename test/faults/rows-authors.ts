import fs from 'node:fs'
import pg from 'pg'
import { type App, newSkill, statusOf, synced, until } from './app.ts'
import { type Computer, type Crew, computer } from './crew.ts'
import { loginOf } from './logins.ts'
import { withLibrary } from './oracle.ts'
import { eventually, type Row } from './row.ts'

/** What two people do to one thing at once. */

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

export const AUTHOR_ROWS: Row[] = [
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
        if (new Set(parents).size === parents.length) {
          if (n % 2 === 0) throw new Error('two who saved offline from one version did not go apart')
          continue
        }
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
