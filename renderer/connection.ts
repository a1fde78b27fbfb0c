import type { ClientContext, ClientLink, ClientOptions } from '@orpc/client'
import { RPCLink as PortLink } from '@orpc/client/message-port'
import { RPCLink as SocketLink } from '@orpc/client/websocket'
import { createStore } from 'zustand/vanilla'

/**
 * How the page reaches the backend. In Electron, main hands over a MessagePort for each service, and a new one when the
 * backend was restarted; in a browser the page opens a WebSocket to the host it came from, and opens it again when it is lost.
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
    this.connection.setState(was => ({ state: 'open', opened: was.opened + 1 }))
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

/** Starts connecting; call once. */
export function connect(): void {
  if (navigator.userAgent.includes('Electron/')) receivePorts()
  // The desktop first: the host holds the app's socket back until its backend is ready, and the browser opens one after the
  // other, but how the backend is doing must be heard meanwhile.
  else for (const service of ['desktop', 'app'] as const) openSocket(service)
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

function openSocket(service: Service): void {
  const scheme = window.location.protocol === 'https:' ? 'wss' : 'ws'
  const socket = new WebSocket(`${scheme}://${window.location.host}/rpc/${service}`)
  const link = new SocketLink({ websocket: socket })
  let opened = false
  socket.addEventListener('open', () => {
    opened = true
    links[service].open(link)
  })
  socket.addEventListener('close', event => {
    if (opened) links[service].lose(link)
    // 4401: the host is another one than the page's session belongs to; only its printed address lets the page in.
    links[service].connection.setState({ state: 'lost', refused: event.code === 4401 })
    setTimeout(() => openSocket(service), RETRY_MS)
  })
}
