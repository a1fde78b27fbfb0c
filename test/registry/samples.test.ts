import { createRouterClient } from '@orpc/server'
import Database from 'better-sqlite3'
import type pg from 'pg'
import { v7 } from 'uuid'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { putBlob, sha256 } from '../../electron/library/blobs.ts'
import { Library } from '../../electron/library/library.ts'
import { applyMigrations, readMigrations } from '../../electron/library/migrate.ts'
import { pushRows, pushSkills, pushVersions } from '../../electron/registry/postgres.ts'
import { type Change, type Cursor, pull } from '../../electron/registry/pull.ts'
import { openRemote } from '../../electron/registry/remote.ts'
import { casesService } from '../../electron/services/cases.ts'
import { feedbackService } from '../../electron/services/feedback.ts'
import { measurementsService } from '../../electron/services/measurements.ts'
import { Engine } from '../../electron/sync/engine.ts'
import { rowProblems } from '../../shared/domain/rows/gate.ts'
import { isSyncedName } from '../../shared/domain/rows/synced.ts'
import { noPostgres } from '../support/postgres.ts'
import { type App, joinTeam, startApp } from '../sync/client.ts'
import { SQLITE_MIGRATIONS } from '../sync/places.ts'
import { HOSTILE } from './hostile-values.ts'
import {
  migrations,
  newCase,
  newFeedback,
  newMeasurement,
  newRating,
  newResult,
  newRun,
  newSkill,
  newUsageEvent,
  newVersion,
  startTestRegistry,
  type TestDatabase,
  type TestMember,
  type TestRegistry,
} from './registry.ts'
import { registryBefore } from './registry-before.ts'
import { NOT_APPROVED, SAMPLE_TEXT, SAMPLES, type Scene } from './samples.ts'

/** Each sample twice: the registry holds alone, by raw SQL as a member; and the app holds alone, where the registry took it. */
describe.skipIf(noPostgres !== undefined)(`samples${noPostgres ? `: ${noPostgres}` : ''}`, () => {
  let registry: TestRegistry
  const open: TestDatabase[] = []
  beforeAll(async () => {
    registry = await startTestRegistry()
  })
  afterAll(async () => {
    for (const db of open) await db.close()
    await registry.stop()
  })

  test('each is named once', () => {
    expect(new Set(SAMPLES.map(sample => sample.name)).size).toBe(SAMPLES.length)
  })

  describe('the registry alone', () => {
    let author: pg.Client
    let reader: pg.Client
    let scene: Scene
    beforeAll(async () => {
      const db = await registry.database()
      open.push(db)
      author = await db.as(registry.a.author)
      reader = await db.as(registry.a.reader)
      scene = await makeScene(author)
    })
    const head = async () => (await author.query('SELECT n FROM whetstone.tenant_heads')).rows

    for (const { name, by, sent, server } of SAMPLES)
      if (!('cannot' in server))
        test(`${name}: refused, and nothing has moved`, async () => {
          const before = await head()
          const client = by === 'reader' ? reader : author
          const { sql, values } = sent({ ...scene, userId: registry.a[by].userId }, true)
          const code = await client.query(sql, values).then(
            ({ rows }) => `taken: ${JSON.stringify(rows)}`,
            (error: unknown) => (error instanceof Error && 'code' in error ? error.code : error),
          )
          expect(server).toContain(code)
          expect(await head()).toEqual(before)
        })

    test('hostile values in every column that a member sends: each is refused, or is none', async () => {
      const { skillId, versionId, caseId, runId } = scene
      const made = {
        skills: () => ({ ...newSkill() }),
        ratings: () => newRating(skillId, versionId),
        feedback: () => newFeedback(skillId, versionId),
        measurements: () => newMeasurement(skillId, versionId),
        usage_events: () => newUsageEvent(skillId, versionId),
        benchmark_cases: () => newCase(skillId),
        benchmark_runs: () => newRun(skillId, versionId),
        benchmark_results: () => newResult(runId, caseId, { model_name: v7() }),
      }
      const all = process.env.WHETSTONE_HOSTILE === 'all'
      let sent = 0
      let refused = 0
      for (const [table, make] of Object.entries(made))
        for (const [at, column] of Object.keys(make()).entries())
          for (const [nth, [, value]] of HOSTILE.entries()) {
            // `npm run hostile` sends them all; a sample has each value in some columns, and some values in each.
            if (!all && (at + nth) % 8 !== 0) continue
            sent++
            const values = [JSON.stringify([{ ...make(), [column]: value }])]
            const code = await author.query(`SELECT * FROM whetstone.push_${table}($1)`, values).then(
              () => '',
              (error: unknown) => (error instanceof Error && 'code' in error ? String(error.code) : String(error)),
            )
            if (code !== '') refused++
            // About the row, and nothing of the server's own.
            expect(code).toMatch(/^$|^2[23]...$|^WS40[49]$|^WS413$|^54000$/)
          }
      expect([sent > 300, refused > sent / 2]).toEqual([true, true])
    }, 300_000)

    test('what a member reads of it keeps every rule', async () => {
      const changes: Change[] = []
      for (let at: Cursor = { since: 0, mark: null }; ; ) {
        const page = await pull(reader, at, 2_000)
        if (page.kind !== 'page') throw new Error(page.kind)
        changes.push(...page.changes)
        at = page.next
        if (at.since === page.head) break
      }
      const broken = changes.flatMap<unknown>(change =>
        change.operation === 'put' && isSyncedName(change.entity)
          ? rowProblems(change.entity, change.row)
          : change.operation,
      )
      expect(broken).toEqual([])
    })
  })

  describe('the app alone', () => {
    let eve: pg.Client
    let dan: pg.Client
    let members: { eve: TestMember; dan: TestMember }
    let tenantId: string
    let scene: Scene
    let ada: Machine
    let late: Machine
    beforeAll(async () => {
      const before = await registryBefore(registry.postgres)
      open.push(before.db)
      members = before
      tenantId = before.tenantId
      eve = await before.db.as(before.eve)
      dan = await before.db.as(before.dan)
      scene = await makeScene(eve)
      ada = new Machine(before.db, before.ada, tenantId)
      late = new Machine(before.db, before.ada, tenantId)
      expect(await ada.engine.round('due')).toEqual({ kind: 'done' })
      scene.privateVersionId = await ada.ofMyOwn()
    })
    afterAll(async () => {
      await ada.close()
      await late.close()
    })

    for (const { name, by, sent, client, look } of SAMPLES)
      test(`${name}: ${client}`, async () => {
        const witness = newSkill()
        const userId = members[by === 'reader' ? 'dan' : 'eve'].userId
        const { sql, values, entity, id } = sent({ ...scene, userId }, false)
        const attack = (by === 'reader' ? dan : eve).query(sql, values)
        if (client === 'never') await expect(attack).rejects.toMatchObject({ code: '23514' })
        else await attack
        await pushSkills(eve, [witness])
        expect(await ada.engine.round('due')).toEqual({ kind: 'done' })
        const aside = ada.library.find('SELECT 1 AS found FROM invalid_rows WHERE entity = ? AND id = ?', entity, id)
        expect(aside !== undefined).toBe(client === 'aside')
        expect(await ada.opens(witness.id, scene)).not.toContain(NOT_APPROVED)
        look?.(ada.library, scene)
        for (const text of ada.shown())
          expect(text).not.toMatch(/[\u0001-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/)
      })

    test('what is set aside is told once for each skill', () => {
      const told = ada.library.all<{ id: string }>("SELECT id FROM conflicts WHERE kind = 'invalid' ORDER BY id")
      const about = ada.library.all<{ about: string }>('SELECT DISTINCT about FROM invalid_rows ORDER BY about')
      expect(told.map(one => one.id)).toEqual(about.map(one => `invalid:${tenantId}:${one.about}`))
      expect(about.length).toBeGreaterThan(1)
    })

    test('whoever joins now has everything else', async () => {
      expect(await late.engine.round('due')).toEqual({ kind: 'done' })
      const known = (machine: Machine) =>
        machine.library.all('SELECT id FROM skills WHERE tenant_id = ? ORDER BY id', tenantId)
      expect(known(late)).toEqual(known(ada))
      await late.opens(scene.skillId, scene)
    })
  })
})

async function makeScene(author: pg.Client): Promise<Scene> {
  const [skill, other] = [newSkill(), newSkill()]
  const versions = [skill, other].map(one => newVersion(one.id, { content_hash: SAMPLE_TEXT.hash }))
  const [version, otherVersion] = versions.map(one => one.id)
  if (version === undefined || otherVersion === undefined) throw new Error('no versions')
  const [one, run] = [newCase(skill.id), newRun(skill.id, version)]
  const answers = [
    await pushSkills(author, [skill, other]),
    await pushVersions(author, versions),
    await pushRows(author, 'benchmark_cases', [one]),
    await pushRows(author, 'benchmark_runs', [run]),
  ]
  for (const answer of answers)
    expect(answer.kind === 'answered' && answer.rows.every(row => row.state === 'inserted')).toBe(true)
  return {
    ...{ skillId: skill.id, versionId: version, otherSkillId: other.id, otherVersionId: otherVersion },
    ...{ caseId: one.id, runId: run.id, userId: '', privateVersionId: '' },
  }
}

/** A colleague's computer: a library, the app's services over it, and its engine over the real registry. */
class Machine {
  readonly library = new Library()
  readonly engine: Engine
  readonly #app: App
  readonly #remote: ReturnType<typeof openRemote>
  readonly #tenantId: string

  constructor(db: TestDatabase, member: TestMember, tenantId: string) {
    const sqlite = new Database(':memory:')
    applyMigrations(sqlite, readMigrations(SQLITE_MIGRATIONS), 0)
    this.library.open(sqlite)
    const { skillMd, manifest } = SAMPLE_TEXT.content
    for (const text of [skillMd, manifest]) putBlob(this.library, sha256(text), Buffer.from(text))
    this.#tenantId = tenantId
    let now = 1_700_000_000_000
    const clock = () => ++now
    this.#app = startApp({ library: this.library, clock, newId: v7, userOf: () => member.userId, log: () => undefined })
    const schema = migrations.at(-1)?.id ?? 0
    joinTeam(
      this.library,
      { tenantId, name: 'Team', slug: 'team', userId: member.userId, userName: member.name, role: member.role },
      ...([clock(), schema] as const),
    )
    const url = new URL(db.urlOf(member))
    url.password = ''
    this.#remote = openRemote({ database: url.href, password: member.login.password, storage: null })
    const remote = this.#remote
    this.engine = new Engine({
      ...{ library: this.library, tenantId, clock, newId: v7 },
      connect: async () => ({ kind: 'open', remote }),
      random: () => 0.5,
      after: () => () => undefined,
      knownSchema: () => schema,
      changed: () => undefined,
      listen: false,
    })
  }

  /** A version in a space of one's own; its id. */
  async ofMyOwn(): Promise<string> {
    const tenantId = v7()
    joinTeam(this.library, { tenantId, name: 'Mine', slug: 'mine', userId: v7(), userName: 'Ada', role: 'admin' }, 1, 1)
    this.library.run("UPDATE spaces SET kind = 'personal' WHERE tenant_id = ?", tenantId)
    const { id } = await this.#app.api.skills.create({ tenantId, slug: 'of-my-own', description: 'Mine.' })
    return (await this.#app.api.versions.save({ skillId: id, message: 'First' })).id
  }

  /** Each list and each page of a skill, as the window asks for them, and what was answered: the contract checks it. */
  async opens(witness: string, scene: Scene): Promise<string> {
    const { api, context } = this.#app
    const more = createRouterClient({
      cases: casesService(context),
      feedback: feedbackService(context),
      measurements: measurementsService(context),
    })
    const said: unknown[] = []
    const { rows } = await api.skills.list({ tenantId: this.#tenantId, limit: 500 })
    expect(rows.map(row => row.id)).toContain(witness)
    for (const skillId of [witness, scene.skillId, scene.otherSkillId]) {
      const versions = await api.versions.list({ skillId })
      said.push(await api.skills.get({ id: skillId }), versions)
      for (const { id } of versions) said.push(await api.versions.get({ id }))
      await api.ratings.list({ skillId })
      await more.cases.list({ skillId, archived: false })
      await more.measurements.runs({ skillId })
    }
    await more.feedback.list({ tenantId: this.#tenantId })
    return JSON.stringify([rows, said])
  }

  /** Names as lists show them. */
  shown(): string[] {
    return this.library
      .all<{ text: string | null }>(
        `SELECT name AS text FROM skills UNION SELECT category FROM skills UNION SELECT name FROM users
         UNION SELECT model_name FROM token_measurements UNION SELECT source FROM token_measurements
         UNION SELECT model_provider FROM token_measurements UNION SELECT tool FROM usage_events`,
      )
      .flatMap(({ text }) => text ?? [])
  }

  async close(): Promise<void> {
    await this.engine.stop()
    await this.#remote.close()
  }
}
