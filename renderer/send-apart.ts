/** A message of more characters is sent in a task of its own. */
const LARGE_MESSAGE = 500_000

type Sender = Pick<WebSocket, 'send' | 'readyState' | 'OPEN'>

/**
 * Has a socket send large messages in a task of their own: to write one of 5 MB and to send it each take some 50 ms. What is said
 * after one waits for it, so that messages keep their order.
 */
export function sendApart(socket: Sender): void {
  const send = socket.send.bind(socket)
  const waiting: Parameters<Sender['send']>[0][] = []
  const { port1, port2 } = new MessageChannel()
  port1.onmessage = () => {
    const next = waiting.shift()
    if (next !== undefined && socket.readyState === socket.OPEN) send(next)
  }
  socket.send = data => {
    if (waiting.length === 0 && (typeof data !== 'string' || data.length <= LARGE_MESSAGE)) {
      send(data)
      return
    }
    waiting.push(data)
    port2.postMessage(null)
  }
}
