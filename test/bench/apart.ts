import { once } from 'node:events'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { z } from 'zod'
import { type TcpProxy, tcpProxy } from '../support/tcp-proxy.ts'

/** What stands between an app and its servers, on a thread of its own: in the app's own it would wait for it to compute. */
export type Apart = { port: number; close(): Promise<void> }

/** A line that takes half of `tripMs` in each direction. */
export const distance = (port: number, tripMs: number): Promise<Apart> => apart({ kind: 'distance', port, tripMs })

/** A bucket that says yes to every PUT after a while, and knows nothing. */
export const waitingBucket = (putMs: number): Promise<Apart> => apart({ kind: 'bucket', putMs })

const work = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('distance'), port: z.int(), tripMs: z.number() }),
  z.object({ kind: z.literal('bucket'), putMs: z.number() }),
])

async function apart(what: z.infer<typeof work>): Promise<Apart> {
  const worker = new Worker(new URL(import.meta.url), { workerData: what })
  const [port] = await once(worker, 'message')
  return {
    port: z.int().parse(port),
    close: async () => {
      await worker.terminate()
    },
  }
}

async function standApart(what: z.infer<typeof work>): Promise<number> {
  if (what.kind === 'distance') {
    const proxy: TcpProxy = await tcpProxy(what.port)
    proxy.delay(what.tripMs)
    return proxy.port
  }
  const server = http.createServer((request, response) => {
    request.resume().on('end', () => {
      if (request.method === 'PUT') setTimeout(() => response.writeHead(200, { etag: '"x"' }).end(), what.putMs)
      else response.writeHead(404).end()
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return port
}

if (!isMainThread) parentPort?.postMessage(await standApart(work.parse(workerData)))
