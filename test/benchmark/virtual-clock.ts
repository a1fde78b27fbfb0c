import type { Timing } from '../../electron/benchmark/lane.ts'

export type VirtualClock = Timing & { at: number; waits: number[] }

/** A clock that moves only when somebody waits and nothing else is left to do in that turn: then to whoever waits least. */
export function virtualClock(): VirtualClock {
  let pending: { due: number; resolve: () => void }[] = []
  const clock: VirtualClock = {
    at: 1_000_000,
    waits: [],
    now: () => clock.at,
    wait: (ms, signal) =>
      new Promise(resolve => {
        if (signal?.aborted) return resolve()
        clock.waits.push(ms)
        const waiting = { due: clock.at + ms, resolve }
        pending.push(waiting)
        signal?.addEventListener('abort', () => {
          pending = pending.filter(one => one !== waiting)
          resolve()
        })
        setImmediate(move)
      }),
  }
  const move = () => {
    const next = pending.sort((a, b) => a.due - b.due).shift()
    if (!next) return
    clock.at = Math.max(clock.at, next.due)
    next.resolve()
    if (pending.length > 0) setImmediate(move)
  }
  return clock
}
