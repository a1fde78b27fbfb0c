import { randomBytes } from 'node:crypto'
import { createORPCClient } from '@orpc/client'
import { RPCLink } from '@orpc/client/message-port'
import { eventIterator, oc } from '@orpc/contract'
import { implement } from '@orpc/server'
import { RPCHandler } from '@orpc/server/bun-ws'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { createWireServer, type WireServer } from './serve-wire.ts'
import { createWire, type FedWire } from './wire.ts'

/** A contract with every kind of answer, served on wires that the test holds the other end of. */
const contract = {
  echo: oc.input(z.object({ text: z.string() })).output(z.object({ text: z.string() })),
  wait: oc.output(z.object({})),
  count: oc.output(eventIterator(z.int())),
  unclonable: oc.output(z.object({}).loose()),
}
const os = implement(contract)
let release: () => void = () => {}
let held = Promise.resolve()
const router = os.router({
  echo: os.echo.handler(({ input }) => input),
  wait: os.wait.handler(async () => {
    await held
    return {}
  }),
  count: os.count.handler(async function* () {
    for (let number = 0; number < 3; number++) yield number
  }),
  unclonable: os.unclonable.handler(() => {
    const loop: Record<string, unknown> = {}
    loop.self = loop
    return loop
  }),
})

let log: string[] = []
let serve: WireServer<object>
const rejections: unknown[] = []
const onRejection = (error: unknown) => rejections.push(error)
beforeEach(() => {
  log = []
  rejections.length = 0
  process.on('unhandledRejection', onRejection)
  const gate = Promise.withResolvers<void>()
  held = gate.promise
  release = gate.resolve
  serve = createWireServer(new RPCHandler(router), {
    limits: { messageSize: 100_000, unansweredSize: 300_000, unanswered: 50 },
    log: line => log.push(line),
  })
})
afterEach(() => {
  release()
  process.off('unhandledRejection', onRejection)
})

/** A page's end: what it sends is taken as it is. */
function page() {
  const sent: unknown[] = []
  let closed = false
  const there: FedWire = createWire(
    data => {
      sent.push(data)
      here.receive(data)
    },
    () => {
      closed = true
      here.ended()
    },
  )
  const here: FedWire = createWire(
    data => there.receive(data),
    () => there.ended(),
  )
  serve(there.wire, {})
  const api: { echo: (input: { text: string }) => Promise<{ text: string }>; wait: () => Promise<object> } =
    createORPCClient(new RPCLink({ port: here.wire }))
  return { sent, api, send: (data: unknown) => there.receive(data), closed: () => closed }
}
const turn = () => new Promise(resolve => setImmediate(resolve))

const MALFORMED: [name: string, frame: unknown][] = [
  ['nothing', ''],
  ['no JSON', 'hello'],
  ['JSON that is cut short', '{"i":"1","p":{"u":"/echo","b":'],
  ['null', 'null'],
  ['a number', '1'],
  ['a list', '[]'],
  ['no payload', '{"i":"1"}'],
  ['a payload of another kind', '{"i":"1","p":7}'],
  ['an address that is none', '{"i":"1","p":{"u":"http://[","b":{}}}'],
  ['an address of another kind', '{"i":"1","p":{"u":{"startsWith":1}}}'],
  ['headers of another kind', '{"i":"1","p":{"u":"/echo","h":7,"b":{}}}'],
  ['bytes that are no text', new Uint8Array([0xff, 0xfe, 0x00])],
  ['random bytes', new Uint8Array(randomBytes(1_000))],
  ['an object', { i: '1', p: { u: '/echo' } }],
  ['a map', new Map([['i', 1]])],
  ['undefined', undefined],
  ['a function’s name', Symbol('x')],
]

describe('a wire whose other end is not trusted', () => {
  test.each(MALFORMED)('%s ends that wire at most, and others are served', async (_name, frame) => {
    const other = page()
    const bad = page()
    bad.send(frame)
    await turn()
    await turn()
    expect(await other.api.echo({ text: 'still here' })).toEqual({ text: 'still here' })
    expect(rejections).toEqual([])
    if (bad.closed()) expect(log).toHaveLength(1)
  })

  test('a message that cannot be read closes its wire, is logged once, and nothing more is heard from it', async () => {
    const bad = page()
    bad.send('hello')
    await turn()
    expect(bad.closed()).toBe(true)
    expect(log).toEqual([expect.stringContaining('A connection was closed')])
    bad.send('hello again')
    await turn()
    expect(log).toHaveLength(1)
  })

  test('a closed wire’s log does not repeat what it sent', async () => {
    page().send('{"secret":"planted-secret"')
    await turn()
    expect(log.join()).not.toContain('planted-secret')
  })

  test('JSON nested 100,000 deep, in the envelope, the body or the serializer’s hints, does no harm', async () => {
    const deep = (n: number) => `${'['.repeat(n)}${']'.repeat(n)}`
    const other = page()
    for (const frame of [
      deep(40_000),
      `{"i":"1","p":{"u":"/echo","b":${deep(40_000)}}}`,
      `{"i":"1","p":{"u":"/echo","b":{"json":${deep(20_000)},"meta":${deep(20_000)}}}}`,
    ]) {
      page().send(frame)
      await turn()
    }
    expect(await other.api.echo({ text: 'x' })).toEqual({ text: 'x' })
    expect(rejections).toEqual([])
  })

  test('prototype keys, in ids, paths, bodies and hints, change no prototype', async () => {
    const keys = ['__proto__', 'constructor', 'prototype', 'toString']
    for (const key of keys) {
      const bad = page()
      for (const frame of [
        `{"i":"${key}","p":{"u":"/${key}","b":{"json":{"${key}":{"polluted":1}}}}}`,
        `{"i":"1","p":{"u":"/echo","b":{"json":{"text":"x","${key}":{"polluted":1}}}}}`,
        `{"i":"2","p":{"u":"/echo","b":{"json":{},"meta":[[1,"${key}","polluted"],[0,"${key}"]]}}}`,
        `{"i":"3","${key}":{"polluted":1},"p":{"u":"/${key}/${key}","h":{"${key}":"x"}}}`,
      ])
        bad.send(frame)
      await turn()
    }
    expect(Reflect.get({}, 'polluted')).toBeUndefined()
    expect(Reflect.get(Object.prototype, 'polluted')).toBeUndefined()
    expect(await page().api.echo({ text: 'x' })).toEqual({ text: 'x' })
    expect(rejections).toEqual([])
  })

  test('ids said twice, aborts of calls that never were, and events for them, are let go by', async () => {
    const bad = page()
    for (const frame of [
      '{"i":"9","t":4}',
      '{"i":"9","t":3,"p":{"e":"message","d":1}}',
      '{"i":"x","p":{"u":"/wait","b":{"json":{}}}}',
      '{"i":"x","p":{"u":"/wait","b":{"json":{}}}}',
      '{"i":"x","t":4}',
      '{"i":"x","t":4}',
    ])
      bad.send(frame)
    await turn()
    expect(await bad.api.echo({ text: 'x' })).toEqual({ text: 'x' })
    expect(rejections).toEqual([])
  })

  test('an answer that cannot be written ends that wire alone', async () => {
    const bad = page()
    bad.send('{"i":"1","p":{"u":"/unclonable","b":{"json":{}}}}')
    await turn()
    await turn()
    expect(await page().api.echo({ text: 'x' })).toEqual({ text: 'x' })
    expect(rejections).toEqual([])
  })

  test('a message over the limit is not read', async () => {
    const bad = page()
    bad.send('x'.repeat(100_001))
    expect(bad.closed()).toBe(true)
    const bytes = page()
    bytes.send(new Uint8Array(100_001))
    expect(bytes.closed()).toBe(true)
  })

  test('calls under way are counted, and what has been answered is not', async () => {
    const busy = page()
    for (let time = 0; time < 200; time++) await busy.api.echo({ text: 'x'.repeat(10_000) })
    expect(busy.closed()).toBe(false)
    const waits = Array.from({ length: 60 }, () => busy.api.wait().catch(() => 'lost'))
    await turn()
    expect(busy.closed()).toBe(true)
    await expect(Promise.all(waits)).resolves.toHaveLength(60)
    const large = page()
    for (let id = 0; id < 4; id++)
      large.send(`{"i":"${id}","p":{"u":"/wait","b":{"json":{"x":"${'x'.repeat(90_000)}"}}}}`)
    expect(large.closed()).toBe(true)
    release()
    expect(await page().api.echo({ text: 'x' })).toEqual({ text: 'x' })
  })

  test('whatever is sent, in whatever order, nothing but that wire ends', async () => {
    const envelope = fc.record(
      {
        i: fc.oneof(fc.string(), fc.integer(), fc.constantFrom('__proto__', '1', '2')),
        t: fc.oneof(fc.constantFrom(1, 2, 3, 4), fc.anything()),
        p: fc.oneof(
          fc.anything(),
          fc.record(
            {
              u: fc.oneof(fc.constantFrom('/echo', '/wait', '/count', '/unclonable', '/'), fc.string()),
              h: fc.oneof(fc.constant({}), fc.constant({ 'content-type': 'text/event-stream' }), fc.anything()),
              m: fc.oneof(fc.constant('GET'), fc.anything()),
              b: fc.oneof(fc.anything(), fc.record({ json: fc.anything(), meta: fc.anything() })),
            },
            { requiredKeys: [] },
          ),
        ),
      },
      { requiredKeys: [] },
    )
    const text = fc
      .oneof(fc.json(), envelope)
      .map(value => (typeof value === 'string' ? value : safeJson(value)))
      .chain(whole => fc.nat(whole.length).map(cut => (cut % 3 === 0 ? whole.slice(0, cut) : whole)))
    const frame = fc.oneof({ weight: 6, arbitrary: text }, fc.uint8Array({ maxLength: 200 }), fc.anything())
    await fc.assert(
      fc.asyncProperty(fc.array(frame, { maxLength: 12 }), async frames => {
        const other = page()
        const bad = page()
        for (const one of frames) bad.send(one)
        await turn()
        expect(await other.api.echo({ text: 'still here' })).toEqual({ text: 'still here' })
        expect(rejections).toEqual([])
      }),
    )
  })
})

function safeJson(value: unknown): string {
  try {
    return JSON.stringify(value) ?? ''
  } catch {
    return ''
  }
}
