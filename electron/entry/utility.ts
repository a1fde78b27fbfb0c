import { inspect } from 'node:util'
import { RPCHandler } from '@orpc/server/bun-ws'
import { visible } from '../../shared/domain/visible.ts'
import { startBackend } from '../backend.ts'
import { portWire } from '../port-wire.ts'
import { APP_LIMITS, createWireServer } from '../serve-wire.ts'
import { type FromUtility, toUtility } from '../utility-messages.ts'
import { backendOptions, syncOptions } from './options.ts'

/** The backend as Electron's utility process: `utility DATA_DIR`. Each message that brings a port is a new connection. */
const [dataDir] = process.argv.slice(2)
const parent = process.parentPort
if (dataDir === undefined || parent === undefined) {
  console.error('This is started by Whetstone itself.')
  process.exit(2)
}

const say = (message: FromUtility) => parent.postMessage(message)
const log = (line: string) => console.error(visible(line))

/** Says why in a sentence before it ends: the parent shows it to a person. */
function fail(error: unknown): void {
  console.error(visible(inspect(error)))
  say({ kind: 'failed', reason: error instanceof Error ? error.message : String(error) })
  // The message leaves with the next turn of the loop.
  setTimeout(() => process.exit(1), 50)
}
process.once('uncaughtException', fail)

const starting = startBackend({
  ...backendOptions(dataDir, log),
  resumeDemo: true,
  sync: syncOptions(),
})
const serving = starting.then(({ router }) => createWireServer(new RPCHandler(router), { limits: APP_LIMITS, log }))

async function stop(): Promise<void> {
  await (await starting).close()
  process.exit(0)
}

parent.on('message', event => {
  for (const port of event.ports) void serving.then(serve => serve(portWire(port), {}))
  if (event.data === null) return
  const message = toUtility.parse(event.data)
  switch (message.kind) {
    case 'allow':
      return void starting.then(backend =>
        say({ kind: 'allowed', call: message.call, kept: backend.allowProgram(message.text) }),
      )
    case 'stop':
      return void stop()
    default:
      message satisfies never
  }
})

await serving
say({ kind: 'ready' })
