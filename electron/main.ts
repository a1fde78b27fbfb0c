import { existsSync, mkdirSync } from 'node:fs'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { EventPublisher } from '@orpc/server'
import { RPCHandler } from '@orpc/server/bun-ws'
import { app, type BrowserWindow, dialog, Menu, type MessagePortMain, nativeTheme, session, shell } from 'electron'
import type { MenuCommand } from '../shared/contract/desktop.ts'
import { type Assets, openAssets } from './assets.ts'
import { desktopRouter } from './desktop.ts'
import { forkForElectron } from './electron-backend.ts'
import { lockDown } from './lockdown.ts'
import { applicationMenu } from './menu.ts'
import { portWire } from './port-wire.ts'
import { servePorts } from './ports.ts'
import { defaultDataDir, projectRoot } from './project.ts'
import { allowScheme, serveScheme } from './scheme.ts'
import { createWireServer, DESKTOP_LIMITS } from './serve-wire.ts'
import { createSupervisor } from './supervisor.ts'
import { terminalLog } from './terminal-log.ts'
import { openWindow } from './window.ts'
import { readWindowState, writeWindowState } from './window-state.ts'

/**
 * Electron's main process: the window, the menu, the dialogs; starts the backend and hands its port to the page. It
 * never touches the library itself.
 */
const SPECIFICATION = 'https://agentskills.io/specification'

/** A failure is told in a sentence, never by a stack trace alone. */
function failed(error: unknown): void {
  if (process.env.WHETSTONE_VERBOSE) console.error(error)
  const sentence = error instanceof Error ? error.message : String(error)
  dialog.showErrorBox('Whetstone has stopped', `${sentence}\n\nWhat you saved is kept. Open Whetstone again.`)
  app.exit(1)
}
process.on('uncaughtException', failed)
process.on('unhandledRejection', failed)

const root = projectRoot(import.meta.url)
const out = join(root, 'out')
const { values } = parseArgs({ options: { data: { type: 'string' } }, strict: false })
const dataDir = resolve(
  typeof values.data === 'string' ? values.data : defaultDataDir(process.platform, process.env, homedir()),
)
const developmentUrl = app.isPackaged ? undefined : process.env.ELECTRON_RENDERER_URL
const log = terminalLog(process.env)
const profile = join(dataDir, 'window')

try {
  // Chromium's own files lie below the library's folder, so one instance is one library.
  makeFolder(profile)
  app.setPath('userData', profile)
  app.setPath('sessionData', profile)
  // It takes --no-sandbox back, without which Chromium refuses to run as root.
  if (!app.commandLine.hasSwitch('no-sandbox')) app.enableSandbox()
  allowScheme()
  if (app.requestSingleInstanceLock()) start().catch(failed)
  else app.quit()
} catch (error) {
  failed(error)
}

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new Error(`The library's folder cannot be written to: ${reason}. Name another by --data.`)
  }
}

async function start(): Promise<void> {
  const stateFile = join(profile, 'window-state.json')
  let state = readWindowState(stateFile)
  const keep = (change: Partial<typeof state>) => {
    state = { ...state, ...change }
    writeWindowState(stateFile, state)
  }
  nativeTheme.themeSource = state.colorScheme === 'auto' ? 'system' : state.colorScheme

  const supervisor = createSupervisor<MessagePortMain>({
    fork: events => forkForElectron({ out, dataDir, node: findNode(), log }, events),
    clock: () => performance.now(),
    after: (ms, callback) => {
      const timer = setTimeout(callback, ms)
      return () => clearTimeout(timer)
    },
  })
  supervisor.subscribe(({ state, reason }) => log(`backend: ${state}`, reason))
  const commands = new EventPublisher<{ command: { command: MenuCommand } }>()
  const router = desktopRouter({
    supervisor,
    commands,
    keepColorScheme: colorScheme => keep({ colorScheme }),
    keepConsent: async text => (await supervisor.current()?.allowProgram(text)) ?? false,
  })
  const serveDesktop = createWireServer(new RPCHandler(router), {
    limits: DESKTOP_LIMITS,
    log: line => console.error(line),
  })

  await app.whenReady()
  lockDown(session.defaultSession, developmentUrl)
  const assets = developmentUrl === undefined ? await builtPage() : undefined
  serveScheme(session.defaultSession, assets, developmentUrl)
  Menu.setApplicationMenu(
    applicationMenu({
      command: command => commands.publish('command', { command }),
      showLibrary: () => void shell.openPath(dataDir),
      openSpecification: () => void shell.openExternal(SPECIFICATION),
    }),
  )

  let window: BrowserWindow | undefined
  const show = () => {
    if (window === undefined || window.isDestroyed()) {
      window = openWindow({ out, state, keep })
      return
    }
    if (window.isMinimized()) window.restore()
    window.show()
    window.focus()
  }
  servePorts(
    supervisor,
    port => serveDesktop(portWire(port), {}),
    contents => contents === window?.webContents,
  )
  supervisor.start()
  show()
  app.on('second-instance', show)
  app.on('activate', show)
  app.on('window-all-closed', () => {
    if (process.platform !== 'darwin') app.quit()
  })
  // The backend closes the library before the app ends.
  let closed = false
  app.on('before-quit', () => log('closing'))
  app.on('will-quit', event => {
    if (closed) return
    event.preventDefault()
    void supervisor.stop().finally(() => {
      closed = true
      app.quit()
    })
  })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => app.quit())
}

async function builtPage(): Promise<Assets> {
  try {
    return await openAssets(join(out, 'renderer'))
  } catch {
    throw new Error('The app is not built yet: npm run build does that.')
  }
}

/** The Node of the project's dependencies, for an Electron that is too old to hold the library itself. */
function findNode(): string | undefined {
  const name = process.platform === 'win32' ? 'node.exe' : 'node'
  const platform = process.platform === 'win32' ? 'win' : process.platform
  const packages = [`node-${platform}-${process.arch}`, `node-bin-${platform}-${process.arch}`]
  const candidates = packages.map(folder => join(root, 'node_modules', folder, 'bin', name))
  return [process.env.WHETSTONE_NODE, ...candidates].find(path => path !== undefined && existsSync(path))
}
