import { inspect } from 'node:util'
import { RPCHandler } from '@orpc/server/message-port'
import { visible } from '../../shared/domain/visible.ts'
import { startBackend } from '../backend.ts'
import { backendOptions, syncOptions } from './options.ts'

/** The backend as Electron's utility process: `utility DATA_DIR`. Each message that brings a port is a new connection. */
const [dataDir] = process.argv.slice(2)
const parent = process.parentPort
if (dataDir === undefined || parent === undefined) {
  console.error('This is started by Whetstone itself.')
  process.exit(2)
}

/** Says why in a sentence before it ends: the parent shows it to a person. */
function fail(error: unknown): void {
  console.error(visible(inspect(error)))
  parent.postMessage({ kind: 'failed', reason: error instanceof Error ? error.message : String(error) })
  // The message leaves with the next turn of the loop.
  setTimeout(() => process.exit(1), 50)
}
process.once('uncaughtException', fail)

const starting = startBackend({
  ...backendOptions(dataDir, line => console.error(visible(line))),
  resumeDemo: true,
  sync: syncOptions(),
})
const handling = starting.then(backend => new RPCHandler(backend.router))

async function stop(): Promise<void> {
  await (await starting).close()
  process.exit(0)
}

parent.on('message', event => {
  for (const port of event.ports) {
    void handling.then(handler => {
      handler.upgrade(port)
      port.start()
    })
  }
  if (event.data === 'stop') void stop()
})

await handling
parent.postMessage({ kind: 'ready' })
