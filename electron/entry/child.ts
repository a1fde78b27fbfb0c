import { inspect } from 'node:util'
import { RPCHandler } from '@orpc/server/bun-ws'
import { visible } from '../../shared/domain/visible.ts'
import { startBackend } from '../backend.ts'
import { type FromChild, fromParent } from '../node-backend.ts'
import { APP_LIMITS, createWireServer } from '../serve-wire.ts'
import { createWire, type FedWire } from '../wire.ts'
import { haltAt, wrongClock } from './halt.ts'
import { backendOptions, syncOptions } from './options.ts'

/** The backend as a child of plain Node: `child DATA_DIR`, started by `forkNodeBackend`, which holds the other end. */
const [dataDir] = process.argv.slice(2)
if (dataDir === undefined || process.send === undefined) {
  console.error('This is started by Whetstone itself.')
  process.exit(2)
}

/** Whoever started it may be gone without a word: what cannot be said any more ends nothing. */
const send = (message: FromChild) => {
  if (process.connected) process.send?.(message, () => {})
}
/** Says why in a sentence before it ends: the parent shows it to a person. */
function fail(error: unknown): void {
  console.error(visible(inspect(error)))
  const reason = error instanceof Error ? error.message : String(error)
  if (process.connected) process.send?.({ kind: 'failed', reason } satisfies FromChild, () => process.exit(1))
  else process.exit(1)
}
process.once('uncaughtException', fail)
// Ctrl-C in a terminal reaches every process of the group; the parent says when to stop.
process.on('SIGINT', () => {})

const log = (line: string) => console.error(visible(line))
const starting = startBackend({
  ...backendOptions(dataDir, log),
  ...wrongClock(process.env.WHETSTONE_WRONG_CLOCK),
  resumeDemo: true,
  sync: { ...syncOptions(), ...haltAt(process.env.WHETSTONE_HALT_AT) },
})
const serving = starting.then(({ router }) => createWireServer(new RPCHandler(router), { limits: APP_LIMITS, log }))
const wires = new Map<number, FedWire>()

async function stop(): Promise<void> {
  await (await starting).close()
  process.exit(0)
}

async function serve(port: number): Promise<void> {
  const fed = createWire(
    data => send({ kind: 'data', port, data }),
    () => send({ kind: 'close', port }),
  )
  wires.set(port, fed)
  const accept = await serving
  accept(fed.wire, {})
}

process.on('message', raw => {
  const message = fromParent.parse(raw)
  switch (message.kind) {
    case 'open':
      return void serve(message.port)
    case 'data':
      return wires.get(message.port)?.receive(message.data)
    case 'close':
      wires.get(message.port)?.ended()
      wires.delete(message.port)
      return
    case 'allow':
      return void starting.then(backend =>
        send({ kind: 'allowed', call: message.call, kept: backend.allowProgram(message.text) }),
      )
    case 'stop':
      return void stop()
    default:
      message satisfies never
  }
})
// Without its parent nobody can reach it.
process.once('disconnect', () => void stop())

await serving
send({ kind: 'ready' })
