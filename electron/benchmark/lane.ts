/** What one provider allows at a time. Null: no limit that we know of. */
export type LaneLimits = { concurrency: number; requestsPerMinute: number | null; tokensPerMinute: number | null }
export type Timing = {
  now: () => number
  /** Resolves after so many milliseconds, or at once when the signal aborts. */
  wait: (ms: number, signal?: AbortSignal) => Promise<void>
}

export const realTiming = (now: () => number): Timing => ({
  now,
  wait: (ms, signal) =>
    new Promise(resolve => {
      if (signal?.aborted) return resolve()
      const done = () => {
        clearTimeout(timer)
        signal?.removeEventListener('abort', done)
        resolve()
      }
      const timer = setTimeout(done, ms)
      signal?.addEventListener('abort', done, { once: true })
    }),
})

const MINUTE = 60_000
type Waiting = { tokens: number; start: () => void }

/**
 * The way to one provider: so many requests at once, so many requests and tokens in any minute, first come first served.
 * What the provider says (429 with Retry-After) holds everybody back, not only the one who was told.
 */
export class Lane {
  readonly #limits: LaneLimits
  readonly #timing: Timing
  #inside = 0
  #queue: Waiting[] = []
  #entered: { at: number; tokens: number }[] = []
  #heldUntil = 0
  #alarm: AbortController | undefined

  constructor(limits: LaneLimits, timing: Timing) {
    this.#limits = limits
    this.#timing = timing
  }

  get concurrency(): number {
    return this.#limits.concurrency
  }

  /** Resolves with the way out, to be called once; rejects with the signal's reason. `tokens`: an estimate. */
  enter(tokens: number, signal: AbortSignal): Promise<() => void> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason)
      const leave = () => {
        this.#inside -= 1
        this.#admit()
      }
      const waiting: Waiting = {
        tokens,
        start: () => {
          signal.removeEventListener('abort', giveUp)
          resolve(leave)
        },
      }
      const giveUp = () => {
        this.#queue = this.#queue.filter(one => one !== waiting)
        reject(signal.reason)
      }
      signal.addEventListener('abort', giveUp, { once: true })
      this.#queue.push(waiting)
      this.#admit()
    })
  }

  /** Nobody enters before that instant. */
  holdUntil(at: number): void {
    this.#heldUntil = Math.max(this.#heldUntil, at)
  }

  #admit(): void {
    for (let next = this.#queue[0]; next; next = this.#queue[0]) {
      if (this.#inside >= this.#limits.concurrency) return
      const now = this.#timing.now()
      const opens = this.#opensAt(next.tokens, now)
      if (opens > now) {
        this.#wakeIn(opens - now)
        return
      }
      this.#queue.shift()
      this.#inside += 1
      if (this.#limits.requestsPerMinute !== null || this.#limits.tokensPerMinute !== null)
        this.#entered.push({ at: now, tokens: next.tokens })
      next.start()
    }
  }

  /** When so many tokens more fit the last minute. One request beyond the whole limit goes alone. */
  #opensAt(tokens: number, now: number): number {
    while (this.#entered[0] && this.#entered[0].at <= now - MINUTE) this.#entered.shift()
    const { requestsPerMinute, tokensPerMinute } = this.#limits
    let opens = this.#heldUntil
    if (requestsPerMinute !== null && this.#entered.length >= requestsPerMinute)
      opens = Math.max(opens, (this.#entered[this.#entered.length - requestsPerMinute]?.at ?? now) + MINUTE)
    if (tokensPerMinute === null) return opens
    let sum = this.#entered.reduce((total, one) => total + one.tokens, tokens)
    for (const one of this.#entered) {
      if (sum <= tokensPerMinute) break
      sum -= one.tokens
      opens = Math.max(opens, one.at + MINUTE)
    }
    return opens
  }

  #wakeIn(ms: number): void {
    this.#alarm?.abort()
    const alarm = new AbortController()
    this.#alarm = alarm
    void this.#timing.wait(ms, alarm.signal).then(() => {
      if (!alarm.signal.aborted) this.#admit()
    })
  }
}
