import { createServer } from 'node:net'
import { expect, test } from 'vitest'
import { listen } from '../../electron/registry/listen.ts'
import { BASE_MS, backoff, CAP_MS } from '../../electron/sync/policy.ts'

/** A port that nobody listens on. */
async function closedPort(): Promise<number> {
  const server = createServer()
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise(resolve => server.close(resolve))
  return typeof address === 'object' && address ? address.port : 0
}

test('whoever lost the registry comes back later each time, and nobody at the same time as the others', async () => {
  const config = { host: '127.0.0.1', port: await closedPort(), user: 'nobody', database: 'nothing' }
  const delays = async (random: () => number): Promise<number[]> => {
    const found: number[] = []
    const stopped = Promise.withResolvers<void>()
    const stop = listen(
      config,
      {
        changed: () => undefined,
        lost: (_reason, retryMs) => {
          found.push(retryMs)
          if (found.length === 9) stopped.resolve()
        },
      },
      {
        random,
        after: (_ms, callback) => {
          if (found.length < 9) setImmediate(callback)
          return () => undefined
        },
      },
    )
    await stopped.promise
    await stop()
    return found
  }
  expect(await delays(() => 0.5)).toEqual([250, 500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000])
  expect(await delays(() => 0.25)).toEqual([125, 250, 500, 1_000, 2_000, 4_000, 8_000, 15_000, 15_000])
})

test('so does sync: anywhere between at once and twice as late as the last time, up to a cap', () => {
  for (let failures = 0; failures < 40; failures++) {
    const most = Math.min(CAP_MS, BASE_MS * 2 ** failures)
    expect(backoff(failures, () => 0)).toBe(0)
    expect(backoff(failures, () => 0.5)).toBe(Math.ceil(most / 2))
    expect(backoff(failures, () => 0.999_999)).toBeLessThanOrEqual(most)
  }
})
