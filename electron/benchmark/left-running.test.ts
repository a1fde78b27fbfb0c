import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { afterEach, expect, test } from 'vitest'
import { LeftRunning, sayLeft } from './left-running.ts'

/** What is found without a control group around it: by the environment, and by whose child it is. */

const started: number[] = []
afterEach(() => {
  for (const pid of started.splice(0)) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // It was ended, as it should.
    }
  }
})

/** Starts a shell's line in a session of its own; answers the numbers that it prints, a line each. */
async function start(left: LeftRunning, line: string, many: number): Promise<number[]> {
  const child = spawn('/bin/sh', ['-c', line], { env: { PATH: process.env.PATH, ...left.variables }, detached: true })
  let out = ''
  child.stdout.on('data', chunk => {
    out += chunk
  })
  left.watch(child.pid ?? 0)
  if (child.pid) started.push(child.pid)
  const printed = () => out.split('\n').filter(text => /^[1-9]\d*$/.test(text))
  await expect.poll(() => printed().length, { timeout: 10_000 }).toBe(many)
  const pids = printed().map(Number)
  started.push(...pids)
  child.kill('SIGKILL')
  await once(child, 'exit')
  return pids
}
const isRunning = (pid: number): boolean => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
const none = () => undefined

test.skipIf(process.platform !== 'linux')(
  'a child of a session of its own is known by the environment it inherits',
  async () => {
    const left = new LeftRunning(none)
    const pids = await start(left, "(setsid sh -c 'echo $$; exec sleep 100' &) ; sleep 100", 1)
    expect(pids.map(isRunning)).toEqual([true])
    expect(await left.end()).toEqual({ ended: 1, still: 0 })
    await expect.poll(() => pids.map(isRunning), { timeout: 10_000 }).toEqual([false])
  },
)

test.skipIf(process.platform !== 'linux')('one that cleared its environment is known by its parent', async () => {
  const left = new LeftRunning(none)
  const line = `setsid sh -c "env -i /bin/sh -c 'echo \\$\\$; exec sleep 100'; sleep 100" & sleep 100`
  const pids = await start(left, line, 1)
  expect(await left.end()).toMatchObject({ still: 0 })
  await expect.poll(() => pids.map(isRunning), { timeout: 10_000 }).toEqual([false])
})

test('nothing is ended where nothing was left', async () => {
  expect(await new LeftRunning(none).end()).toEqual({ ended: 0, still: 0 })
})

test('it is told in one sentence or two', () => {
  expect(sayLeft({ ended: 0, still: 0 })).toBeUndefined()
  expect(sayLeft({ ended: 1, still: 0 })).toBe('1 process that the command left running was ended.')
  expect(sayLeft({ ended: 3, still: 0 })).toBe('3 processes that the command left running were ended.')
  expect(sayLeft({ ended: 0, still: 1 })).toContain('could not be ended. End it in your system’s list of processes.')
})
