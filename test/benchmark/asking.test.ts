import https from 'node:https'
import type { AddressInfo } from 'node:net'
import { describe, expect, test } from 'vitest'
import { Asker, type ReplyStore, type Target } from '../../electron/benchmark/asker.ts'
import { Budget } from '../../electron/benchmark/budget.ts'
import { Lane, type LaneLimits } from '../../electron/benchmark/lane.ts'
import { type ModelQuestion, type ModelReply, textOf } from '../../electron/benchmark/model.ts'
import { openProvider, testConnection } from '../../electron/benchmark/providers.ts'
import type { ProviderKind } from '../../shared/contract/providers.ts'
import { LOCALHOST_CERTIFICATE, LOCALHOST_KEY } from '../support/localhost-certificate.ts'
import { modelServer, type Script } from '../support/model-server.ts'
import { virtualClock } from './virtual-clock.ts'

const question = (text = 'Hello'): ModelQuestion => ({
  messages: [{ role: 'user', content: [{ type: 'text', text }] }],
  tools: [],
  maxOutputTokens: 100,
})

const NO_LIMITS: LaneLimits = { concurrency: 4, requestsPerMinute: null, tokensPerMinute: null }
type Desk = { kind?: ProviderKind; ceiling?: number; limits?: LaneLimits; timeLimitMs?: number }

async function desk(
  script: Script,
  { kind = 'compatible', ceiling, limits = NO_LIMITS, timeLimitMs = 60_000 }: Desk = {},
) {
  const server = await modelServer(script)
  const timing = virtualClock()
  const open = await openProvider({ name: 'Local', kind, baseUrl: server.url }, 'secret-key-0123456789')
  const kept = new Map<string, ModelReply>()
  let spent = 0
  const store: ReplyStore = {
    find: key => kept.get(key),
    keep: async (key, reply, cost) => {
      kept.set(key, reply)
      spent += cost
    },
    spend: async cost => {
      spent += cost
    },
  }
  const budget = new Budget(ceiling ?? null, 0)
  const halt = new AbortController()
  const cancel = new AbortController()
  const lane = new Lane(limits, timing)
  const target = (model: string): Target => ({
    providerId: 'p',
    provider: 'Local',
    kind,
    baseUrl: server.url,
    model,
    price: { input: 100, output: 500, cacheRead: null, cacheWrite: null },
    key: 'secret-key-0123456789',
    language: open(model),
    lane,
  })
  const asker = new Asker({
    store,
    budget,
    timing,
    random: () => 0.5,
    halt: halt.signal,
    signal: cancel.signal,
    timeLimitMs,
  })
  return {
    server,
    timing,
    budget,
    halt,
    cancel,
    kept,
    spent: () => spent,
    ask: (text?: string, repeat = 1) => asker.ask(target('north'), question(text), repeat),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  }
}

describe('asking a model', () => {
  test('429 with Retry-After: waits at least that long, one try at a time, and then has its answer', async () => {
    const answers = [
      { status: 429, headers: { 'retry-after': '7' } },
      { status: 503, headers: { 'retry-after-ms': '1500' } },
      { status: 500 },
      { text: 'at last' },
    ]
    await using at = await desk(() => answers.shift() ?? { text: 'too often' })
    const asked = await at.ask()
    expect(asked.kind === 'reply' && textOf(asked.reply)).toBe('at last')
    expect(at.server.requests).toHaveLength(4)
    expect(at.server.mostOpen).toBe(1)
    expect(at.timing.waits[0]).toBeGreaterThanOrEqual(7_000)
    expect(at.timing.waits[1]).toBeGreaterThanOrEqual(1_500)
    expect(at.timing.waits[2]).toBeGreaterThan(0)
    expect(at.timing.waits[2]).toBeLessThanOrEqual(2_000)
  })

  test('what a provider asks for holds back everybody on the way to it', async () => {
    let first = true
    const seen: number[] = []
    await using at = await desk(
      () => {
        seen.push(at.timing.at)
        if (!first) return { text: 'ok' }
        first = false
        return { status: 429, headers: { 'retry-after': '60' } }
      },
      { limits: { ...NO_LIMITS, concurrency: 1 } },
    )
    const began = at.timing.at
    await Promise.all([at.ask('one'), at.ask('two'), at.ask('three')])
    expect(seen).toHaveLength(4)
    for (const instant of seen.slice(1)) expect(instant - began).toBeGreaterThanOrEqual(60_000)
  })

  test('a hold that nobody would sit through stops the run and says how long it would be', async () => {
    await using at = await desk(() => ({ status: 429, headers: { 'retry-after': '3600' } }))
    expect(await at.ask()).toMatchObject({
      kind: 'failed',
      failure: { code: 'rate-limit', stops: true, words: expect.stringContaining('wait 60 minutes') },
    })
    expect(at.server.requests).toHaveLength(1)
  })

  test('a failure that lasts is tried six times, no more', async () => {
    await using at = await desk(() => ({ status: 500 }))
    expect(await at.ask()).toMatchObject({ kind: 'failed', failure: { code: 'overloaded', stops: false } })
    expect(at.server.requests).toHaveLength(6)
    expect(at.spent()).toBe(0)
  })

  test.each([
    ['key', { status: 401, message: 'Incorrect API key provided' }],
    ['credit', { status: 429, message: 'You exceeded your current quota (insufficient_quota)' }],
    ['credit', { status: 400, message: 'Your credit balance is too low to access the API.' }],
    ['model', { status: 404, message: 'The model `north` does not exist' }],
    ['refused', { status: 400, message: 'max_tokens is wrong; key secret-key-0123456789' }],
    ['too-long', { status: 400, message: 'maximum context length is 8192 tokens' }],
  ] as const)('%s: said in words, never tried again, and without the key', async (code, answer) => {
    for (const kind of ['compatible', 'anthropic', 'openai', 'google'] as const) {
      await using at = await desk(() => answer, { kind })
      const asked = await at.ask()
      expect(asked).toMatchObject({ kind: 'failed', failure: { code } })
      expect(at.server.requests).toHaveLength(1)
      expect(JSON.stringify(asked)).not.toContain('secret-key')
    }
  })

  test('a connection that is cut, before or in the middle of an answer, is tried again; the middle may have to be paid', async () => {
    const reply = { text: ['a', 'b', 'c', 'd'] }
    for (const kind of ['compatible', 'anthropic', 'google'] as const) {
      const answers = [{ cutAfter: 0, reply }, { cutAfter: 4, reply }, reply]
      await using at = await desk(() => answers.shift() ?? reply, { kind })
      const asked = await at.ask()
      expect(asked.kind === 'reply' && textOf(asked.reply)).toBe('abcd')
      expect(at.server.requests).toHaveLength(3)
      // The answer, and what the cut one may cost at most.
      expect(at.spent()).toBeGreaterThan(100 * 100 + 20 * 500)
      expect(at.budget.inFlight).toBe(0)
    }
  })

  test('figures that make no sense are unknown, never 0: the answer stays, and counts with its most', async () => {
    await using at = await desk(() => ({ text: 'fine', usage: 'malformed' }), { ceiling: 1_000_000 })
    const asked = await at.ask()
    expect(asked).toMatchObject({
      kind: 'reply',
      cost: null,
      reply: { usage: { input: null, output: null }, finish: 'stop' },
    })
    expect(at.spent()).toBeGreaterThan(50_000)
    await using none = await desk(() => ({ text: 'fine', usage: 'none' }))
    expect(await none.ask()).toMatchObject({ kind: 'reply', cost: null })
  })

  test('an answer of another format is a failure in words', async () => {
    for (const kind of ['compatible', 'anthropic'] as const) {
      await using at = await desk(() => ({ status: 200, body: '<html>hello</html>' }), { kind })
      expect(await at.ask()).toMatchObject({ kind: 'failed', failure: { code: 'malformed' } })
    }
  })

  test('one that takes too long is given up', async () => {
    const never = new Promise(() => {})
    await using at = await desk(() => ({ holdAfter: 2, until: never, reply: { text: 'late' } }), { timeLimitMs: 30 })
    expect(await at.ask()).toMatchObject({ kind: 'failed', failure: { code: 'timeout' } })
  })

  test('nobody there, and a certificate that nobody vouches for', async () => {
    const server = await modelServer(() => ({ text: 'x' }))
    await server[Symbol.asyncDispose]()
    const options = { now: Date.now, signal: new AbortController().signal }
    const at = { name: 'Local', kind: 'compatible' as const, baseUrl: server.url }
    expect(await testConnection(at, undefined, 'north', options)).toMatchObject({
      failure: { code: 'unreachable', words: expect.stringContaining('does not answer') },
    })
    const secure = https.createServer({ key: LOCALHOST_KEY, cert: LOCALHOST_CERTIFICATE }, (_, response) =>
      response.end(),
    )
    await new Promise<void>(resolve => secure.listen(0, '127.0.0.1', resolve))
    const address: AddressInfo | string | null = secure.address()
    const port = typeof address === 'object' && address ? address.port : 0
    const tls = { ...at, baseUrl: `https://localhost:${port}/v1` }
    expect(await testConnection(tls, undefined, 'north', options)).toMatchObject({ failure: { code: 'tls' } })
    secure.closeAllConnections()
    await new Promise(resolve => secure.close(resolve))
  })

  test('cancelled in the middle: it ends at once, and counts as spent', async () => {
    const never = new Promise(() => {})
    await using at = await desk(() => ({ holdAfter: 3, until: never, reply: { text: ['a', 'b'] } }))
    const asked = at.ask()
    await at.server.reached(1)
    at.halt.abort()
    at.cancel.abort(new Error('cancelled'))
    expect(await asked).toEqual({ kind: 'stopped' })
    expect(at.spent()).toBeGreaterThan(0)
    expect(at.kept.size).toBe(0)
  })
})

describe('the budget', () => {
  test.each([1, 8])('with %i at once is never passed, and what is under way counts', async concurrency => {
    const ceiling = 400_000
    await using at = await desk(() => ({ text: 'ok', usage: { input: 50, output: 100 } }), {
      ceiling,
      limits: { ...NO_LIMITS, concurrency },
    })
    let most = 0
    const asks = Array.from({ length: 60 }, async (_, n) => {
      const asked = await at.ask(`Question ${n}`)
      most = Math.max(most, at.budget.spent + at.budget.inFlight)
      return asked.kind
    })
    const kinds = await Promise.all(asks)
    const paid = kinds.filter(kind => kind === 'reply').length
    expect(kinds).toContain('stopped')
    expect(paid).toBeGreaterThan(3)
    expect(at.spent()).toBe(paid * (50 * 100 + 100 * 500))
    expect(at.spent()).toBeLessThanOrEqual(ceiling)
    expect(most).toBeLessThanOrEqual(ceiling)
    expect(at.budget.stopped).toBe(true)
  })

  test('an answer that costs more than its most can pass it by no more than that', async () => {
    const ceiling = 200_000
    await using at = await desk(() => ({ text: 'ok', usage: { input: 5_000, output: 100 } }), { ceiling })
    for (let n = 0; n < 10; n++) await at.ask(`Question ${n}`)
    expect(at.server.requests).toHaveLength(1)
    expect(at.spent()).toBe(550_000)
  })
})

describe('the way to a provider', () => {
  const run = async (limits: LaneLimits, tokens: number[]) => {
    const clock = virtualClock()
    const lane = new Lane(limits, clock)
    const signal = new AbortController().signal
    const entered: number[] = []
    await Promise.all(
      tokens.map(async one => {
        const leave = await lane.enter(one, signal)
        entered.push(clock.at - 1_000_000)
        leave()
      }),
    )
    return entered
  }

  test('so many requests in any minute', async () => {
    const entered = await run({ concurrency: 10, requestsPerMinute: 3, tokensPerMinute: null }, [1, 1, 1, 1, 1, 1, 1])
    for (const [at, instant] of entered.entries())
      expect(entered.slice(at).filter(other => other < instant + 60_000).length).toBeLessThanOrEqual(3)
    expect(entered.at(-1)).toBe(120_000)
  })

  test('so many tokens in any minute; one that is beyond the whole limit goes alone', async () => {
    const entered = await run({ concurrency: 10, requestsPerMinute: null, tokensPerMinute: 100 }, [60, 40, 60, 500, 10])
    expect(entered).toEqual([0, 0, 60_000, 120_000, 180_000])
  })

  test('who gives up waiting is out of the way', async () => {
    const lane = new Lane({ concurrency: 1, requestsPerMinute: null, tokensPerMinute: null }, virtualClock())
    const stop = new AbortController()
    const leave = await lane.enter(1, new AbortController().signal)
    const second = lane.enter(1, stop.signal)
    const third = lane.enter(1, new AbortController().signal)
    stop.abort(new Error('no more'))
    await expect(second).rejects.toThrow('no more')
    leave()
    await expect(third).resolves.toBeTypeOf('function')
  })
})

test('no price is dated by guess: the table names its day, and unknown models have none', async () => {
  const { listPrice, PRICES_DATE, costOf } = await import('../../electron/benchmark/prices.ts')
  expect(PRICES_DATE).toMatch(/^\d{4}-\d\d-\d\d$/)
  expect(listPrice('anthropic', 'claude-sonnet-4-5-20250929')).toMatchObject({ input: 300, output: 1500 })
  expect(listPrice('anthropic', 'claude-of-tomorrow')).toBeUndefined()
  expect(listPrice('compatible', 'gpt-5')).toBeUndefined()
  expect(listPrice('openai', 'constructor')).toBeUndefined()
  // $3 and $15 per million tokens: a million of each are $18, in microcents.
  const used = { input: 1_000_000, output: 1_000_000, cacheRead: 0, cacheWrite: 0 }
  expect(costOf(listPrice('anthropic', 'claude-sonnet-4-5'), used)).toBe(18 * 1e8)
  expect(costOf(undefined, used)).toBeNull()
  expect(costOf(listPrice('openai', 'gpt-5'), { ...used, output: null })).toBeNull()
})
