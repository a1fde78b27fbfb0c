import type { ClientConfig } from 'pg'
import type { BlobStore } from './blobs.ts'
import { connectionOf } from './connection.ts'
import type { RegistryFailure } from './failure.ts'
import type { StorageSettings } from './invite.ts'
import { lazyBlobs } from './lazy-blobs.ts'
import { type ListenEvents, type ListenOptions, listen } from './listen.ts'
import { openBlobs } from './open-blobs.ts'
import { openPool, type PoolOptions } from './pool.ts'
import {
  approve,
  hello,
  type PushableTable,
  publish,
  pushRows,
  pushSkills,
  pushVersions,
  type RowToPush,
  removeRows,
  reviewFeedback,
  type SkillToPush,
  type VersionToPush,
} from './postgres.ts'
import { type Cursor, pull } from './pull.ts'

/** What an app keeps of an accepted invite. */
export type RemoteSettings = {
  /** Connection string of the member's login. A password in it is not used. */
  database: string
  /** From the keychain. Part of no error and no log. */
  password: string
  /** PEM of the authority that signed the database's certificate, where it is not a well-known one. */
  databaseCa?: string
  storage: StorageSettings | null
}
export type RemoteOptions = Partial<PoolOptions> & { listen?: ListenOptions }

/**
 * Of the eight connections that a login may have, so that two machines of one member, each listening over one more, fit
 * side by side.
 */
const POOL: PoolOptions = {
  size: 3,
  callMs: 30_000,
  connectMs: 10_000,
  idleMs: 120_000,
  staleMs: 20_000,
  silentMs: 4_000,
}

/**
 * A team's registry by one member's login: the engine's `Remote` (electron/sync/remote.ts says what each call promises)
 * over Postgres and a blob store. Nothing is connected before it is needed. Settings that may not be used, such as a plain
 * connection to another computer, are each call's failure.
 */
export function openRemote(settings: RemoteSettings, options: RemoteOptions = {}) {
  const { storage } = settings
  const made = configOf(settings)
  const config = made.kind === 'ok' ? made.config : undefined
  const refused: RegistryFailure = { kind: 'refused', code: 'SETTINGS', message: made.kind === 'ok' ? '' : made.reason }
  const bounds = { ...POOL, ...options }
  const pool = config && openPool(config, bounds)
  const blobs: BlobStore | undefined = storage ? lazyBlobs(() => openBlobs(storage)) : undefined
  const ears = new Set<() => Promise<void>>()
  const run: NonNullable<typeof pool>['run'] = async work => (pool ? await pool.run(work) : refused)
  return {
    blobs,
    hello: () => run(hello),
    pushSkills: (rows: readonly SkillToPush[]) => run(client => pushSkills(client, rows)),
    pushVersions: (rows: readonly VersionToPush[]) => run(client => pushVersions(client, rows)),
    pushRows: (table: PushableTable, rows: readonly RowToPush[]) => run(client => pushRows(client, table, rows)),
    publish: (move: Parameters<typeof publish>[1]) => run(client => publish(client, move)),
    approve: (versionId: string) => run(client => approve(client, versionId)),
    reviewFeedback: (review: Parameters<typeof reviewFeedback>[1]) => run(client => reviewFeedback(client, review)),
    removeRows: (entity: Parameters<typeof removeRows>[1], ids: readonly string[]) =>
      run(client => removeRows(client, entity, ids)),
    pull: (cursor: Cursor, limit: number) => run(client => pull(client, cursor, limit)),
    listen: (events: ListenEvents): (() => Promise<void>) => {
      if (!config) {
        events.denied?.(refused.message)
        return async () => undefined
      }
      const stop = listen({ ...config, connectionTimeoutMillis: bounds.connectMs }, events, options.listen)
      ears.add(stop)
      return async () => {
        ears.delete(stop)
        await stop()
      }
    },
    close: async (): Promise<void> => {
      blobs?.close()
      await Promise.all([pool?.close(), ...[...ears].map(stop => stop())])
      ears.clear()
    },
  }
}

function configOf(
  settings: RemoteSettings,
): { kind: 'ok'; config: ClientConfig } | { kind: 'refused'; reason: string } {
  const connection = connectionOf(settings.database, { ca: settings.databaseCa })
  if (connection.kind !== 'ok') return connection
  return { kind: 'ok', config: { ...connection.config, password: settings.password } }
}
