import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTestRegistry, type TestDatabase, type TestRegistry } from '../../test/registry/registry.ts'
import type { TestBackend } from '../../test/support/backend.ts'
import { noPostgres } from '../../test/support/postgres.ts'
import { type TestR2, testR2 } from '../../test/support/r2.ts'
import { type TcpProxy, tcpProxy } from '../../test/support/tcp-proxy.ts'
import { realApps } from '../../test/sync/real-apps.ts'

describe.skipIf(noPostgres !== undefined)(`content on its way${noPostgres ? `: ${noPostgres}` : ''}`, () => {
  let registry: TestRegistry
  let r2: TestR2
  let db: TestDatabase
  let line: TcpProxy
  beforeAll(async () => {
    r2 = await testR2('alpha')
    registry = await startTestRegistry()
    db = await registry.database()
    line = await tcpProxy(Number(new URL(r2.settings[0]?.endpoint ?? '').port))
  })
  afterAll(async () => {
    await line?.[Symbol.asyncDispose]()
    await db?.close()
    await registry?.stop()
    await r2?.[Symbol.asyncDispose]()
  })
  const { join, until, synced, newSkill, edit } = realApps(() => ({ registry, r2, db }))
  const further = realApps(() => {
    const [alpha] = r2.settings
    if (!alpha) throw new Error('There is no bucket.')
    const url = new URL(alpha.endpoint)
    url.port = String(line.port)
    return { registry, db, r2: { ...r2, settings: [{ ...alpha, endpoint: url.href }] } }
  })
  const found = async (app: TestBackend, query: string) =>
    (await app.api.skills.list({ tenantId: registry.a.id, query })).rows.map(skill => skill.slug).sort()

  test('is neither damaged nor found by its words; when it has come it is found by them, in each skill that shares it', async () => {
    await using ada = await join(registry.a.admin)
    await using ben = await further.join(registry.a.author)
    line.refuse(true)
    line.cutAll()
    const skillId = await newSkill(ada, 'brewing')
    await edit(ada, skillId, 'Say which kettle whistles.', 'second')
    // Byte for byte the same file in another skill.
    const personal = (await ada.api.spaces.list()).find(space => space.kind === 'personal')?.tenantId ?? ''
    const own = await ada.api.sync.share({ skillId, tenantId: personal })
    await ada.api.sync.share({ skillId: own.skillId, tenantId: registry.a.id, slug: 'brewing-2' })
    await synced(ada)
    await until(ben, async () => (await found(ben, 'brewing')).length === 2 || undefined)
    expect(await found(ben, 'whistles')).toEqual([])
    expect(ben.log.filter(said => /indexing|counting|damaged/.test(said))).toEqual([])

    line.refuse(false)
    await ben.api.sync.now({ tenantId: registry.a.id })
    await until(ben, async () => (await found(ben, 'whistles')).length === 2 || undefined)
    expect(await found(ben, 'whistles')).toEqual(['brewing', 'brewing-2'])
    expect(ben.log.filter(said => /indexing|counting|damaged/.test(said))).toEqual([])
  })
})
