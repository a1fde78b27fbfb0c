import fs from 'node:fs'
import { z } from 'zod'
import type { DemoStatus, Registry } from '../../shared/contract/registries.ts'
import { readSettings, writeSetting } from '../library/settings.ts'
import { findSpace } from '../library/spaces.ts'
import { announce, type Context } from './context.ts'
import type { DemoInvite, Place, Team } from './registry-tools.ts'

/**
 * A team registry on this computer, tried with one click. It ends with the backend, and begins again with it where it ran
 * when the app was closed and a library of its team is here.
 *
 *   off ──start──► starting ──ready──► running ──stop──► stopping ──► off
 *    ▲ ◄────why─────────┘ ◄──────a server died───┘
 */
type State =
  | { at: 'off'; problem: string | null }
  | { at: 'starting'; steps: DemoStatus['steps']; cancel: AbortController }
  | { at: 'running'; place: Place; team: Team; invite: DemoInvite; stop: () => Promise<void> }
  | { at: 'stopping' }

export const DEMO_ID = 'demo'
const SETTING = 'demoRegistry'
const setting = z.object({ running: z.boolean(), tenantId: z.string().nullable() })

export class DemoRegistry {
  readonly #context: Context
  readonly #folder: string
  readonly #onRunning: (tenantId: string) => void
  #state: State = { at: 'off', problem: null }
  /** What start or stop is at, so that the next one waits for it. */
  #working: Promise<void> = Promise.resolve()
  #closed = false

  /** `onRunning`: whoever syncs with its team need not wait any longer. */
  constructor(context: Context, folder: string, onRunning: (tenantId: string) => void) {
    this.#context = context
    this.#folder = folder
    this.#onRunning = onRunning
  }

  async status(): Promise<DemoStatus> {
    const state = this.#state
    const running = state.at === 'running' ? state : undefined
    const tenantId = running?.place.tenantId ?? this.#kept().tenantId
    return {
      state: state.at,
      steps: state.at === 'starting' ? state.steps : [],
      problem: state.at === 'off' ? state.problem : null,
      invite: running ? await this.#unusedInvite(running) : null,
      registryId: running ? DEMO_ID : null,
      tenantId,
      joined: tenantId !== null && findSpace(this.#context.library, tenantId) !== undefined,
      folder: this.#folder,
      kept: fs.existsSync(this.#folder),
    }
  }

  registry(): Registry | undefined {
    return this.#state.at === 'running'
      ? { id: DEMO_ID, ...this.#state.place, login: 'session', demo: true }
      : undefined
  }

  team(): Team | undefined {
    return this.#state.at === 'running' ? this.#state.team : undefined
  }

  start(): void {
    if (this.#closed || this.#state.at !== 'off') return
    const cancel = new AbortController()
    this.#to({ at: 'starting', steps: [], cancel })
    this.#working = this.#begin(cancel)
  }

  /** Where it ran when the app was closed, and somebody here is in its team. */
  resume(): void {
    const { running, tenantId } = this.#kept()
    if (running && tenantId !== null && findSpace(this.#context.library, tenantId)) this.start()
  }

  async stop(): Promise<void> {
    this.#remember(false)
    await this.#end()
  }

  /** With the backend: it is to begin again with the next one. */
  async close(): Promise<void> {
    this.#closed = true
    await this.#end()
  }

  async #begin(cancel: AbortController): Promise<void> {
    const { signal } = cancel
    try {
      const tools = await this.#context.registry()
      const started = await tools.startDemo({
        folder: this.#folder,
        signal,
        onStep: step => {
          if (this.#state.at === 'starting') this.#to({ ...this.#state, steps: [...this.#state.steps, step] })
        },
        onLost: () => this.#lost(),
      })
      if (started.kind === 'not-started')
        return this.#to({ at: 'off', problem: signal.aborted ? null : started.reason })
      const { access, place, invite, stop } = started
      this.#to({ at: 'running', place, invite, stop, team: { access, tenantId: place.tenantId } })
      this.#remember(true)
      this.#onRunning(place.tenantId)
    } catch (error) {
      this.#context.log(`demo registry: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`)
      this.#to({ at: 'off', problem: 'The demo registry could not be started. What it keeps was not touched.' })
    }
  }

  async #end(): Promise<void> {
    if (this.#state.at === 'starting') {
      this.#state.cancel.abort()
      this.#to({ at: 'stopping' })
    }
    await this.#working
    if (this.#state.at !== 'running') return
    const { stop } = this.#state
    this.#to({ at: 'stopping' })
    this.#working = stop()
    await this.#working
    this.#to({ at: 'off', problem: null })
  }

  #lost(): void {
    if (this.#state.at !== 'running') return
    const { stop } = this.#state
    this.#to({ at: 'stopping' })
    this.#working = stop().then(() =>
      this.#to({
        at: 'off',
        problem: 'One of its servers ended unexpectedly. What was stored is kept; start it again.',
      }),
    )
  }

  /** The invite as long as nobody took it. Whoever joined needs none. */
  async #unusedInvite({ team, invite }: Extract<State, { at: 'running' }>): Promise<string | null> {
    const tools = await this.#context.registry()
    const asked = await tools.members(team)
    const taken =
      asked.kind === 'done' &&
      asked.value.members.some(({ userId, state }) => userId === invite.userId && state !== 'invited')
    return taken ? null : invite.text
  }

  #to(state: State): void {
    this.#state = state
    if (!this.#closed) announce(this.#context, ['registries'])
  }

  #kept(): z.infer<typeof setting> {
    const parsed = setting.safeParse(readSettings(this.#context.library)[SETTING])
    return parsed.success ? parsed.data : { running: false, tenantId: null }
  }

  #remember(running: boolean): void {
    const { library } = this.#context
    const tenantId = this.#state.at === 'running' ? this.#state.place.tenantId : this.#kept().tenantId
    library.write(() => writeSetting(library, SETTING, { running, tenantId }))
  }
}
