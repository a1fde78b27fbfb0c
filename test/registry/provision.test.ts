import { execFileSync, spawnSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import pg from 'pg'
import { v7 } from 'uuid'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { acceptInvite } from '../../electron/registry/accept.ts'
import { connectionOf } from '../../electron/registry/connection.ts'
import { listen } from '../../electron/registry/listen.ts'
import { addMember, listMembers, removeMember, rotateMember, setMemberRole } from '../../electron/registry/members.ts'
import { hello, pushSkills, pushVersions } from '../../electron/registry/postgres.ts'
import { listTenants } from '../../electron/registry/provision.ts'
import { temporaryFolder } from '../support/backend.ts'
import { certify } from '../support/certify.ts'
import { noPostgres, startTestPostgres } from '../support/postgres.ts'
import { newSkill, newVersion, startTestRegistry, type TestDatabase, type TestRegistry } from './registry.ts'

describe.skipIf(noPostgres !== undefined)(`provisioning${noPostgres ? `: ${noPostgres}` : ''}`, () => {
  let registry: TestRegistry
  let db: TestDatabase
  let owner: pg.Client
  beforeAll(async () => {
    registry = await startTestRegistry()
    db = await registry.database()
    owner = await db.owner()
  })
  afterAll(async () => {
    await db.close()
    await registry.stop()
  })

  const invite = async (name: string, over: Partial<Parameters<typeof addMember>[1]> = {}) => {
    const userId = v7()
    const now = Date.now()
    const login = await addMember(owner, {
      tenantId: registry.a.id,
      userId,
      name,
      email: null,
      role: 'author',
      now,
      expiresAt: now + 60_000,
      ...over,
    })
    return { userId, login }
  }
  const config = (login: { user: string; password: string }) => {
    const connection = connectionOf(db.urlOf({ login }))
    if (connection.kind !== 'ok') throw new Error(connection.reason)
    return connection.config
  }

  test('an invite is accepted once; the password that was sent is worth nothing after', async () => {
    const { login, userId } = await invite('Eve')
    const accepted = await acceptInvite(config(login))
    if (accepted.kind !== 'accepted') throw new Error(JSON.stringify(accepted))
    expect(accepted.hello).toMatchObject({ user_id: userId, tenant_id: registry.a.id, role: 'author' })
    expect(await acceptInvite(config(login))).toMatchObject({ kind: 'denied' })
    const client = new pg.Client(config({ user: login.user, password: accepted.password }))
    await client.connect()
    expect(await hello(client)).toMatchObject({ kind: 'hello', hello: { user_id: userId } })
    await client.end()
    expect(await acceptInvite(config({ user: login.user, password: accepted.password }))).toMatchObject({
      kind: 'used',
    })
  })

  test('an expired invite is told as that, and a member’s state is listed', async () => {
    const late = await invite('Late', { expiresAt: 1 })
    expect(await acceptInvite(config(late.login))).toMatchObject({ kind: 'expired' })
    const members = await listMembers(owner, registry.a.id, Date.now())
    expect(members.find(member => member.userId === late.userId)).toMatchObject({ state: 'expired', name: 'Late' })
    expect(members.find(member => member.name === 'Eve')).toMatchObject({ state: 'active' })
    expect(members.find(member => member.name === 'Ada')).toMatchObject({ state: 'invited', role: 'admin' })
    expect(await listTenants(owner)).toMatchObject([{ slug: 'alpha' }, { slug: 'beta' }])
  })

  test('a role changes at once, in both directions, and ends the sessions of before', async () => {
    const { userId, login } = await invite('Flo', { role: 'reader' })
    // A change of role ends the sessions that the login has, so that none goes on with the old one.
    const session = async () => {
      const client = new pg.Client(config(login))
      client.on('error', () => undefined)
      await client.connect()
      return client
    }
    const reader = await session()
    expect(await pushSkills(reader, [newSkill()])).toMatchObject({ kind: 'denied' })
    expect(await setMemberRole(owner, registry.a.id, userId, 'author')).toBe(true)
    expect(await pushSkills(reader, [newSkill()])).toMatchObject({ kind: 'retry' })
    const author = await session()
    expect(await pushSkills(author, [newSkill()])).toMatchObject({ rows: [{ state: 'inserted' }] })
    expect(await hello(author)).toMatchObject({ hello: { role: 'author' } })
    expect(await setMemberRole(owner, registry.a.id, userId, 'reader')).toBe(true)
    expect(await pushSkills(author, [newSkill()])).toMatchObject({ kind: 'retry' })
    const again = await session()
    expect(await pushSkills(again, [newSkill()])).toMatchObject({ kind: 'denied' })
    expect(await setMemberRole(owner, registry.a.id, v7(), 'admin')).toBe(false)
    for (const client of [reader, author, again]) await client.end().catch(() => undefined)
  })

  test('removal cuts access at once; the work and the name stay; inviting again gives them a login', async () => {
    const { userId, login } = await invite('Gil')
    const client = new pg.Client(config(login))
    const lost = new Promise<void>(resolve => client.once('end', () => resolve()))
    client.on('error', () => undefined)
    await client.connect()
    const skill = newSkill()
    await pushSkills(client, [skill])
    await pushVersions(client, [newVersion(skill.id)])
    expect(await removeMember(owner, registry.a.id, userId)).toEqual({ ended: 1, leftBehind: [] })
    await lost
    expect(await acceptInvite(config(login))).toMatchObject({ kind: 'denied' })
    expect(await removeMember(owner, registry.a.id, userId)).toBeUndefined()
    // Nothing of the login is left: no membership, no role, no setting of it.
    const left = await owner.query(
      `SELECT 'member' FROM whetstone.members WHERE role_name = $1 OR user_id = $2
       UNION ALL SELECT 'role' FROM pg_roles WHERE rolname = $1
       UNION ALL SELECT 'settings' FROM pg_db_role_setting s WHERE s.setrole <> 0 AND NOT EXISTS (SELECT FROM pg_roles r WHERE r.oid = s.setrole)`,
      [login.user, userId],
    )
    expect(left.rows).toEqual([])
    const reader = await db.as(registry.a.reader)
    const { rows } = await reader.query(
      'SELECT u.name FROM whetstone.skill_versions v JOIN whetstone.users u ON u.id = v.created_by WHERE v.skill_id = $1',
      [skill.id],
    )
    expect(rows).toEqual([{ name: 'Gil' }])
    const again = await invite('Gil', { userId })
    const back = new pg.Client(config(again.login))
    await back.connect()
    expect(await pushSkills(back, [{ ...skill, category: 'mine again' }])).toMatchObject({
      rows: [{ state: 'updated' }],
    })
    await back.end()
  })

  test('rotating ends the sessions and the old password, and gives a new invite', async () => {
    const { userId, login } = await invite('Hal')
    const client = new pg.Client(config(login))
    const lost = new Promise<void>(resolve => client.once('end', () => resolve()))
    client.on('error', () => undefined)
    await client.connect()
    const fresh = await rotateMember(owner, registry.a.id, userId, Date.now() + 60_000)
    await lost
    if (!fresh) throw new Error('no member')
    expect(await acceptInvite(config(login))).toMatchObject({ kind: 'denied' })
    expect(await acceptInvite(config(fresh))).toMatchObject({ kind: 'accepted' })
  })

  test('listening hears one’s own team, through a lost connection, until the login is gone', async () => {
    const { userId, login } = await invite('Ida')
    const events: string[] = []
    let wake = () => {}
    const until = async (event: string, count: number) => {
      while (events.filter(one => one === event).length < count)
        await new Promise<void>(resolve => {
          wake = resolve
        })
    }
    const note = (event: string) => () => {
      events.push(event)
      wake()
    }
    const stop = listen(
      config(login),
      { changed: note('changed'), connected: note('connected'), lost: note('lost'), denied: note('denied') },
      {
        // Connecting again is not waited for; looking now and then, which is news too, is left out.
        after: (ms, callback) => {
          const timer = setTimeout(callback, ms >= 30_000 ? ms : 1)
          return () => clearTimeout(timer)
        },
      },
    )
    await until('connected', 1)
    await until('changed', 1)
    const author = await db.as(registry.a.author)
    await pushSkills(author, [newSkill()])
    await until('changed', 2)
    const stranger = await db.as(registry.b.author)
    await pushSkills(stranger, [newSkill()])
    await owner.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = $1', [login.user])
    await until('connected', 2)
    expect(events.filter(event => event === 'changed').length).toBeLessThanOrEqual(3)
    await removeMember(owner, registry.a.id, userId)
    await until('denied', 1)
    await stop()
  })

  const openssl = spawnSync('openssl', ['version']).status === 0
  test.skipIf(!openssl)(
    `TLS: the server's certificate and name are verified${openssl ? '' : ' (skipped: there is no openssl to make certificates with)'}`,
    async () => {
      const folder = temporaryFolder()
      const run = (...args: string[]) => execFileSync('openssl', args, { cwd: folder, stdio: 'ignore' })
      for (const ca of ['ca', 'other'])
        run(
          'req',
          '-x509',
          '-newkey',
          'ec',
          '-pkeyopt',
          'ec_paramgen_curve:P-256',
          '-nodes',
          '-keyout',
          `${ca}.key`,
          '-out',
          `${ca}.pem`,
          '-days',
          '2',
          '-subj',
          `/CN=${ca}`,
        )
      const sign = (name: string, san: string) => {
        run(
          'req',
          '-newkey',
          'ec',
          '-pkeyopt',
          'ec_paramgen_curve:P-256',
          '-nodes',
          '-keyout',
          `${name}.key`,
          '-out',
          `${name}.csr`,
          '-subj',
          `/CN=${name}`,
        )
        fs.writeFileSync(path.join(folder, `${name}.ext`), `subjectAltName=${san}`)
        run(
          'x509',
          '-req',
          '-in',
          `${name}.csr`,
          '-CA',
          'ca.pem',
          '-CAkey',
          'ca.key',
          '-CAcreateserial',
          '-out',
          `${name}.pem`,
          '-days',
          '2',
          '-extfile',
          `${name}.ext`,
        )
      }
      sign('right', 'DNS:localhost,IP:127.0.0.1')
      sign('wrong', 'DNS:db.example.com')
      const read = (name: string) => fs.readFileSync(path.join(folder, name), 'utf8')
      const postgres = await startTestPostgres()
      const install = (name: string) =>
        certify(
          postgres.server.url,
          path.join(postgres.server.folder, 'pgdata'),
          read(`${name}.key`),
          read(`${name}.pem`),
        )
      const connect = async (host: string, ca: string | undefined): Promise<string> => {
        const connection = connectionOf(`${postgres.server.url.replace('127.0.0.1', host)}?sslmode=verify-full`, { ca })
        if (connection.kind !== 'ok') return connection.reason
        const client = new pg.Client(connection.config)
        try {
          await client.connect()
          const { rows } = await client.query('SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()')
          return `ssl ${rows[0].ssl}`
        } catch (error) {
          return error instanceof Error && 'code' in error ? String(error.code) : String(error)
        } finally {
          await client.end().catch(() => undefined)
        }
      }
      try {
        await install('right')
        // The setting reaches new connections once the server has read it.
        while (!(await connect('localhost', read('ca.pem'))).startsWith('ssl'))
          await new Promise(resolve => setImmediate(resolve))
        expect(await connect('localhost', read('ca.pem'))).toBe('ssl true')
        expect(await connect('127.0.0.1', read('ca.pem'))).toBe('ssl true')
        expect(await connect('localhost', read('other.pem'))).toMatch(/CERT|UNABLE|SELF/)
        expect(await connect('localhost', undefined)).toMatch(/CERT|UNABLE|SELF/)
        await install('wrong')
        let said = await connect('localhost', read('ca.pem'))
        while (said === 'ssl true') said = await connect('localhost', read('ca.pem'))
        expect(said).toBe('ERR_TLS_CERT_ALTNAME_INVALID')
        expect(await connect('127.0.0.1', read('ca.pem'))).toBe('ERR_TLS_CERT_ALTNAME_INVALID')
      } finally {
        await postgres.stop()
        fs.rmSync(folder, { recursive: true })
      }
    },
  )
})
