import { type ChildProcess, fork } from 'node:child_process'
import { z } from 'zod'
import { createPendingConsents } from './pending-consents.ts'
import type { BackendEvents, BackendProcess } from './supervisor.ts'
import { createWire, type FedWire, joinWires, type Wire } from './wire.ts'

/**
 * The backend as a child process of plain Node, its connections numbered and sent over the one pipe that Node keeps
 * with a child. Used by the browser host, and by an Electron too old to load better-sqlite3.
 */
const fromChild = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('ready') }),
  z.object({ kind: z.literal('failed'), reason: z.string() }),
  z.object({ kind: z.literal('data'), port: z.int(), data: z.unknown() }),
  z.object({ kind: z.literal('close'), port: z.int() }),
  z.object({ kind: z.literal('allowed'), call: z.int(), kept: z.boolean() }),
])
export type FromChild = z.infer<typeof fromChild>

export const fromParent = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('open'), port: z.int() }),
  z.object({ kind: z.literal('data'), port: z.int(), data: z.unknown() }),
  z.object({ kind: z.literal('close'), port: z.int() }),
  z.object({ kind: z.literal('allow'), call: z.int(), text: z.string() }),
  z.object({ kind: z.literal('stop') }),
])
export type FromParent = z.infer<typeof fromParent>

/**
 * A backend mostly waits, and what it holds meanwhile is better left to others: a small young generation, and an old one
 * that grows by a third before it is swept, not to twice its size. A sync of 100,000 versions takes 270 MB so, at 3 % more
 * computing; 400 MB with the young one alone.
 */
export const BACKEND_FLAGS: readonly string[] = ['--max-semi-space-size=4', '--heap-growing-percent=30']

export type NodeBackendOptions = {
  /** The module to run: entry/child, as TypeScript or built. */
  module: string
  args: readonly string[]
  /** A Node ≥ 22.14. */
  node: string
  env: NodeJS.ProcessEnv
  log: (line: string) => void
  /** How long a stopped process may take to close the library before it is ended by force. */
  stopMs?: number
}

export function forkNodeBackend(options: NodeBackendOptions, events: BackendEvents): BackendProcess<Wire> {
  const child = fork(options.module, [...options.args], {
    execPath: options.node,
    execArgv: [...BACKEND_FLAGS],
    env: options.env,
    serialization: 'advanced',
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  const wires = new Map<number, FedWire>()
  const consents = createPendingConsents()
  let lastPort = 0
  let said: string | undefined
  const gone = new Promise<void>(resolve => child.once('exit', () => resolve()))
  const send = (message: FromParent) => {
    // A child that is ending takes nothing more; its exit closes every wire.
    if (child.connected) child.send(message, () => {})
  }

  child.on('message', raw => {
    const message = fromChild.parse(raw)
    switch (message.kind) {
      case 'ready':
        return events.ready()
      case 'failed':
        said = message.reason
        return
      case 'data':
        return wires.get(message.port)?.receive(message.data)
      case 'close':
        wires.get(message.port)?.ended()
        wires.delete(message.port)
        return
      case 'allowed':
        return consents.answered(message.call, message.kept)
      default:
        message satisfies never
    }
  })
  const end = (reason: string) => {
    for (const { wire } of wires.values()) wire.close()
    wires.clear()
    consents.end()
    events.exit(said ?? reason)
  }
  child.once('error', error => end(`The backend could not be started: ${error.message}.`))
  child.once('exit', (code, signal) => end(sayExit(code, signal)))
  options.log(`backend: process ${child.pid}`)

  return {
    pid: child.pid,
    attach: port => {
      const number = ++lastPort
      const inner = createWire(
        data => send({ kind: 'data', port: number, data }),
        () => {
          wires.delete(number)
          send({ kind: 'close', port: number })
        },
      )
      wires.set(number, inner)
      send({ kind: 'open', port: number })
      joinWires(port, inner.wire)
    },
    allowProgram: text => consents.ask(call => send({ kind: 'allow', call, text })),
    stop: () => stopChild(child, gone, send, options.stopMs ?? 5_000),
  }
}

async function stopChild(
  child: ChildProcess,
  gone: Promise<void>,
  send: (message: FromParent) => void,
  stopMs: number,
): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  send({ kind: 'stop' })
  const force = setTimeout(() => child.kill('SIGKILL'), stopMs)
  await gone
  clearTimeout(force)
}

export function sayExit(code: number | null, signal: string | null): string {
  return signal === null ? `The backend ended by itself (code ${code}).` : `The backend was ended (${signal}).`
}
