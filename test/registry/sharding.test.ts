import type pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { noPostgres } from '../support/postgres.ts'
import { startTestRegistry, type TestDatabase, type TestRegistry } from './registry.ts'

/**
 * What a Postgres that shards by tenant asks of a schema, as far as the catalog tells (see 'Sharding by tenant' in
 * ARCHITECTURE.md): `distributed` tables are cut by tenant_id, `everywhere` ones are whole on each node.
 */
const EVERYWHERE = ['members', 'migrations', 'tenants']
/** A table that is everywhere may not refer to one that is cut. Left out there: users are never deleted (0050). */
const LEFT_OUT = ['members_user_id_fkey']

describe.skipIf(noPostgres !== undefined)(`sharding by tenant${noPostgres ? `: ${noPostgres}` : ''}`, () => {
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

  test('every table is cut by tenant_id, which is never null, or is small and everywhere', async () => {
    const { rows } = await owner.query<{ name: string; cut: boolean }>(
      `SELECT c.relname AS name, EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'tenant_id'
         AND a.attnotnull AND a.atttypid = 'text'::regtype AND a.attcollation = (SELECT oid FROM pg_collation WHERE collname = 'C'
           AND collnamespace = 'pg_catalog'::regnamespace)) AS cut
       FROM pg_class c WHERE c.relnamespace = 'whetstone'::regnamespace AND c.relkind = 'r' ORDER BY 1`,
    )
    expect(rows.length).toBeGreaterThan(15)
    expect(rows.filter(row => !row.cut).map(row => row.name)).toEqual(EVERYWHERE.filter(name => name !== 'members'))
  })

  test('every primary key, unique key and unique index of a table that is cut holds the tenant', async () => {
    const { rows } = await owner.query<{ name: string; table: string; holds: boolean }>(
      `SELECT i.indexrelid::regclass::text AS name, c.relname AS table, EXISTS (SELECT FROM pg_attribute a
         WHERE a.attrelid = i.indrelid AND a.attname = 'tenant_id' AND a.attnum = ANY (i.indkey)) AS holds
       FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
       WHERE c.relnamespace = 'whetstone'::regnamespace AND (i.indisunique OR i.indisexclusion)`,
    )
    const wrong = rows.filter(row => !row.holds && !EVERYWHERE.includes(row.table))
    expect(rows.length).toBeGreaterThan(18)
    expect(wrong).toEqual([])
    // Each that is cut has a primary key at all.
    const { rows: bare } = await owner.query(
      `SELECT relname FROM pg_class c WHERE relnamespace = 'whetstone'::regnamespace AND relkind = 'r'
       AND NOT EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.oid AND i.indisprimary)`,
    )
    expect(bare).toEqual([])
  })

  test('every foreign key joins tenant to tenant, and none sets the tenant to null', async () => {
    const { rows } = await owner.query<{ name: string; table: string; target: string; joins: boolean; nulls: boolean }>(
      `SELECT k.conname AS name, c.relname AS table, t.relname AS target,
         EXISTS (SELECT FROM unnest(k.conkey, k.confkey) AS p (here, there)
           JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = p.here AND a.attname = 'tenant_id'
           JOIN pg_attribute b ON b.attrelid = k.confrelid AND b.attnum = p.there
             AND b.attname = CASE WHEN t.relname = 'tenants' THEN 'id' ELSE 'tenant_id' END) AS joins,
         k.confdeltype = 'n' AND (k.confdelsetcols IS NULL OR EXISTS (SELECT FROM pg_attribute a
           WHERE a.attrelid = k.conrelid AND a.attname = 'tenant_id' AND a.attnum = ANY (k.confdelsetcols))) AS nulls
       FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_class t ON t.oid = k.confrelid
       WHERE k.connamespace = 'whetstone'::regnamespace AND k.contype = 'f'`,
    )
    expect(rows.length).toBeGreaterThan(25)
    expect(rows.filter(row => !row.joins || row.nulls)).toEqual([])
    const fromEverywhere = rows.filter(row => EVERYWHERE.includes(row.table) && !EVERYWHERE.includes(row.target))
    expect(fromEverywhere.map(row => row.name)).toEqual(LEFT_OUT)
  })

  test('nothing else spans tenants: no sequence, identity, inheritance, exclusion or generated key', async () => {
    const { rows } = await owner.query<{ name: string }>(
      `SELECT relname AS name FROM pg_class WHERE relnamespace = 'whetstone'::regnamespace AND relkind NOT IN ('r', 'i', 't')
       UNION ALL SELECT attname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
         WHERE c.relnamespace = 'whetstone'::regnamespace AND (a.attidentity <> '' OR a.attgenerated <> '')
       UNION ALL SELECT inhrelid::regclass::text FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
         WHERE c.relnamespace = 'whetstone'::regnamespace`,
    )
    expect(rows).toEqual([])
  })
})
