import http from 'node:http'
import type { AddressInfo } from 'node:net'

/**
 * Stands before the team's store and does harm for as long as it is told, request by request. Everything else passes
 * unchanged, the Host header too, over which the client's signature goes.
 */
export type Harm =
  /** After `afterMs`, for a server takes its time to say no. */
  | { kind: 'answer'; status: number; headers?: Record<string, string>; body?: string; afterMs?: number }
  /** Done at once, answered later. */
  | { kind: 'late'; until: Promise<unknown> }
  | { kind: 'cut' | 'lose-answer' | 'hang' | 'flip' | 'truncate' | 'twice' }
/** `bytes`: of both bodies, as far as they went. `ended`: when it was answered, or the connection gone. */
export type Seen = {
  method: string
  url: string
  at: number
  ended: number | undefined
  status: number | undefined
  bytes: number
}
export type StoreFront = AsyncDisposable & {
  port: number
  seen: Seen[]
  /** Asked for each request; undefined lets it pass. */
  harm: ((request: Seen) => Harm | undefined) | undefined
  /** Resets every connection that is open. */
  cutAll(): void
}

export async function storeFront(upstream: () => number): Promise<StoreFront> {
  const agent = new http.Agent({ keepAlive: false })
  const front: StoreFront = {
    port: 0,
    seen: [],
    harm: undefined,
    cutAll: () => server.closeAllConnections(),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
    },
  }
  const serve = async (request: http.IncomingMessage, response: http.ServerResponse): Promise<void> => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const body = Buffer.concat(chunks)
    const seen: Seen = {
      method: request.method ?? '',
      url: request.url ?? '',
      at: performance.now(),
      status: undefined,
      ended: undefined,
      bytes: body.length,
    }
    response.once('close', () => {
      seen.ended = performance.now()
    })
    front.seen.push(seen)
    const harm = front.harm?.(seen)
    if (harm?.kind === 'hang') return
    if (harm?.kind === 'cut') return void request.socket.destroy()
    if (harm?.kind === 'answer') {
      await new Promise(resolve => setTimeout(resolve, harm.afterMs ?? 0))
      seen.status = harm.status
      return void response.writeHead(harm.status, harm.headers).end(harm.body)
    }
    if (harm?.kind === 'twice') await pass(agent, upstream(), request, body)
    const answer = await pass(agent, upstream(), request, body)
    seen.status = answer.status
    seen.bytes += answer.body.length
    if (harm?.kind === 'late') await harm.until
    if (harm?.kind === 'lose-answer') return void request.socket.destroy()
    if (harm?.kind === 'flip' && answer.body.length > 0) {
      const middle = answer.body.length >> 1
      answer.body[middle] = (answer.body[middle] ?? 0) ^ 1
    }
    response.writeHead(answer.status, answer.headers)
    if (harm?.kind !== 'truncate') return void response.end(answer.body)
    response.write(answer.body.subarray(0, answer.body.length >> 1), () => response.destroy())
  }
  const server = http.createServer((request, response) => {
    // A client may hang up in the middle, and the store be dead.
    void serve(request, response).catch(() => request.socket.destroy())
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  front.port = portOf(server.address())
  return front
}

type Answer = { status: number; headers: http.IncomingHttpHeaders; body: Buffer }

function pass(agent: http.Agent, port: number, from: http.IncomingMessage, body: Buffer): Promise<Answer> {
  const { method, url, headers } = from
  return new Promise((resolve, reject) => {
    const request = http.request({ host: '127.0.0.1', port, method, path: url, headers, agent }, async answer => {
      try {
        const chunks: Buffer[] = []
        for await (const chunk of answer) chunks.push(chunk)
        const { 'transfer-encoding': _, ...rest } = answer.headers
        resolve({ status: answer.statusCode ?? 0, headers: rest, body: Buffer.concat(chunks) })
      } catch (error) {
        reject(error)
      }
    })
    request.on('error', reject)
    request.end(body)
  })
}

const portOf = (address: string | AddressInfo | null): number =>
  typeof address === 'object' && address !== null ? address.port : 0
