import http from 'node:http'
import https from 'node:https'
import type { AddressInfo } from 'node:net'

/**
 * An HTTP server between a client and a real one, that does harm on demand: each fault is for the next request that it
 * fits. Everything else passes unchanged, the Host header too, over which the client's signature goes.
 */
export type Fault =
  /** Answers itself, and the request goes no further. */
  | { kind: 'answer'; status: number; headers?: Record<string, string>; body?: string }
  /** Cuts the connection before anything is passed on. */
  | { kind: 'cut-request' }
  /** Lets the request through and cuts the connection instead of answering. */
  | { kind: 'lose-answer' }
  /** Passes the answer's head and that many bytes of its body, then cuts, or says nothing more. */
  | { kind: 'cut-answer' | 'stall-answer'; after: number }
  /** Says nothing, ever. */
  | { kind: 'hang' }
  /** Flips a bit on the way there, or on the way back. */
  | { kind: 'flip-request' | 'flip-answer' }
  /** Does something first. */
  | { kind: 'first'; run: () => Promise<void> }

export type SeenRequest = { method: string; url: string; headers: http.IncomingHttpHeaders }
export type HttpFaults = {
  port: number
  /** What came, in order. */
  seen: SeenRequest[]
  next(fault: Fault, fits?: (request: SeenRequest) => boolean): void
  [Symbol.asyncDispose]: () => Promise<void>
}

/** @param tls serve https with this, and pass on as http. */
export async function httpFaults(upstreamPort: number, tls?: { key: string; cert: string }): Promise<HttpFaults> {
  const waiting: { fault: Fault; fits: (request: SeenRequest) => boolean }[] = []
  const seen: SeenRequest[] = []
  const agent = new http.Agent({ keepAlive: false })
  const serve = async (request: http.IncomingMessage, response: http.ServerResponse): Promise<unknown> => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const body = Buffer.concat(chunks)
    const one = { method: request.method ?? '', url: request.url ?? '', headers: request.headers }
    seen.push(one)
    const index = waiting.findIndex(({ fits }) => fits(one))
    const fault = index < 0 ? undefined : waiting.splice(index, 1)[0]?.fault
    if (fault?.kind === 'hang') return
    if (fault?.kind === 'cut-request') return request.socket.destroy()
    if (fault?.kind === 'answer') return response.writeHead(fault.status, fault.headers).end(fault.body)
    if (fault?.kind === 'first') await fault.run()
    if (fault?.kind === 'flip-request') flip(body)
    const answer = await pass(agent, upstreamPort, one, body)
    if (fault?.kind === 'lose-answer') return request.socket.destroy()
    if (fault?.kind === 'flip-answer') flip(answer.body)
    response.writeHead(answer.status, answer.headers)
    if (fault?.kind !== 'cut-answer' && fault?.kind !== 'stall-answer') return response.end(answer.body)
    response.write(answer.body.subarray(0, fault.after), () => {
      if (fault.kind === 'cut-answer') response.destroy()
    })
  }
  // A client may hang up in the middle; then there is nobody to answer.
  const listener: http.RequestListener = (request, response) =>
    void serve(request, response).catch(() => request.socket.destroy())
  const server = tls ? https.createServer(tls, listener) : http.createServer(listener)
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    port: portOf(server.address()),
    seen,
    next: (fault, fits = () => true) => void waiting.push({ fault, fits }),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
    },
  }
}

type Answer = { status: number; headers: http.IncomingHttpHeaders; body: Buffer }

function pass(agent: http.Agent, port: number, { method, url, headers }: SeenRequest, body: Buffer): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = http.request({ host: '127.0.0.1', port, method, path: url, headers, agent }, async answer => {
      const chunks: Buffer[] = []
      for await (const chunk of answer) chunks.push(chunk)
      const { 'transfer-encoding': _, ...rest } = answer.headers
      resolve({ status: answer.statusCode ?? 0, headers: rest, body: Buffer.concat(chunks) })
    })
    request.on('error', reject)
    request.end(body)
  })
}

function flip(bytes: Buffer): void {
  const middle = bytes.length >> 1
  bytes[middle] = (bytes[middle] ?? 0) ^ 1
}

export const portOf = (address: string | AddressInfo | null): number =>
  typeof address === 'object' && address !== null ? address.port : 0
