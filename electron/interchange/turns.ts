import { setImmediate } from 'node:timers/promises'

/** How long work may hold the thread that answers before others get their turn. Milliseconds. */
const TURN_MS = 8

/**
 * For work that takes long on a thread that answers others: `await rest()` between its pieces, each of a few milliseconds at most,
 * lets the others have their turn whenever this work has had its own.
 */
export function takeTurns(turnMs = TURN_MS): () => Promise<void> {
  let ends = performance.now() + turnMs
  return async () => {
    if (performance.now() < ends) return
    await setImmediate()
    ends = performance.now() + turnMs
  }
}

/** Does work that is in pieces, a turn at a time. */
export async function inTurns<T>(pieces: Generator<void, T, void>, rest = takeTurns()): Promise<T> {
  for (;;) {
    const step = pieces.next()
    if (step.done) return step.value
    await rest()
  }
}
