import type { EventPublisher } from '@orpc/server'
import type { Change, LibraryStatus } from '../../shared/contract/system.ts'
import { setAside } from '../library/open.ts'
import type { RebuildProgress } from '../library/rebuild.ts'
import { os } from './context.ts'
import { latestOnly } from './latest-only.ts'

export type SystemOptions = {
  appVersion: string
  instance: string
  dataDir: string
  libraryPath: string
  platform: string
  clock: () => number
  status: () => LibraryStatus
  changes: EventPublisher<{ change: Change }>
  /** The folder of SQLite migrations. */
  migrations: string
  newId: () => string
  /** Opens the library anew, after a broken one was set aside or mended. */
  reopen: (asItIs?: boolean) => void
}

export const systemService = (options: SystemOptions) => ({
  info: os.system.info.handler(() => ({
    app: options.appVersion,
    instance: options.instance,
    libraryPath: options.libraryPath,
    platform: options.platform,
    library: options.status(),
  })),

  startFresh: os.system.startFresh.handler(({ errors }) => {
    const status = options.status()
    if (!canBeMended(status))
      throw errors.READ_ONLY({ data: { reason: 'The library can be read, so it stays where it is.' } })
    const movedTo = setAside(options.dataDir, options.clock())
    options.reopen()
    return { movedTo }
  }),

  rebuild: os.system.rebuild.handler(async function* ({ signal, errors }) {
    if (!canBeMended(options.status()))
      throw errors.READ_ONLY({ data: { reason: 'The library can be read, so there is nothing to rebuild.' } })
    const { rebuildLibrary } = await import('../library/rebuild.ts')
    const progress = latestOnly<RebuildProgress>()
    const stop = new AbortController()
    const rebuilding = rebuildLibrary({
      dataDir: options.dataDir,
      migrations: options.migrations,
      now: options.clock,
      newId: options.newId,
      onProgress: progress.push,
      signal: AbortSignal.any([stop.signal, ...(signal ? [signal] : [])]),
    })
    rebuilding.finally(progress.end).catch(() => {})
    try {
      yield* progress.values
      const report = await rebuilding
      options.reopen()
      return { ...report, lost: report.lost.map(({ sha256, of }) => ({ sha256, of })) }
    } finally {
      stop.abort(new DOMException('Stopped.', 'AbortError'))
    }
  }),

  openAsItIs: os.system.openAsItIs.handler(({ errors }) => {
    const status = options.status()
    if (status.state !== 'problem' || status.code !== 'OLDER')
      throw errors.READ_ONLY({ data: { reason: 'The library is not an older one.' } })
    options.reopen(true)
    return {}
  }),

  changes: os.system.changes.handler(async function* ({ signal }) {
    yield* options.changes.subscribe('change', { signal })
  }),
})

/** Only what cannot be read, or lacks its newest part, is set aside or rebuilt; one that works, or that a newer app wrote, is not. */
const canBeMended = (status: LibraryStatus): boolean =>
  status.state === 'problem' && (status.code === 'BROKEN' || status.code === 'OLDER')
