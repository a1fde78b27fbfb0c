import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { type IncomingHttpHeaders, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { openAssets } from '../assets.ts'
import type { Wire } from '../wire.ts'
import { CLOSE_UNKNOWN_SESSION, type Host, openHost } from './host.ts'
import { createSession } from './session.ts'

/** Real http and real sockets; the headers a browser would refuse to forge are forged here. */
let folder = ''
let host: Host
let attached: { service: string; wire: Wire }[] = []
let announced: string[] = []
let ready: () => Promise<void> = () => Promise.resolve()
const secret = randomBytes(32)

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
  return openHost({
    port,
    session: actual => createSession(secret, String(actual), randomBytes),
    assets: await openAssets(folder),
    random: randomBytes,
    ready: () => ready(),
    attach: (service, wire) => {
      attached.push({ service, wire })
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

const tokenPath = (path = '/') => `${path}?${new URL(host.address()).searchParams}`
const origin = () => `http://127.0.0.1:${host.port}`
async function enter(): Promise<string> {
  const { headers } = await get(tokenPath())
  return headers['set-cookie']?.[0]?.split(';')[0] ?? ''
}

describe('a page', () => {
  test('is served to who holds the printed address, once', async () => {
    const path = tokenPath('/skill/x/history')
    const first = await get(`${path}&tab=2`)
    expect(first.status).toBe(303)
    expect(first.headers.location).toBe('/skill/x/history?tab=2')
    expect(first.headers['set-cookie']?.[0]).toMatch(/HttpOnly; SameSite=Strict/)
    expect(first.headers['cache-control']).toBe('no-store')
    const cookie = first.headers['set-cookie']?.[0]?.split(';')[0] ?? ''
    const page = await get('/skill/x/history?tab=2', { cookie })
    expect([page.status, page.body]).toEqual([200, '<p>the page</p>'])
    expect(page.headers['content-security-policy']).toContain(`connect-src 'self' ws://127.0.0.1:${host.port}`)
    // Replayed by somebody else, from a log or a history.
    expect((await get(path)).status).toBe(401)
    // Opened again by the browser that used it.
    expect((await get(path, { cookie })).status).toBe(303)
  })

  test('is refused without a session, and so are its files', async () => {
    for (const path of ['/', '/assets/a.js', '/skill/x', '/?token=', '/?token=guessed']) {
      const reply = await get(path)
      expect(reply.status).toBe(401)
      expect(reply.body).toContain('printed in the terminal')
      expect(reply.headers['set-cookie']).toBeUndefined()
    }
  })

  test('a new address is printed when the used one is missed, and only one', async () => {
    await get('/')
    expect(announced).toEqual([])
    await enter()
    await get('/')
    await get('/')
    expect(announced).toEqual([host.address()])
    expect((await get(tokenPath())).status).toBe(303)
  })

  test('is refused under another name, though it points here', async () => {
    const cookie = await enter()
    for (const name of [`localhost:${host.port}`, `evil.example:${host.port}`, '127.0.0.1', `[::1]:${host.port}`]) {
      expect((await get('/', { host: name, cookie })).status).toBe(421)
    }
  })

  test('is refused to another origin, and no answer invites one', async () => {
    const cookie = await enter()
    for (const from of [
      'https://evil.example',
      'null',
      `http://localhost:${host.port}`,
      `https://127.0.0.1:${host.port}`,
    ]) {
      const reply = await get('/assets/a.js', { origin: from, cookie })
      expect(reply.status).toBe(403)
      expect(Object.keys(reply.headers).filter(name => name.startsWith('access-control'))).toEqual([])
    }
    expect((await get('/assets/a.js', { origin: origin(), cookie })).status).toBe(200)
  })

  test('is only ever read', async () => {
    const cookie = await enter()
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH']) {
      expect((await get('/', { cookie }, method)).status).toBe(405)
    }
    expect((await get('/', { cookie }, 'HEAD')).body).toBe('')
  })

  test('does not lead elsewhere', async () => {
    const reply = await get(tokenPath('//evil.example/'))
    expect(reply.headers.location).toBe('/evil.example/')
  })

  test('comes in from a terminal inside another site, where a redirect would lose the cookie', async () => {
    const reply = await get(tokenPath('/a"<b'), { 'sec-fetch-site': 'cross-site' })
    expect(reply.status).toBe(200)
    expect(reply.body).toContain('content="0;url=/a&quot;&lt;b"')
    expect(reply.headers['set-cookie']).toHaveLength(1)
  })

  test('every answer says that it is not to be sniffed, framed or kept', async () => {
    const cookie = await enter()
    for (const path of ['/', '/assets/a.js', '/assets/none.js', '/%2e%2e/secret']) {
      const { headers } = await get(path, { cookie })
      expect(headers['x-content-type-options']).toBe('nosniff')
      expect(headers['x-frame-options']).toBe('DENY')
      expect(headers['content-security-policy']).toContain("default-src 'none'")
    }
    expect((await get('/%2e%2e/secret', { cookie })).status).toBe(400)
  })
})

describe('a WebSocket', () => {
  const connect = (path: string, headers: Record<string, string>) =>
    new WebSocket(`ws://127.0.0.1:${host.port}${path}`, { headers })
  /** The close code, or the status of the handshake that was refused. */
  const outcome = (socket: WebSocket) =>
    new Promise<number>(resolve => {
      socket.on('close', code => resolve(code))
      socket.on('unexpected-response', (_request, response) => resolve(response.statusCode ?? 0))
      socket.on('error', () => {})
    })

  test('reaches its service, text as text and bytes as bytes', async () => {
    const socket = connect('/rpc/app', { origin: origin(), cookie: await enter() })
    await once(socket, 'open')
    socket.send('hello')
    const [data, binary] = await once(socket, 'message')
    expect([String(data), binary]).toEqual(['echo hello', false])
    expect(attached.map(({ service }) => service)).toEqual(['app'])
    socket.terminate()
  })

  test('is not open before its service is', async () => {
    const opened = Promise.withResolvers<void>()
    const asked = new Promise<void>(resolve => {
      ready = () => {
        resolve()
        return opened.promise
      }
    })
    const socket = connect('/rpc/app', { origin: origin(), cookie: await enter() })
    await asked
    expect([socket.readyState, attached.length]).toEqual([WebSocket.CONNECTING, 0])
    opened.resolve()
    await once(socket, 'open')
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
    const socket = connect('/rpc/app', { origin: origin(), cookie: await enter() })
    await asked
    const lost = outcome(socket)
    await host.close()
    expect(await lost).toBe(1006)
  })

  test('without a session is told so by its close code, and reaches nothing', async () => {
    expect(await outcome(connect('/rpc/app', { origin: origin() }))).toBe(CLOSE_UNKNOWN_SESSION)
    expect(await outcome(connect('/rpc/desktop', { origin: origin(), cookie: 'whetstone_1=x' }))).toBe(4401)
    expect(attached).toEqual([])
  })

  test('from another origin, from none, or under another name is refused at the door', async () => {
    const cookie = await enter()
    const headers: Record<string, string>[] = [
      { cookie, origin: 'https://evil.example' },
      { cookie, origin: 'null' },
      { cookie, origin: `http://127.0.0.1:${host.port + 1}` },
      { cookie, origin: `http://localhost:${host.port}` },
      { cookie },
      { cookie, origin: origin(), host: `evil.example:${host.port}` },
    ]
    for (const forged of headers) expect(await outcome(connect('/rpc/app', forged))).toBe(403)
    expect(await outcome(connect('/rpc/other', { cookie, origin: origin() }))).toBe(404)
    expect(attached).toEqual([])
  })

  test('goes on after a restart on the same port and secret', async () => {
    const cookie = await enter()
    const { port } = host
    await host.close()
    host = await start(port)
    const socket = connect('/rpc/app', { origin: origin(), cookie })
    await once(socket, 'open')
    expect(attached).toHaveLength(1)
    socket.terminate()
  })

  test('closes with its service, and its service with it', async () => {
    const socket = connect('/rpc/app', { origin: origin(), cookie: await enter() })
    await once(socket, 'open')
    const closed = outcome(socket)
    attached[0]?.wire.close()
    expect(await closed).toBe(1012)

    const again = connect('/rpc/app', { origin: origin(), cookie: await enterAgain() })
    await once(again, 'open')
    const ended = new Promise<void>(resolve => attached[1]?.wire.on('close', () => resolve()))
    again.terminate()
    await ended
  })

  async function enterAgain(): Promise<string> {
    await get('/')
    return enter()
  }
})

test('a port that is taken is an error with its code', async () => {
  await expect(start(host.port)).rejects.toMatchObject({ code: 'EADDRINUSE' })
})
