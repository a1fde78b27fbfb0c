import type pg from 'pg'
import { v7 } from 'uuid'
import { addMember } from '../../electron/registry/members.ts'
import { migrateRegistry } from '../../electron/registry/migrate.ts'
import { initRegistry } from '../../electron/registry/provision.ts'
import type { TestPostgres } from '../support/postgres.ts'
import { migrations, openDatabase, type TestDatabase, type TestMember } from './registry.ts'

/** The last migration of a registry that took whatever a member wrote. */
export const BEFORE_RULES = migrations.filter(one => one.id <= 140)

export type RegistryBefore = {
  tenantId: string
  db: TestDatabase
  owner: pg.Client
  /** An admin, an author and a reader. */
  ada: TestMember
  eve: TestMember
  dan: TestMember
}

/** A registry as it was before rows had rules and functions looked at what they were given: with one team of three. */
export async function registryBefore(postgres: TestPostgres): Promise<RegistryBefore> {
  const tenantId = v7()
  const db = openDatabase(postgres, await postgres.createDatabase())
  const owner = await db.owner()
  const now = Date.now()
  // What makes a team today counts what it stores, which a registry of then has no function for.
  const migrated = await migrateRegistry(owner, BEFORE_RULES, now)
  if (migrated.kind !== 'ready') throw new Error(JSON.stringify(migrated))
  await owner.query(`CREATE FUNCTION whetstone.count_stored(text) RETURNS void LANGUAGE sql AS 'SELECT';
    GRANT EXECUTE ON FUNCTION whetstone.count_stored(text) TO whetstone_provisioner`)
  const made = await initRegistry(owner, BEFORE_RULES, { id: tenantId, name: 'Team', slug: 'team', now })
  if (made.kind !== 'ready') throw new Error(JSON.stringify(made))
  await owner.query('DROP FUNCTION whetstone.count_stored(text)')
  const member = async (name: string, role: TestMember['role']): Promise<TestMember> => {
    const userId = v7()
    const login = await addMember(owner, {
      ...{ tenantId, userId, name, email: null, role, now },
      expiresAt: now + 3_600_000,
    })
    return { userId, login, role, name }
  }
  return {
    ...{ tenantId, db, owner },
    ada: await member('Ada', 'admin'),
    eve: await member('Eve', 'author'),
    dan: await member('Dan', 'reader'),
  }
}
