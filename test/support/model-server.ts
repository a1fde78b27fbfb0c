import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { bodyOf, eventsOf, type ModelReply, type ModelRequest, readRequest } from './model-wire.ts'
import { readGoogleRequest } from './model-wire-google.ts'

export type { ModelReply, ModelRequest } from './model-wire.ts'

/** What the server does with one request. */
export type ServerAnswer =
  | ModelReply
  /** Another status than 200: an error as that provider words it, or a body of the test's own. */
  | { status: number; headers?: Record<string, string>; message?: string; body?: string }
  /** Sends that many events of the reply, then cuts the connection; 0 cuts before the head. */
  | { cutAfter: number; reply: ModelReply }
  /** Sends that many events, then waits for the promise before the others; 0 waits before the head. */
  | { holdAfter: number; until: Promise<unknown>; reply: ModelReply }

export type ModelServer = {
  /** `http://127.0.0.1:PORT/v1`: the base of both formats. */
  url: string
  requests: ModelRequest[]
  /** How many are under way, and the most there ever were at once. */
  open: number
  mostOpen: number
  /** Replaces the answers from now on. */
  answer(script: Script): void
  /** Resolves when that many requests have come in all. */
  reached(count: number): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}
export type Script = (request: ModelRequest) => ServerAnswer | Promise<ServerAnswer>

/**
 * A model's provider on this computer, over real HTTP, in the wire formats of OpenAI, Anthropic and Google. What it says is the
 * test's script; `GET /v1/models` lists `models`.
 */
export async function modelServer(
  script: Script,
  models: string[] = ['north', 'south', 'judge'],
): Promise<ModelServer> {
  let waiting: { count: number; resolve: () => void }[] = []
  let say = script
  const requests: ModelRequest[] = []
  const server = http.createServer((request, response) => {
    void serve(request, response).catch(error => response.destroy(error))
  })
  const state: ModelServer = {
    url: '',
    requests,
    open: 0,
    mostOpen: 0,
    answer: next => {
      say = next
    },
    reached: count =>
      new Promise(resolve => {
        if (requests.length >= count) resolve()
        else waiting.push({ count, resolve })
      }),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
    },
  }

  async function serve(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    if (request.method === 'GET') return list(response, models)
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const given: unknown = JSON.parse(Buffer.concat(chunks).toString('utf8'))
    const { url = '', headers } = request
    const key =
      headers['x-api-key'] ?? headers['x-goog-api-key'] ?? headers.authorization?.replace(/^Bearer /, '') ?? ''
    const number = requests.length + 1
    const seen = url.includes('GenerateContent')
      ? readGoogleRequest(url, given, String(key), number)
      : readRequest(url.replace(/\?.*/, '').endsWith('/messages') ? 'anthropic' : 'openai', given, String(key), number)
    requests.push(seen)
    state.open += 1
    state.mostOpen = Math.max(state.mostOpen, state.open)
    response.once('close', () => {
      state.open -= 1
    })
    const ready = waiting.filter(one => requests.length >= one.count)
    waiting = waiting.filter(one => requests.length < one.count)
    for (const one of ready) one.resolve()
    await reply(seen, response, await say(seen))
  }

  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const address: AddressInfo | string | null = server.address()
  if (address === null || typeof address === 'string') throw new Error('the server has no port')
  state.url = `http://127.0.0.1:${address.port}/v1`
  return state
}

function list(response: http.ServerResponse, models: string[]): void {
  response.writeHead(200, { 'content-type': 'application/json' })
  response.end(JSON.stringify({ object: 'list', data: models.map(id => ({ id, object: 'model', type: 'model' })) }))
}

async function reply(request: ModelRequest, response: http.ServerResponse, answer: ServerAnswer): Promise<void> {
  if ('status' in answer) {
    response.writeHead(answer.status, { 'content-type': 'application/json', ...answer.headers })
    response.end(answer.body ?? errorBody(request, answer.message ?? `status ${answer.status}`))
    return
  }
  const said = 'reply' in answer ? answer.reply : answer
  if ('holdAfter' in answer && answer.holdAfter === 0) await answer.until
  if ('cutAfter' in answer && answer.cutAfter === 0) {
    response.destroy()
    return
  }
  if (!request.stream) {
    response.writeHead(200, { 'content-type': 'application/json' })
    response.end(bodyOf(request, said))
    return
  }
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  for (const [sent, event] of eventsOf(request, said).entries()) {
    if ('cutAfter' in answer && sent === answer.cutAfter) {
      // What was written goes out first, so that the cut is in the middle.
      await new Promise(resolve => response.write('', resolve))
      response.destroy()
      return
    }
    if ('holdAfter' in answer && sent === answer.holdAfter) await answer.until
    response.write(event)
  }
  response.end()
}

const errorBody = (request: ModelRequest, message: string): string =>
  request.format === 'google'
    ? JSON.stringify({ error: { code: 400, message, status: 'ERROR' } })
    : request.format === 'openai'
      ? JSON.stringify({ error: { message, type: 'error', code: null, param: null } })
      : JSON.stringify({ type: 'error', error: { type: 'error', message } })
