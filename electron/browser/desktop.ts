import { EventPublisher, implement } from '@orpc/server'
import { desktop } from '../../shared/contract/desktop.ts'
import { externalAddress } from '../policy.ts'
import type { BackendState, Supervisor } from '../supervisor.ts'

/**
 * The `desktop` contract as far as a host without a desktop can keep it: no dialogs, no file manager, no menu. Links
 * are opened by the browser of this machine, where there is one.
 */
export function browserDesktop<Port>(options: {
  platform: NodeJS.Platform
  supervisor: Pick<Supervisor<Port>, 'state' | 'subscribe' | 'retry'>
  /** Opens an address that was checked; says whether it could. */
  open: (address: string) => Promise<boolean>
}) {
  const os = implement(desktop)
  return os.router({
    about: os.about.handler(() => ({
      host: 'browser' as const,
      dialogs: false,
      reveal: false,
      platform: options.platform,
    })),
    chooseFolder: os.chooseFolder.handler(() => ({})),
    chooseArchive: os.chooseArchive.handler(() => ({})),
    reveal: os.reveal.handler(() => ({ shown: false })),
    openExternal: os.openExternal.handler(async ({ input }) => {
      const address = externalAddress(input.url)
      return { opened: address !== undefined && (await options.open(address)) }
    }),
    copyText: os.copyText.handler(() => ({ copied: false })),
    setColorScheme: os.setColorScheme.handler(() => ({})),
    commands: os.commands.handler(({ signal }) =>
      new EventPublisher<Record<'command', never>>().subscribe('command', { signal }),
    ),
    backend: os.backend.handler(({ signal }) => followBackend(options.supervisor, signal)),
    retryBackend: os.retryBackend.handler(() => {
      options.supervisor.retry()
      return {}
    }),
  })
}

/** How the backend is now, and every change from then on. */
export async function* followBackend(
  supervisor: Pick<Supervisor<never>, 'state' | 'subscribe'>,
  signal: AbortSignal | undefined,
): AsyncGenerator<BackendState> {
  const publisher = new EventPublisher<{ state: BackendState }>()
  const changes = publisher.subscribe('state', { signal })
  const unsubscribe = supervisor.subscribe(state => publisher.publish('state', state))
  try {
    yield supervisor.state()
    yield* changes
  } finally {
    unsubscribe()
  }
}
