import fs from 'node:fs'
import path from 'node:path'
import fc from 'fast-check'
import type pg from 'pg'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { isAboutARow } from '../../electron/registry/failure.ts'
import { pushRows, pushSkills, pushVersions, removeRows } from '../../electron/registry/postgres.ts'
import { checksOf, constraintOf, rulesInSql } from '../../electron/registry/row-checks.ts'
import { columnTest } from '../../shared/domain/rows/columns.ts'
import { rulesOf, SYNCED_NAMES } from '../../shared/domain/rows/synced.ts'
import { isSlug } from '../../shared/domain/slug.ts'
import { NOT_FIRST_IN_SLUGS, REFUSED_IN_SLUGS } from '../../shared/domain/slug-characters.ts'
import { projectDir } from '../support/backend.ts'
import { noPostgres } from '../support/postgres.ts'
import {
  newMeasurement,
  newSkill,
  newUsageEvent,
  newVersion,
  startTestRegistry,
  type TestDatabase,
  type TestRegistry,
} from './registry.ts'

const MIGRATIONS = path.join(projectDir, 'migrations', 'postgres')

test('the newest migration that says a rule says exactly that of shared/domain/rows', () => {
  const texts = fs
    .readdirSync(MIGRATIONS)
    .sort()
    .map(name => fs.readFileSync(path.join(MIGRATIONS, name), 'utf8'))
  for (const rule of rulesInSql()) {
    const [named = ''] = rule.split('\n')
    const newest = texts.findLast(text => text.includes(`${named}\n`)) ?? ''
    expect(newest.includes(rule), named).toBe(true)
  }
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
    '{"copyOf":{"createdAt":1,"of":"x"}}', '{"copyOf":{}}', '{"author":{"name":"a\\u0000","email":null}}', '{"a":"\\ud800"}', '{"a\\u0000":1}', '["\\u0000"]', '["\\udc00"]',
    '["\\ud83d\\ude00"]', '["\\\\u0000"]', '{"a":"\\u001b"}', '{"copyOf":[]}', '[{"a":1}]', '[["x"]]', '["x",{"a":1}]', '[true]',
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
        const sql = `SELECT (${condition}) AS said FROM unnest($1::${type}[]) WITH ORDINALITY AS t (${column}, at) ORDER BY at`
        const ask = async (some: readonly (string | number)[]): Promise<boolean[]> => {
          await owner.query('SAVEPOINT asked')
          try {
            return (await owner.query<{ said: boolean }>(sql, [some])).rows.map(row => row.said)
          } catch (error) {
            await owner.query('ROLLBACK TO SAVEPOINT asked')
            // What Postgres cannot even look into is refused by that.
            if (some.length === 1) return isAboutARow(error) ? [false] : Promise.reject(error)
            const half = some.length >> 1
            return [...(await ask(some.slice(0, half))), ...(await ask(some.slice(half)))]
          }
        }
        const said = await ask(values)
        const unlike = values.filter((value, at) => said[at] !== fits(value)).map(value => String(value).slice(0, 80))
        expect(unlike, column).toEqual([])
      }
      await owner.query('ROLLBACK')
    },
  )

  /** Which of these texts the registry's rule for slugs takes. */
  const takenAsSlug = async (texts: readonly string[]): Promise<ReadonlySet<string>> => {
    const condition = checksOf('skills').find(one => one.column === 'slug')?.condition ?? 'false'
    const { rows } = await owner.query<{ slug: string }>(
      `SELECT slug FROM unnest($1::text[]) AS t (slug) WHERE ${condition}`,
      [texts],
    )
    return new Set(rows.map(row => row.slug))
  }
  /** Where ranges begin and end, on both sides. */
  const edges = [...REFUSED_IN_SLUGS, ...NOT_FIRST_IN_SLUGS]
    .flatMap(([first, last]) => [first - 1, first, last, last + 1])
    .filter(code => code > 0 && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff))
  // Above the first two planes are ideographs, and nothing that one would not see at the edges: `npm run hostile` asks them all.
  const most = process.env.WHETSTONE_HOSTILE === 'all' ? 0x10ffff : 0x1ffff
  const codes = new Set(edges)
  for (let code = 1; code <= most; code++) if (code < 0xd800 || code > 0xdfff) codes.add(code)
  const points = [...codes].map(code => String.fromCodePoint(code))

  test.each([
    ['first', (point: string) => `${point}x`],
    ['between', (point: string) => `x${point}x`],
  ])('slugs: every code point that comes %s is taken by both sides or by none', async (_, of) => {
    const texts = points.map(of)
    const there = await takenAsSlug(texts)
    expect(texts.filter(text => there.has(text) !== isSlug(text)).map(text => JSON.stringify(text))).toEqual([])
  })

  test('slugs: both sides say the same of any text', async () => {
    // Mostly of what slugs are made of, and of where ranges begin and end, so that about half of them are slugs.
    const edge = fc.constantFrom(...edges).map(code => String.fromCodePoint(code))
    const plain = fc.constantFrom(...'abcXYZ019._-', 'é', '\u0301', '文', '\u{20000}', '¹')
    const device = fc.constantFrom('con', 'PRN', 'aux', 'NuL', 'com', 'lpt', 'com1', 'lpt³', 'COM¹')
    const text = fc.oneof(
      fc.string({ unit: plain, maxLength: 70 }),
      fc.string({ unit: fc.oneof({ weight: 9, arbitrary: plain }, edge), maxLength: 12 }),
      fc.tuple(device, fc.string({ unit: plain, maxLength: 4 })).map(parts => parts.join('')),
      fc.string({ unit: 'binary', maxLength: 4 }).filter(one => !one.includes('\0')),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(text, { minLength: 200, maxLength: 400 }), async texts => {
        const there = await takenAsSlug(texts)
        expect(texts.filter(one => there.has(one) !== isSlug(one)).map(one => JSON.stringify(one))).toEqual([])
      }),
      { numRuns: process.env.WHETSTONE_HOSTILE === 'all' ? 200 : 10 },
    )
  })

  const stateOf = (answer: { kind: string; rows?: { state: string; code?: string }[] }) => {
    const [row] = answer.rows ?? []
    return row?.state === 'refused' ? row.code : (row?.state ?? answer.kind)
  }

  test('a page with a row that breaks a rule goes in but for that one', async () => {
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

  test('a usage event is removed by who sent it or an admin, by nobody else, and is counted no more', async () => {
    const skill = newSkill()
    const version = newVersion(skill.id)
    await pushSkills(author, [skill])
    await pushVersions(author, [version])
    const [one, other] = [newUsageEvent(skill.id, version.id), newUsageEvent(skill.id, version.id)]
    await pushRows(reader, 'usage_events', [one, other])
    const uses = async () =>
      (await author.query('SELECT total_uses::int AS n FROM whetstone.skills WHERE id = $1', [skill.id])).rows
    expect(await uses()).toEqual([{ n: 2 }])
    const removeBy = async (client: pg.Client, id: string) => {
      const removed = await removeRows(client, 'usage_events', [id])
      return removed.kind === 'answered' ? removed.rows.map(row => row.state) : removed.kind
    }
    expect(await removeBy(author, one.id)).toEqual(['forbidden'])
    expect(await removeBy(reader, one.id)).toEqual(['deleted'])
    expect(await removeBy(await db.as(registry.a.admin), other.id)).toEqual(['deleted'])
    expect(await uses()).toEqual([{ n: 0 }])
  })
})
