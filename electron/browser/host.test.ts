import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { type IncomingHttpHeaders, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { CLOSE_NOT_CONNECTED, MAX_HELLO, WELCOME } from '../../shared/contract/session.ts'
import { openAssets } from '../assets.ts'
import type { Wire } from '../wire.ts'
import { type Host, openHost } from './host.ts'
import { createSessions, type Session, type Sessions } from './session.ts'

/** Real http and real sockets; the headers a browser would refuse to forge are forged here. */
let folder = ''
let host: Host
let sessions: Sessions
let attached: { service: string; wire: Wire; session: Session }[] = []
let announced: string[] = []
let ready: () => Promise<void> = () => Promise.resolve()

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'whetstone-host-'))
  mkdirSync(join(folder, 'assets'))
  writeFileSync(join(folder, 'index.html'), '<p>the page</p>')
  writeFileSync(join(folder, 'assets', 'a.js'), 'let a')
  attached = []
  announced = []
  ready = () => Promise.resolve()
  host = await start(0)
})
afterEach(async () => {
  await host.close()
  rmSync(folder, { recursive: true })
})

async function start(port: number): Promise<Host> {
  sessions = createSessions({ random: randomBytes, clock: () => performance.now() })
  return openHost({
    port,
    sessions,
    assets: await openAssets(folder),
    random: randomBytes,
    ready: () => ready(),
    attach: (service, wire, session) => {
      attached.push({ service, wire, session })
      wire.on('message', event => wire.postMessage(`echo ${event?.data}`))
    },
    onNewAddress: address => announced.push(address),
  })
}

type Reply = { status: number | undefined; headers: IncomingHttpHeaders; body: string }

function get(path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port: host.port, path, method, headers }, response => {
      let body = ''
      response.setEncoding('utf8').on('data', text => {
        body += text
      })
      response.on('end', () => resolve({ status: response.statusCode, headers: response.headers, body }))
    })
    sent.on('error', reject).end()
  })
}

const origin = () => `http://127.0.0.1:${host.port}`
const token = (address = host.address()) => new URL(address).hash.replace('#token=', '')
const newSecret = () => randomBytes(32).toString('base64url')

describe('a page', () => {
  test('and its files are served without a secret, for they hold none; every address is the page itself', async () => {
    for (const path of ['/', '/skill/x/history?tab=2', '/index.html']) {
      const page = await get(path)
      expect([page.status, page.body]).toEqual([200, '<p>the page</p>'])
      expect(page.headers['content-security-policy']).toContain(`connect-src 'self' ws://127.0.0.1:${host.port}`)
    }
    expect((await get('/assets/a.js')).body).toBe('let a')
  })

  test('no answer sets a cookie or leads elsewhere, whatever is asked', async () => {
    const asked = [
      '/',
      `/?token=${token()}`,
      `//evil.example/?token=${token()}`,
      `/\\evil.example?token=${token()}`,
      '/%5cevil.example',
      'http://evil.example/',
      '/\t/evil.example',
      '/..//evil.example',
      '/assets/none.js',
    ]
    for (const path of asked) {
      const reply = await get(path).catch(() => undefined)
      expect(reply?.status ?? 400, path).not.toBe(303)
      expect([200, 400, 404], path).toContain(reply?.status ?? 400)
      expect(reply?.headers.location, path).toBeUndefined()
      expect(reply?.headers['set-cookie'], path).toBeUndefined()
      expect(reply?.body ?? '', path).not.toContain('http-equiv')
    }
    // None of them used the token up.
    expect(sessions.spent()).toBe(false)
  })

  test('is refused under another name, though it points here', async () => {
    for (const name of [`localhost:${host.port}`, `evil.example:${host.port}`, '127.0.0.1', `[::1]:${host.port}`]) {
      expect((await get('/', { host: name })).status).toBe(421)
    }
  })

  test('is refused to another origin, and no answer invites one', async () => {
    for (const from of [
      'https://evil.example',
      'null',
      `http://localhost:${host.port}`,
      `https://127.0.0.1:${host.port}`,
    ]) {
      const reply = await get('/assets/a.js', { origin: from })
      expect(reply.status).toBe(403)
      expect(Object.keys(reply.headers).filter(name => name.startsWith('access-control'))).toEqual([])
    }
    expect((await get('/assets/a.js', { origin: origin() })).status).toBe(200)
  })

  test('is only ever read', async () => {
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH']) {
      expect((await get('/', {}, method)).status).toBe(405)
    }
    expect((await get('/', {}, 'HEAD')).body).toBe('')
  })

  test('every answer says that it is not to be sniffed, framed or kept', async () => {
    for (const path of ['/', '/assets/a.js', '/assets/none.js', '/%2e%2e/secret']) {
      const { headers } = await get(path)
      expect(headers['x-content-type-options']).toBe('nosniff')
      expect(headers['x-frame-options']).toBe('DENY')
      expect(headers['content-security-policy']).toContain("default-src 'none'")
    }
    expect((await get('/%2e%2e/secret')).status).toBe(400)
  })
})

describe('a WebSocket', () => {
  const connect = (path: string, headers: Record<string, string> = { origin: origin() }) =>
    new WebSocket(`ws://127.0.0.1:${host.port}${path}`, { headers })
  /** The close code, or the status of the handshake that was refused. */
  const outcome = (socket: WebSocket) =>
    new Promise<number>(resolve => {
      socket.on('close', code => resolve(code))
      socket.on('unexpected-response', (_request, response) => resolve(response.statusCode ?? 0))
      socket.on('error', () => {})
    })
  const say = async (socket: WebSocket, words: string | Buffer) => {
    await once(socket, 'open')
    socket.send(words)
  }
  const hello = (secret: string, given?: string) =>
    JSON.stringify({ secret, ...(given !== undefined && { token: given }) })
  /** A socket that was let in by a token. */
  const enter = async (path = '/rpc/app', secret = newSecret(), given: string | undefined = token()) => {
    const socket = connect(path)
    await say(socket, hello(secret, given))
    const [welcome] = await once(socket, 'message')
    expect(String(welcome)).toBe(WELCOME)
    return socket
  }

  test('reaches its service once it has said its secret, text as text and bytes as bytes', async () => {
    const socket = await enter()
    socket.send('hello')
    const [data, binary] = await once(socket, 'message')
    expect([String(data), binary]).toEqual(['echo hello', false])
    expect(attached.map(({ service }) => service)).toEqual(['app'])
    socket.terminate()
  })

  test('a tab’s sockets belong to one session, of which the token is said by both and used once', async () => {
    const [secret, given] = [newSecret(), token()]
    const sockets = await Promise.all([enter('/rpc/desktop', secret, given), enter('/rpc/app', secret, given)])
    expect(attached[0]?.session).toBe(attached[1]?.session)
    for (const socket of sockets) socket.terminate()
  })

  test('is not welcomed before its service is ready', async () => {
    const opened = Promise.withResolvers<void>()
    const asked = new Promise<void>(resolve => {
      ready = () => {
        resolve()
        return opened.promise
      }
    })
    const socket = connect('/rpc/app')
    await say(socket, hello(newSecret(), token()))
    const welcome = once(socket, 'message')
    await asked
    expect(attached.length).toBe(0)
    opened.resolve()
    expect(String((await welcome)[0])).toBe(WELCOME)
    expect(attached).toHaveLength(1)
    socket.terminate()
  })

  test('that waits does not keep the host from closing', async () => {
    const asked = new Promise<void>(resolve => {
      ready = () => {
        resolve()
        return new Promise(() => {})
      }
    })
    const socket = connect('/rpc/app')
    await say(socket, hello(newSecret(), token()))
    await asked
    const lost = outcome(socket)
    await host.close()
    expect([1006, 1012]).toContain(await lost)
  })

  test.each([
    ['a secret that is not known', () => hello(newSecret())],
    ['a token that was guessed', () => hello(newSecret(), randomBytes(32).toString('base64url'))],
    ['a secret of another form', () => hello('short', token())],
    ['more than was asked for', () => JSON.stringify({ secret: newSecret(), token: token(), more: 1 })],
    ['a call, as if it had been let in', () => JSON.stringify({ i: '1', p: { u: '/system/info' } })],
    ['no JSON', () => 'hello'],
    ['nothing', () => ''],
    ['bytes', () => Buffer.from(hello(newSecret(), token()))],
    ['prototype keys', () => '{"__proto__":{"secret":"x"},"constructor":{"prototype":{}}}'],
  ])('that says %s is closed with a code that the page can read, and reaches nothing', async (_name, words) => {
    for (const path of ['/rpc/app', '/rpc/desktop']) {
      const socket = connect(path)
      const closed = outcome(socket)
      await say(socket, words())
      expect(await closed).toBe(CLOSE_NOT_CONNECTED)
    }
    expect(attached).toEqual([])
  })

  test('a cookie lets nobody in', async () => {
    const cookie = `whetstone_${host.port}=${token()}; whetstone-session=${token()}; token=${token()}`
    const socket = connect('/rpc/app', { origin: origin(), cookie, authorization: `Bearer ${token()}` })
    const closed = outcome(socket)
    await say(socket, '{}')
    expect(await closed).toBe(CLOSE_NOT_CONNECTED)
  })

  test('that says nothing in time, or too much before it is known, is closed', async () => {
    const silent = connect('/rpc/app')
    const closed = outcome(silent)
    const talkative = connect('/rpc/app')
    const cut = outcome(talkative)
    await say(talkative, 'x'.repeat(MAX_HELLO * 2))
    expect(await cut).toBe(1006)
    expect(await closed).toBe(CLOSE_NOT_CONNECTED)
    expect(attached).toEqual([])
  })

  test('of many that say nothing the oldest make room, and who has a token still comes in', async () => {
    const silent = Array.from({ length: 40 }, () => connect('/rpc/app'))
    const first = silent[0] && outcome(silent[0])
    await Promise.all(silent.map(socket => once(socket, 'open').catch(() => {})))
    const socket = await enter()
    expect(await first).toBe(1006)
    socket.terminate()
    for (const one of silent) one.terminate()
  })

  test('a new address is printed when the used one is missed, and only one', async () => {
    const refused = async () => {
      const socket = connect('/rpc/desktop')
      const closed = outcome(socket)
      await say(socket, hello(newSecret()))
      return closed
    }
    await refused()
    expect(announced).toEqual([])
    const socket = await enter()
    await refused()
    await refused()
    expect(announced).toEqual([host.address()])
    ;(await enter()).terminate()
    socket.terminate()
  })

  test('another tab is let in by a token of the session; signing out closes every socket of it at once', async () => {
    const socket = await enter()
    const { session } = attached[0] ?? {}
    if (session === undefined) throw new Error('nothing was attached')
    const given = token(host.addressFor(session))
    const secret = newSecret()
    const tab = await enter('/rpc/app', secret, given)
    sessions.renew()
    const other = await enter('/rpc/app')
    const closed = Promise.all([outcome(socket), outcome(tab)])
    sessions.end(session)
    expect(await closed).toEqual([CLOSE_NOT_CONNECTED, CLOSE_NOT_CONNECTED])
    for (const words of [hello(secret), hello(secret, given)]) {
      const again = connect('/rpc/app')
      const refused = outcome(again)
      await say(again, words)
      expect(await refused).toBe(CLOSE_NOT_CONNECTED)
    }
    other.send('still here')
    expect(String((await once(other, 'message'))[0])).toBe('echo still here')
    other.terminate()
  })

  test('what a socket sends after its session has ended is not heard', async () => {
    const socket = await enter()
    const heard: unknown[] = []
    attached[0]?.wire.on('message', event => heard.push(event?.data))
    const { session } = attached[0] ?? {}
    if (session === undefined) throw new Error('nothing was attached')
    const closed = outcome(socket)
    sessions.end(session)
    socket.send('late')
    await closed
    expect(heard).toEqual([])
  })

  test('from another origin, from none, or under another name is refused at the door', async () => {
    const headers: Record<string, string>[] = [
      { origin: 'https://evil.example' },
      { origin: 'null' },
      { origin: `http://127.0.0.1:${host.port + 1}` },
      { origin: `http://localhost:${host.port}` },
      {},
      { origin: origin(), host: `evil.example:${host.port}` },
    ]
    for (const forged of headers) expect(await outcome(connect('/rpc/app', forged))).toBe(403)
    expect(await outcome(connect('/rpc/other'))).toBe(404)
    expect(attached).toEqual([])
  })

  test('a session ends with its start of the host, on the same port too', async () => {
    const secret = newSecret()
    await enter('/rpc/app', secret)
    const { port } = host
    await host.close()
    host = await start(port)
    const socket = connect('/rpc/app')
    const closed = outcome(socket)
    await say(socket, hello(secret))
    expect(await closed).toBe(CLOSE_NOT_CONNECTED)
  })

  test('closes with its service, and its service with it', async () => {
    const secret = newSecret()
    const socket = await enter('/rpc/app', secret)
    const closed = outcome(socket)
    attached[0]?.wire.close()
    expect(await closed).toBe(1012)

    const again = await enter('/rpc/app', secret)
    const ended = new Promise<void>(resolve => attached[1]?.wire.on('close', () => resolve()))
    again.terminate()
    await ended
  })
})

test('a port that is taken is an error with its code', async () => {
  await expect(start(host.port)).rejects.toMatchObject({ code: 'EADDRINUSE' })
})
