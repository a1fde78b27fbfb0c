import type { ClientBase } from 'pg'
import { secureDatabase } from './harden.ts'
import type { MendedRow } from './mended.ts'
import { listApplied, type MigrateResult, type Migration, migrateRegistry } from './migrate.ts'
import { inTransaction } from './transaction.ts'

/**
 * Making a registry and its tenants, over the connection of whoever owns the database (a superuser, or an owner who may
 * create roles). Members never get this connection.
 */
export type NewTenant = { id: string; name: string; slug: string; now: number }
export type TenantSummary = { id: string; name: string; slug: string; created_at: number; members: number; n: number }

export type InitResult =
  /** `created`: false where a tenant of that slug was there already, and nothing about it was changed. */
  | { kind: 'ready'; tenantId: string; created: boolean; applied: string[]; mended: MendedRow[]; remains: string[] }
  | Exclude<MigrateResult, { kind: 'ready' }>

/** Migrates, closes the database to strangers, makes the tenant. Doing it again changes nothing. */
export async function initRegistry(
  client: ClientBase,
  migrations: readonly Migration[],
  tenant: NewTenant,
): Promise<InitResult> {
  const migrated = await migrateRegistry(client, migrations, tenant.now)
  if (migrated.kind !== 'ready') return migrated
  const { remains } = await secureDatabase(client)
  const existing = (await listTenants(client)).find(one => one.slug === tenant.slug)
  if (!existing) await createTenant(client, tenant)
  else await countStored(client)
  return {
    kind: 'ready',
    tenantId: existing?.id ?? tenant.id,
    created: existing === undefined,
    applied: migrated.applied,
    mended: migrated.mended,
    remains,
  }
}

/**
 * Brings the registry up to date as `initRegistry` does, and makes no tenant. Undefined: there is no registry in this database.
 */
export async function updateRegistry(
  client: ClientBase,
  migrations: readonly Migration[],
  now: number,
): Promise<
  | { kind: 'ready'; applied: string[]; mended: MendedRow[]; remains: string[] }
  | Exclude<MigrateResult, { kind: 'ready' }>
  | undefined
> {
  if ((await listApplied(client)).size === 0) return undefined
  const migrated = await migrateRegistry(client, migrations, now)
  if (migrated.kind !== 'ready') return migrated
  const { remains } = await secureDatabase(client)
  await countStored(client)
  return { kind: 'ready', applied: migrated.applied, mended: migrated.mended, remains }
}

/** The tenant with its head, its settings and the log entry that brings it to its first client. */
export async function createTenant(client: ClientBase, tenant: NewTenant): Promise<void> {
  await inTransaction(
    client,
    async () => {
      await client.query('INSERT INTO whetstone.tenants (id, name, slug, created_at, seq) VALUES ($1, $2, $3, $4, 1)', [
        tenant.id,
        tenant.name,
        tenant.slug,
        tenant.now,
      ])
      await client.query('INSERT INTO whetstone.tenant_heads (tenant_id) VALUES ($1)', [tenant.id])
      await client.query('INSERT INTO whetstone.tenant_settings (tenant_id) VALUES ($1)', [tenant.id])
      await client.query("SELECT whetstone.log_change($1, 'tenants', 'put', ARRAY[$1], NULL, 0, 0)", [tenant.id])
      await client.query('SELECT whetstone.count_stored($1)', [tenant.id])
    },
    'whetstone_provisioner',
  )
}

/** Counts anew what each team has stored, a team at a time. */
async function countStored(client: ClientBase): Promise<void> {
  for (const { id } of await listTenants(client))
    await inTransaction(client, () => client.query('SELECT whetstone.count_stored($1)', [id]), 'whetstone_provisioner')
}

export async function listTenants(client: ClientBase): Promise<TenantSummary[]> {
  return await inTransaction(
    client,
    async () => {
      const { rows } = await client.query<TenantSummary & { created_at: string; n: string }>(
        `SELECT t.id, t.name, t.slug, t.created_at, (SELECT count(*)::int FROM whetstone.members m WHERE m.tenant_id = t.id) AS members,
           h.n FROM whetstone.tenants t LEFT JOIN whetstone.tenant_heads h ON h.tenant_id = t.id ORDER BY t.created_at, t.id`,
      )
      return rows.map(row => ({ ...row, created_at: Number(row.created_at), n: Number(row.n) }))
    },
    'whetstone_provisioner',
  )
}

/** Whether the author or an admin has to approve a version before it is published. */
export async function readApproval(client: ClientBase, tenantId: string): Promise<boolean> {
  const { rows } = await inTransaction(
    client,
    () =>
      client.query<{ needed: number }>(
        'SELECT publish_needs_approval AS needed FROM whetstone.tenant_settings WHERE tenant_id = $1',
        [tenantId],
      ),
    'whetstone_provisioner',
  )
  return rows[0]?.needed === 1
}

/** What an admin does by `whetstone.require_approval`, for whoever owns the registry. The database holds everybody to it. */
export async function setApproval(client: ClientBase, tenantId: string, needed: boolean): Promise<void> {
  await inTransaction(
    client,
    () =>
      client.query('UPDATE whetstone.tenant_settings SET publish_needs_approval = $2 WHERE tenant_id = $1', [
        tenantId,
        needed ? 1 : 0,
      ]),
    'whetstone_provisioner',
  )
}

export type PublishLogEntry = {
  /** Milliseconds since 1970. */
  at: number
  /** The skill's short name. */
  skill: string
  /** Version numbers; null where nothing was, or is, published. */
  from: number | null
  to: number | null
  /** Null: whoever owns the registry, not a member. */
  by: string | null
}

/** Who moved which published pointer when, newest first: written by a trigger (migrations 0050), never changed. */
export async function listPublishLog(client: ClientBase, tenantId: string, limit: number): Promise<PublishLogEntry[]> {
  const { rows } = await inTransaction(
    client,
    () =>
      client.query<Omit<PublishLogEntry, 'at'> & { at: string }>(
        `SELECT l.at, s.slug AS skill, f.version AS "from", t.version AS "to", u.name AS by FROM whetstone.publish_log l
         JOIN whetstone.skills s ON s.tenant_id = l.tenant_id AND s.id = l.skill_id
         LEFT JOIN whetstone.skill_versions f ON f.tenant_id = l.tenant_id AND f.id = l.from_version_id
         LEFT JOIN whetstone.skill_versions t ON t.tenant_id = l.tenant_id AND t.id = l.to_version_id
         LEFT JOIN whetstone.users u ON u.tenant_id = l.tenant_id AND u.id = l.user_id
         WHERE l.tenant_id = $1 ORDER BY l.at DESC, l.id LIMIT $2`,
        [tenantId, limit],
      ),
    'whetstone_provisioner',
  )
  return rows.map(row => ({ ...row, at: Number(row.at) }))
}

/** A team's short name from its name: 'Écrivains & Co' → 'ecrivains-co'. */
export function slugOf(name: string): string {
  const slug = name
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
  return slug || 'team'
}
