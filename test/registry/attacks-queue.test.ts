import type pg from 'pg'
import { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { failureOf, isAboutARow } from '../../electron/registry/failure.ts'
import { hello, pushSkills, pushVersions } from '../../electron/registry/postgres.ts'
import { noPostgres } from '../support/postgres.ts'
import { AttackField } from './attack-field.ts'
import { newSkill, newVersion } from './registry.ts'

/**
 * The queue of notifications is the whole server's, and whoever listens and does not take what comes holds it for everybody.
 * Here it is small (64 pages), so that it fills in moments. A reader of tenant B fills it; A goes on.
 */
describe.skipIf(noPostgres !== undefined)(`attacks: the queue${noPostgres ? `: ${noPostgres}` : ''}`, () => {
  let field: AttackField
  let sender: pg.Client
  let ofA: pg.Client
  let skill = newSkill()
  beforeAll(async () => {
    field = await AttackField.open({ max_notify_queue_pages: '64' })
    sender = await field.db.as(field.b.reader)
    ofA = await field.db.as(field.a.author)
    skill = await field.knownSkill()
  })
  afterAll(() => field.close())

  const usage = async (): Promise<number> =>
    (await sender.query<{ u: number }>('SELECT pg_notification_queue_usage() AS u')).rows[0]?.u ?? 0
  /** Until the server takes no more. */
  const fill = async (channel: string): Promise<string> => {
    for (let n = 0; n < 5_000; n++) {
      const text = "SELECT pg_notify($1, repeat('a', 7900) || $2)"
      const code = await sender.query(text, [channel, n]).then(
        () => undefined,
        error => error.code,
      )
      if (code !== undefined) return code
    }
    return 'never full'
  }
  const push = () => pushVersions(ofA, [newVersion(skill.id)])
  const gone = (client: pg.Client) => new Promise<void>(resolve => client.once('end', () => resolve()))
  /** As reap() is, without the patience that a real one has. */
  const impatient = async (): Promise<() => Promise<unknown>> => {
    const owner = await field.db.owner()
    const { rows } = await owner.query<{ sql: string }>(
      "SELECT pg_get_functiondef('whetstone.reap()'::regprocedure) AS sql",
    )
    const sql = rows[0]?.sql ?? ''
    expect(sql).toContain("interval '2 seconds'")
    await owner.query(sql.replaceAll("interval '2 seconds'", "interval '0 seconds'"))
    return () => owner.query(sql)
  }

  test('full, held by a listener in a transaction: every write goes on, only nobody is woken', async () => {
    const holder = await field.db.as(field.b.other)
    await holder.query('LISTEN zz')
    await holder.query('BEGIN')
    await holder.query('SELECT 1')
    expect(await fill('zz')).toBe('54000')
    expect(await usage()).toBe(1)
    // Whoever else notifies is refused, at the commit.
    await expect(ofA.query("NOTIFY a, 'x'")).rejects.toMatchObject({ code: '54000' })
    expect(await push()).toMatchObject({ rows: [{ state: 'inserted' }] })
    await field.syncOfA()
    await holder.query('ROLLBACK')
    // To ask is what moves the queue on.
    expect(await usage()).toBeLessThan(0.1)
  })

  test('the next one who writes or syncs ends who holds it, and it is empty again', async () => {
    for (const come of [push, () => hello(ofA)]) {
      const holder = await field.db.as(field.b.other)
      await holder.query('LISTEN zz')
      await holder.query('SET idle_in_transaction_session_timeout = 0')
      await holder.query('BEGIN')
      await holder.query('SELECT 1')
      expect(await fill('zz')).toBe('54000')
      const ended = gone(holder)
      const back = await impatient()
      expect(['answered', 'hello']).toContain((await come()).kind)
      await ended
      await back()
      expect(await usage()).toBeLessThan(0.1)
    }
    await expect(ofA.query("NOTIFY a, 'x'")).resolves.toBeDefined()
  })

  test('so it does with a listener who is in no transaction and reads nothing of what is sent', async () => {
    const holder = new Client({ connectionString: field.db.urlOf(field.b.other) })
    holder.on('error', () => undefined)
    await holder.connect()
    const { rows } = await holder.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')
    await holder.query('LISTEN zz')
    holder.connection.stream.pause()
    expect(await fill('zz')).toBe('54000')
    const back = await impatient()
    expect(await push()).toMatchObject({ rows: [{ state: 'inserted' }] })
    await back()
    const owner = await field.db.owner()
    // Waits until it is gone: told to end, it may still be at it.
    await owner.query('SELECT pg_terminate_backend($1, 5000)', [rows[0]?.pid])
    expect(await usage()).toBeLessThan(0.1)
    holder.connection.stream.destroy()
  })

  test('a client that is refused for the queue tries again, and sets no change aside', async () => {
    const holder = await field.db.as(field.b.other)
    await holder.query('LISTEN zz')
    await holder.query('BEGIN')
    await holder.query('SELECT 1')
    // A registry without the rule: it notifies, whatever the queue.
    const owner = await field.db.owner()
    const { rows } = await owner.query<{ sql: string }>(
      "SELECT pg_get_functiondef(oid) AS sql FROM pg_proc WHERE proname = 'log_change'",
    )
    const sql = rows[0]?.sql ?? ''
    await owner.query(sql.replace('IF filled < 0.25', 'IF true').replace('PERFORM whetstone.reap();', ''))
    expect(await fill('zz')).toBe('54000')
    const refused = await ofA.query("NOTIFY a, 'x'").catch((error: unknown) => error)
    expect(failureOf(refused)).toMatchObject({ kind: 'retry', code: '54000' })
    expect(isAboutARow(refused)).toBe(false)
    expect(await pushSkills(ofA, [newSkill(), newSkill()])).toMatchObject({ kind: 'retry', code: '54000' })
    await holder.query('ROLLBACK')
    expect(await usage()).toBeLessThan(0.1)
    expect(await push()).toMatchObject({ rows: [{ state: 'inserted' }] })
    await owner.query(sql)
  })
})
