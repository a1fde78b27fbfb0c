import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { startTestRegistry, type TestDatabase, type TestRegistry } from '../registry/registry.ts'
import type { TestBackend } from '../support/backend.ts'
import { noPostgres } from '../support/postgres.ts'
import { type TestR2, testR2 } from '../support/r2.ts'
import { realApps } from './real-apps.ts'

/** Two apps, each with its own library, and one team on a real Postgres and R2's simulator. */

describe.skipIf(noPostgres !== undefined)(`two libraries and one team${noPostgres ? `: ${noPostgres}` : ''}`, () => {
  let registry: TestRegistry
  let r2: TestR2
  let db: TestDatabase

  beforeAll(async () => {
    r2 = await testR2('alpha')
    registry = await startTestRegistry()
  }, 20_000)
  beforeEach(async () => {
    db = await registry.database()
  })
  afterEach(async () => {
    await db?.close()
  })
  afterAll(async () => {
    await registry?.stop()
    await r2?.[Symbol.asyncDispose]()
  })

  const apps = realApps(() => ({ registry, r2, db }))
  const { arrived, join, statusOf, until, synced, newSkill, textOf, edit } = apps

  test('what one saves, publishes and rates is there for the other, content and all', async () => {
    await using ben = await join(registry.a.author)
    await using cleo = await join(registry.a.other)
    const skillId = await newSkill(ben, 'release-notes')
    const second = await edit(ben, skillId, 'Say less.', 'Say less')
    await synced(ben)
    const versions = await ben.api.versions.list({ skillId })
    expect(versions.map(version => version.number)).toEqual([2, 1])
    await ben.api.versions.publish({ skillId, versionId: second, expected: null })

    const seen = await until(cleo, async () => {
      const list = await cleo.api.versions.list({ skillId }).catch(() => [])
      return list.length === 2 && list[0]?.published ? list : undefined
    })
    expect(seen.map(version => [version.id, version.number, version.author.name])).toEqual(
      versions.map(version => [version.id, version.number, 'Ben']),
    )
    await synced(cleo)
    expect(await textOf(cleo, { kind: 'version', id: second })).toContain('Say less.')

    await cleo.api.ratings.rate({ versionId: second, rating: 4, comment: 'Good', hoursSaved: 0 })
    const rated = await until(ben, async () => {
      const list = await ben.api.ratings.list({ skillId })
      return list.length > 0 ? list : undefined
    })
    expect(rated).toMatchObject([{ rating: 4, comment: 'Good', hoursSaved: 0, userName: 'Cleo', mine: false }])
  }, 20_000)

  /** No connection: whoever changes the network's address tells the app by pausing it here. */
  const offline = async (app: TestBackend) => {
    await app.api.sync.pause({ tenantId: registry.a.id })
  }
  const online = async (app: TestBackend) => {
    await app.api.sync.start({ tenantId: registry.a.id })
    await synced(app)
  }
  const both = async (one: TestBackend, other: TestBackend, ...skillIds: string[]) => {
    await synced(one)
    await other.api.sync.now({ tenantId: registry.a.id })
    await synced(other)
    for (const skillId of skillIds) await arrived(other, one, skillId)
  }
  const conflictsOf = async (app: TestBackend) => await app.api.sync.conflicts({ tenantId: registry.a.id })

  test('a week apart: both versions are kept, numbered by the registry, and the divergence is shown', async () => {
    await using ben = await join(registry.a.author)
    await using cleo = await join(registry.a.other)
    const skillId = await newSkill(ben, 'pdf-forms')
    await both(ben, cleo, skillId)
    await offline(cleo)
    const here = await edit(cleo, skillId, 'From the train.', 'On the train')
    const more = await edit(cleo, skillId, 'And more.', 'Still on the train')
    const there = await edit(ben, skillId, 'From the office.', 'In the office')
    await synced(ben)
    expect((await cleo.api.versions.list({ skillId })).map(one => one.number)).toEqual([null, null, 1])
    await online(cleo)
    await both(cleo, ben, skillId)
    for (const app of [ben, cleo]) {
      const list = await app.api.versions.list({ skillId })
      expect(list.map(one => [one.id, one.number])).toEqual([
        [more, 4],
        [here, 3],
        [there, 2],
        [list.at(-1)?.id, 1],
      ])
      expect(await textOf(app, { kind: 'version', id: more })).toContain('From the train.')
      expect((await conflictsOf(app)).map(one => one.kind)).toContain('diverged')
    }
  }, 20_000)

  test('two skills of one name: the later one gets another, and its author is told', async () => {
    await using ben = await join(registry.a.author)
    await using cleo = await join(registry.a.other)
    await offline(cleo)
    const first = await newSkill(ben, 'same-name')
    await synced(ben)
    const second = await newSkill(cleo, 'same-name')
    await online(cleo)
    await both(cleo, ben, first, second)
    for (const app of [ben, cleo]) {
      expect((await app.api.skills.get({ id: first })).slug).toBe('same-name')
      expect((await app.api.skills.get({ id: second })).slug).toBe('same-name-2')
    }
    expect((await conflictsOf(cleo)).map(one => [one.kind, one.skillId])).toEqual([['slug', second]])
    expect(await conflictsOf(ben)).toEqual([])
  }, 20_000)

  test('both publish: the registry’s stands, the later one is asked', async () => {
    await using ada = await join(registry.a.admin)
    await using ben = await join(registry.a.author)
    const skillId = await newSkill(ben, 'published-twice')
    const second = await edit(ben, skillId, 'Better.', 'Better')
    await both(ben, ada, skillId)
    const [, first] = await ben.api.versions.list({ skillId })
    await offline(ada)
    await ben.api.versions.publish({ skillId, versionId: second, expected: null })
    await synced(ben)
    await ada.api.versions.publish({ skillId, versionId: first?.id ?? '', expected: null })
    await online(ada)
    expect((await ada.api.skills.get({ id: skillId })).published?.id).toBe(second)
    expect((await conflictsOf(ada)).map(one => [one.kind, one.skillId])).toEqual([['published', skillId]])
  }, 20_000)

  test('one’s own rating from two machines: the later one counts on both, and both are named', async () => {
    await using ben = await join(registry.a.author)
    const skillId = await newSkill(ben, 'rated-twice')
    const [version] = await ben.api.versions.list({ skillId })
    const versionId = version?.id ?? ''
    await synced(ben)
    await using again = await join(registry.a.author)
    await offline(again)
    await ben.api.ratings.rate({ versionId, rating: 2, comment: null, hoursSaved: null })
    await synced(ben)
    await again.api.ratings.rate({ versionId, rating: 5, comment: 'Now it works', hoursSaved: 3 })
    await online(again)
    await both(again, ben, skillId)
    for (const app of [ben, again])
      expect(await app.api.ratings.list({ skillId })).toMatchObject([
        { rating: 5, comment: 'Now it works', mine: true },
      ])
    const ids = await Promise.all([ben, again].map(async app => (await app.api.ratings.list({ skillId }))[0]?.id))
    expect(ids[0]).toBe(ids[1])
    expect((await conflictsOf(again)).map(one => one.kind)).toEqual(['rating'])
  }, 20_000)

  test('a change survives the app’s end, and a sync with nothing to do leaves nothing behind', async () => {
    const ben = await join(registry.a.author)
    await offline(ben)
    const skillId = await newSkill(ben, 'kept-over-night')
    await using later = await ben.restart()
    expect((await statusOf(later)).state).toBe('paused')
    expect((await statusOf(later)).waiting).toBe(2)
    await online(later)
    expect((await later.api.versions.list({ skillId })).map(one => one.number)).toEqual([1])
    expect(await later.api.sync.queue({ tenantId: registry.a.id })).toEqual([])
  }, 20_000)

  test('a benchmark case arrives with its files', async () => {
    await using ben = await join(registry.a.author)
    await using cleo = await join(registry.a.other)
    const skillId = await newSkill(ben, 'reads-tables')
    const bytes = Buffer.from('a,b\n1,2\n')
    const file = await ben.api.cases.putFile({ path: 'in.csv', base64: bytes.toString('base64') })
    const content = { name: 'Reads', prompt: 'Read in.csv.', expectedOutput: null, assertions: [], tags: [], weight: 1 }
    await ben.api.cases.add({ skillId, content: { ...content, files: [file] } })
    await synced(ben)
    const listed = await until(cleo, async () => {
      const { cases } = await cleo.api.cases.list({ skillId, archived: false }).catch(() => ({ cases: [] }))
      return cases.length > 0 ? cases : undefined
    })
    expect(listed[0]?.content.files).toEqual([file])
    // The form brings the bytes along, where they are here.
    const exported = async () => {
      const { name } = await cleo.api.cases.export({ skillId, form: 'skill-creator' })
      return name.endsWith('.zip') ? name : undefined
    }
    expect(await until(cleo, exported)).toBe('reads-tables-cases.zip')
  }, 20_000)
})
