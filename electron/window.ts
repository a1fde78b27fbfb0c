import { join } from 'node:path'
import { BrowserWindow, dialog, nativeTheme, screen, type WebContents } from 'electron'
import { APP_ORIGIN } from './origin.ts'
import { MINIMUM, placeWindow, type WindowState } from './window-state.ts'

export type OpenWindowOptions = {
  /** The folder of what was built. */
  out: string
  state: WindowState
  /** Called with what is worth keeping, whenever it changed. */
  keep: (state: Pick<WindowState, 'bounds' | 'maximized'>) => void
}

/** What lies under the page before it paints, as the theme's own body colour. */
const background = () => (nativeTheme.shouldUseDarkColors ? '#1a1b1e' : '#ffffff')

/** Opens the app's window; it shows itself once there is something to see. */
export function openWindow({ out, state, keep }: OpenWindowOptions): BrowserWindow {
  const [first, ...others] = [screen.getPrimaryDisplay(), ...screen.getAllDisplays()].map(display => display.workArea)
  const window = new BrowserWindow({
    ...placeWindow(state.bounds, first ? [first, ...others] : []),
    minWidth: MINIMUM.width,
    minHeight: MINIMUM.height,
    show: false,
    title: 'Whetstone',
    backgroundColor: background(),
    webPreferences: {
      preload: join(out, 'preload', 'preload.cjs'),
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      allowRunningInsecureContent: false,
      webviewTag: false,
      navigateOnDragDrop: false,
      safeDialogs: true,
      spellcheck: false,
      v8CacheOptions: 'bypassHeatCheck',
    },
  })
  if (state.maximized) window.maximize()
  showWhenReady(window)
  const repaint = () => window.setBackgroundColor(background())
  nativeTheme.on('updated', repaint)
  window.once('closed', () => nativeTheme.off('updated', repaint))
  const changed = () => keep({ bounds: window.getNormalBounds(), maximized: window.isMaximized() })
  window.on('resized', changed)
  window.on('moved', changed)
  window.on('maximize', changed)
  window.on('unmaximize', changed)
  // Linux says neither 'resized' nor 'moved'.
  window.on('close', changed)
  recoverPage(window.webContents, window)
  void window.loadURL(`${APP_ORIGIN}/`)
  return window
}

/** As soon as there is something to see; an empty window, if that takes too long, is still better than none. */
function showWhenReady(window: BrowserWindow): void {
  const late = setTimeout(() => window.show(), 3_000)
  window.once('ready-to-show', () => window.show())
  window.once('show', () => clearTimeout(late))
  window.once('closed', () => clearTimeout(late))
}

/** A page whose process died is loaded again where it was; one that dies again at once is left to the person. */
function recoverPage(contents: WebContents, window: BrowserWindow): void {
  let last = Number.NEGATIVE_INFINITY
  contents.on('render-process-gone', (_event, { reason }) => {
    if (reason === 'clean-exit' || window.isDestroyed()) return
    const now = performance.now()
    const again = now - last > 10_000
    last = now
    if (again) return contents.reload()
    dialog.showErrorBox(
      'The window keeps failing',
      'Its page ended twice in a row. What you saved is kept. Close the window and open Whetstone again.',
    )
  })
}
