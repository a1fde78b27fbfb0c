import type { MessagePortMain } from 'electron'
import type { Wire } from './wire.ts'

/** Electron's port as a wire; it holds back what comes in until somebody listens. */
export function portWire(port: MessagePortMain): Wire {
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
