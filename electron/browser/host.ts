import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { type WebSocket, WebSocketServer } from 'ws'
import {
  CLOSE_NOT_CONNECTED,
  type Hello,
  hello,
  MAX_HELLO,
  TOKEN_FRAGMENT,
  WELCOME,
} from '../../shared/contract/session.ts'
import { type Answer, type Assets, plain } from '../assets.ts'
import { APP_LIMITS } from '../serve-wire.ts'
import { createWire, type Wire } from '../wire.ts'
import type { Session, Sessions } from './session.ts'

/**
 * The app for a browser on the same machine: the built page over http, the contracts over WebSocket. Bound to
 * 127.0.0.1. A request must name this very host (a page of another site cannot, even where its name is made to point
 * here) and must not come from another origin. The page and its files hold no secret and are served to all who do; a
 * socket has to say a secret of this session first.
 */
export type HostOptions = {
  /** 0 for any free one. */
  port: number
  sessions: Sessions
  /** Undefined only while developing. */
  assets: Assets | undefined
  random: (bytes: number) => Buffer
  /**
   * Resolves when the service can be had. Until then the page is not welcomed, so that it sees itself as not yet
   * connected, as it does in Electron, where it is given no port.
   */
  ready: (service: Service) => Promise<void>
  /** Takes a connection of a page that is let in. */
  attach: (service: Service, wire: Wire, session: Session) => void
  /** Somebody was refused and the printed address is used up: a new one is there to be printed. */
  onNewAddress?: (address: string) => void
  /** Vite's own requests, while developing. Asked after every check has passed. */
  development?: Development
}
export type Service = 'app' | 'desktop'
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
  /** Lets another tab of a session in, once. */
  addressFor: (session: Session) => string
  close: () => Promise<void>
}

/** The service went away and will be back (RFC 6455's registry: 1012, service restart). */
const CLOSE_RESTARTING = 1012
/** How long a socket may stay without saying who it is. */
const HELLO_MS = 5_000
/** Sockets that have not said it yet: the oldest makes room. */
const MAX_UNKNOWN = 32
/** Two for each tab. */
const MAX_SOCKETS = 256
/** A first message with its frame's header. */
const MAX_HELLO_BYTES = MAX_HELLO + 14

/** Bytes sent to a page that it has not taken yet. */
const MAX_UNREAD = 512 * 1024 * 1024

/** Rejects when the port cannot be had. */
export async function openHost(options: HostOptions): Promise<Host> {
  const server = createServer()
  server.headersTimeout = 10_000
  const sockets = new WebSocketServer({ noServer: true, maxPayload: APP_LIMITS.messageSize, clientTracking: true })
  const port = await listen(server, options.port)
  const host = `127.0.0.1:${port}`
  const origin = `http://${host}`
  const { sessions } = options
  const addressOf = (token: string) => `${origin}/${TOKEN_FRAGMENT}${token}`
  const renewSpent = () => {
    if (!sessions.spent()) return
    sessions.renew()
    options.onNewAddress?.(addressOf(sessions.token()))
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
    const pathname = pathOf(request)
    const page = { nonce: options.random(16).toString('base64'), connect: [`ws://${host}`] }
    if (options.development) return options.development.request(request, response, page)
    const answer = await options.assets?.answer(pathname, page)
    return write(request, response, answer ?? plain(404, 'Nothing is served here.'))
  }

  const unknown = new Set<WebSocket>()
  /** Resolves with what the socket says first, where it says it in time. */
  const askWho = (ws: WebSocket, socket: Duplex): Promise<Hello | undefined> =>
    new Promise(resolve => {
      const [oldest] = unknown
      if (unknown.size >= MAX_UNKNOWN) oldest?.terminate()
      unknown.add(ws)
      let seen = 0
      // Counted as it comes in: nobody unknown gets to fill the memory with one long message.
      const count = (bytes: Buffer) => {
        seen += bytes.length
        if (seen > MAX_HELLO_BYTES) ws.terminate()
      }
      const done = (said?: Hello) => {
        clearTimeout(late)
        socket.off('data', count)
        unknown.delete(ws)
        resolve(said)
      }
      const late = setTimeout(done, HELLO_MS)
      socket.on('data', count)
      ws.once('close', () => done())
      ws.once('message', (data, binary) => done(binary ? undefined : readHello(String(data))))
    })

  const welcome = async (service: Service, ws: WebSocket, socket: Duplex): Promise<void> => {
    ws.on('error', () => ws.terminate())
    const said = await askWho(ws, socket)
    const session = said && sessions.admit(said)
    if (session === undefined) {
      if (said !== undefined) renewSpent()
      return shutOut(ws)
    }
    const leave = () => shutOut(ws)
    session.ended.addEventListener('abort', leave, { once: true })
    ws.once('close', () => session.ended.removeEventListener('abort', leave))
    await options.ready(service)
    if (ws.readyState !== ws.OPEN) return
    ws.send(WELCOME)
    options.attach(service, socketWire(ws), session)
  }

  const upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    const pathname = pathOf(request)
    const service = pathname === '/rpc/app' ? 'app' : pathname === '/rpc/desktop' ? 'desktop' : undefined
    // A browser always says where a WebSocket comes from; nobody else has business here.
    if (stranger(request) || request.headers.origin !== origin) turnAway(socket, '403 Forbidden')
    else if (service === undefined && options.development) options.development.upgrade(request, socket, head)
    else if (service === undefined) turnAway(socket, '404 Not Found')
    else if (sockets.clients.size >= MAX_SOCKETS) turnAway(socket, '503 Service Unavailable')
    else {
      sockets.handleUpgrade(request, socket, head, ws => {
        welcome(service, ws, socket).catch(() => ws.terminate())
      })
    }
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
    upgrade(request, socket, head)
  })

  return {
    port,
    address: () => addressOf(sessions.token()),
    addressFor: session => addressOf(sessions.mint(session)),
    close: async () => {
      for (const ws of sockets.clients) ws.close(CLOSE_RESTARTING)
      const closed = new Promise<void>(resolve => server.close(() => resolve()))
      server.closeAllConnections()
      for (const ws of sockets.clients) ws.terminate()
      await closed
    },
  }
}

function readHello(text: string): Hello | undefined {
  try {
    return hello.safeParse(JSON.parse(text)).data
  } catch {
    return undefined
  }
}

/** Said by a close code: a page cannot read the status of a refused handshake. A page that does not answer is cut off. */
function shutOut(ws: WebSocket): void {
  ws.close(CLOSE_NOT_CONNECTED, 'not connected')
  const cut = setTimeout(() => ws.terminate(), 1_000)
  ws.once('close', () => clearTimeout(cut))
}

function turnAway(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
}

const pathOf = ({ url = '/' }: IncomingMessage): string => url.split('?', 1)[0] ?? '/'

function write(request: IncomingMessage, response: ServerResponse, answer: Answer): void {
  response.writeHead(answer.status, answer.headers)
  response.end(request.method === 'HEAD' ? undefined : answer.body)
}

function socketWire(ws: WebSocket): Wire {
  const fed = createWire(
    data => {
      // A page that asks and does not read is cut off, before its answers fill the memory.
      if (ws.bufferedAmount > MAX_UNREAD) ws.terminate()
      else ws.send(data instanceof Uint8Array || typeof data === 'string' ? data : String(data))
    },
    () => ws.close(CLOSE_RESTARTING),
  )
  ws.on('message', (data, binary) => {
    // What still comes in while a socket is being closed is nobody's.
    if (!Buffer.isBuffer(data) || ws.readyState !== ws.OPEN) return
    fed.receive(binary ? new Uint8Array(data) : data.toString('utf8'))
  })
  ws.on('close', () => fed.ended())
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
