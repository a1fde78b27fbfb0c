import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { type WebSocket, WebSocketServer } from 'ws'
import { type Answer, type Assets, plain } from '../assets.ts'
import { createWire, type Wire } from '../wire.ts'
import type { Session } from './session.ts'

/**
 * The app for a browser on the same machine: the built page over http, the contracts over WebSocket. Bound to
 * 127.0.0.1. Whoever asks must name this very host (a page of another site cannot, even where its name is made to
 * point here), must not come from another origin, and must hold the session.
 */
export type HostOptions = {
  /** 0 for any free one. */
  port: number
  /** Made once the port is known, for the session belongs to it. */
  session: (port: number) => Session
  /** Undefined only while developing. */
  assets: Assets | undefined
  random: (bytes: number) => Buffer
  /**
   * Resolves when the service can be had. Until then the page's handshake waits, so that it sees itself as not yet
   * connected, as it does in Electron, where it is given no port.
   */
  ready: (service: 'app' | 'desktop') => Promise<void>
  /** Takes a connection of a page that is let in. */
  attach: (service: 'app' | 'desktop', wire: Wire) => void
  /** Somebody was refused and the printed address is used up: a new one is there to be printed. */
  onNewAddress?: (address: string) => void
  /** Vite's own requests, while developing. Asked after every check has passed. */
  development?: Development
}
export type Development = {
  request: (
    request: IncomingMessage,
    response: ServerResponse,
    page: { nonce: string; connect: readonly string[] },
  ) => void
  upgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void
}
export type Host = {
  port: number
  /** Lets one browser in, once. */
  address: () => string
  close: () => Promise<void>
}

/** The page's session is unknown: the page says 'open the address printed in the terminal'. */
export const CLOSE_UNKNOWN_SESSION = 4401
/** The service went away and will be back (RFC 6455's registry: 1012, service restart). */
const CLOSE_RESTARTING = 1012
/** An archive dropped on the page travels as base64 in one message. */
const MAX_MESSAGE = 160 * 1024 * 1024

const LET_IN = 'Open the address that Whetstone printed in the terminal: it lets this browser in.'

/** Rejects when the port cannot be had. */
export async function openHost(options: HostOptions): Promise<Host> {
  const server = createServer()
  const sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_MESSAGE, clientTracking: true })
  const port = await listen(server, options.port)
  const host = `127.0.0.1:${port}`
  const origin = `http://${host}`
  const session = options.session(port)
  const address = () => `${origin}/?token=${session.token()}`
  const refuse = () => {
    if (!session.spent()) return
    session.renew()
    options.onNewAddress?.(address())
  }

  /** Why a request is not even looked at; undefined where it may be. */
  const stranger = (request: IncomingMessage): Answer | undefined => {
    if (request.headers.host !== host) return plain(421, `This is not the address of Whetstone. It is ${origin}/`)
    const from = request.headers.origin
    if (from !== undefined && from !== origin) return plain(403, 'Another site may not ask this of Whetstone.')
    return undefined
  }

  const respond = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const refused = stranger(request)
    if (refused) return write(request, response, refused)
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      return write(request, response, plain(405, 'Only pages and their files are served here.'))
    }
    const [pathname = '/', search = ''] = splitTarget(request.url ?? '/')
    const token = new URLSearchParams(search).get('token')
    const known = session.holds(request.headers.cookie)
    if (token !== null && (known || session.redeem(token))) {
      return write(request, response, enter(session.cookie(), pathname, search, request))
    }
    if (!known) {
      refuse()
      return write(request, response, plain(401, LET_IN))
    }
    const page = { nonce: options.random(16).toString('base64'), connect: [`ws://${host}`] }
    if (options.development) return options.development.request(request, response, page)
    const answer = await options.assets?.answer(pathname, page)
    return write(request, response, answer ?? plain(404, 'Nothing is served here.'))
  }

  const pending = new Set<Duplex>()
  const upgrade = async (request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> => {
    // A browser always says where a WebSocket comes from; nobody else has business here.
    if (stranger(request) || request.headers.origin !== origin) {
      socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n')
      return
    }
    const known = session.holds(request.headers.cookie)
    const [pathname] = splitTarget(request.url ?? '/')
    const service = pathname === '/rpc/app' ? 'app' : pathname === '/rpc/desktop' ? 'desktop' : undefined
    if (service === undefined) {
      if (known && options.development) options.development.upgrade(request, socket, head)
      else socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n')
      return
    }
    if (known) {
      pending.add(socket)
      await options.ready(service)
      if (!pending.delete(socket) || socket.destroyed) return
    }
    sockets.handleUpgrade(request, socket, head, ws => {
      // Said by a close code: a page cannot read the status of a refused handshake.
      if (known) {
        options.attach(service, socketWire(ws))
      } else {
        refuse()
        ws.close(CLOSE_UNKNOWN_SESSION, 'unknown session')
      }
    })
  }

  server.on('request', (request, response) => {
    respond(request, response).catch(() => {
      if (!response.headersSent) write(request, response, plain(500, 'Something went wrong.'))
      else response.destroy()
    })
  })
  server.on('upgrade', (request, socket, head) => {
    // A connection cut while it is being set up is not worth an exception.
    socket.on('error', () => socket.destroy())
    upgrade(request, socket, head).catch(() => socket.destroy())
  })

  return {
    port,
    address,
    close: async () => {
      for (const ws of sockets.clients) ws.close(CLOSE_RESTARTING)
      const closed = new Promise<void>(resolve => server.close(() => resolve()))
      server.closeAllConnections()
      for (const socket of pending) socket.destroy()
      pending.clear()
      for (const ws of sockets.clients) ws.terminate()
      await closed
    },
  }
}

/** Lets the browser in and leaves the token behind; a deep link stays what it was. */
function enter(cookie: string, pathname: string, search: string, request: IncomingMessage): Answer {
  const rest = new URLSearchParams(search)
  rest.delete('token')
  // Always one slash at the front, so that it cannot name another host.
  const target = `/${pathname.replace(/^\/+/, '')}${rest.size > 0 ? `?${rest}` : ''}`
  const answer = plain(303, 'Come in.')
  answer.headers['set-cookie'] = cookie
  answer.headers['cache-control'] = 'no-store'
  answer.headers.location = target
  if (request.headers['sec-fetch-site'] !== 'cross-site') return answer
  // Followed from another site (a terminal inside a web page), a redirect would not carry the strict cookie: this does.
  const { location, ...headers } = answer.headers
  const escaped = (location ?? '/').replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;')
  return {
    status: 200,
    headers: { ...headers, 'content-type': 'text/html; charset=utf-8' },
    body: `<!doctype html><meta charset="utf-8"><meta http-equiv="refresh" content="0;url=${escaped}"><title>Whetstone</title>`,
  }
}

function splitTarget(target: string): [pathname: string, search: string] {
  const at = target.indexOf('?')
  return at < 0 ? [target, ''] : [target.slice(0, at), target.slice(at + 1)]
}

function write(request: IncomingMessage, response: ServerResponse, answer: Answer): void {
  response.writeHead(answer.status, answer.headers)
  response.end(request.method === 'HEAD' ? undefined : answer.body)
}

function socketWire(ws: WebSocket): Wire {
  const fed = createWire(
    data => ws.send(data instanceof Uint8Array || typeof data === 'string' ? data : String(data)),
    () => ws.close(CLOSE_RESTARTING),
  )
  ws.on('message', (data, binary) => {
    if (!Buffer.isBuffer(data)) return
    fed.receive(binary ? new Uint8Array(data) : data.toString('utf8'))
  })
  ws.on('close', () => fed.ended())
  ws.on('error', () => ws.terminate())
  return fed.wire
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host: '127.0.0.1', port, exclusive: true }, () => {
      server.off('error', reject)
      const address: AddressInfo | string | null = server.address()
      if (address === null || typeof address === 'string') reject(new Error('The server has no port.'))
      else resolve(address.port)
    })
  })
}
