import { constants } from 'node:os'
import { join } from 'node:path'
import { app, type MessagePortMain, utilityProcess } from 'electron'
import { forkNodeBackend, sayExit } from './node-backend.ts'
import { createPendingConsents } from './pending-consents.ts'
import { portWire } from './port-wire.ts'
import { sqliteBinding } from './sqlite.ts'
import type { BackendEvents, BackendProcess } from './supervisor.ts'
import { fromUtility, type ToUtility } from './utility-messages.ts'

/** better-sqlite3 13 needs Node-API 10 (Node ≥ 22.14, Electron ≥ 35) and crashes the process below that. */
const NODE_API = 10

export type ElectronBackendOptions = {
  /** The folder of what was built. */
  out: string
  dataDir: string
  /** A Node to run the backend in where Electron's own is too old; undefined where there is none. */
  node: string | undefined
  log: (line: string) => void
}

/** The backend as Electron's utility process, or as a child of plain Node below an Electron that is too old for it. */
export function forkForElectron(
  { out, dataDir, node, log }: ElectronBackendOptions,
  events: BackendEvents,
): BackendProcess<MessagePortMain> {
  // What an installed app loads is what was installed: the environment names no other library.
  if (app.isPackaged) delete process.env.WHETSTONE_SQLITE_BINDING
  if (Number(process.versions.napi) >= NODE_API || sqliteBinding(process.env) !== undefined)
    return forkUtility(join(out, 'main', 'utility.js'), dataDir, log, events)
  if (node === undefined) {
    throw new Error('this Electron is too old for the library, and no Node 22.14 or newer was found beside it.')
  }
  log('backend: in a process of Node, for this Electron is too old to hold the library')
  const module = join(out, 'main', 'child.js')
  const backend = forkNodeBackend({ module, args: [dataDir], node, env: process.env, log }, events)
  return { ...backend, attach: port => backend.attach(portWire(port)) }
}

function forkUtility(
  module: string,
  dataDir: string,
  log: (line: string) => void,
  events: BackendEvents,
): BackendProcess<MessagePortMain> {
  const child = utilityProcess.fork(module, [dataDir], { serviceName: 'Whetstone library', stdio: 'inherit' })
  const consents = createPendingConsents()
  const say = (message: ToUtility) => child.postMessage(message)
  let said: string | undefined
  const gone = new Promise<void>(resolve => child.once('exit', () => resolve()))
  child.once('spawn', () => log(`backend: process ${child.pid}`))
  child.on('message', raw => {
    const message = fromUtility.parse(raw)
    switch (message.kind) {
      case 'ready':
        return events.ready()
      case 'failed':
        said = message.reason
        return
      case 'allowed':
        return consents.answered(message.call, message.kept)
      default:
        message satisfies never
    }
  })
  child.once('exit', code => {
    consents.end()
    events.exit(said ?? sayUtilityExit(code))
  })
  return {
    get pid() {
      return child.pid
    },
    attach: port => child.postMessage(null, [port]),
    allowProgram: text => consents.ask(call => say({ kind: 'allow', call, text })),
    stop: async () => {
      say({ kind: 'stop' })
      const force = setTimeout(() => child.kill(), 5_000)
      await gone
      clearTimeout(force)
    },
  }
}

/** Codes with which the backend ends itself. */
const OWN_EXIT_CODES = 2

/** Electron tells a signal by its number, where Node tells its name; above 128 as shells do. */
function sayUtilityExit(code: number): string {
  const number = code > 128 ? code - 128 : code
  const [signal] = Object.entries(constants.signals).find(([, value]) => value === number) ?? []
  const ended = process.platform !== 'win32' && code > OWN_EXIT_CODES && signal !== undefined
  return ended ? sayExit(null, signal) : sayExit(code, null)
}
