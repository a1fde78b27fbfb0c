import net from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type TcpProxy, tcpProxy } from './tcp-proxy.ts'

describe('a TCP proxy', () => {
  let echo: net.Server
  let proxy: TcpProxy
  const heard: Buffer[] = []
  beforeEach(async () => {
    heard.length = 0
    echo = net.createServer({ allowHalfOpen: true }, socket => {
      socket.on('error', () => undefined)
      socket.on('data', chunk => {
        heard.push(chunk)
        socket.write(chunk)
      })
      socket.on('end', () => socket.end('bye'))
    })
    await new Promise<void>(resolve => echo.listen(0, '127.0.0.1', resolve))
    const address = echo.address()
    proxy = await tcpProxy(typeof address === 'object' && address ? address.port : 0)
  })
  afterEach(async () => {
    await proxy[Symbol.asyncDispose]()
    await new Promise(resolve => echo.close(resolve))
  })

  /** A client that tells what it was told. */
  function connect() {
    const socket = net.connect({ host: '127.0.0.1', port: proxy.port, allowHalfOpen: true, noDelay: true })
    let said = ''
    let error: string | undefined
    const waiting: (() => void)[] = []
    const wake = () => {
      for (const one of waiting.splice(0)) one()
    }
    socket.on('data', chunk => {
      said += chunk
      wake()
    })
    socket.on('error', (reason: NodeJS.ErrnoException) => {
      error = reason.code
    })
    const closed = new Promise<void>(resolve => socket.on('close', () => resolve()))
    return {
      socket,
      closed,
      said: () => said,
      error: () => error,
      hears: async (text: string) => {
        while (!said.includes(text)) await new Promise<void>(resolve => waiting.push(resolve))
      },
    }
  }
  const heardText = () => Buffer.concat(heard).toString()

  test('forwards every byte both ways, and each side’s end', async () => {
    const client = connect()
    const big = 'x'.repeat(1_000_000)
    client.socket.end(`${big}!`)
    await client.closed
    expect(client.said()).toBe(`${big}!bye`)
    expect(proxy.connections).toMatchObject([{ up: 1_000_001, down: 1_000_004, open: false }])
  })

  test('cuts after exactly so many bytes, in either direction, once', async () => {
    const up = proxy.cutAfter('up', 3)
    const first = connect()
    first.socket.write('abcdef')
    await first.closed
    expect(up.happened).toBe(true)
    expect(first.error()).toBe('ECONNRESET')
    expect('abc'.startsWith(heardText())).toBe(true)
    expect(proxy.connections[0]).toMatchObject({ up: 3, open: false })

    const down = proxy.cutAfter('down', 2)
    const second = connect()
    second.socket.write('abcdef')
    await second.closed
    expect(down.happened).toBe(true)
    expect('ab'.startsWith(second.said())).toBe(true)
    expect(proxy.connections[1]).toMatchObject({ up: 6, down: 2 })

    const third = connect()
    third.socket.write('whole')
    await third.hears('whole')
    third.socket.destroy()
  })

  test('says nothing in a black hole, and goes on where it was when it ends', async () => {
    const client = connect()
    client.socket.write('a')
    await client.hears('a')
    proxy.blackHole(true)
    client.socket.write('b')
    const accepted = proxy.next()
    const other = connect()
    other.socket.write('c')
    await accepted
    expect(heardText()).toBe('a')
    expect(client.said()).toBe('a')
    proxy.blackHole(false)
    await client.hears('ab')
    await other.hears('c')
    client.socket.destroy()
    other.socket.destroy()
  })

  test('holds back one direction alone, and lets it go in order', async () => {
    const client = connect()
    proxy.stall('down', true)
    client.socket.write('one ')
    while (!heardText().includes('one ')) await new Promise(resolve => setImmediate(resolve))
    client.socket.write('two ')
    while (!heardText().includes('two ')) await new Promise(resolve => setImmediate(resolve))
    expect(client.said()).toBe('')
    proxy.stall('down', false)
    await client.hears('one two ')
    client.socket.destroy()
  })

  test('sends twice what it is told to', async () => {
    const client = connect()
    proxy.duplicate('down', true)
    client.socket.write('a')
    await client.hears('aa')
    expect(heardText()).toBe('a')
    client.socket.destroy()
  })

  test('refuses new connections and leaves the old', async () => {
    const old = connect()
    old.socket.write('a')
    await old.hears('a')
    proxy.refuse(true)
    const fresh = connect()
    await fresh.closed
    expect(fresh.error()).toBe('ECONNRESET')
    old.socket.write('b')
    await old.hears('ab')
    proxy.cutAll()
    await old.closed
    expect(old.error()).toBe('ECONNRESET')
  })

  test('makes each round trip longer and counts them, without slowing what is under way', async () => {
    const client = connect()
    await proxy.next()
    proxy.delay(40)
    proxy.count()
    const started = performance.now()
    for (let n = 0; n < 3; n++) {
      client.socket.write(`${n}`)
      await client.hears(`${n}`)
    }
    expect(performance.now() - started).toBeGreaterThanOrEqual(3 * 40 - 6)
    expect(proxy.count()).toEqual({ connections: 0, up: 3, down: 3, roundTrips: 3 })
    // A hundred at once are one trip.
    for (let n = 0; n < 100; n++) client.socket.write('x')
    await client.hears('x'.repeat(100))
    expect(proxy.count()).toMatchObject({ up: 100, down: 100, roundTrips: 1 })
    client.socket.destroy()
  })
})
