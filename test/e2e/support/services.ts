import { once } from 'node:events'
import { createORPCClient } from '@orpc/client'
import { RPCLink } from '@orpc/client/message-port'
import type { ContractRouterClient } from '@orpc/contract'
import { WebSocket as Socket } from 'ws'
import { createWire } from '../../../electron/wire.ts'
import type { desktop } from '../../../shared/contract/desktop.ts'
import type { AppContract } from '../../../shared/contract/index.ts'
import type { App } from './app.ts'

type Services = { app: AppContract; desktop: typeof desktop }

/** The page takes the same port and counts its own messages: ours are told apart by their name. */
const MARK = 'spec-'

/**
 * A service as a script inside the page would reach it: through a port that the page asks for in Electron, through a
 * WebSocket of its own behind the browser host. For what a spec needs to set up or to attack without clicking.
 */
export async function serviceOf<Name extends keyof Services>(
  app: App,
  name: Name,
): Promise<ContractRouterClient<Services[Name]>> {
  // Names of its own for each service that a spec asks for.
  const number = Math.random().toString(36).slice(2)
  const [binding, sending] = [`fromService${number}`, `toService${number}`]
  const fed = createWire(
    data => {
      const message = JSON.parse(String(data))
      const marked = JSON.stringify({ ...message, i: `${MARK}${message.i}` })
      void app.page.evaluate(([text, sender]) => Reflect.get(window, sender)(text), [marked, sending] as const)
    },
    () => {},
  )
  await app.page.exposeFunction(binding, (text: string) => {
    const message = JSON.parse(text)
    if (String(message.i).startsWith(MARK)) {
      fed.receive(JSON.stringify({ ...message, i: String(message.i).slice(MARK.length) }))
    }
  })
  await app.page.evaluate(
    async ([wanted, listener, sender, electron]) => {
      const receive = (event: MessageEvent) => Reflect.get(window, listener)(event.data)
      if (electron) {
        const port = await new Promise<MessagePort>(resolve => {
          const take = (event: MessageEvent) => {
            const [port] = event.ports
            if (port === undefined || event.data?.whetstonePort !== wanted) return
            window.removeEventListener('message', take)
            resolve(port)
          }
          window.addEventListener('message', take)
          window.postMessage({ whetstoneReady: true }, window.location.origin)
        })
        port.addEventListener('message', receive)
        port.start()
        Reflect.set(window, sender, (text: string) => port.postMessage(text))
      } else {
        const socket = new WebSocket(`ws://${window.location.host}/rpc/${wanted}`)
        socket.addEventListener('open', () => socket.send(sessionStorage.getItem('whetstone-session') ?? ''))
        await new Promise(resolve => socket.addEventListener('message', resolve, { once: true }))
        socket.addEventListener('message', receive)
        Reflect.set(window, sender, (text: string) => socket.send(text))
      }
    },
    [name, binding, sending, app.host === 'electron'] as const,
  )
  return createORPCClient(new RPCLink({ port: fed.wire }))
}

/**
 * The app's service over a connection of the spec's own, with the page's session: it outlives every page. Only behind the
 * browser host.
 */
export async function connectTo(app: App): Promise<{ api: ContractRouterClient<AppContract>; close: () => void }> {
  const origin = app.origin ?? ''
  const hello = await app.page.evaluate(() => sessionStorage.getItem('whetstone-session') ?? '')
  const socket = new Socket(`${origin.replace('http', 'ws')}/rpc/app`, { origin })
  await once(socket, 'open')
  socket.send(hello)
  await once(socket, 'message')
  const fed = createWire(
    data => socket.send(String(data)),
    () => socket.close(),
  )
  socket.on('message', data => fed.receive(String(data)))
  // What waits for an answer is told that there will be none.
  socket.on('close', fed.ended)
  return { api: createORPCClient(new RPCLink({ port: fed.wire })), close: () => socket.close() }
}
