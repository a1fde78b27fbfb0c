import Database from 'better-sqlite3'
import { getTableColumns, getTableName } from 'drizzle-orm'
import { getTableConfig, type SQLiteTable } from 'drizzle-orm/sqlite-core'
import { expect, test } from 'vitest'
import { resources } from '../../test/support/backend.ts'
import { applyMigrations, readMigrations } from './migrate.ts'
import * as synced from './schema.ts'
import * as benchmark from './schema-benchmark.ts'
import * as local from './schema-local.ts'

const db = new Database(':memory:')
applyMigrations(db, readMigrations(`${resources.migrations}/sqlite`), 0)

const tables: SQLiteTable[] = Object.values({ ...synced, ...local, ...benchmark })
type ColumnInfo = { name: string; type: string; notnull: number; dflt_value: string | null; pk: number }

test.each(tables.map(table => ({ name: getTableName(table), table })))(
  '$name: drizzle says what SQLite has',
  ({ name, table }) => {
    const made = db.prepare<[], ColumnInfo>(`PRAGMA table_info(${name})`).all()
    const declared = Object.values(getTableColumns(table))
    expect(declared.map(column => column.name)).toEqual(made.map(column => column.name))
    const keys = getTableConfig(table).primaryKeys.flatMap(key => key.columns.map(column => column.name))
    for (const column of declared) {
      const twin = made.find(info => info.name === column.name)
      expect(column.getSQLType().toUpperCase(), column.name).toBe(twin?.type)
      expect(column.notNull || column.primary, column.name).toBe(twin?.notnull === 1 || twin?.pk !== 0)
      expect(column.primary || keys.includes(column.name), column.name).toBe(twin?.pk !== 0)
      expect(column.hasDefault && column.default !== undefined, `default of ${column.name}`).toBe(
        twin?.dflt_value != null,
      )
    }
  },
)

test.each(tables.map(table => ({ name: getTableName(table), table })))(
  '$name: enums and foreign keys agree',
  ({ name, table }) => {
    const sql =
      db.prepare<[string], { sql: string }>('SELECT sql FROM sqlite_schema WHERE name = ?').get(name)?.sql ?? ''
    for (const column of Object.values(getTableColumns(table))) {
      const check = new RegExp(`CHECK \\(${column.name} IN \\(('[^)]*)\\)\\)`).exec(sql)?.[1]
      const enums = column.enumValues?.map((value: string) => `'${value}'`).join(', ')
      expect(enums, column.name).toBe(check)
    }
    const made = db
      .prepare<[], { from: string; table: string; on_delete: string }>(`PRAGMA foreign_key_list(${name})`)
      .all()
    const declared = getTableConfig(table).foreignKeys.map(key => ({
      from: key.reference().columns[0]?.name,
      table: getTableName(key.reference().foreignTable),
      on_delete: (key.onDelete ?? 'no action').toUpperCase(),
    }))
    const order = (a: { from?: string }, b: { from?: string }) => String(a.from).localeCompare(String(b.from))
    expect(declared.sort(order)).toEqual(
      made.map(({ from, table, on_delete }) => ({ from, table, on_delete })).sort(order),
    )
  },
)

test('every table of the library has its drizzle twin', () => {
  const made = db
    .prepare<[], { name: string }>(
      "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name NOT LIKE 'search%'",
    )
    .all()
    .map(row => row.name)
  const known = [...tables.map(getTableName), 'migrations', 'stale_skills', 'skill_totals']
  expect(made.filter(name => !known.includes(name))).toEqual([])
})

test('every foreign key has an index, so that removing a space does not scan tables', () => {
  const missing: string[] = []
  for (const table of tables) {
    const name = getTableName(table)
    const indexed = db
      .prepare<[], { name: string }>(`PRAGMA index_list(${name})`)
      .all()
      .flatMap(index => db.prepare<[], { name: string }>(`PRAGMA index_info('${index.name}')`).get()?.name ?? [])
    const pk = db
      .prepare<[], ColumnInfo>(`PRAGMA table_info(${name})`)
      .all()
      .find(column => column.pk === 1)?.name
    for (const key of db.prepare<[], { from: string }>(`PRAGMA foreign_key_list(${name})`).all())
      if (key.from !== pk && !indexed.includes(key.from)) missing.push(`${name}.${key.from}`)
  }
  expect(missing).toEqual([])
})
