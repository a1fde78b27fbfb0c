import type { ClientContext, ClientLink, ClientOptions } from '@orpc/client'
import { RPCLink as PortLink } from '@orpc/client/message-port'
import { RPCLink as SocketLink } from '@orpc/client/websocket'
import { createStore } from 'zustand/vanilla'
import { CLOSE_NOT_CONNECTED, type Hello, WELCOME } from '../shared/contract/session.ts'
import { sendApart } from './send-apart.ts'
import { askOtherTabs, beSomebody, forgetMe, takeToken, tokenTaken, whenAnotherTabEnters, whoAmI } from './session.ts'

/**
 * How the page reaches the backend. In Electron, main hands over a MessagePort for each service, and a new one when the
 * backend was restarted; in a browser the page opens a WebSocket to the host it came from, says who it is and is welcomed,
 * and opens it again when it is lost.
 *
 *   connecting ──port/open──► open ──closed──► lost ──port/open──► open …
 *
 * Calls made while lost wait for the next connection; calls in flight when it is lost are rejected, for only the caller
 * knows whether they may be repeated.
 */
export type Service = 'app' | 'desktop'
export type Connection = { state: 'connecting' | 'open' | 'lost'; opened: number; refused?: boolean }

type AnyLink = ClientLink<ClientContext>

const RETRY_MS = 400

class SwitchingLink implements ClientLink<ClientContext> {
  readonly connection = createStore<Connection>(() => ({ state: 'connecting', opened: 0 }))
  #link: AnyLink | undefined
  #waiting: ((link: AnyLink) => void)[] = []

  open(link: AnyLink): void {
    this.#link = link
    this.connection.setState(was => ({ state: 'open', opened: was.opened + 1, refused: false }))
    for (const go of this.#waiting.splice(0)) go(link)
  }

  lose(link: AnyLink): void {
    if (this.#link !== link) return
    this.#link = undefined
    this.connection.setState({ state: 'lost' })
  }

  async call(path: readonly string[], input: unknown, options: ClientOptions<ClientContext>): Promise<unknown> {
    const link = this.#link ?? (await new Promise<AnyLink>(resolve => this.#waiting.push(resolve)))
    return link.call(path, input, options)
  }
}

export const links: Record<Service, SwitchingLink> = { app: new SwitchingLink(), desktop: new SwitchingLink() }

const SERVICES = ['desktop', 'app'] as const

/** Starts connecting; call once. */
export function connect(): void {
  if (navigator.userAgent.includes('Electron/')) receivePorts()
  else enterByBrowser()
}

function enterByBrowser(): void {
  void enter(takeToken())
  // The printed address opened in this very tab changes nothing but the fragment, and loads nothing.
  window.addEventListener('hashchange', () => {
    const token = takeToken()
    if (token !== undefined) void enter(token)
  })
  whenAnotherTabEnters(async () => {
    if (links.app.connection.getState().refused !== true) return
    const token = await askOtherTabs()
    if (token !== undefined) await enter(token)
  })
}

/** As the tab that was here before, or as one that a token lets in: the address's own, or another tab's. */
async function enter(given?: string): Promise<void> {
  const known = given === undefined ? whoAmI() : undefined
  const me = known ?? beSomebody(given ?? (await askOtherTabs()))
  // The desktop first: it says how the backend is doing while the app is not welcomed yet.
  for (const service of SERVICES) openSocket(service, me)
}

/** The host does not know this tab (any more). One that it knew may have missed a restart that another tab has not. */
async function refused(me: Hello): Promise<void> {
  forgetMe()
  const token = me.token === undefined ? await askOtherTabs() : undefined
  if (token !== undefined) return enter(token)
  for (const service of SERVICES) links[service].connection.setState({ state: 'lost', refused: true })
}

/** Ends this browser's session, in every tab. */
export async function signOut(tellHost: () => Promise<unknown>): Promise<void> {
  forgetMe()
  // The connection ends before it answers.
  await tellHost().catch(() => {})
  for (const service of SERVICES) links[service].connection.setState({ state: 'lost', refused: true })
}

function receivePorts(): void {
  window.addEventListener('message', event => {
    const [port] = event.ports
    if (event.source !== window || port === undefined) return
    const service: unknown = event.data?.whetstonePort
    if (service !== 'app' && service !== 'desktop') return
    const link = new PortLink({ port })
    // A port also closes when its other end's process dies.
    port.addEventListener('close', () => links[service].lose(link))
    port.start()
    links[service].open(link)
  })
  // The preload forwards ports only after the page says that it listens, so that none is lost.
  window.postMessage({ whetstoneReady: true }, window.location.origin)
}

const sockets: Partial<Record<Service, WebSocket>> = {}

function openSocket(service: Service, me: Hello): void {
  const scheme = window.location.protocol === 'https:' ? 'wss' : 'ws'
  const socket = new WebSocket(`${scheme}://${window.location.host}/rpc/${service}`)
  sockets[service]?.close()
  sockets[service] = socket
  let link: AnyLink | undefined
  socket.addEventListener('open', () => socket.send(JSON.stringify(me)))
  socket.addEventListener(
    'message',
    ({ data }) => {
      if (data !== WELCOME) return socket.close()
      tokenTaken(me)
      // Only now, so that it hears nothing but answers to its own calls.
      sendApart(socket)
      link = new SocketLink({ websocket: socket })
      links[service].open(link)
    },
    { once: true },
  )
  socket.addEventListener('close', event => {
    if (link) links[service].lose(link)
    if (sockets[service] !== socket) return
    // Signed out, or refused on the other socket, meanwhile.
    if (whoAmI()?.secret !== me.secret) return
    if (event.code === CLOSE_NOT_CONNECTED) return void refused(me)
    links[service].connection.setState({ state: 'lost' })
    setTimeout(() => {
      const now = whoAmI()
      if (now?.secret === me.secret) openSocket(service, now)
    }, RETRY_MS)
  })
}
