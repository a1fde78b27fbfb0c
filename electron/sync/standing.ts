import type { SyncProblem, TeamStatus } from '../../shared/contract/sync.ts'

/** What a round was at when it failed: what others did can be read although ours cannot be sent. */
export type FailedAt = 'pull' | 'rest'

/** How one team's sync stands after its last round: well, waiting for the next try, or for a person. */
export class Standing {
  #failures = 0
  #failedAt: FailedAt | undefined
  #retryAt: number | undefined
  #offline = false
  #problem: SyncProblem | undefined
  #asked = false
  /** The registry's schema is not the one this app knows. */
  skew: SyncProblem | undefined

  /** How many rounds in a row have failed. */
  get failures(): number {
    return this.#failures
  }
  /** When it is tried again, in milliseconds since 1970; undefined where nothing failed. */
  get retryAt(): number | undefined {
    return this.#retryAt
  }
  /** Nothing goes on until the reader did something. */
  get isAsked(): boolean {
    return this.#asked
  }
  get problem(): SyncProblem | undefined {
    return this.#problem ?? this.skew
  }

  /** All is well, or is tried as if it were. */
  clear(): void {
    this.#failures = 0
    this.#failedAt = undefined
    this.#retryAt = undefined
    this.#problem = undefined
    this.#offline = false
    this.#asked = false
  }

  ask(problem: SyncProblem): void {
    this.#problem = problem
    this.#asked = true
    this.#retryAt = undefined
  }

  retry(problem: SyncProblem, at: number, failedAt?: FailedAt, offline = false): void {
    this.#failures += 1
    this.#problem = problem
    this.#retryAt = at
    this.#failedAt = failedAt
    this.#offline = offline
  }

  /** Whether this problem is news. */
  isNew(problem: SyncProblem): boolean {
    return this.#problem?.code !== problem.code
  }

  /** Whether what failed is to wait for its time, although others’ changes are read meanwhile. */
  holdsBack(now: number): boolean {
    return this.#failedAt === 'rest' && this.#retryAt !== undefined && now < this.#retryAt
  }

  /** In the words of the status: by what is under way and what is left to send. */
  state(now: { on: boolean; running: boolean; busy: boolean; due: number }): TeamStatus['state'] {
    if (this.#asked) return 'attention'
    if (!now.on && !now.running) return 'paused'
    if (now.running && (now.busy || now.due > 0)) return 'syncing'
    if (this.#problem) return this.#offline ? 'offline' : 'waiting'
    if (this.skew) return 'readOnly'
    return now.due > 0 ? 'waiting' : 'synced'
  }
}
