import type { EventPublisher } from '@orpc/server'
import type { Change, LibraryStatus } from '../../shared/contract/system.ts'
import { setAside } from '../library/open.ts'
import { os } from './context.ts'

export type SystemOptions = {
  appVersion: string
  instance: string
  dataDir: string
  libraryPath: string
  platform: string
  clock: () => number
  status: () => LibraryStatus
  changes: EventPublisher<{ change: Change }>
  /** Opens the library anew, after a broken one was set aside. */
  reopen: () => void
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
    // Only what cannot be read is set aside; a library that works, or that a newer app wrote, is not.
    if (status.state !== 'problem' || status.code !== 'BROKEN')
      throw errors.READ_ONLY({ data: { reason: 'The library can be read, so it stays where it is.' } })
    const movedTo = setAside(options.dataDir, options.clock())
    options.reopen()
    return { movedTo }
  }),

  changes: os.system.changes.handler(async function* ({ signal }) {
    yield* options.changes.subscribe('change', { signal })
  }),
})
