import { type ChildProcess, spawn } from 'node:child_process'
import { afterEach, describe, expect, test } from 'vitest'
import { type BackendProcess, type BackendState, createSupervisor } from './supervisor.ts'

/** Real processes of Node; time and timers by hand, so that nothing waits on a clock. */
const READY = 'process.stdout.write("ready"); setInterval(() => {}, 1000)'
const DIES = 'process.exit(3)'

const children = new Set<ChildProcess>()
afterEach(() => {
  for (const child of children) child.kill('SIGKILL')
  children.clear()
})

function setUp(scripts: string[]) {
  let now = 0
  const delays: number[] = []
  const states: BackendState[] = []
  const pids: (number | undefined)[] = []
  let waiting: ((state: BackendState) => void)[] = []
  let pending: (() => void) | undefined
  const supervisor = createSupervisor<string>({
    fork: events => {
      const child = spawn(process.execPath, ['-e', scripts.shift() ?? DIES], { stdio: ['ignore', 'pipe', 'ignore'] })
      children.add(child)
      pids.push(child.pid)
      child.stdout.once('data', () => events.ready())
      const gone = new Promise<void>(resolve => child.once('exit', () => resolve()))
      child.once('exit', (code, signal) => events.exit(`ended: ${signal ?? code}`))
      const backend: BackendProcess<string> = {
        pid: child.pid,
        attach: () => {},
        allowProgram: () => Promise.resolve(false),
        stop: () => {
          child.kill('SIGTERM')
          return gone
        },
      }
      return backend
    },
    clock: () => now,
    after: (ms, callback) => {
      delays.push(ms)
      pending = callback
      return () => {
        pending = undefined
      }
    },
  })
  supervisor.subscribe(state => {
    states.push(state)
    const told = waiting
    waiting = []
    for (const tell of told) tell(state)
  })
  return {
    supervisor,
    delays,
    states,
    pids,
    tick: (ms: number) => {
      now += ms
    },
    /** Lets the back-off end. */
    runTimer: () => {
      const callback = pending
      pending = undefined
      callback?.()
    },
    hasTimer: () => pending !== undefined,
    next: () => new Promise<BackendState>(resolve => waiting.push(resolve)),
  }
}

describe('a backend under supervision', () => {
  test('is ready when its process says so, and can be given connections only then', async () => {
    const { supervisor, next } = setUp([READY])
    expect(supervisor.state()).toEqual({ state: 'starting' })
    const ready = next()
    supervisor.start()
    expect(supervisor.current()).toBeUndefined()
    expect(await ready).toEqual({ state: 'ready' })
    expect(supervisor.current()?.pid).toBeGreaterThan(0)
    await supervisor.stop()
  })

  test('is started again at once after SIGKILL, with the reason said', async () => {
    const { supervisor, next, tick, delays, pids, runTimer } = setUp([READY, READY])
    const first = next()
    supervisor.start()
    await first
    tick(60_000)
    const lost = next()
    process.kill(supervisor.current()?.pid ?? 0, 'SIGKILL')
    expect(await lost).toEqual({ state: 'restarting', reason: 'ended: SIGKILL' })
    expect(supervisor.current()).toBeUndefined()
    expect(delays).toEqual([0])
    const back = next()
    runTimer()
    expect(await back).toEqual({ state: 'ready' })
    expect(new Set(pids).size).toBe(2)
    await supervisor.stop()
  })

  test('waits longer after each quick death, and gives up with the last reason', async () => {
    const { supervisor, next, delays, states, runTimer, hasTimer } = setUp([])
    for (let death = 1; death <= 5; death++) {
      const state = next()
      if (death === 1) supervisor.start()
      else runTimer()
      await state
    }
    expect(delays).toEqual([0, 200, 400, 800])
    expect(states.map(({ state }) => state)).toEqual(['restarting', 'restarting', 'restarting', 'restarting', 'failed'])
    expect(states.at(-1)?.reason).toBe('ended: 3')
    expect(hasTimer()).toBe(false)
  })

  test('starts over from failed when asked, and only then', async () => {
    const { supervisor, next, runTimer } = setUp([DIES, DIES, DIES, DIES, DIES, READY])
    supervisor.retry()
    expect(supervisor.state().state).toBe('starting')
    for (let death = 1; death <= 5; death++) {
      const state = next()
      if (death === 1) supervisor.start()
      else runTimer()
      await state
    }
    expect(supervisor.state().state).toBe('failed')
    supervisor.retry()
    expect(supervisor.state()).toEqual({ state: 'starting' })
    expect(await next()).toEqual({ state: 'ready' })
    await supervisor.stop()
  })

  test('a long good run forgives the quick deaths before it', async () => {
    const { supervisor, next, tick, delays, runTimer } = setUp([DIES, DIES, READY, DIES])
    let state = next()
    supervisor.start()
    await state
    for (let run = 0; run < 2; run++) {
      state = next()
      runTimer()
      await state
    }
    expect(supervisor.state().state).toBe('ready')
    tick(10_000)
    state = next()
    process.kill(supervisor.current()?.pid ?? 0, 'SIGKILL')
    await state
    state = next()
    runTimer()
    await state
    expect(delays).toEqual([0, 200, 0, 0])
  })

  test('stays stopped', async () => {
    const { supervisor, next, states, hasTimer } = setUp([READY])
    const ready = next()
    supervisor.start()
    await ready
    await supervisor.stop()
    expect(hasTimer()).toBe(false)
    expect(states).toEqual([{ state: 'ready' }])
  })

  test('a fork that throws is a death like another', () => {
    const delays: number[] = []
    const supervisor = createSupervisor<string>({
      fork: () => {
        throw new Error('no such program')
      },
      clock: () => 0,
      after: ms => {
        delays.push(ms)
        return () => {}
      },
    })
    supervisor.start()
    expect(supervisor.state()).toEqual({
      state: 'restarting',
      reason: 'The backend could not be started: no such program',
    })
    expect(delays).toEqual([0])
  })
})
