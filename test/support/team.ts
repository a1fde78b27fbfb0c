import fs from 'node:fs'
import path from 'node:path'
import { createRouterClient, EventPublisher } from '@orpc/server'
import { v7 } from 'uuid'
import { putBlob, sha256 } from '../../electron/library/blobs.ts'
import { Library } from '../../electron/library/library.ts'
import { numberVersion } from '../../electron/library/mirror-versions.ts'
import { openLibrary } from '../../electron/library/open.ts'
import { insertSkill, setNewest } from '../../electron/library/skills.ts'
import { insertSpace, insertUser } from '../../electron/library/spaces.ts'
import { insertVersion, putManifest } from '../../electron/library/versions.ts'
import type { Context } from '../../electron/services/context.ts'
import { filesService } from '../../electron/services/files.ts'
import { Folders } from '../../electron/services/folders.ts'
import { Indexer } from '../../electron/services/indexing.ts'
import { noTeams } from '../../electron/services/no-teams.ts'
import { ratingsService } from '../../electron/services/ratings.ts'
import { skillsService } from '../../electron/services/skills.ts'
import { ensurePersonalSpace } from '../../electron/services/spaces.ts'
import { syncService } from '../../electron/services/sync.ts'
import { versionsService } from '../../electron/services/versions.ts'
import { workingCopiesService } from '../../electron/services/working-copies.ts'
import type { SyncControl } from '../../electron/sync/control.ts'
import type { TeamStatus } from '../../shared/contract/sync.ts'
import type { Change } from '../../shared/contract/system.ts'
import { notReached, resources, temporaryFolder } from './backend.ts'

/**
 * A library with a team in it, and services over it, without an engine: what others send is put in as the engine puts it.
 * `control` stands for the engines, as far as a test needs them.
 */
export function teamInTest(over: (status: TeamStatus) => Partial<SyncControl> = () => ({})) {
  const dataDir = temporaryFolder()
  const library = new Library()
  let now = 1_760_000_000_000
  const clock = () => ++now
  const opened = openLibrary({ dataDir, migrations: path.join(resources.migrations, 'sqlite'), now: clock }, library)
  if ('problem' in opened) throw new Error(opened.problem.happened)
  const context: Context = {
    library,
    clock,
    newId: v7,
    home: dataDir,
    platform: process.platform,
    sample: resources.sample,
    folders: new Folders(dataDir),
    ...notReached,
    changes: new EventPublisher<{ change: Change }>(),
    log: () => {},
  }
  const personal = ensurePersonalSpace(context)
  const [tenantId, me, grace] = ['team', 'user-me', 'user-grace']
  library.write(() => {
    insertSpace(library, {
      ...{ tenantId, name: 'Team', slug: 'team', kind: 'team', note: null, now: clock() },
      user: { id: me, name: 'Ada', email: null },
    })
    insertUser(library, { id: grace, tenantId, name: 'Grace', email: null, role: 'author', now: clock() })
  })
  const status: TeamStatus = {
    ...{ tenantId, name: 'Team', host: 'registry.test', user: { id: me, name: 'Ada' }, role: 'admin', state: 'synced' },
    ...{ problem: null, progress: null, waiting: 0, needsYou: 0, syncedAt: now, offlineSince: null, retryAt: null },
    ...{ content: 'all', contentElsewhere: 0 },
  }
  const indexer = new Indexer(context)
  const control: SyncControl = { ...noTeams, status: () => [status], ...over(status) }
  const api = createRouterClient({
    sync: syncService(context, control, indexer, () => ({ kind: 'invalid', reason: 'not here' })),
    skills: skillsService(context, indexer),
    versions: versionsService(context, indexer, control),
    workingCopies: workingCopiesService(context),
    files: filesService(context),
    ratings: ratingsService(context),
  })

  /** A version as it comes from the registry: by whom, from which parent, with its number. Moves the skill's newest. */
  const arrive = (skillId: string, number: number, by: string, text: string, parentId: string | null): string =>
    library.write(() => {
      const id = v7()
      const bytes = Buffer.from(`---\nname: s\ndescription: d\n---\n${text}\n`)
      const file = { path: 'SKILL.md', sha256: sha256(bytes), size: bytes.byteLength, executable: false }
      putBlob(library, file.sha256, bytes)
      const row = { id, tenantId, skillId, parentId, mergedId: null, name: 's', description: 'd', message: text }
      const at = clock()
      insertVersion(library, {
        ...{ ...row, contentHash: putManifest(library, [file]), metadata: {}, createdBy: by, createdAt: at, now: at },
      })
      library.run("DELETE FROM outbox WHERE entity = 'version' AND entity_id = ?", id)
      numberVersion(library, id, number, at)
      setNewest(library, skillId, row, at)
      return id
    })
  const skill = (slug: string, author: string = me, space: string = tenantId): string =>
    library.write(() => {
      const id = v7()
      insertSkill(library, {
        ...{ id, tenantId: space, slug, name: slug, description: '', category: null, tags: [], authorId: author },
        now: clock(),
      })
      return id
    })
  const queued = (space: string = tenantId): string[] =>
    library
      .all<{ entity: string; operation: string }>(
        'SELECT entity, operation FROM outbox WHERE tenant_id = ? ORDER BY seq',
        space,
      )
      .map(row => `${row.entity} ${row.operation}`)
  return {
    ...{ library, context, api, personal, tenantId, me, grace, arrive, skill, queued },
    [Symbol.asyncDispose]: async () => {
      await indexer.stop()
      library.close()
      fs.rmSync(dataDir, { recursive: true, force: true })
    },
  }
}
export type TeamInTest = ReturnType<typeof teamInTest>
