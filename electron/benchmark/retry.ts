import type { ModelFailure } from './failures.ts'
import type { Lane, Timing } from './lane.ts'

/** How often a request is tried again, and how long apart at most. */
export const RETRIES = { most: 5, firstMs: 500, capMs: 30_000, longestHoldMs: 120_000 } as const

type Tried<T> = { kind: 'done'; value: T } | { kind: 'failed'; failure: ModelFailure }

/**
 * Tries until it works, fails for good, or has failed too often. One try at a time; between two of them the longer of what the
 * provider asks for and a full-jitter, capped backoff. Where a provider wants a longer pause than anybody would watch, it
 * fails and says so. Rejects with the signal's reason.
 */
export async function withRetries<T>(
  attempt: () => Promise<Tried<T>>,
  { lane, timing, random, signal }: { lane: Lane; timing: Timing; random: () => number; signal: AbortSignal },
): Promise<Tried<T>> {
  for (let tried = 1; ; tried++) {
    const outcome = await attempt()
    if (outcome.kind === 'done' || !outcome.failure.retry || tried > RETRIES.most) return outcome
    const asked = outcome.failure.retryAfterMs ?? 0
    if (asked > RETRIES.longestHoldMs) return { kind: 'failed', failure: tooLongAHold(outcome.failure, asked) }
    const backoff = random() * Math.min(RETRIES.capMs, RETRIES.firstMs * 2 ** (tried - 1))
    // The provider's own figure is a floor; the jitter on top keeps all who wait from coming back at once.
    const pause = asked > 0 ? asked + backoff / 4 : backoff
    if (asked > 0) lane.holdUntil(timing.now() + asked)
    await timing.wait(pause, signal)
    signal.throwIfAborted()
  }
}

const tooLongAHold = (failure: ModelFailure, ms: number): ModelFailure => ({
  ...failure,
  retry: false,
  stops: true,
  words: `${failure.words} It asks to wait ${Math.ceil(ms / 60_000)} minutes.`,
})
