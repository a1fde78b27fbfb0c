import { once } from 'node:events'
import { MessageChannel, type MessagePort, parentPort, Worker, workerData } from 'node:worker_threads'
import { createORPCClient } from '@orpc/client'
import { RPCLink } from '@orpc/client/message-port'
import type { ContractRouterClient } from '@orpc/contract'
import { RPCHandler } from '@orpc/server/bun-ws'
import { v7 } from 'uuid'
import { z } from 'zod'
import { startBackend } from '../../electron/backend.ts'
import { noKeychain, openSecrets } from '../../electron/secrets.ts'
import { APP_LIMITS, createWireServer } from '../../electron/serve-wire.ts'
import type { AppContract } from '../../shared/contract/index.ts'
import { resources } from '../support/backend.ts'

/**
 * The backend on a thread of its own, served over a port as the app serves it, and watched: how long one turn of its event loop took at
 * most. While a turn lasts nobody else is answered.
 */
export type WatchedBackend = {
  api: ContractRouterClient<AppContract>
  /** The longest turn since it was last asked: ms of the processor, which a busy machine does not lengthen. */
  longestTurn: () => Promise<number>
  /** Resolves when the indexer has caught up. */
  settled: () => Promise<void>
  close: () => Promise<void>
}

const question = z.enum(['longest', 'settled', 'close'])

export async function watchedBackend(dataDir: string): Promise<WatchedBackend> {
  const { port1, port2 } = new MessageChannel()
  const worker = new Worker(new URL(import.meta.url), { workerData: { dataDir, port: port1 }, transferList: [port1] })
  const failed = new Promise<never>((_, reject) => worker.once('error', reject))
  failed.catch(() => {})
  const ask = async (what: z.infer<typeof question>): Promise<unknown> => {
    worker.postMessage(what)
    const [answer] = await Promise.race([once(worker, 'message'), failed])
    return answer
  }
  const api: ContractRouterClient<AppContract> = createORPCClient(new RPCLink({ port: port2 }))
  port2.start()
  await Promise.race([once(worker, 'message'), failed])
  return {
    api,
    longestTurn: async () => z.number().parse(await ask('longest')),
    settled: async () => void (await ask('settled')),
    close: async () => {
      await ask('close')
      await worker.terminate()
    },
  }
}

async function serve({ dataDir, port }: { dataDir: string; port: MessagePort }): Promise<void> {
  const backend = await startBackend({
    dataDir,
    resources,
    clock: Date.now,
    newId: v7,
    home: dataDir,
    platform: process.platform,
    appVersion: '0.0.0-bench',
    secrets: openSecrets({ dataDir, keychain: noKeychain }),
    log: () => {},
  })
  createWireServer(new RPCHandler(backend.router), { limits: APP_LIMITS, log: console.error })(
    {
      postMessage: data => port.postMessage(data),
      on: (event, callback) => {
        port.on(event, data => callback({ data }))
        port.start()
      },
      close: () => port.close(),
    },
    {},
  )
  let longest = 0
  let before = process.threadCpuUsage()
  const turn = () => {
    const { user, system } = process.threadCpuUsage(before)
    longest = Math.max(longest, (user + system) / 1_000)
    before = process.threadCpuUsage()
    setImmediate(turn)
  }
  turn()
  const answer = (value: unknown) => parentPort?.postMessage(value)
  parentPort?.on('message', async raw => {
    const asked = question.parse(raw)
    if (asked === 'longest') {
      // Once the turn that is under way is counted.
      setImmediate(() => {
        answer(longest)
        longest = 0
      })
    } else if (asked === 'settled') {
      await backend.settled()
      answer('settled')
    } else {
      await backend.close()
      answer('closed')
    }
  })
  answer('ready')
}

if (parentPort !== null && workerData?.port !== undefined) await serve(workerData)
