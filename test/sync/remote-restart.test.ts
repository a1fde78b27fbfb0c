import fs from 'node:fs'
import path from 'node:path'
import pg from 'pg'
import { v7 } from 'uuid'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../electron/registry/embedded-postgres.ts'
import { addMember } from '../../electron/registry/members.ts'
import { initRegistry } from '../../electron/registry/provision.ts'
import { openRemote } from '../../electron/registry/remote.ts'
import type { Remote } from '../../electron/sync/remote.ts'
import { migrations, newSkill, newVersion } from '../registry/registry.ts'
import { noPostgres } from '../support/postgres.ts'
import { temporaryFolder } from '../support/temporary.ts'

const why = noPostgres ?? (process.platform === 'win32' ? 'Windows has no signals' : undefined)

/** A server of the test's own, durable as a team's is, which it may end and start again in the same place. */
describe.skipIf(why !== undefined)(`a server that goes and comes back${why ? `: ${why}` : ''}`, () => {
  const root = temporaryFolder()
  let server: EmbeddedPostgres
  let remote: Remote
  let skillId: string

  const start = async (port?: number): Promise<EmbeddedPostgres> => {
    // What is left of a killed server may hold its memory a moment longer.
    for (let tries = 0; ; tries++) {
      const folder = path.join(root, 'registry')
      const started = await startEmbeddedPostgres({ folder, ...(port === undefined ? {} : { port }) })
      if (started.kind === 'started') return started.server
      if (tries === 50) throw new Error(started.reason)
    }
  }
  beforeAll(async () => {
    server = await start()
    const owner = new pg.Client({ connectionString: server.url })
    await owner.connect()
    const now = Date.now()
    const tenantId = v7()
    await initRegistry(owner, migrations, { id: tenantId, name: 'Team', slug: 'team', now })
    const member = { tenantId, userId: v7(), name: 'Ada', email: null, role: 'author' as const, now }
    const login = await addMember(owner, { ...member, expiresAt: now + 3_600_000 })
    await owner.end()
    const database = `postgres://${login.user}@127.0.0.1:${server.port}/postgres`
    const listen = { random: () => 0.02 }
    remote = openRemote({ database, password: login.password, storage: null }, { callMs: 5_000, listen })
    const skill = newSkill()
    skillId = skill.id
    expect(await remote.pushSkills([skill])).toMatchObject({ rows: [{ state: 'inserted' }] })
  })
  afterAll(async () => {
    await remote?.close()
    await server?.stop()
    fs.rmSync(root, { recursive: true, force: true })
  })

  test.each(['SIGINT', 'SIGKILL'] as const)(
    'ended by %s: the next call works, what was said is there',
    async signal => {
      const before = newVersion(skillId)
      expect(await remote.pushVersions([before])).toMatchObject({ rows: [{ state: 'inserted' }] })
      let lost: (() => void) | undefined
      let connected: (() => void) | undefined
      const once = () =>
        new Promise<void>(resolve => {
          connected = resolve
        })
      const first = once()
      const stop = remote.listen({ changed: () => undefined, connected: () => connected?.(), lost: () => lost?.() })
      await first
      const gone = new Promise<void>(resolve => {
        lost = resolve
      })
      const { port, pid } = server
      process.kill(pid, signal)
      await gone
      // Nobody is there: an answer all the same.
      const down = await remote.pushVersions([newVersion(skillId)])
      expect(down).toMatchObject({ kind: 'retry' })
      const again = once()
      await server.stop()
      server = await start(port)
      expect(server.port).toBe(port)
      expect(await remote.hello()).toMatchObject({ kind: 'hello' })
      expect(await remote.pushVersions([before, newVersion(skillId)])).toMatchObject({
        rows: [{ state: 'identical' }, { state: 'inserted' }],
      })
      await again
      await stop()
    },
  )
})
