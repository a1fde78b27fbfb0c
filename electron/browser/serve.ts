import { randomBytes } from 'node:crypto'
import { rmSync } from 'node:fs'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { RPCHandler } from '@orpc/server/bun-ws'
import { visible } from '../../shared/domain/visible.ts'
import { openAssets } from '../assets.ts'
import { forkNodeBackend } from '../node-backend.ts'
import { defaultDataDir } from '../project.ts'
import { createWireServer, DESKTOP_LIMITS } from '../serve-wire.ts'
import { createSupervisor } from '../supervisor.ts'
import { terminalLog } from '../terminal-log.ts'
import type { Wire } from '../wire.ts'
import { allowByCode } from './allow-by-code.ts'
import { browserDesktop } from './desktop.ts'
import { type Development, type Host, openHost } from './host.ts'
import { openInBrowser, openPrivately } from './open.ts'
import { createSessions } from './session.ts'

/**
 * The app for a browser. Same backend, same page, same contract as the window; the backend is a child that is started
 * again when it dies.
 */
export type ServeOptions = {
  /** The module of the backend's process. */
  child: string
  root: string
  argv: readonly string[]
  development?: Development & { close: () => Promise<void> }
}

const USAGE = 'Usage: npm start -- --browser [--data DIR] [--port N] [--no-open]'

/** Ends with a sentence instead of a stack trace. */
function leave(sentence: string): never {
  console.error(visible(sentence))
  process.exit(1)
}

function readOptions(argv: readonly string[]) {
  try {
    const { values } = parseArgs({
      args: [...argv],
      options: {
        data: { type: 'string' },
        port: { type: 'string', default: '0' },
        'no-open': { type: 'boolean', default: false },
      },
    })
    const port = Number(values.port)
    if (!Number.isInteger(port) || port < 0 || port > 65_535) leave(`${values.port} is no port number. ${USAGE}`)
    const dataDir = resolve(values.data ?? defaultDataDir(process.platform, process.env, homedir()))
    return { port, dataDir, open: !values['no-open'] }
  } catch (error) {
    return leave(`${error instanceof Error ? error.message : error} ${USAGE}`)
  }
}

/** Serves until the process is told to end. */
export async function serve({ child, root, argv, development }: ServeOptions): Promise<void> {
  const { port, dataDir, open } = readOptions(argv)
  const assets = await openAssets(join(root, 'out', 'renderer')).catch(() => undefined)
  if (assets === undefined && development === undefined) leave('The app is not built yet: npm run build does that.')

  // What earlier versions kept their cookie's secret in.
  rmSync(join(dataDir, 'browser-session'), { force: true })
  const backend = superviseBackend(child, dataDir)
  const print = (line: string) => console.log(line)
  const announce = (address: string) => print(`Whetstone is at ${address}`)
  const clock = () => performance.now()
  const sessions = createSessions({ random: randomBytes, clock })
  const router = browserDesktop({
    platform: process.platform,
    supervisor: backend.supervisor,
    open: openInBrowser,
    consent: allowByCode({ random: randomBytes, clock, print, keep: backend.allowProgram }),
    signOut: session => {
      sessions.end(session)
      if (sessions.spent()) sessions.renew()
      announce(host.address())
    },
    addressForTab: session => host.addressFor(session),
  })
  const serveDesktop = createWireServer(new RPCHandler(router), {
    limits: DESKTOP_LIMITS,
    log: line => console.error(line),
  })
  const host: Host = await openHost({
    port,
    sessions,
    assets,
    random: randomBytes,
    ready: service => (service === 'desktop' ? Promise.resolve() : backend.ready()),
    attach: (service, wire, session) =>
      service === 'desktop' ? serveDesktop(wire, { session }) : backend.attach(wire),
    onNewAddress: announce,
    development,
  }).catch(async (error: NodeJS.ErrnoException) => {
    await backend.supervisor.stop()
    if (error.code === 'EADDRINUSE') {
      return leave(`Port ${port} is taken: another Whetstone may be running there. Choose another by --port.`)
    }
    return leave(`The app could not be served: ${error.message}.`)
  })

  announce(host.address())
  print('Ctrl-C ends it.')
  if (open) void openPrivately(host.address(), openInBrowser)

  let leaving = false
  const shutDown = async () => {
    if (leaving) return
    leaving = true
    await host.close()
    await backend.supervisor.stop()
    await development?.close()
    process.exit(0)
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => void shutDown())
}

function superviseBackend(child: string, dataDir: string) {
  const log = terminalLog(process.env)
  const supervisor = createSupervisor<Wire>({
    fork: events =>
      forkNodeBackend({ module: child, args: [dataDir], node: process.execPath, env: process.env, log }, events),
    clock: () => performance.now(),
    after: (ms, callback) => {
      const timer = setTimeout(callback, ms)
      return () => clearTimeout(timer)
    },
  })
  let waiting: (() => void)[] = []
  supervisor.subscribe(({ state, reason }) => {
    log(`backend: ${state}`, reason)
    if (state !== 'ready') return
    const told = waiting
    waiting = []
    for (const tell of told) tell()
  })
  supervisor.start()
  return {
    supervisor,
    ready: (): Promise<void> =>
      supervisor.current() === undefined ? new Promise(resolve => waiting.push(resolve)) : Promise.resolve(),
    allowProgram: async (text: string): Promise<boolean> => (await supervisor.current()?.allowProgram(text)) ?? false,
    attach: (wire: Wire): void => {
      const backend = supervisor.current()
      if (backend === undefined) wire.close()
      else backend.attach(wire)
    },
  }
}
