import { ipcRenderer } from 'electron'

/**
 * Hands over ports and nothing else: no function, no object of this world reaches the page. The page says that it
 * listens; main answers with one port for each service, and with a new one each time the backend was restarted.
 * Built as a single CommonJS file, as a sandboxed preload must be.
 */
const READY = 'whetstone:ready'
const PORT = 'whetstone:port'

window.addEventListener('message', event => {
  // Only the page itself: a frame inside it would come with another source.
  if (event.source === window && event.data?.whetstoneReady === true) ipcRenderer.send(READY)
})

ipcRenderer.on(PORT, (event, service: unknown) => {
  window.postMessage({ whetstonePort: service }, window.location.origin, event.ports)
})
