/**
 * One end of a connection that carries the contract's messages (strings, or bytes where a message holds a file),
 * whatever lies beneath: a WebSocket, a pipe to another process, Electron's MessagePort. Shaped so that oRPC's
 * message-port handler can be put on it as it is.
 */
export type Wire = {
  postMessage(data: unknown): void
  on(event: string, callback: (event?: { data: unknown }) => void): void
  close(): void
}

/** The end that something else feeds. What arrives before anybody listens is kept for the first listener. */
export type FedWire = { wire: Wire; receive(data: unknown): void; ended(): void }

/**
 * @param send carries a message away; not called after the end.
 * @param close is called once when this side closes; the other side's end comes in by `ended()`.
 */
export function createWire(send: (data: unknown) => void, close: () => void): FedWire {
  const onMessage: ((event: { data: unknown }) => void)[] = []
  const onClose: (() => void)[] = []
  let held: unknown[] = []
  let open = true
  const end = () => {
    if (!open) return
    open = false
    held = []
    for (const listener of onClose) listener()
  }
  return {
    wire: {
      postMessage: data => {
        if (open) send(data)
      },
      on: (event, callback) => {
        if (event === 'message') {
          onMessage.push(callback)
          const before = held
          held = []
          for (const data of before) callback({ data })
        } else if (event === 'close') {
          if (open) onClose.push(() => callback())
          else callback()
        }
      },
      close: () => {
        if (!open) return
        close()
        end()
      },
    },
    receive: data => {
      if (!open) return
      if (onMessage.length === 0) held.push(data)
      for (const listener of onMessage) listener({ data })
    },
    ended: end,
  }
}

/** Two wires into one: what comes in on either goes out on the other, and so does the end. */
export function joinWires(a: Wire, b: Wire): void {
  a.on('message', event => b.postMessage(event?.data))
  b.on('message', event => a.postMessage(event?.data))
  a.on('close', () => b.close())
  b.on('close', () => a.close())
}
