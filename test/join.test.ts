import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { syncOptions } from '../electron/entry/options.ts'
import { encodeInvite } from '../electron/registry/invite.ts'
import { addMember } from '../electron/registry/members.ts'
import type { Point } from '../electron/sync/points.ts'
import { type App, startApp } from './faults/app.ts'
import { startTestRegistry, type TestDatabase, type TestRegistry } from './registry/registry.ts'
import { testBackend } from './support/backend.ts'
import { noPostgres } from './support/postgres.ts'
import { temporaryFolder } from './support/temporary.ts'

type Api = Pick<App['api'], 'sync' | 'spaces'>

/** Joins, saying each step; what the last one answers. */
async function join(api: Api, invite: string, onStep = (_: string) => {}, signal?: AbortSignal) {
  const steps = await api.sync.join({ invite }, signal ? { signal } : {})
  for (;;) {
    const next = await steps.next()
    if (next.done) return next.value
    onStep(next.value.step)
  }
}
const codeOf = (joining: Promise<unknown>) =>
  joining.then(
    () => 'joined',
    (error: { code?: string; message: string }) => error.code ?? error.message,
  )
const teams = async (api: Api) => (await api.spaces.list()).filter(space => space.kind === 'team').length

describe.skipIf(noPostgres !== undefined)(
  `an invite is not lost on the way${noPostgres ? `: ${noPostgres}` : ''}`,
  () => {
    let registry: TestRegistry
    let db: TestDatabase
    beforeAll(async () => {
      registry = await startTestRegistry()
      db = await registry.database()
    })
    afterAll(async () => {
      await db.close()
      await registry.stop()
    })

    const invited = async () => {
      const { userId, name, role } = registry.a.author
      const now = Date.now()
      const tenant = { id: registry.a.id, name: 'Team alpha' }
      const member = { tenantId: tenant.id, userId, name, email: null, role, now, expiresAt: now + 3_600_000 }
      const login = await addMember(await db.owner(), member)
      const user = { id: userId, name }
      const where = { database: db.urlOf({ login }), storage: null }
      return encodeInvite({ tenant, user, role, ...where, expiresAt: member.expiresAt })
    }

    test.each<Point>(['join:accepted', 'join:kept', 'join:committed'])(
      'the app dies at %s: started again, the same invite goes on, and the one that was sent is worth nothing elsewhere',
      async point => {
        const dataDir = temporaryFolder()
        const invite = await invited()
        const dying = await startApp(dataDir, { WHETSTONE_HALT_AT: `${point}:1` })
        codeOf(join(dying.api, invite))
        await dying.gone
        const app = await startApp(dataDir)
        try {
          expect(await teams(app.api)).toBe(point === 'join:committed' ? 1 : 0)
          const joined = await join(app.api, invite)
          expect(joined).toMatchObject({ tenantId: registry.a.id, skills: 0, versions: 0 })
          expect(await teams(app.api)).toBe(1)
          await app.api.sync.start({ tenantId: joined.tenantId })
          await expect
            .poll(async () => (await app.api.sync.status())[0]?.syncedAt ?? null, { timeout: 30_000 })
            .not.toBeNull()
          await using elsewhere = await testBackend({ sync: syncOptions() })
          expect(await codeOf(join(elsewhere.api, invite))).toBe('SYNC_PROBLEM')
          expect(await teams(elsewhere.api)).toBe(0)
        } finally {
          await app.stop()
        }
      },
    )

    test.each(['keeping', 'reaching', 'checking'])(
      'cancelled while %s: nothing of the team is here, and the same invite joins',
      async step => {
        await using app = await testBackend({ sync: syncOptions() })
        const invite = await invited()
        const cancel = new AbortController()
        const cancelled = await codeOf(join(app.api, invite, said => said === step && cancel.abort(), cancel.signal))
        expect(cancelled).not.toBe('joined')
        expect([await teams(app.api), await app.api.sync.status()]).toEqual([0, []])
        expect(await codeOf(join(app.api, invite))).toBe('joined')
        expect(await teams(app.api)).toBe(1)
      },
    )

    test('an invite that died on the way does not stand in the way of another', async () => {
      const dataDir = temporaryFolder()
      const dying = await startApp(dataDir, { WHETSTONE_HALT_AT: 'join:accepted:1' })
      codeOf(join(dying.api, await invited()))
      await dying.gone
      await using app = await testBackend({ dataDir, sync: syncOptions() })
      expect(await codeOf(join(app.api, await invited()))).toBe('joined')
    })
  },
)
