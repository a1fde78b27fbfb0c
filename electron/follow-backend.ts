import { EventPublisher } from '@orpc/server'
import type { BackendState, Supervisor } from './supervisor.ts'

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
