import fs from 'node:fs'
import path from 'node:path'
import pg from 'pg'
import { v7 } from 'uuid'
import { putBlob, sha256 } from '../../electron/library/blobs.ts'
import type { Library } from '../../electron/library/library.ts'
import { openLibrary } from '../../electron/library/open.ts'
import { enqueue } from '../../electron/library/outbox.ts'
import { noteThere } from '../../electron/library/remote-content.ts'
import { insertSkill, setNewest } from '../../electron/library/skills.ts'
import { updateSyncState } from '../../electron/library/sync-states.ts'
import { insertVersion, putManifest } from '../../electron/library/versions.ts'
import { startEmbeddedPostgres } from '../../electron/registry/embedded-postgres.ts'
import { encodeInvite, type StorageSettings } from '../../electron/registry/invite.ts'
import { addMember, type Login } from '../../electron/registry/members.ts'
import { initRegistry } from '../../electron/registry/provision.ts'
import { openRemote } from '../../electron/registry/remote.ts'
import { Engine } from '../../electron/sync/engine.ts'
import type { Remote } from '../../electron/sync/remote.ts'
import { migrations } from '../registry/registry.ts'
import { resources, temporaryFolder } from '../support/backend.ts'
import { joinTeam } from '../sync/client.ts'

export type BenchMember = { userId: string; name: string; login: Login }

/** A registry with a team of two on a server with its usual durability. */
export type BenchTeam = {
  tenantId: string
  owner: pg.Client
  port: number
  members: [BenchMember, BenchMember]
  remote(member: BenchMember, port?: number): Remote
  invite(member: BenchMember, storage: StorageSettings | null, port?: number): string
  stop(): Promise<void>
}

export async function startBenchTeam(): Promise<BenchTeam | { unavailable: string }> {
  const started = await startEmbeddedPostgres({ settings: { shared_buffers: '256MB', max_wal_size: '4GB' } })
  if (started.kind !== 'started') return { unavailable: started.reason }
  const { server } = started
  const owner = new pg.Client({ connectionString: server.url })
  await owner.connect()
  const now = Date.now()
  const tenantId = v7()
  const made = await initRegistry(owner, migrations, { id: tenantId, name: 'Bench', slug: 'bench', now })
  if (made.kind !== 'ready') throw new Error(JSON.stringify(made))
  const join = async (name: string): Promise<BenchMember> => {
    const userId = v7()
    const expiresAt = now + 3_600_000
    const login = await addMember(owner, { tenantId, userId, name, email: null, role: 'author', now, expiresAt })
    return { userId, name, login }
  }
  const members: BenchTeam['members'] = [await join('Ada'), await join('Ben')]
  const remotes: Remote[] = []
  return {
    tenantId,
    owner,
    port: server.port,
    members,
    remote: (member, port = server.port) => {
      const database = `postgres://${member.login.user}@127.0.0.1:${port}/postgres`
      const remote: Remote = openRemote({ database, password: member.login.password, storage: null })
      remotes.push(remote)
      return remote
    },
    invite: (member, storage, port = server.port) =>
      encodeInvite({
        tenant: { id: tenantId, name: 'Bench' },
        user: { id: member.userId, name: member.name },
        role: 'author',
        database: `postgres://${member.login.user}:${member.login.password}@127.0.0.1:${port}/postgres`,
        storage,
        expiresAt: now + 3_600_000,
      }),
    stop: async () => {
      await Promise.all(remotes.map(remote => remote.close()))
      await owner.end()
      await server.stop()
    },
  }
}

/** A library that has joined the team and heard nothing of it yet; removed by `close`. */
export type BenchLibrary = { library: Library; userId: string; close(): void }

export function newLibrary(team: BenchTeam, member: BenchMember): BenchLibrary {
  const dataDir = temporaryFolder()
  const opened = openLibrary({ dataDir, migrations: path.join(resources.migrations, 'sqlite'), now: Date.now })
  if ('problem' in opened) throw new Error(opened.problem.happened)
  const { library } = opened
  const { tenantId } = team
  const { userId, name: userName } = member
  const joined = { tenantId, name: 'Bench', slug: 'bench', userId, userName, role: 'author' as const }
  joinTeam(library, joined, Date.now(), KNOWN)
  return {
    library,
    userId,
    close: () => {
      library.close()
      fs.rmSync(dataDir, { recursive: true, force: true })
    },
  }
}

const KNOWN = Math.max(...migrations.map(migration => migration.id))

/** As if it had read everything that is there. */
export async function skipToHead({ library }: BenchLibrary, { owner, tenantId }: BenchTeam): Promise<void> {
  const { rows } = await owner.query<{ n: string; epoch: string; mark: string | null }>(
    `SELECT h.n, h.epoch, (SELECT mark FROM whetstone.change_log WHERE tenant_id = $1 ORDER BY last_seq DESC LIMIT 1) AS mark
     FROM whetstone.tenant_heads h WHERE h.tenant_id = $1`,
    [tenantId],
  )
  const [head] = rows
  if (!head) throw new Error('The team has no head.')
  library.write(() => updateSyncState(library, tenantId, { since: Number(head.n), mark: head.mark, epoch: head.epoch }))
}

/** As backend.ts makes it, but that it does nothing by itself: `round()` is one sync. */
export function newEngine(library: Library, team: BenchTeam, remote: Remote): Engine {
  return new Engine({
    library,
    tenantId: team.tenantId,
    connect: async () => ({ kind: 'open', remote }),
    clock: Date.now,
    random: Math.random,
    newId: v7,
    after: () => () => undefined,
    knownSchema: () => KNOWN,
    changed: () => undefined,
  })
}

/** One round, which must do all there is to do. */
export async function sync(engine: Engine): Promise<void> {
  const end = await engine.round()
  if (end.kind !== 'done') throw new Error(JSON.stringify(end))
}

/**
 * Versions queued for the registry, `each` a skill, 1.1 KB a row like those of `versionsOf` (copy.ts), every one with a
 * SKILL.md of its own. `there`: the store is known to have their content, so that rows alone are to be sent.
 */
export function queueVersions(bench: BenchLibrary, tenantId: string, count: number, each: number, there: boolean) {
  const { library, userId } = bench
  const now = Date.now()
  const description = 'Writes release notes from merged changes. '.repeat(5)
  library.write(() => {
    for (let n = 0; n < count / each; n++) {
      const skill = { id: v7(), tenantId, slug: `s-${v7().slice(-12)}`, name: 'release-notes', description }
      insertSkill(library, { ...skill, category: null, tags: [], authorId: userId, now })
      enqueue(library, { tenantId, skillId: skill.id, entity: 'skill', entityId: skill.id, operation: 'insert', now })
      let parentId: string | null = null
      for (let v = 0; v < each; v++) {
        const id = v7()
        const text = Buffer.from(`---\nname: release-notes\ndescription: ${description}\n---\n${id}\n`)
        const file = sha256(text)
        putBlob(library, file, text)
        const manifest = [{ path: 'SKILL.md', sha256: file, size: text.length, executable: false }]
        const contentHash = putManifest(library, manifest)
        if (there) noteThere(library, tenantId, [contentHash, file])
        insertVersion(library, {
          id,
          tenantId,
          skillId: skill.id,
          parentId,
          mergedId: null,
          contentHash,
          name: 'release-notes',
          description,
          message: 'Tighten the steps. '.repeat(12),
          metadata: { author: { name: 'Ada Lovelace', email: 'ada@example.org' }, origin: 'git' },
          createdBy: userId,
          createdAt: now,
          now,
        })
        parentId = id
      }
      if (parentId) setNewest(library, skill.id, { id: parentId, name: skill.name, description }, now)
    }
  })
}
