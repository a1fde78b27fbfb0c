import type { Wire } from './wire.ts'

/** What is used here of Electron's MessagePortMain; named by its shape, for the backend knows no Electron. */
interface Port {
  postMessage(data: unknown): void
  on(event: 'message', listener: (event: { data: unknown }) => void): unknown
  on(event: 'close', listener: () => void): unknown
  start(): void
  close(): void
}

/** Electron's port as a wire; it holds back what comes in until somebody listens. */
export function portWire(port: Port): Wire {
  return {
    postMessage: data => port.postMessage(data),
    on: (event, callback) => {
      if (event === 'close') port.on('close', () => callback())
      if (event !== 'message') return
      port.on('message', ({ data }) => callback({ data }))
      port.start()
    },
    close: () => port.close(),
  }
}
