import { readManifest } from '../../electron/library/missing-content.ts'
import { blobKey } from '../../electron/registry/blobs.ts'
import { pushVersions } from '../../electron/registry/postgres.ts'
import { newVersion } from '../registry/registry.ts'
import { bareBucket } from '../support/r2.ts'
import { startApp, synced, until } from './app.ts'
import { type Crew, computer } from './crew.ts'
import { withLogin } from './logins.ts'
import { checkLibrary, withLibrary } from './oracle.ts'
import { eventually, type Row } from './row.ts'
import { haltAtEach, removing, reviewing } from './striking.ts'

/** Kill -9 of the app, at named points and anywhere; of Postgres; of the blob server. */

const after = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms))

export const KILL_ROWS: Row[] = [
  {
    n: 1,
    title: 'kill -9 before, inside, after the local commit',
    run: async (crew, { times, full }) => {
      const { a, world } = crew
      const outcome = { before: 0, after: 0 }
      // Wherever the commit is on this computer today: struck earlier after a save that was whole, later after one that was not.
      let delay = 10
      for (let n = 0; n < times(40, 4); n++) {
        const app = await a.start()
        const message = `local ${n} ${Math.random()}`
        const { files } = await app.api.workingCopies.get({ skillId: crew.skillId })
        const expected = files.find(file => file.path === 'SKILL.md')?.sha256 ?? null
        const text = `---\nname: s\ndescription: ${message}\n---\n${'words '.repeat(2_000)}\n`
        const content = { kind: 'text', text } as const
        await app.api.workingCopies.write({ skillId: crew.skillId, path: 'SKILL.md', content, expected })
        const saving = app.api.versions.save({ skillId: crew.skillId, message })
        saving.then(
          ({ id, contentHash }) => a.saved.push({ id, contentHash, skillId: crew.skillId, message }),
          () => undefined,
        )
        await after(delay * (0.5 + Math.random()))
        await a.kill()
        checkLibrary(a.dataDir, world.tenantId, a.saved)
        const there = withLibrary(a.dataDir, library =>
          library.find('SELECT 1 FROM skill_versions WHERE message = ?', message),
        )
        outcome[there ? 'after' : 'before']++
        delay = Math.max(0.5, delay * (there ? 0.7 : 1.4))
      }
      if (full && (outcome.before === 0 || outcome.after === 0))
        throw new Error(`all kills came on one side of the commit: ${JSON.stringify(outcome)}`)
      return `${outcome.before} absent, ${outcome.after} whole; ${await crew.checkAll()}`
    },
  },
  {
    n: 2,
    title: 'kill before PUT, mid-PUT, after PUT and before the row',
    run: async (crew, { times }) => {
      const { a, world } = crew
      let met = 0
      const said = await haltAtEach(crew, ['put:before', 'put:after', 'put:noted', 'versions:before'], times(5, 1))
      for (let n = 0; n < times(6, 1); n++) {
        // The store has it, or a part of it, and never answers.
        const put = Promise.withResolvers<void>()
        world.front.harm = request => {
          if (request.method !== 'PUT') return undefined
          put.resolve()
          return { kind: n % 2 === 0 ? 'hang' : 'lose-answer' }
        }
        await crew.save(a)
        await put.promise
        await a.kill()
        world.front.harm = undefined
        checkLibrary(a.dataDir, world.tenantId, a.saved)
        const from = world.front.seen.length
        await synced(await a.start(), world)
        const again = world.front.seen.slice(from).filter(one => one.method === 'PUT' && one.status === 412)
        // It was stored, and nobody knew: sent again, it is there, and read back before that is believed.
        if (n % 2 === 1 && again.length === 0) throw new Error('what was stored was not met again')
        met += again.length
      }
      await squattedByOtherBytes(crew)
      return `${said}; ${met} times there already; ${await crew.checkAll()}`
    },
  },
  {
    n: 3,
    title: 'kill after the remote commit, acknowledgement lost',
    run: async (crew, { times }) => {
      const { a, world } = crew
      let lost = 0
      let identical = 0
      for (let n = 0; n < times(8, 1); n++) {
        const app = await a.start()
        await synced(app, world)
        // From the moment the push is on its way nothing comes back.
        world.wire.heard = (direction, chunk) => {
          if (direction === 'up' && chunk.includes('push_versions')) world.wire.stall('down', true)
        }
        const saved = await crew.save(a)
        await eventually('the version reached the registry', async () => {
          return (await world.sql('SELECT 1 FROM whetstone.skill_versions WHERE id = $1', [saved.id])).length === 1
        })
        world.wire.heard = undefined
        await a.kill()
        const number = withLibrary(a.dataDir, library =>
          library.get<{ version: number | null }>('SELECT version FROM skill_versions WHERE id = ?', saved.id),
        )
        lost += number.version === null ? 1 : 0
        world.wire.cutAll()
        world.wire.stall('down', false)
        world.wire.heard = (direction, chunk) => {
          if (direction === 'down' && chunk.includes('identical')) identical++
        }
        await synced(await a.start(), world)
        world.wire.heard = undefined
      }
      if (lost < times(8, 1)) throw new Error(`only ${lost} answers were lost`)
      await replayed(crew)
      // A round pulls before it pushes, so most are met there; those that go again are told so.
      const heard = `${lost} answers lost of ${times(8, 1)}, ${identical} told “identical”, the others met by the pull`
      if (times(4, 0) === 0) return `${heard}; ${await crew.checkAll()}`
      await haltAtEach(crew, ['review:after'], 4, reviewing)
      await haltAtEach(crew, ['remove:after'], 4, removing)
      return `${heard}; ${await haltAtEach(crew, ['skills:after', 'rows:after', 'publish:after', 'versions:after'], 4)}`
    },
  },
  {
    n: 4,
    title: 'kill after the acknowledgement, around the local mark',
    run: async (crew, { times }) => {
      await haltAtEach(crew, ['review:before', 'review:acknowledged'], times(4, 1), reviewing)
      await haltAtEach(crew, ['remove:before', 'remove:acknowledged'], times(4, 1), removing)
      return await haltAtEach(
        crew,
        [
          'versions:after',
          'versions:acknowledged',
          'skills:before',
          'skills:acknowledged',
          'rows:before',
          'rows:acknowledged',
          'publish:before',
          'publish:acknowledged',
        ],
        times(4, 1),
      )
    },
  },
  {
    n: 5,
    title: 'kill mid-page of a pull',
    run: async (crew, { times }) =>
      await haltAtEach(
        crew,
        [
          'hello:before',
          'hello:after',
          'pull:before',
          'pull:after',
          'pull:applied',
          'pull:committed',
          'get:before',
          'get:after',
          'get:stored',
        ],
        times(4, 1),
      ),
  },
  {
    n: 27,
    title: '(beside the matrix) kill while joining, then a new invite',
    run: async (crew, { times }) => {
      const { world } = crew
      for (let n = 0; n < times(3, 1); n++)
        for (const point of ['join:accepted', 'join:kept', 'join:committed'] as const) {
          const member = await world.invite(`joiner-${point.slice(5)}-${Math.random()}`)
          const one = computer(world, member, crew.kills)
          const app = await startApp(one.dataDir, { WHETSTONE_HALT_AT: `${point}:1` }, world.program)
          const joining = (async () => {
            const steps = await app.api.sync.join({ invite: member.invite })
            while (!(await steps.next()).done);
          })()
          joining.catch(() => undefined)
          await app.gone
          crew.struck(point)
          const again = await one.start()
          const here = (await again.api.sync.status()).some(team => team.tenantId === world.tenantId)
          if (here !== (point === 'join:committed'))
            throw new Error(`after ${point} the team is ${here ? '' : 'not '}here`)
          const { invite } = await world.inviteAgain(member)
          const steps = await again.api.sync.join({ invite })
          while (!(await steps.next()).done);
          await again.api.sync.start({ tenantId: world.tenantId })
          await synced(again, world)
          await one.stop()
        }
      return 'each goes on with a new invite'
    },
  },
  {
    n: 28,
    title: '(beside the matrix) kill -9 of Postgres and of the blob server while syncing',
    run: async (crew, { times }) => {
      const { a, b, world } = crew
      for (let n = 0; n < times(70, 1); n++) {
        await b.start()
        await crew.save(a)
        const rating = crew.save(b).catch(() => undefined)
        await after(Math.random() * 120)
        await world.killPostgres()
        await rating
        await crew.save(a)
        await world.startPostgres()
        if (n % 5 === 4) await synced(await a.start(), world)
      }
      for (let n = 0; n < times(70, 1); n++) {
        await crew.save(a)
        const saving = crew.save(b).catch(() => undefined)
        await after(Math.random() * 80)
        await world.killStore()
        await saving
        await world.startStore()
        if (n % 5 === 4) await synced(await a.start(), world)
      }
      await until(
        await a.start(),
        world.tenantId,
        'on again',
        status => status.problem === null || status.state !== 'attention',
      )
      return await crew.checkAll()
    },
  },
]

/** Other bytes lie under the name that is to be stored: 412 is no success then, they are replaced. */
async function squattedByOtherBytes(crew: Crew): Promise<void> {
  const { a, world } = crew
  const bucket = bareBucket(world.bucket)
  world.wire.refuse(true)
  world.wire.cutAll()
  const saved = await crew.save(a)
  const names = withLibrary(a.dataDir, library =>
    (readManifest(library, saved.contentHash) ?? []).map(file => file.sha256),
  )
  for (const name of [saved.contentHash, ...names]) await bucket.putKey(blobKey(name), Buffer.from('other bytes'))
  bucket.close()
  world.wire.refuse(false)
  await synced(await a.start(), world)
  for (const name of [saved.contentHash, ...names]) {
    const there = await world.store.get(name)
    if (there.kind !== 'found') throw new Error(`what lay under the name of new content is ${there.kind}`)
  }
}

/** The same version pushed again by whoever heard no answer: told as identical, under its number. */
async function replayed(crew: Crew): Promise<void> {
  const mine = newVersion(crew.skillId, {
    message: `replayed ${Math.random()}`,
    content_hash: crew.a.saved[0]?.contentHash ?? '',
  })
  await withLogin(crew, 'replayer', 'author', async client => {
    const said = [await pushVersions(client, [mine]), await pushVersions(client, [mine])].map(answer =>
      answer.kind === 'answered' ? answer.rows[0] : undefined,
    )
    const [first, again] = said
    if (first?.state !== 'inserted' || again?.state !== 'identical' || first.version !== again.version)
      throw new Error(`the replay was told ${JSON.stringify(said)}`)
  })
}
