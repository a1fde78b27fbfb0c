import fs from 'node:fs'
import path from 'node:path'
import type pg from 'pg'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { pushRows, pushSkills, pushVersions } from '../../electron/registry/postgres.ts'
import { checksOf, constraintOf, rulesInSql } from '../../electron/registry/row-checks.ts'
import { columnTest } from '../../shared/domain/rows/columns.ts'
import { rulesOf, SYNCED_NAMES } from '../../shared/domain/rows/synced.ts'
import { isSlug } from '../../shared/domain/slug.ts'
import { projectDir } from '../support/backend.ts'
import { noPostgres } from '../support/postgres.ts'
import {
  newCase,
  newFeedback,
  newMeasurement,
  newRun,
  newSkill,
  newVersion,
  startTestRegistry,
  type TestDatabase,
  type TestRegistry,
} from './registry.ts'

const MIGRATIONS = path.join(projectDir, 'migrations', 'postgres')

test('the newest migration that says the rules says exactly those of shared/domain/rows', () => {
  const texts = fs
    .readdirSync(MIGRATIONS)
    .sort()
    .map(name => fs.readFileSync(path.join(MIGRATIONS, name), 'utf8'))
  const last = texts.filter(text => text.includes('FUNCTION whetstone.row_rules()')).at(-1) ?? ''
  expect(last.includes(rulesInSql())).toBe(true)
})

describe.skipIf(noPostgres !== undefined)(`the rules of rows in Postgres${noPostgres ? `: ${noPostgres}` : ''}`, () => {
  let registry: TestRegistry
  let db: TestDatabase
  let owner: pg.Client
  let author: pg.Client
  let reader: pg.Client
  beforeAll(async () => {
    registry = await startTestRegistry()
    db = await registry.database()
    owner = await db.owner()
    author = await db.as(registry.a.author)
    reader = await db.as(registry.a.reader)
  })
  beforeEach(async () => {
    await owner.query('ROLLBACK; RESET ROLE')
  })
  afterAll(async () => {
    await db.close()
    await registry.stop()
  })

  test('every rule is a constraint of its table, and holds for every row', async () => {
    const { rows } = await owner.query<{ name: string; valid: boolean }>(
      `SELECT conname AS name, convalidated AS valid FROM pg_constraint
       WHERE connamespace = 'whetstone'::regnamespace AND contype = 'c' AND conname LIKE '%\\_rule'`,
    )
    const wanted = SYNCED_NAMES.flatMap(name => checksOf(name).map(({ column }) => constraintOf(name, column)))
    expect(rows.map(row => row.name).sort()).toEqual(wanted.sort())
    expect(rows.filter(row => !row.valid)).toEqual([])
  })

  const TEXTS = [
    '', ' ', 'a', 'A-b_c.9', 'x.', '.x', '-x', '_x', '..', '../x', 'a/b', 'a\\b', 'C:\\', 'con', 'CON', 'con.txt', 'nul.a',
    'com0', 'com¹', 'lpt9.x', 'consul', 'écrire', 'формы', '文档', 'हिन्दी', 'a\u202eb', 'a\u2066b', 'a\u200bb', 'a\u200db', 'a\u00adb',
    'a\ufeffb', 'a\u3164b', 'a\u{e0041}b', 'a\u{1f600}', 'a\nb', 'a\tb', 'a\u0001b', 'a\u001b[31m', 'a\u007fb', 'a\u009bb', 'a\u2028b',
    'a b', 'a;b', '$(id)', '__proto__', 'constructor', 'toString', 'x'.repeat(64), 'x'.repeat(65), '\u{20000}'.repeat(64),
    'é'.repeat(300), 'x'.repeat(2_001), 'x'.repeat(70_000), 'x'.repeat(1_048_577), 'a'.repeat(64), 'A'.repeat(64),
    '[]', '{}', 'null', '5', '"x"', '[1]', '[null]', '["x"]', '["x","y"]', '{"a":1}', '{', '{"author":5}', '{"author":null}',
    '{"author":{"name":"Ada"}}', '{"author":{"name":"Ada","email":null}}', '{"author":{"name":"Ada","email":"a@b"}}',
    '{"author":[{"name":"Ada","email":"a@b"}]}', '{"author":{"name":1,"email":"a@b"}}', '{"origin":1}', '{"origin":"o","new":[1]}',
    '{"copyOf":{"createdAt":"x"}}', '{"copyOf":{"createdAt":1e300}}', '{"copyOf":{"createdAt":1.5}}', '{"copyOf":{"createdAt":-1}}',
    '{"copyOf":{"createdAt":1,"of":"x"}}', '{"copyOf":{}}', '{"copyOf":[]}', '[{"a":1}]', '[["x"]]', '["x",{"a":1}]', '[true]',
    '[{"path":"a","sha256":null,"size":null}]', '[{"path":"a","sha256":null}]', '[{"path":"a","sha256":1,"size":1}]',
    '[{"path":"a","sha256":"x","size":-1}]', '[{"path":"a","sha256":"x","size":1.5}]', '[{"path":"a","sha256":"x","size":1}]',
    `[${'"x",'.repeat(199)}"x"]`, `[${'"x",'.repeat(200)}"x"]`, `${'['.repeat(64)}${']'.repeat(64)}`, `${'['.repeat(65)}${']'.repeat(65)}`,
    `{"a":${'['.repeat(63)}${']'.repeat(63)}}`, `{"a":${'['.repeat(64)}${']'.repeat(64)}}`, `{"a":"${'['.repeat(500)}"}`,
    'reader', 'author', 'draft', 'Draft', 'tenant', 'thumbs_up', 'pending', 'completed', 'app',
  ] // biome-ignore format: one value after the other
  const NUMBERS = [
    -1,
    0,
    1,
    5,
    6,
    10,
    11,
    100,
    101,
    1_000,
    1_001,
    1e6,
    1e6 + 1,
    2 ** 31 - 1,
    1e15,
    1e15 + 1,
    2 ** 53,
    8.64e15,
  ]

  test.each(SYNCED_NAMES)(
    '%s: Postgres takes and refuses what the gate of an app does, value for value',
    async name => {
      await owner.query('BEGIN')
      for (const { column, condition } of checksOf(name)) {
        const rule = rulesOf(name).find(([one]) => one === column)?.[1]
        if (!rule) throw new Error(column)
        const fits = columnTest(rule, 'stored')
        const numeric = rule.kind === 'whole' || rule.kind === 'real'
        const values = numeric ? NUMBERS : TEXTS
        const type = rule.kind === 'real' ? 'double precision' : numeric ? 'bigint' : 'text'
        const { rows } = await owner.query<{ said: boolean }>(
          `SELECT (${condition}) AS said FROM unnest($1::${type}[]) WITH ORDINALITY AS t (${column}, at) ORDER BY at`,
          [values],
        )
        const unlike = values
          .filter((value, at) => rows[at]?.said !== fits(value))
          .map(value => String(value).slice(0, 80))
        expect(unlike, column).toEqual([])
      }
      await owner.query('ROLLBACK')
    },
  )

  test('slugs: code point for code point the same, but for marks at the beginning and what is not assigned', async () => {
    const condition = checksOf('skills').find(one => one.column === 'slug')?.condition ?? ''
    const points: number[] = []
    for (let code = 1; code <= 0x10ffff; code++) if (code < 0xd800 || code > 0xdfff) points.push(code)
    const { rows } = await owner.query<{ code: number }>(
      `SELECT code FROM (SELECT code, 'x' || chr(code) || 'x' AS slug FROM unnest($1::int[]) code) t WHERE ${condition}`,
      [points],
    )
    const there = new Set(rows.map(row => row.code))
    const unlike = points.filter(code => {
      const char = String.fromCodePoint(code)
      return there.has(code) !== isSlug(`x${char}x`) && !/\p{Unassigned}/u.test(char)
    })
    expect(unlike.map(code => code.toString(16))).toEqual([])
  }, 60_000)

  const stateOf = (answer: { kind: string; rows?: { state: string; code?: string }[] }) => {
    const [row] = answer.rows ?? []
    return row?.state === 'refused' ? row.code : (row?.state ?? answer.kind)
  }

  test('what a member may write: hostile skills, versions, runs and figures are each refused, and the others go in', async () => {
    const skill = newSkill()
    const version = newVersion(skill.id)
    expect(stateOf(await pushSkills(author, [skill]))).toBe('inserted')
    expect(stateOf(await pushVersions(author, [version]))).toBe('inserted')
    for (const tags of ['{"a":1}', 'null', '5', '"x"', '[1]', '[null]'])
      expect(stateOf(await pushSkills(author, [newSkill({ tags })])), tags).toBe('23514')
    for (const slug of ['../../x', '..', 'a/b', 'C:\\', 'con', 'a\u202eb', 'a\u001b[0m', '.ssh'])
      expect(stateOf(await pushSkills(author, [newSkill({ slug })])), slug).toBe('23514')
    for (const id of ['../../x', '__proto__', 'constructor', 'a b'])
      expect(stateOf(await pushSkills(author, [newSkill({ id, slug: 'fine' })])), id).toBe('23514')
    for (const over of [
      { name: 'a\u001b[31m' },
      { category: 'a\u202eb' },
      { forked_at_version_id: 'x'.repeat(1_000_000) },
    ])
      expect(stateOf(await pushSkills(author, [newSkill(over)])), JSON.stringify(over).slice(0, 50)).toBe('23514')
    for (const metadata of [
      'null',
      '5',
      '[]',
      '{"author":5}',
      '{"author":{"name":"Ada"}}',
      '{"copyOf":{"createdAt":1e300}}',
    ])
      expect(stateOf(await pushVersions(author, [newVersion(skill.id, { metadata })])), metadata).toBe('23514')
    for (const id of ['../../v', '__proto__'])
      expect(stateOf(await pushVersions(author, [newVersion(skill.id, { id })])), id).toBe('23514')
    const runs: Record<string, string | number>[] = [
      { models: '{"a":1}' },
      { models: 'null' },
      { started_at: 9e15 },
      { repeats: -1 },
      { settings: '[]' },
    ]
    for (const over of runs)
      expect(stateOf(await pushRows(author, 'benchmark_runs', [newRun(skill.id, version.id, over)]))).toBe('23514')
    for (const text of ['NaN', 'Infinity', '-Infinity', '-1']) {
      const one = newCase(skill.id, { weight: text })
      expect(stateOf(await pushRows(author, 'benchmark_cases', [one])), text).toBe('23514')
      const run = newRun(skill.id, version.id, { best_quality_score: text })
      expect(stateOf(await pushRows(author, 'benchmark_runs', [run])), text).toBe('23514')
    }
    const huge = '9223372036854775807'
    for (const cost of [-1, '9007199254740993', huge]) {
      const one = newMeasurement(skill.id, version.id, { estimated_cost_microcents: cost })
      expect(stateOf(await pushRows(reader, 'measurements', [one])), String(cost)).toBe('23514')
    }
    const said = newFeedback(skill.id, version.id, { usage_event_id: '../x' })
    expect(stateOf(await pushRows(reader, 'feedback', [said]))).toBe('23514')
    await expect(reader.query("SELECT whetstone.update_profile(E'Ada\\u202e', NULL)")).rejects.toMatchObject({
      code: '23514',
    })
    await expect(reader.query("SELECT whetstone.update_profile(E'Ada\\x1b[0m', NULL)")).rejects.toMatchObject({
      code: '23514',
    })
    // A page with one of them goes in but for that one.
    const good = newSkill()
    const mixed = await pushSkills(author, [newSkill({ tags: 'null' }), good])
    expect(mixed.kind === 'answered' && mixed.rows.map(row => row.state)).toEqual(['refused', 'inserted'])
  })

  test('costs add up exactly, however many and large, and an admin or who sent one can remove it', async () => {
    const skill = newSkill()
    const version = newVersion(skill.id)
    await pushSkills(author, [skill])
    await pushVersions(author, [version])
    const most = () => newMeasurement(skill.id, version.id, { estimated_cost_microcents: 1e15 })
    const many = Array.from({ length: 10_000 }, most)
    const pushed = await pushRows(reader, 'measurements', many)
    expect(pushed.kind === 'answered' && pushed.rows.every(row => row.state === 'inserted')).toBe(true)
    const totals = async () => {
      await owner.query('BEGIN; SET LOCAL ROLE whetstone_provisioner')
      const { rows } = await owner.query(
        `SELECT t.cost::text AS cost, r.cost::text AS recounted, t.costs, s.avg_token_cost_microcents AS mean
         FROM whetstone.recount() r JOIN whetstone.skill_totals t ON t.skill_id = r.skill_id
         JOIN whetstone.skills s ON s.tenant_id = t.tenant_id AND s.id = t.skill_id WHERE r.skill_id = $1`,
        [skill.id],
      )
      await owner.query('COMMIT')
      return rows[0]
    }
    expect(await totals()).toEqual({
      ...{ cost: `${10n ** 19n}`, recounted: `${10n ** 19n}` },
      ...{ costs: '10000', mean: '1000000000000000' },
    })
    const removeBy = async (client: pg.Client, ids: string[]) =>
      (await client.query("SELECT state FROM whetstone.remove_rows('token_measurements', $1)", [ids])).rows.map(
        row => row.state,
      )
    const [first, second] = [many[0]?.id ?? '', many[1]?.id ?? '']
    expect(await removeBy(author, [first])).toEqual(['forbidden'])
    expect(await removeBy(reader, [first])).toEqual(['deleted'])
    expect(await removeBy(await db.as(registry.a.admin), [second])).toEqual(['deleted'])
    expect(await totals()).toMatchObject({
      cost: `${10n ** 19n - 2n * 10n ** 15n}`,
      recounted: `${10n ** 19n - 2n * 10n ** 15n}`,
    })
    // Removed is removed.
    expect(stateOf(await pushRows(reader, 'measurements', many.slice(0, 1)))).toBe('deleted')
  }, 60_000)
})
