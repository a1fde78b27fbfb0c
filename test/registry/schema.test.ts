import path from 'node:path'
import Database from 'better-sqlite3'
import {
  createTableRelationsHelpers,
  extractTablesRelationalConfig,
  getTableColumns,
  getTableName,
  type Table,
} from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/node-postgres'
import { getTableConfig, PgTable } from 'drizzle-orm/pg-core'
import type pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { z } from 'zod'
import { applyMigrations, readMigrations as readLibraryMigrations } from '../../electron/library/migrate.ts'
import * as librarySchema from '../../electron/library/schema.ts'
import { MEMBER_ROLES } from '../../electron/registry/members.ts'
import { SYNCED_TABLES } from '../../electron/registry/pull.ts'
import * as relations from '../../electron/registry/relations.ts'
import * as synced from '../../electron/registry/schema.ts'
import * as measured from '../../electron/registry/schema-measured.ts'
import * as server from '../../electron/registry/schema-server.ts'
import { FEEDBACK_STATUSES, FEEDBACK_TYPES, feedbackRow } from '../../shared/contract/feedback.ts'
import { ratingRow, ratings } from '../../shared/contract/ratings.ts'
import { SKILL_STATUSES } from '../../shared/contract/skills.ts'
import { projectDir } from '../support/backend.ts'
import { noPostgres } from '../support/postgres.ts'
import { startTestRegistry, type TestDatabase, type TestRegistry } from './registry.ts'

/** Held against each other: the registry as Postgres made it, its drizzle tables, the library as SQLite made it, the contract. */
const isTable = (value: unknown): value is PgTable => value instanceof PgTable
const tablesOf = (...modules: object[]): PgTable[] => modules.flatMap(one => Object.values(one)).filter(isTable)
const allTables = tablesOf(synced, measured, server)
const named = (tables: readonly PgTable[]) => tables.map(table => ({ name: nameOf(table), table }))
const nameOf = (table: PgTable): string => getTableName(table)
const sorted = <T>(rows: T[]): T[] => rows.sort((a, b) => JSON.stringify(a).localeCompare(JSON.stringify(b)))

/** The registry's own additions, each with its reason in the migrations. */
const NUMBERED = 'skill_versions.version'
const tenantKeyed = new Set(['users', 'skills'])

describe.skipIf(noPostgres !== undefined)(`the two schemas${noPostgres ? `: ${noPostgres}` : ''}`, () => {
  const library = new Database(':memory:')
  applyMigrations(library, readLibraryMigrations(path.join(projectDir, 'migrations', 'sqlite')), 0)
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
    library.close()
  })

  type Column = { name: string; type: string; required: boolean; fallback: string | null; key: boolean }
  const registryColumns = async (table: string): Promise<Column[]> =>
    (
      await owner.query<Column>(
        `SELECT a.attname AS name, format_type(a.atttypid, a.atttypmod) AS type, a.attnotnull AS required,
           pg_get_expr(d.adbin, d.adrelid) AS fallback,
           EXISTS (SELECT FROM pg_index i WHERE i.indrelid = a.attrelid AND i.indisprimary AND a.attnum = ANY (i.indkey)) AS key
         FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
         WHERE a.attrelid = ('whetstone.' || $1)::regclass AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum`,
        [table],
      )
    ).rows
  type Key = { columns: string[]; target: string; targets: string[]; action: string }
  const registryKeys = async (table: string): Promise<Key[]> =>
    (
      await owner.query<Key>(
        `SELECT (SELECT array_agg(a.attname::text ORDER BY k.n) FROM unnest(c.conkey) WITH ORDINALITY k (num, n)
             JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.num) AS columns, t.relname AS target,
           (SELECT array_agg(a.attname::text ORDER BY k.n) FROM unnest(c.confkey) WITH ORDINALITY k (num, n)
             JOIN pg_attribute a ON a.attrelid = c.confrelid AND a.attnum = k.num) AS targets,
           CASE c.confdeltype WHEN 'c' THEN 'cascade' WHEN 'n' THEN 'set null' ELSE 'no action' END AS action
         FROM pg_constraint c JOIN pg_class t ON t.oid = c.confrelid
         WHERE c.contype = 'f' AND c.conrelid = ('whetstone.' || $1)::regclass`,
        [table],
      )
    ).rows
  const registryUniques = async (table: string): Promise<string[][]> =>
    (
      await owner.query<{ columns: string[] }>(
        `SELECT (SELECT array_agg(a.attname::text ORDER BY k.n) FROM unnest(c.conkey) WITH ORDINALITY k (num, n)
           JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.num) AS columns
         FROM pg_constraint c WHERE c.contype = 'u' AND c.conrelid = ('whetstone.' || $1)::regclass`,
        [table],
      )
    ).rows.map(row => row.columns)
  const registryChecks = async (table: string): Promise<{ name: string; sql: string }[]> =>
    (
      await owner.query<{ name: string; sql: string }>(
        "SELECT conname AS name, pg_get_constraintdef(oid) AS sql FROM pg_constraint WHERE contype = 'c' AND conrelid = ('whetstone.' || $1)::regclass",
        [table],
      )
    ).rows

  type LibraryColumn = { name: string; type: string; notnull: number; dflt_value: string | null; pk: number }
  const libraryColumns = (table: string) => library.prepare<[], LibraryColumn>(`PRAGMA table_info(${table})`).all()

  test.each(named(allTables))('$name: drizzle says what Postgres has', async ({ name, table }) => {
    const made = await registryColumns(name)
    const declared = Object.values(getTableColumns(table))
    const config = getTableConfig(table)
    const keys = [
      ...config.primaryKeys.flatMap(key => key.columns.map(column => column.name)),
      ...declared.filter(column => column.primary).map(column => column.name),
    ]
    expect(
      declared.map(column => [column.name, column.getSQLType(), column.notNull || keys.includes(column.name)]),
    ).toEqual(made.map(column => [column.name, column.type, column.required]))
    expect(sorted(keys)).toEqual(sorted(made.filter(column => column.key).map(column => column.name)))
    for (const column of declared.filter(one => one.hasDefault))
      expect(made.find(one => one.name === column.name)?.fallback, column.name).not.toBeNull()
    const foreignKeys = config.foreignKeys.map(key => ({
      columns: key.reference().columns.map(column => column.name),
      target: getTableName(key.reference().foreignTable),
      targets: key.reference().foreignColumns.map(column => column.name),
      action: key.onDelete ?? 'no action',
    }))
    expect(sorted(foreignKeys)).toEqual(sorted(await registryKeys(name)))
    const uniques = [
      ...config.uniqueConstraints.map(one => one.columns.map(column => column.name)),
      ...declared.filter(column => column.isUnique).map(column => [column.name]),
    ]
    expect(sorted(uniques)).toEqual(sorted(await registryUniques(name)))
  })

  test('every table of the registry has its drizzle twin', async () => {
    const { rows } = await owner.query<{ name: string }>(
      "SELECT relname AS name FROM pg_class WHERE relnamespace = 'whetstone'::regnamespace AND relkind IN ('r', 'p', 'v', 'm')",
    )
    expect(rows.map(row => row.name).sort()).toEqual(allTables.map(nameOf).sort())
    expect(SYNCED_TABLES.map(nameOf).sort()).toEqual(tablesOf(synced, measured).map(nameOf).sort())
  })

  test.each(named(SYNCED_TABLES))('$name: the library and the registry have the same columns', async ({ name }) => {
    const TYPES: Record<string, string[]> = {
      TEXT: ['text'],
      INTEGER: ['integer', 'bigint'],
      REAL: ['double precision'],
    }
    const there = (await registryColumns(name)).filter(column => !synced.SERVER_COLUMNS.includes(column.name))
    const here = libraryColumns(name)
    expect(there.map(column => column.name)).toEqual(here.map(column => column.name))
    for (const [n, column] of here.entries()) {
      const twin = there[n]
      expect(TYPES[column.type], column.name).toContain(twin?.type)
      // The registry numbers every version it takes; the library waits for the number.
      if (`${name}.${column.name}` !== NUMBERED) expect(twin?.required, column.name).toBe(column.notnull === 1)
      // 'x'::text and 0 in Postgres, 'x' and 0 in SQLite.
      expect(twin?.fallback?.replace(/::[a-z ]+$/, '') ?? null, `default of ${column.name}`).toBe(column.dflt_value)
    }
  })

  /** What both dialects write differently for the same rule. */
  const normal = (sql: string): string =>
    sql
      .replace(/::[a-z ]+(\[\])?/g, '')
      .replace(/= ANY \(ARRAY\[(.*?)\]\)/g, 'IN ($1)')
      .replace(/json_valid\((\w+)\)/g, '$1 IS JSON')
      .replace(/[()'"\s]/g, '')
      .toUpperCase()
      .replace(/^(\w+)>=([\d.]+)AND\1<=([\d.]+)$/, '$1BETWEEN$2AND$3')

  test.each(named(SYNCED_TABLES))('$name: the same enums and checks', async ({ name }) => {
    const sql =
      library.prepare<[string], { sql: string }>('SELECT sql FROM sqlite_schema WHERE name = ?').get(name)?.sql ?? ''
    const here = [...sql.matchAll(/CHECK \(((?:[^()]|\((?:[^()]|\([^()]*\))*\))*)\)/g)].map(match =>
      normal(match[1] ?? ''),
    )
    const there = (await registryChecks(name))
      .filter(check => !/_(limit|rule)$/.test(check.name))
      .map(check => normal(check.sql.replace(/^CHECK /, '')))
    expect(sorted(there)).toEqual(sorted(here))
  })

  test.each(named(SYNCED_TABLES))('$name: the same keys, each with the tenant', async ({ name }) => {
    type Reference = { from: string; table: string; on_delete: string }
    const here = library.prepare<[], Reference>(`PRAGMA foreign_key_list(${name})`).all()
    // tenant_id itself refers to tenants where no other key does it by way of a skill or a run.
    const expected = here
      .filter(key => key.from !== 'tenant_id' || tenantKeyed.has(name))
      .map(key => ({
        columns: key.from === 'tenant_id' ? ['tenant_id'] : ['tenant_id', key.from],
        target: key.table,
        targets: key.from === 'tenant_id' ? ['id'] : ['tenant_id', 'id'],
        action: key.on_delete.toLowerCase(),
      }))
    expect(sorted(await registryKeys(name))).toEqual(sorted(expected))
    const uniques = library
      .prepare<[], { name: string; origin: string }>(`PRAGMA index_list(${name})`)
      .all()
      .filter(index => index.origin === 'u')
      .map(index =>
        library
          .prepare<[], { name: string }>(`PRAGMA index_info('${index.name}')`)
          .all()
          .map(column => column.name),
      )
    const withTenant = uniques.map(columns =>
      columns.includes('tenant_id') || name === 'tenants' ? columns : ['tenant_id', ...columns],
    )
    expect(sorted(await registryUniques(name))).toEqual(sorted(withTenant))
  })

  test.each(named(SYNCED_TABLES).filter(({ name }) => name !== 'skill_versions' && name !== 'tenants'))(
    '$name: every index of the library is one of the registry, under the tenant',
    async ({ name }) => {
      const here = library
        .prepare<[], { name: string; origin: string }>(`PRAGMA index_list(${name})`)
        .all()
        // The primary key begins with the tenant, so it is the index on the tenant.
        .filter(index => index.origin === 'c' && index.name !== `${name}_tenant`)
      const { rows } = await owner.query<{ name: string; first: string }>(
        `SELECT c.relname AS name, a.attname AS first FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
         JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
         WHERE i.indrelid = ('whetstone.' || $1)::regclass AND NOT i.indisunique`,
        [name],
      )
      expect(rows.map(row => row.name).sort()).toEqual(here.map(index => index.name).sort())
      expect(rows.every(row => row.first === 'tenant_id')).toBe(true)
    },
  )

  test('every unique key and every foreign key of every table carries the tenant', async () => {
    const { rows } = await owner.query<{ name: string }>(
      `SELECT c.conrelid::regclass || ' ' || c.conname AS name FROM pg_constraint c
       WHERE c.connamespace = 'whetstone'::regnamespace AND c.contype IN ('p', 'u', 'f')
         AND NOT EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.conrelid AND a.attname = 'tenant_id' AND a.attnum = ANY (c.conkey))`,
    )
    expect(rows.map(row => row.name).sort()).toEqual([
      'whetstone.members members_pkey', // login roles are the server's own
      'whetstone.migrations migrations_pkey',
      'whetstone.tenants tenants_pkey',
      'whetstone.tenants tenants_slug_key',
    ])
  })

  test('the enums of both sides are those of the contract', () => {
    const enums = (table: Table, name: string) => getTableColumns(table)[name]?.enumValues
    for (const table of [synced.skills, librarySchema.skills]) expect(enums(table, 'status')).toEqual(SKILL_STATUSES)
    for (const table of [synced.skillFeedback, librarySchema.skillFeedback]) {
      expect(enums(table, 'feedback_type')).toEqual(FEEDBACK_TYPES)
      expect(enums(table, 'status')).toEqual(FEEDBACK_STATUSES)
    }
    for (const table of [synced.users, librarySchema.users, server.members])
      expect(enums(table, 'role')).toEqual(MEMBER_ROLES)
    // The library's drizzle tables and the registry's, enum by enum.
    for (const table of SYNCED_TABLES) {
      const twin = Object.values(librarySchema).find(one => getTableName(one) === getTableName(table))
      if (!twin) throw new Error(`the library has no ${getTableName(table)}`)
      const ours = getTableColumns(table)
      for (const column of Object.values(getTableColumns(twin)))
        expect(ours[column.name]?.enumValues, `${getTableName(table)}.${column.name}`).toEqual(column.enumValues)
    }
  })

  test('the bounds of the contract are those of the registry', async () => {
    const refuses = async (sql: string) => {
      await owner.query('BEGIN')
      const failed = await owner.query(sql).then(
        () => undefined,
        error => error.constraint,
      )
      await owner.query('ROLLBACK')
      return failed
    }
    type Rating = { id?: string; rating?: number; comment?: string; hours?: number }
    const rating = ({ id = 'r', rating: stars = 3, comment = '', hours = 0 }: Rating) =>
      `INSERT INTO whetstone.ratings VALUES ('${id}', '${registry.a.id}', 's', 'v', 'u', ${stars}, '${comment}', ${hours}, 1, 1)`
    const sentiment = (value: number) =>
      `INSERT INTO whetstone.skill_feedback (id, tenant_id, skill_id, user_id, feedback_type, sentiment, created_at, updated_at)
       VALUES ('f', '${registry.a.id}', 's', 'u', 'thumbs_up', ${value}, 1, 1)`
    const rate = ratings.rate['~orpc'].inputSchema?.shape
    const bound = <V>(
      of: string,
      field: z.ZodType | undefined,
      check: string,
      values: V[],
      sql: (value: V) => string,
    ) => values.map(value => ({ name: `${of} ${String(value).slice(0, 20)}`, field, value, check, sql: sql(value) }))
    for (const one of [
      ...bound('rating', ratingRow.shape.rating, 'ratings_rating_check', [0, 1, 5, 6], stars =>
        rating({ rating: stars }),
      ),
      ...bound('rating given', rate?.rating, 'ratings_rating_check', [0, 1, 5, 6], stars => rating({ rating: stars })),
      ...bound('hours', rate?.hoursSaved, 'ratings_hours_saved_estimate_check', [-1, 0, 0.1, 1_000, 1_001], hours =>
        rating({ hours }),
      ),
      ...bound('comment', rate?.comment, 'ratings_comment_check', ['x'.repeat(2_000), 'x'.repeat(2_001)], comment =>
        rating({ comment }),
      ),
      ...bound('id', ratingRow.shape.id, 'ratings_id_limit', ['', 'x', 'x'.repeat(64), 'x'.repeat(65)], id =>
        rating({ id }),
      ),
      ...bound(
        'sentiment',
        feedbackRow.shape.sentiment,
        'skill_feedback_sentiment_check',
        [-2, -1, 0, 1, 2],
        sentiment,
      ),
    ])
      expect((await refuses(one.sql)) === one.check, one.name).toBe(!one.field?.safeParse(one.value).success)
  })

  test('the relations are complete: both ends of every foreign key, and queries over them run', async () => {
    const schema = { ...synced, ...measured, ...relations }
    const { tables } = extractTablesRelationalConfig(schema, createTableRelationsHelpers)
    const missing: string[] = []
    for (const table of SYNCED_TABLES) {
      const config = Object.values(tables).find(one => one.dbName === getTableName(table))
      const ends = Object.values(config?.relations ?? {})
      for (const key of getTableConfig(table).foreignKeys) {
        const { columns, foreignTable } = key.reference()
        const last = columns.at(-1)?.name
        const one = ends.find(end => 'config' in end && JSON.stringify(namesOf(end.config)).includes(`"${last}"`))
        const target = Object.values(tables).find(other => other.dbName === getTableName(foreignTable))
        const back = Object.values(target?.relations ?? {}).some(
          end => getTableName(end.referencedTable) === getTableName(table) && end.relationName === one?.relationName,
        )
        if (!one || !back) missing.push(`${getTableName(table)}.${last}`)
      }
    }
    // A tenant's runs, ratings and the like are its skills' and users'.
    expect(missing).toEqual([])
    const query = drizzle(owner, { schema, casing: undefined }).query
    expect(
      await query.users.findMany({
        with: {
          reviewedFeedback: { with: { reviewer: true, user: true } },
          skills: { with: { versions: { with: { parent: true, children: true, merged: true } } } },
        },
      }),
    ).toHaveLength(8)
  })

  const namesOf = (config: unknown): string[] =>
    typeof config === 'object' && config !== null && 'fields' in config && Array.isArray(config.fields)
      ? config.fields.map(field => String(field.name))
      : []
})
