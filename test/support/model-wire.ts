import { z } from 'zod'
import { googleEvents } from './model-wire-google.ts'

/** What a model's provider is asked, and how its answers look on the wire: OpenAI's chat completions, Anthropic's messages and Google's generateContent. */
export type WireFormat = 'openai' | 'anthropic' | 'google'

/** A request as a test reads it, the same for both formats. */
export type ModelRequest = {
  /** Counts from 1 over the server's life. */
  number: number
  format: WireFormat
  model: string
  stream: boolean
  system: string
  messages: { role: string; text: string; toolCalls: { name: string; input: unknown }[]; toolResults: string[] }[]
  /** Names of the tools it was given. */
  tools: string[]
  /** As it was sent, without 'Bearer '. */
  key: string
  body: unknown
}

/** What the model says. A list of texts is streamed in that many pieces. */
export type ModelReply = {
  text?: string | string[]
  toolCalls?: { name: string; input: unknown }[]
  usage?: Used | 'none' | 'malformed'
  finish?: 'stop' | 'length'
}

const part = z.looseObject({
  type: z.string(),
  text: z.string().optional(),
  name: z.string().optional(),
  input: z.unknown().optional(),
  content: z.unknown().optional(),
})
const content = z.union([z.string(), z.array(part), z.null()]).optional()
const call = z.looseObject({ function: z.object({ name: z.string(), arguments: z.string() }) })
const body = z.looseObject({
  model: z.string(),
  stream: z.boolean().optional(),
  system: content,
  messages: z.array(z.looseObject({ role: z.string(), content, tool_calls: z.array(call).optional() })),
  tools: z
    .array(z.looseObject({ name: z.string().optional(), function: z.looseObject({ name: z.string() }).optional() }))
    .optional(),
})

const textOf = (given: z.infer<typeof content>): string =>
  typeof given === 'string' ? given : (given ?? []).flatMap(one => one.text ?? []).join('\n')
const asText = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value))

export function readRequest(format: WireFormat, raw: unknown, key: string, number: number): ModelRequest {
  const given = body.parse(raw)
  const messages = given.messages.map(message => {
    const parts = Array.isArray(message.content) ? message.content : []
    const calls = (message.tool_calls ?? []).map(one => ({
      name: one.function.name,
      input: JSON.parse(one.function.arguments || '{}'),
    }))
    const used = parts.flatMap(one => (one.type === 'tool_use' ? { name: one.name ?? '', input: one.input } : []))
    const results = parts.flatMap(one => (one.type === 'tool_result' ? resultText(one.content) : []))
    return {
      role: message.role,
      text: textOf(message.content),
      toolCalls: [...calls, ...used],
      toolResults: message.role === 'tool' ? [textOf(message.content)] : results,
    }
  })
  const system = messages.filter(message => message.role === 'system' || message.role === 'developer')
  return {
    number,
    format,
    model: given.model,
    stream: given.stream ?? false,
    system: [textOf(given.system), ...system.map(message => message.text)].filter(text => text !== '').join('\n'),
    messages: messages.filter(message => !system.includes(message)),
    tools: (given.tools ?? []).map(tool => tool.function?.name ?? tool.name ?? ''),
    key,
    body: raw,
  }
}

const resultText = (given: unknown): string =>
  Array.isArray(given) ? given.map(one => part.safeParse(one).data?.text ?? asText(one)).join('\n') : asText(given)

type Used = { input: number; output: number; cacheRead?: number; cacheWrite?: number }
const DEFAULT_USAGE: Used = { input: 100, output: 20 }
const usageOf = (reply: ModelReply): Used => (typeof reply.usage === 'object' ? reply.usage : DEFAULT_USAGE)
const piecesOf = (reply: ModelReply): string[] =>
  reply.text === undefined ? [] : typeof reply.text === 'string' ? [reply.text] : reply.text

/** Server-sent events, one string each, in the order they are sent. */
export function eventsOf(request: ModelRequest, reply: ModelReply): string[] {
  if (request.format === 'google') return googleEvents(reply)
  return request.format === 'openai' ? openaiEvents(request, reply) : anthropicEvents(request, reply)
}

function openaiUsage(reply: ModelReply): unknown {
  if (reply.usage === 'none') return undefined
  if (reply.usage === 'malformed') return { prompt_tokens: 'many', completion_tokens: { of: 'them' } }
  const { input, output, cacheRead = 0 } = usageOf(reply)
  const prompt = input + cacheRead
  return {
    prompt_tokens: prompt,
    completion_tokens: output,
    total_tokens: prompt + output,
    prompt_tokens_details: { cached_tokens: cacheRead },
  }
}

const openaiCalls = (reply: ModelReply) =>
  (reply.toolCalls ?? []).map((one, index) => ({
    index,
    id: `call_${index}_${one.name}`,
    type: 'function',
    function: { name: one.name, arguments: JSON.stringify(one.input) },
  }))

function openaiEvents(request: ModelRequest, reply: ModelReply): string[] {
  const chunk = (choices: unknown[], more: object = {}) =>
    `data: ${JSON.stringify({ id: `chat-${request.number}`, object: 'chat.completion.chunk', created: 1, model: request.model, choices, ...more })}\n\n`
  const finish = reply.toolCalls ? 'tool_calls' : (reply.finish ?? 'stop')
  const usage = openaiUsage(reply)
  return [
    chunk([{ index: 0, delta: { role: 'assistant', content: '' }, finish_reason: null }]),
    ...piecesOf(reply).map(piece => chunk([{ index: 0, delta: { content: piece }, finish_reason: null }])),
    ...openaiCalls(reply).map(one => chunk([{ index: 0, delta: { tool_calls: [one] }, finish_reason: null }])),
    chunk([{ index: 0, delta: {}, finish_reason: finish }]),
    ...(usage === undefined ? [] : [chunk([], { usage })]),
    'data: [DONE]\n\n',
  ]
}

function anthropicUsage(reply: ModelReply): Record<string, unknown> {
  if (reply.usage === 'malformed') return { input_tokens: 'many' }
  const { input, cacheRead = 0, cacheWrite = 0 } = usageOf(reply)
  return { input_tokens: input, cache_read_input_tokens: cacheRead, cache_creation_input_tokens: cacheWrite }
}

function anthropicEvents(request: ModelRequest, reply: ModelReply): string[] {
  const event = (type: string, more: object) => `event: ${type}\ndata: ${JSON.stringify({ type, ...more })}\n\n`
  const stop = reply.toolCalls ? 'tool_use' : reply.finish === 'length' ? 'max_tokens' : 'end_turn'
  const pieces = piecesOf(reply)
  const blocks: string[][] = []
  const block = (index: number, start: object, deltas: object[]) => [
    event('content_block_start', { index, content_block: start }),
    ...deltas.map(delta => event('content_block_delta', { index, delta })),
    event('content_block_stop', { index }),
  ]
  if (pieces.length > 0)
    blocks.push(
      block(
        0,
        { type: 'text', text: '' },
        pieces.map(text => ({ type: 'text_delta', text })),
      ),
    )
  for (const [index, one] of (reply.toolCalls ?? []).entries())
    blocks.push(
      block(blocks.length, { type: 'tool_use', id: `toolu_${index}_${one.name}`, name: one.name, input: {} }, [
        { type: 'input_json_delta', partial_json: JSON.stringify(one.input) },
      ]),
    )
  const message = {
    id: `msg-${request.number}`,
    type: 'message',
    role: 'assistant',
    model: request.model,
    content: [],
    stop_reason: null,
    stop_sequence: null,
    usage: { ...anthropicUsage(reply), output_tokens: 1 },
  }
  return [
    event('message_start', { message }),
    event('ping', {}),
    ...blocks.flat(),
    event('message_delta', {
      delta: { stop_reason: stop, stop_sequence: null },
      usage: { output_tokens: usageOf(reply).output },
    }),
    event('message_stop', {}),
  ]
}

/** The same answer in one piece, for a request that does not stream. */
export function bodyOf(request: ModelRequest, reply: ModelReply): string {
  const text = piecesOf(reply).join('')
  if (request.format === 'openai') {
    const message = { role: 'assistant', content: text, tool_calls: reply.toolCalls ? openaiCalls(reply) : undefined }
    const choices = [{ index: 0, message, finish_reason: reply.toolCalls ? 'tool_calls' : (reply.finish ?? 'stop') }]
    return JSON.stringify({
      id: 'chat',
      object: 'chat.completion',
      created: 1,
      model: request.model,
      choices,
      usage: openaiUsage(reply),
    })
  }
  const calls = (reply.toolCalls ?? []).map((one, index) => ({ type: 'tool_use', id: `toolu_${index}`, ...one }))
  return JSON.stringify({
    id: 'msg',
    type: 'message',
    role: 'assistant',
    model: request.model,
    content: [...(text === '' ? [] : [{ type: 'text', text }]), ...calls],
    stop_reason: reply.toolCalls ? 'tool_use' : 'end_turn',
    usage: { ...anthropicUsage(reply), output_tokens: usageOf(reply).output },
  })
}
