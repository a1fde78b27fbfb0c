/**
 * Keeps one backend process running.
 *
 *   starting ──ready──► ready ──exit──► restarting ──(back-off)──► fork ──ready──► ready …
 *      └──────exit──────────────────────────┴──── quick death number `giveUpAfter` ──► failed ──retry()──► starting
 *
 * A death is quick when the process was ready for less than `healthyMs`, or never. A backend that ran well and dies is
 * started again at once; one that dies at every start waits longer each time, and in the end says why.
 */
export type BackendState = {
  state: 'starting' | 'ready' | 'restarting' | 'failed'
  /** For a person: why it is not ready. */
  reason?: string
}

/** One run of the backend. `attach` gives it a connection to serve; it closes when the process ends. */
export type BackendProcess<Port> = {
  readonly pid: number | undefined
  attach(port: Port): void
  /** Keeps a person's consent to run what a text says (services/agent-commands.ts). False where it could not. */
  allowProgram(text: string): Promise<boolean>
  /** Asks it to close the library and end; ends it by force where it does not. Resolves when it is gone. */
  stop(): Promise<void>
}
export type BackendEvents = {
  ready(): void
  /** Once, when the process is gone. `reason` is a sentence. */
  exit(reason: string): void
}

export type SupervisorOptions<Port> = {
  fork(events: BackendEvents): BackendProcess<Port>
  /** Milliseconds; only differences matter. */
  clock: () => number
  /** Calls back after so many milliseconds; the answer takes it back. */
  after: (ms: number, callback: () => void) => () => void
  healthyMs?: number
  giveUpAfter?: number
  firstDelayMs?: number
  maxDelayMs?: number
}

export type Supervisor<Port> = {
  start(): void
  /** Starts over after `failed`; does nothing otherwise. */
  retry(): void
  stop(): Promise<void>
  state(): BackendState
  /** The process to attach connections to, while it is ready. */
  current(): BackendProcess<Port> | undefined
  /** Told of every change from now on; the answer takes it back. */
  subscribe(listener: (state: BackendState) => void): () => void
}

export function createSupervisor<Port>(options: SupervisorOptions<Port>): Supervisor<Port> {
  const { fork, clock, after, healthyMs = 10_000, giveUpAfter = 5, firstDelayMs = 200, maxDelayMs = 5_000 } = options
  const listeners = new Set<(state: BackendState) => void>()
  let state: BackendState = { state: 'starting' }
  let running: BackendProcess<Port> | undefined
  let readyAt: number | undefined
  let quickDeaths = 0
  let takeBack: (() => void) | undefined
  let stopped = false

  const become = (next: BackendState) => {
    state = next
    for (const listener of [...listeners]) listener(next)
  }

  const died = (reason: string) => {
    const healthy = readyAt !== undefined && clock() - readyAt >= healthyMs
    running = undefined
    readyAt = undefined
    if (stopped) return
    quickDeaths = healthy ? 0 : quickDeaths + 1
    if (quickDeaths >= giveUpAfter) return become({ state: 'failed', reason })
    become({ state: 'restarting', reason })
    const delay = quickDeaths <= 1 ? 0 : Math.min(maxDelayMs, firstDelayMs * 2 ** (quickDeaths - 2))
    takeBack = after(delay, launch)
  }

  const launch = () => {
    takeBack = undefined
    if (stopped) return
    let gone = false
    const events: BackendEvents = {
      ready: () => {
        if (gone || stopped) return
        readyAt = clock()
        become({ state: 'ready' })
      },
      exit: reason => {
        if (gone) return
        gone = true
        died(reason)
      },
    }
    try {
      running = fork(events)
    } catch (error) {
      events.exit(`The backend could not be started: ${error instanceof Error ? error.message : String(error)}`)
    }
  }

  return {
    start: launch,
    retry: () => {
      if (state.state !== 'failed' || stopped) return
      quickDeaths = 0
      become({ state: 'starting' })
      launch()
    },
    stop: async () => {
      stopped = true
      takeBack?.()
      await running?.stop()
    },
    state: () => state,
    current: () => (state.state === 'ready' ? running : undefined),
    subscribe: listener => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}
