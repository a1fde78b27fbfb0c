import path from 'node:path'
import pg from 'pg'
import { z } from 'zod'
import { acceptInvite } from './registry/accept.ts'
import { connectionOf } from './registry/connection.ts'
import { examine } from './registry/doctor.ts'
import { failureOf, type RegistryFailure } from './registry/failure.ts'
import { decodeInvite, type StorageSettings, storageSettings } from './registry/invite.ts'
import { readMigrations } from './registry/migrate.ts'
import { openRemote } from './registry/remote.ts'
import { newPassword } from './registry/scram.ts'
import type { TeamRegistry } from './sync/team-registry.ts'

/** The registry as sync asks for it: how invites are read, kept in two parts, and reached again. */

/** In the library: all but passwords and keys. */
const settingsShape = z.object({
  /** Connection string without a password. */
  database: z.string(),
  databaseCa: z.string().optional(),
  storage: z
    .discriminatedUnion('kind', [
      storageSettings.options[0].omit({ secretAccessKey: true }),
      storageSettings.options[1],
    ])
    .nullable(),
})
/** In the keychain. */
const secretShape = z.object({ password: z.string(), secretAccessKey: z.string().nullable() })
type Settings = z.infer<typeof settingsShape>
type Secret = z.infer<typeof secretShape>

export function teamRegistry(migrations: string): TeamRegistry {
  const known = readMigrations(path.join(migrations, 'postgres'))
  return {
    knownSchema: Math.max(0, ...known.map(migration => migration.id)),

    readInvite: text => {
      const read = decodeInvite(text)
      if (read.kind === 'invalid') return read
      const { tenant, user, role, database, databaseCa, storage } = read.invite
      if (!URL.canParse(database)) return { kind: 'invalid', reason: 'The invite names no registry.' }
      const url = new URL(database)
      const password = decodeURIComponent(url.password)
      url.password = ''
      const settings: Settings = {
        database: url.href,
        ...(databaseCa === undefined ? {} : { databaseCa }),
        storage: storage && withoutKey(storage),
      }
      const secretAccessKey = storage?.kind === 'r2' ? storage.secretAccessKey : null
      const secretOf = (password: string) => JSON.stringify({ password, secretAccessKey } satisfies Secret)
      return {
        kind: 'invite',
        tenant,
        user,
        role,
        host: url.host,
        settings: JSON.stringify(settings),
        secret: secretOf(password),
        own: secretOf(newPassword()),
      }
    },

    accept: async (settings, secret, own) => {
      const config = configOf(settings, secret)
      if (config.kind !== 'ok') return config
      return await acceptInvite(config.config, secretShape.parse(JSON.parse(own)).password)
    },

    open: (settings, secret) => {
      const { database, databaseCa, storage } = settingsShape.parse(JSON.parse(settings))
      const { password, secretAccessKey } = secretShape.parse(JSON.parse(secret))
      return openRemote({
        database,
        password,
        ...(databaseCa === undefined ? {} : { databaseCa }),
        storage: storage?.kind === 'r2' ? { ...storage, secretAccessKey: secretAccessKey ?? '' } : storage,
      })
    },

    examine: async (settings, secret) => {
      const config = configOf(settings, secret)
      if (config.kind !== 'ok') return config
      const client = new pg.Client(config.config)
      client.on('error', () => undefined)
      try {
        await client.connect()
        const findings = await examine(client, 'member', { migrations: known })
        const { rows } = await client.query<{ skills: string; versions: string }>(
          'SELECT (SELECT count(*) FROM whetstone.skills) AS skills, (SELECT count(*) FROM whetstone.skill_versions) AS versions',
        )
        const count = rows[0]
        return {
          kind: 'examined',
          findings,
          skills: Number(count?.skills ?? 0),
          versions: Number(count?.versions ?? 0),
        }
      } catch (error) {
        return failureOf(error)
      } finally {
        await client.end().catch(() => undefined)
      }
    },
  }
}

function withoutKey(storage: StorageSettings): NonNullable<Settings['storage']> {
  if (storage.kind === 'folder') return storage
  const { secretAccessKey: _, ...rest } = storage
  return rest
}

function configOf(settings: string, secret: string): { kind: 'ok'; config: pg.ClientConfig } | RegistryFailure {
  const { database, databaseCa } = settingsShape.parse(JSON.parse(settings))
  const connection = connectionOf(database, databaseCa === undefined ? {} : { ca: databaseCa })
  if (connection.kind === 'refused') return { kind: 'refused', code: 'SETTINGS', message: connection.reason }
  const { password } = secretShape.parse(JSON.parse(secret))
  return { kind: 'ok', config: { ...connection.config, password } }
}
