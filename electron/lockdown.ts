import { app, type Session } from 'electron'
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
