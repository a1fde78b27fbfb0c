import { ipcMain, MessageChannelMain, type MessagePortMain, type WebContents } from 'electron'
import { isOurs } from './origin.ts'
import type { Supervisor } from './supervisor.ts'

/** As in preload.ts, which imports nothing of ours. */
const READY = 'whetstone:ready'
const PORT = 'whetstone:port'

/**
 * Hands ports to the pages that ask: one for the desktop at once, one for the backend as soon as it serves, and a new
 * one each time it was restarted. Only our own page, in its main frame, is given any; the port is then the whole of
 * what it can reach.
 */
export function servePorts(
  supervisor: Supervisor<MessagePortMain>,
  desktop: (port: MessagePortMain) => void,
  mayAsk: (contents: WebContents) => boolean,
): void {
  const listening = new Set<WebContents>()
  const give = (contents: WebContents, service: 'app' | 'desktop'): MessagePortMain => {
    const { port1, port2 } = new MessageChannelMain()
    contents.postMessage(PORT, service, [port2])
    return port1
  }
  const giveApp = (contents: WebContents) => supervisor.current()?.attach(give(contents, 'app'))

  ipcMain.on(READY, event => {
    const { sender, senderFrame } = event
    const ours = senderFrame !== null && senderFrame === sender.mainFrame && isOurs(senderFrame.url)
    if (!ours || !mayAsk(sender)) return
    if (!listening.has(sender)) {
      listening.add(sender)
      // Another document says itself when it listens.
      sender.on('did-start-navigation', details => {
        if (details.isMainFrame && !details.isSameDocument) listening.delete(sender)
      })
      sender.once('destroyed', () => listening.delete(sender))
    }
    desktop(give(sender, 'desktop'))
    giveApp(sender)
  })
  supervisor.subscribe(({ state }) => {
    if (state === 'ready') for (const contents of listening) giveApp(contents)
  })
}
