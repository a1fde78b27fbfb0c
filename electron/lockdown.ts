import { app, type Session, type WebContents } from 'electron'
import { isOurs, mayLoad } from './origin.ts'

/**
 * What no page may do, whatever gets into it. Electron allows most of this unless it is told otherwise.
 *
 * A packaged app also flips Electron's fuses, which nothing at run time can undo; the packager sets them:
 *   RunAsNode off, EnableNodeOptionsEnvironmentVariable off, EnableNodeCliInspectArguments off: the signed binary is no
 *     Node for others, and nobody attaches a debugger to it;
 *   EnableCookieEncryption on, EnableEmbeddedAsarIntegrityValidation on, OnlyLoadAppFromAsar on: only the code that
 *     was shipped runs;
 *   LoadBrowserProcessSpecificV8Snapshot off, GrantFileProtocolExtraPrivileges off: neither is used.
 * --remote-debugging-port is Chromium's own and stays: who can choose the arguments can run programs anyway.
 */
export function lockDown(session: Session, developmentUrl: string | undefined): void {
  session.setPermissionRequestHandler((_contents, _permission, answer) => answer(false))
  session.setPermissionCheckHandler(() => false)
  session.setDevicePermissionHandler(() => false)
  session.setDisplayMediaRequestHandler((_request, answer) => answer({}))
  session.setUSBProtectedClassesHandler(({ protectedClasses }) => protectedClasses)
  session.setBluetoothPairingHandler((_details, answer) => answer({ confirmed: false }))
  session.on('select-usb-device', (event, _details, answer) => {
    event.preventDefault()
    answer()
  })
  session.on('select-hid-device', (event, _details, answer) => {
    event.preventDefault()
    answer(null)
  })
  session.on('select-serial-port', (event, _ports, _contents, answer) => {
    event.preventDefault()
    answer('')
  })
  session.on('file-system-access-restricted', (event, _details, answer) => {
    event.preventDefault()
    answer('deny')
  })
  if (developmentUrl === undefined) reachNothing(session)
  // Dictionaries would be fetched from elsewhere without anybody asking.
  session.setSpellCheckerEnabled(false)
  session.webRequest.onBeforeRequest((details, answer) => answer({ cancel: !mayLoad(details.url, developmentUrl) }))
  // The page saves a file by a blob of its own; nothing else is a download.
  session.on('will-download', (event, item) => {
    if (!item.getURL().startsWith('blob:app://whetstone/')) event.preventDefault()
  })

  app.on('web-contents-created', (_event, contents) => {
    contents.setWindowOpenHandler(() => ({ action: 'deny' }))
    contents.on('will-attach-webview', event => event.preventDefault())
    // A file dropped on the window is a navigation too.
    contents.on('will-frame-navigate', event => {
      if (!(event.isMainFrame && isOurs(event.url))) event.preventDefault()
    })
    // WebRTC is outside of the page's policy and of the requests looked at above.
    contents.setWebRTCIPHandlingPolicy('disable_non_proxied_udp')
    bringBack(contents)
    contents.on('will-redirect', event => {
      if (!isOurs(event.url)) event.preventDefault()
    })
    contents.on('login', (event, _details, _auth, answer) => {
      event.preventDefault()
      answer()
    })
    contents.on('select-bluetooth-device', (event, _devices, answer) => {
      event.preventDefault()
      answer('')
    })
  })
  app.on('certificate-error', (event, _contents, _url, _error, _certificate, answer) => {
    event.preventDefault()
    answer(false)
  })
  app.on('select-client-certificate', (event, _contents, _url, _list, answer) => {
    event.preventDefault()
    answer()
  })
}

/**
 * The page has no business with any network: its files come by the app's own scheme. Whatever still tries (WebRTC asks a
 * server over TCP even where its UDP is forbidden) is sent to a proxy that is not there, this computer's own addresses too.
 */
function reachNothing(session: Session): void {
  void session.setProxy({
    mode: 'fixed_servers',
    proxyRules: 'socks5://127.0.0.1:1',
    proxyBypassRules: '<-loopback>',
  })
}

/**
 * Chromium asks nobody before a page goes to about:blank, and stopping it on its way holds the window up: so the window is
 * taken back to where it was. What main itself opens has no frame that began it.
 */
function bringBack(contents: WebContents): void {
  let last = ''
  let byPage = false
  contents.on('did-start-navigation', ({ isMainFrame, isSameDocument, initiator }) => {
    if (isMainFrame && !isSameDocument) byPage = initiator != null
  })
  const went = (address: string) => {
    if (isOurs(address)) last = address
    else if (byPage && last !== '' && contents.getType() === 'window') void contents.loadURL(last).catch(() => {})
  }
  contents.on('did-navigate', (_event, address) => went(address))
  contents.on('did-navigate-in-page', (_event, address, isMainFrame) => isMainFrame && went(address))
}
