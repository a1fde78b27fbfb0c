import type { AppContract } from '../shared/contract/index.ts'
import type { Change } from '../shared/contract/system.ts'
import { api, query, queryClient } from './api.ts'
import { coalesce } from './coalesce.ts'

/** Long enough for the backend to get on with what makes the changes, such as an import. */
const PAUSE_MS = 250
const RECONNECT_MS = 100

/** Compare reads skills, versions, ratings and working copies at once, so it follows all of them. */
const READS: Record<Change['nouns'][number], readonly (keyof AppContract)[]> = {
  spaces: ['spaces', 'system'],
  skills: ['skills', 'spaces', 'sync'],
  // Where nothing was edited, what is edited is the newest version, also one that somebody else saved.
  versions: ['versions', 'skills', 'compare', 'spaces', 'workingCopies', 'files', 'gates'],
  workingCopies: ['workingCopies', 'skills', 'compare', 'files'],
  ratings: ['ratings', 'skills', 'versions', 'compare'],
  feedback: ['feedback', 'skills'],
  benchmarks: ['skills', 'versions', 'compare', 'measurements', 'benchmarks', 'triggerTests', 'gates', 'cases'],
  settings: ['settings'],
  sync: ['sync', 'spaces', 'ratings'],
  registries: ['registries'],
  providers: ['providers', 'agentCommands'],
}

const sleep = (ms: number) => new Promise(resolve => setTimeout(resolve, ms))

/** Follows the `changes` stream for as long as the page lives, across restarts of the backend. */
export async function followChanges(signal: AbortSignal): Promise<void> {
  const refresh = coalesce<keyof AppContract>(
    nouns => Promise.all([...nouns].map(noun => queryClient.invalidateQueries({ queryKey: query[noun].key() }))),
    () => sleep(PAUSE_MS),
  )
  while (!signal.aborted) {
    try {
      const changes = await api.system.changes(undefined, { signal })
      // Whatever happened while nobody listened is unknown: everything on screen is asked for again.
      void queryClient.invalidateQueries()
      for await (const change of changes) refresh(change.nouns.flatMap(noun => READS[noun]))
    } catch {
      // The connection was lost; the next call waits for the new one.
      await sleep(RECONNECT_MS)
    }
  }
}
