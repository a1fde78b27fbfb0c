import fs from 'node:fs'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { resources, temporaryFolder, testBackend } from '../../test/support/backend.ts'
import { noPostgres } from '../../test/support/postgres.ts'
import { openLibrary } from '../library/open.ts'
import { insertSpace } from '../library/spaces.ts'
import { acceptInvite } from '../registry/accept.ts'
import { connectionOf } from '../registry/connection.ts'
import { decodeInvite } from '../registry/invite.ts'

let dataDir = ''
beforeEach(() => {
  dataDir = temporaryFolder()
})
afterEach(() => fs.rmSync(dataDir, { recursive: true, force: true }))

type Test = Awaited<ReturnType<typeof testBackend>>

/** Waits for what the page waits for: a change of registries, until the demo is where it should be. */
async function until({ api }: Test, state: 'running' | 'off') {
  const changes = await api.system.changes()
  for (;;) {
    const status = await api.registries.demo.status()
    if (status.state === state) {
      await changes.return?.()
      return status
    }
    await changes.next()
  }
}

/** Programs that were started on this test's folder; elsewhere than on Linux, Postgres's own word. */
function programsHere(): string[] {
  if (process.platform !== 'linux') return fs.existsSync(pidFile()) ? ['postgres'] : []
  return fs.readdirSync('/proc').filter(name => {
    try {
      return (
        /^\d+$/.test(name) &&
        (fs.readFileSync(`/proc/${name}/cmdline`, 'utf8').includes(dataDir) ||
          fs.readlinkSync(`/proc/${name}/cwd`).startsWith(dataDir))
      )
    } catch {
      return false
    }
  })
}
const pidFile = () => path.join(dataDir, 'demo-registry', 'postgres', 'pgdata', 'postmaster.pid')

/** As joining does: the login is taken, and a library of the team is here. */
async function join(invite: string): Promise<void> {
  const read = decodeInvite(invite)
  if (read.kind !== 'invite') throw new Error(read.reason)
  const connection = connectionOf(read.invite.database)
  if (connection.kind !== 'ok') throw new Error(connection.reason)
  expect((await acceptInvite(connection.config)).kind).toBe('accepted')
  const migrations = path.join(resources.migrations, 'sqlite')
  const opened = openLibrary({ dataDir, migrations, now: Date.now })
  if ('problem' in opened) throw new Error(opened.problem.happened)
  const { tenant, user } = read.invite
  opened.library.write(() =>
    insertSpace(opened.library, {
      tenantId: tenant.id,
      name: tenant.name,
      slug: 'demo',
      kind: 'team',
      user: { id: user.id, name: user.name, email: null },
      note: null,
      now: Date.now(),
    }),
  )
  opened.library.close()
}

describe.skipIf(noPostgres !== undefined)(`the demo registry of the app${noPostgres ? `: ${noPostgres}` : ''}`, () => {
  test('starts by one call, is administered like any other, ends without a process left, and begins again for its team', async () => {
    const first = await testBackend({ dataDir, resumeDemo: true })
    expect(await first.api.registries.demo.status()).toMatchObject({ state: 'off', kept: false, problem: null })
    await first.api.registries.demo.start()
    const running = await until(first, 'running')
    expect(running).toMatchObject({ registryId: 'demo', joined: false, kept: true, invite: expect.any(String) })
    expect(await first.api.registries.list()).toMatchObject([{ id: 'demo', demo: true, team: 'Demo team' }])
    const members = () => first.api.registries.members({ id: 'demo' })
    expect((await members()).members).toMatchObject([{ role: 'admin', state: 'invited' }])
    const { findings } = await first.api.registries.doctor({ id: 'demo' })
    expect(findings.filter(one => one.state === 'fail')).toEqual([])
    expect(findings.some(one => one.id.startsWith('storage'))).toBe(true)
    const ben = { id: 'demo', name: 'Ben', email: null, role: 'reader', days: 1 } as const
    expect((await first.api.registries.invite(ben)).invite).toMatch(/^whetstone-invite-1\./)
    expect(programsHere().length).toBeGreaterThan(0)
    await first.backend.close()
    expect(programsHere()).toEqual([])

    // Nobody here is in its team: it does not begin by itself.
    const second = await testBackend({ dataDir, resumeDemo: true })
    expect(await second.api.registries.demo.status()).toMatchObject({ state: 'off', kept: true })
    await second.api.registries.demo.start()
    const { invite } = await until(second, 'running')
    expect(invite).toBe(running.invite)
    await join(invite ?? '')
    // A used invite is not offered again.
    expect((await second.api.registries.demo.status()).invite).toBeNull()
    await second.backend.close()

    const third = await testBackend({ dataDir, resumeDemo: true })
    const resumed = await until(third, 'running')
    // The first invite was taken: this one is for another member.
    expect(resumed).toMatchObject({ joined: true, tenantId: running.tenantId, invite: expect.any(String) })
    expect(resumed.invite).not.toBe(invite)
    await third.api.registries.demo.stop()
    expect(await third.api.registries.demo.status()).toMatchObject({ state: 'off', invite: null, registryId: null })
    expect(programsHere()).toEqual([])
    await third.backend.close()

    // Stopped by hand, it stays so; and a backend that is not the app never begins it.
    const fourth = await testBackend({ dataDir, resumeDemo: true })
    expect((await fourth.api.registries.demo.status()).state).toBe('off')
    await fourth.backend.close()
  })

  test('stopped while it starts, it leaves nothing running; a server that dies is said', async () => {
    const here = await testBackend({ dataDir })
    await here.api.registries.demo.start()
    await here.api.registries.demo.stop()
    expect(await here.api.registries.demo.status()).toMatchObject({ state: 'off', problem: null })
    expect(programsHere()).toEqual([])

    await here.api.registries.demo.start()
    await until(here, 'running')
    process.kill(Number(fs.readFileSync(pidFile(), 'utf8').split('\n')[0]), 'SIGKILL')
    const lost = await until(here, 'off')
    expect(lost.problem).toMatch(/ended unexpectedly/)
    await here.backend.close()
    expect(programsHere()).toEqual([])
  })
})
