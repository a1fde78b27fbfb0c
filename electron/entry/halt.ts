import { type AtPoint, POINTS } from '../sync/points.ts'

/**
 * For the fault suite, which asks for it in the environment: `pull:committed:3` ends the process at the third time that
 * sync passes that point, without any goodbye. Nothing where it is not asked for.
 */
export function haltAt(asked: string | undefined): { point?: AtPoint } {
  const [, name, nth] = /^(.+):(\d+)$/.exec(asked ?? '') ?? []
  if (!POINTS.some(point => point === name)) return {}
  let left = Number(nth)
  return {
    point: passed => {
      if (passed !== name || --left > 0) return
      process.kill(process.pid, 'SIGKILL')
      // The signal strikes when the kernel gets to it; nothing more is done until then.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
    },
  }
}

/** For the fault suite, too: a clock that is wrong by so many milliseconds, as `±ms` or as `±ms/day` where it also runs fast or slow. */
export function wrongClock(asked: string | undefined): { clock?: () => number } {
  const [, offset, drift] = /^(-?\d+)(?:\/(-?\d+))?$/.exec(asked ?? '') ?? []
  if (offset === undefined) return {}
  const [by, perDay, began] = [Number(offset), Number(drift ?? 0), Date.now()]
  return { clock: () => Math.round(Date.now() + by + ((Date.now() - began) / 86_400_000) * perDay) }
}
