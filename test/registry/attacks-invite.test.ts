import { Client, escapeIdentifier } from 'pg'
import { v7 } from 'uuid'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { acceptInvite } from '../../electron/registry/accept.ts'
import { listen } from '../../electron/registry/listen.ts'
import { addMember, type Login, removeMember, rotateMember, setMemberRole } from '../../electron/registry/members.ts'
import { pushSkills } from '../../electron/registry/postgres.ts'
import { noPostgres } from '../support/postgres.ts'
import { AttackField } from './attack-field.ts'
import { newSkill } from './registry.ts'

/** What somebody can do who has read an invite, and somebody who was a member, with sessions that are still open. */
describe.skipIf(noPostgres !== undefined)(`attacks: invites and sessions${noPostgres ? `: ${noPostgres}` : ''}`, () => {
  let field: AttackField
  beforeAll(async () => {
    field = await AttackField.open()
  })
  afterAll(async () => {
    await field.syncOfA()
    await field.close()
  })

  const invited = async (): Promise<{ userId: string; login: Login }> => {
    const owner = await field.db.owner()
    const now = Date.now()
    const userId = v7()
    const member = { tenantId: field.b.id, userId, name: 'Eve', email: null, role: 'admin' as const }
    const login = await addMember(owner, { ...member, now, expiresAt: now + 3_600_000 })
    await owner.end()
    return { userId, login }
  }
  const configOf = (login: Login) => {
    const url = new URL(field.db.urlOf({ login }))
    return {
      host: url.hostname,
      port: Number(url.port),
      database: url.pathname.slice(1),
      user: login.user,
      password: login.password,
    }
  }
  const open = async (login: Login): Promise<{ client: Client; ended: Promise<void> }> => {
    const client = new Client(configOf(login))
    client.on('error', () => undefined)
    const ended = new Promise<void>(resolve => client.once('end', () => resolve()))
    await client.connect()
    return { client, ended }
  }

  test('sessions that were opened with the invite before it was accepted are ended by accepting', async () => {
    const { login } = await invited()
    const thieves = [await open(login), await open(login), await open(login)]
    const [sitting, waiting] = thieves
    await sitting?.client.query('BEGIN; SELECT * FROM whetstone.skills')
    const asleep = waiting?.client.query('SELECT pg_sleep(600)').catch(error => error.code)
    const accepted = await acceptInvite(configOf(login))
    expect(accepted.kind).toBe('accepted')
    await Promise.all(thieves.map(thief => thief.ended))
    expect(await asleep).toBe('57P01')
    for (const { client } of thieves)
      await expect(client.query(`ALTER ROLE ${escapeIdentifier(login.user)} PASSWORD 'thief'`)).rejects.toBeDefined()
    await expect(open(login)).rejects.toMatchObject({ code: '28P01' })
    await expect(open({ ...login, password: 'thief' })).rejects.toMatchObject({ code: '28P01' })
    if (accepted.kind !== 'accepted') return
    const mine = await open({ ...login, password: accepted.password })
    expect(await pushSkills(mine.client, [newSkill()])).toMatchObject({ rows: [{ state: 'inserted' }] })
    // The old invite once more is worth nothing; with the new password it says that it was used.
    expect(await acceptInvite(configOf(login))).toMatchObject({ kind: 'denied' })
    await mine.client.end()
    const again = configOf({ ...login, password: accepted.password })
    expect(await acceptInvite(again, accepted.password)).toMatchObject({ kind: 'used' })
  })

  test('one who is still in when the password changes is ended after it', async () => {
    const { login } = await invited()
    const owner = await field.db.owner()
    // As if the thief had come after those of before were sent out, and before the commit.
    const { rows } = await owner.query<{ sql: string }>(
      "SELECT pg_get_functiondef('whetstone.end_other_sessions()'::regprocedure) AS sql",
    )
    const sql = rows[0]?.sql ?? ''
    await owner.query(`CREATE SEQUENCE public.calls; GRANT USAGE ON SEQUENCE public.calls TO whetstone_reaper`)
    await owner.query(
      sql.replace('AND a.pid <> pg_backend_pid()', "AND a.pid <> pg_backend_pid() AND nextval('public.calls') > 1"),
    )
    const thief = await open(login)
    // Outlives the first call, within the transaction; then the second ends it.
    const accepted = await acceptInvite(configOf(login))
    expect(accepted.kind).toBe('accepted')
    await thief.ended
    await owner.query(sql)
    await owner.query('DROP SEQUENCE public.calls')
    if (accepted.kind !== 'accepted') return
    await (await open({ ...login, password: accepted.password })).client.end()
    await expect(open(login)).rejects.toMatchObject({ code: '28P01' })
  })

  test('two who accept the same invite at once: one is in, the other is told, and holds nothing', async () => {
    const { login } = await invited()
    const answers = await Promise.all([1, 2, 3].map(() => acceptInvite(configOf(login))))
    const accepted = answers.filter(one => one.kind === 'accepted')
    expect(accepted).toHaveLength(1)
    await expect(open(login)).rejects.toMatchObject({ code: '28P01' })
  })

  test('a server alone: a session of before the acceptance is ended by whoever syncs next', async () => {
    const { login } = await invited()
    const thief = await open(login)
    const owner = await field.db.owner()
    // Accepted by an app that ended nobody, a while ago.
    await owner.query('UPDATE whetstone.members SET accepted_at = $2 WHERE role_name = $1', [
      login.user,
      Date.now() + 3_600_000,
    ])
    const { rows } = await owner.query<{ sql: string }>(
      "SELECT pg_get_functiondef('whetstone.reap()'::regprocedure) AS sql",
    )
    const sql = rows[0]?.sql ?? ''
    await owner.query(sql.replace("now() - interval '10 seconds') * 1000", "now() + interval '2 hours') * 1000"))
    const a = await field.db.as(field.a.reader)
    await a.query('SELECT * FROM whetstone.hello()')
    await thief.ended
    await owner.query(sql)
  })

  test('another role, a removal and a rotated password end every session of before', async () => {
    const { login, userId } = await invited()
    const owner = await field.db.owner()
    const before = await open(login)
    expect(await setMemberRole(owner, field.b.id, userId, 'reader')).toBe(true)
    await before.ended
    const reader = await open(login)
    expect(await pushSkills(reader.client, [newSkill()])).toMatchObject({ kind: 'denied' })
    const rotated = await rotateMember(owner, field.b.id, userId, Date.now() + 3_600_000)
    await reader.ended
    await expect(open(login)).rejects.toMatchObject({ code: '28P01' })
    if (!rotated) throw new Error('no login')
    const last = await open(rotated)
    expect(await removeMember(owner, field.b.id, userId)).toEqual({ ended: 1, leftBehind: [] })
    await last.ended
    await expect(open(rotated)).rejects.toMatchObject({ code: '28P01' })
  })

  test('a removed member knows the team’s channel no more; who is left hears on the new one', async () => {
    const { userId } = await invited()
    const owner = await field.db.owner()
    const channelOf = async () =>
      (
        await owner.query<{ channel: string }>('SELECT channel FROM whetstone.tenant_heads WHERE tenant_id = $1', [
          field.b.id,
        ])
      ).rows[0]?.channel ?? ''
    const known = await channelOf()
    // From a login of another team the old channel can still be listened to.
    const spy = await field.db.as(field.a.reader)
    const overheard: (string | undefined)[] = []
    spy.on('notification', ({ payload }) => overheard.push(payload))
    await spy.query(`LISTEN ${escapeIdentifier(known)}`)
    const author = await field.db.as(field.b.author)
    let heard = Promise.withResolvers<void>()
    const connected = Promise.withResolvers<void>()
    const stop = listen(configOf(field.b.reader.login), {
      changed: () => heard.resolve(),
      connected: () => connected.resolve(),
    })
    await connected.promise
    await heard.promise
    heard = Promise.withResolvers()
    await removeMember(owner, field.b.id, userId)
    expect(await channelOf()).not.toBe(known)
    // Told that the channel moved, it listens on the new one before it says that something changed there.
    const listening = async () =>
      (
        await owner.query(`SELECT 1 FROM pg_stat_activity WHERE usename = $1 AND query LIKE 'UNLISTEN%' || $2 || '%'`, [
          field.b.reader.login.user,
          await channelOf(),
        ])
      ).rowCount
    while ((await listening()) === 0) await heard.promise
    heard = Promise.withResolvers()
    expect(await pushSkills(author, [newSkill()])).toMatchObject({ rows: [{ state: 'inserted' }] })
    await heard.promise
    await stop()
    await spy.query('SELECT 1')
    expect(overheard).toEqual(['moved'])
  })
})
