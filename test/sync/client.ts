import { createRouterClient, EventPublisher, type RouterClient } from '@orpc/server'
import type { Library } from '../../electron/library/library.ts'
import { insertSpace } from '../../electron/library/spaces.ts'
import { putSyncState, updateSyncState } from '../../electron/library/sync-states.ts'
import type { Context } from '../../electron/services/context.ts'
import { Folders } from '../../electron/services/folders.ts'
import { Indexer } from '../../electron/services/indexing.ts'
import { mergesService } from '../../electron/services/merges.ts'
import { noTeams } from '../../electron/services/no-teams.ts'
import { ratingsService } from '../../electron/services/ratings.ts'
import { skillsService } from '../../electron/services/skills.ts'
import { versionsService } from '../../electron/services/versions.ts'
import { workingCopiesService } from '../../electron/services/working-copies.ts'
import type { Change } from '../../shared/contract/system.ts'

const routerOf = (context: Context, indexer: Indexer) => ({
  skills: skillsService(context, indexer),
  versions: versionsService(context, indexer, noTeams),
  workingCopies: workingCopiesService(context),
  merges: mergesService(context, indexer),
  ratings: ratingsService(context),
})

/** The app as far as people use it here: a library, and services over it. */
export type App = {
  library: Library
  context: Context
  api: RouterClient<ReturnType<typeof routerOf>>
  clock: () => number
  newId: () => string
  /** Who this computer's author is in that team. */
  userOf: (tenantId: string) => string
}

export type AppOptions = {
  library: Library
  clock: () => number
  newId: () => string
  userOf: (tenantId: string) => string
  log: (line: string) => void
}

/** Starts an app on what its disk holds. */
export function startApp({ library, clock, newId, userOf, log }: AppOptions): App & { changed: Context['changes'] } {
  const context: Context = {
    library,
    clock,
    newId,
    home: '/nowhere',
    platform: 'linux',
    sample: '/nowhere',
    folders: new Folders('/nowhere'),
    secrets: {
      get: async () => ({ kind: 'none' }),
      set: async () => ({ kind: 'kept', where: 'file' }),
      delete: async () => undefined,
    },
    registry: () => Promise.reject(new Error('nobody keeps a registry here')),
    changes: new EventPublisher<{ change: Change }>(),
    log,
  }
  const indexer = new Indexer(context)
  // It works in slices of real time; what it makes is not synced.
  indexer.stop()
  return {
    library,
    context,
    api: createRouterClient(routerOf(context, indexer)),
    clock,
    newId,
    userOf,
    changed: context.changes,
  }
}

export type Joined = {
  tenantId: string
  name: string
  slug: string
  userId: string
  userName: string
  role: 'reader' | 'author' | 'admin'
}

/** What joining a team leaves in the library, before anything was received. */
export function joinTeam(library: Library, team: Joined, now: number, schemaVersion: number): void {
  library.write(() => {
    insertSpace(library, {
      tenantId: team.tenantId,
      name: team.name,
      slug: team.slug,
      kind: 'team',
      user: { id: team.userId, name: team.userName, email: null },
      note: null,
      now,
    })
    library.run('UPDATE users SET role = ? WHERE id = ?', team.role, team.userId)
    putSyncState(library, {
      tenantId: team.tenantId,
      host: 'model',
      settings: '{}',
      role: team.role,
      schemaVersion,
      now,
    })
    updateSyncState(library, team.tenantId, { paused: 0 })
  })
}
