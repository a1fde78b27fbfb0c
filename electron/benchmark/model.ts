import type { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import { z } from 'zod'

/** A model as Vercel's AI SDK gives it, whoever its provider is. Each call is one request: retries and steps are ours. */
export type LanguageModel = ReturnType<ReturnType<typeof createOpenAICompatible>['chatModel']>
export type CallOptions = Parameters<LanguageModel['doStream']>[0]
export type Message = CallOptions['prompt'][number]
export type Tool = Extract<NonNullable<CallOptions['tools']>[number], { type: 'function' }>
type StreamPart =
  Awaited<ReturnType<LanguageModel['doStream']>>['stream'] extends ReadableStream<infer Part> ? Part : never
type Metadata = Extract<Message, { role: 'assistant' }>['providerOptions']

/** What is asked of a model in one request: all of it, so that its hash names the answer. */
export type ModelQuestion = {
  messages: Message[]
  tools: Tool[]
  toolChoice?: 'auto' | 'none' | 'required'
  maxOutputTokens: number
  /** Left to the provider where undefined; several models refuse any other. */
  temperature?: number
}

const tokens = z.int().min(0).nullable()
/** Tokens, each null where the provider does not say: never 0. `input` leaves out what the cache gave or took. */
export const usage = z.object({ input: tokens, output: tokens, cacheRead: tokens, cacheWrite: tokens })
export type Usage = z.infer<typeof usage>

const metadata = z.record(z.string(), z.record(z.string(), z.json())).optional()
const replyPart = z.discriminatedUnion('type', [
  z.object({ type: z.literal('text'), text: z.string(), metadata }),
  z.object({ type: z.literal('reasoning'), text: z.string(), metadata }),
  z.object({ type: z.literal('tool-call'), id: z.string(), name: z.string(), input: z.string(), metadata }),
])
export type ReplyPart = z.infer<typeof replyPart>

/** One answer of a model, as it is kept: enough to go on with the conversation. */
export const modelReply = z.object({
  parts: z.array(replyPart),
  usage,
  finish: z.enum(['stop', 'length', 'tool-calls', 'content-filter', 'other']),
  /** From sending the request to the last byte, without waiting in a queue. */
  ms: z.number(),
  /** Microcents, where whoever answered says so itself, as an agent's command line may. */
  cost: z.number().nullable().optional(),
})
export type ModelReply = z.infer<typeof modelReply>

export const textOf = (reply: ModelReply): string =>
  reply.parts.flatMap(part => (part.type === 'text' ? part.text : [])).join('')

export type ToolCall = Extract<ReplyPart, { type: 'tool-call' }>
export const toolCallsOf = (reply: ModelReply): ToolCall[] =>
  reply.parts.flatMap(part => (part.type === 'tool-call' ? part : []))

/** The reply as the conversation's next message: with what the provider wants back, such as the signature of a thought. */
export function messageOf(reply: ModelReply): Message {
  return {
    role: 'assistant',
    content: reply.parts.map(part => {
      const providerOptions: Metadata = part.metadata
      if (part.type !== 'tool-call') return { type: part.type, text: part.text, providerOptions }
      return {
        type: 'tool-call',
        toolCallId: part.id,
        toolName: part.name,
        input: inputOf(part) ?? {},
        providerOptions,
      }
    }),
  }
}

/** What a tool was called with; undefined where that is not JSON. */
export function inputOf(call: ToolCall): unknown {
  try {
    return JSON.parse(call.input === '' ? '{}' : call.input)
  } catch {
    return undefined
  }
}

export type CallLimits = { signal: AbortSignal; timeLimitMs: number; now: () => number }

/** The answer did not come to its end, or was no answer; thrown by `callModel` beside the SDK's own errors. */
export class BrokenAnswer extends Error {
  override name = 'BrokenAnswer'
  /** Something had been said by then, so it may have to be paid for. */
  readonly begun: boolean
  constructor(message: string, begun: boolean, cause?: unknown) {
    super(message, { cause })
    this.begun = begun
  }
}
export class TookTooLong extends Error {
  override name = 'TookTooLong'
}

/** One request, streamed. Throws what the SDK throws, `BrokenAnswer`, `TookTooLong`, or the signal's reason. */
export async function callModel(
  model: LanguageModel,
  question: ModelQuestion,
  limits: CallLimits,
): Promise<ModelReply> {
  // A controller of its own for each call: signals joined by AbortSignal.any would pile up on the run's.
  const stop = new AbortController()
  const stopped = () => stop.abort(limits.signal.reason)
  if (limits.signal.aborted) stopped()
  limits.signal.addEventListener('abort', stopped, { once: true })
  const timer = setTimeout(() => stop.abort(new TookTooLong()), limits.timeLimitMs)
  const began = limits.now()
  try {
    const { stream } = await model.doStream({
      prompt: question.messages,
      tools: question.tools.length > 0 ? question.tools : undefined,
      toolChoice: question.tools.length > 0 ? { type: question.toolChoice ?? 'auto' } : undefined,
      maxOutputTokens: question.maxOutputTokens,
      temperature: question.temperature,
      abortSignal: stop.signal,
    })
    const gathered = new Gathered()
    for await (const part of stream) gathered.take(part)
    return gathered.reply(limits.now() - began)
  } catch (error) {
    if (stop.signal.aborted) throw stop.signal.reason
    throw error
  } finally {
    clearTimeout(timer)
    limits.signal.removeEventListener('abort', stopped)
  }
}

type Prose = Extract<ReplyPart, { type: 'text' | 'reasoning' }>

/** Puts a stream's parts together. */
class Gathered {
  #parts: ReplyPart[] = []
  #open = new Map<string, Prose>()
  #usage: Usage = { input: null, output: null, cacheRead: null, cacheWrite: null }
  #finish: ModelReply['finish'] | undefined
  #problem: unknown
  #usageUnreadable = false

  take(part: StreamPart): void {
    switch (part.type) {
      case 'text-start':
      case 'reasoning-start':
        this.#begin(part.type === 'text-start' ? 'text' : 'reasoning', part.id)
        break
      case 'text-delta':
      case 'reasoning-delta': {
        const open = this.#open.get(part.id) ?? this.#begin(part.type === 'text-delta' ? 'text' : 'reasoning', part.id)
        open.text += part.delta
        open.metadata = part.providerMetadata ? metadata.parse(part.providerMetadata) : open.metadata
        break
      }
      case 'text-end':
      case 'reasoning-end': {
        const open = this.#open.get(part.id)
        if (open && part.providerMetadata) open.metadata = metadata.parse(part.providerMetadata)
        this.#open.delete(part.id)
        break
      }
      case 'tool-call':
        this.#parts.push({
          type: 'tool-call',
          id: part.toolCallId,
          name: part.toolName,
          input: part.input,
          metadata: metadata.parse(part.providerMetadata),
        })
        break
      case 'finish':
        this.#usage = usageOf(part.usage)
        this.#finish = finishOf(part.finishReason.unified)
        break
      case 'error':
        if (isUsageAlone(part.error)) this.#usageUnreadable = true
        else this.#problem ??= part.error
        break
      default:
    }
  }

  #begin(type: 'text' | 'reasoning', id: string): Prose {
    const part: Prose = { type, text: '' }
    this.#parts.push(part)
    this.#open.set(id, part)
    return part
  }

  reply(ms: number): ModelReply {
    const parts = this.#parts.filter(part => part.type === 'tool-call' || part.text !== '' || part.metadata)
    const begun = parts.length > 0
    if (this.#problem !== undefined)
      throw new BrokenAnswer('The answer broke off or could not be read.', begun, this.#problem)
    if (this.#finish === undefined) throw new BrokenAnswer('The answer has no end.', begun)
    // What it was for is whole; only what it cost is not known.
    const finish = this.#usageUnreadable
      ? parts.some(part => part.type === 'tool-call')
        ? 'tool-calls'
        : 'stop'
      : this.#finish
    return { parts, usage: this.#usage, finish, ms }
  }
}

type Finished = Extract<StreamPart, { type: 'finish' }>

function usageOf({ inputTokens: input, outputTokens: output }: Finished['usage']): Usage {
  const cached = (input.cacheRead ?? 0) + (input.cacheWrite ?? 0)
  const plain = input.noCache ?? (input.total === undefined ? undefined : input.total - cached)
  return {
    input: count(plain),
    output: count(output.total),
    cacheRead: count(input.cacheRead),
    cacheWrite: count(input.cacheWrite),
  }
}

const count = (value: number | undefined): number | null =>
  value !== undefined && Number.isFinite(value) && value >= 0 ? Math.round(value) : null

function finishOf(reason: Finished['finishReason']['unified']): ModelReply['finish'] {
  return reason === 'error' || reason === 'interrupted' ? 'other' : reason
}

const usageChunk = z.object({ value: z.object({ choices: z.array(z.unknown()).length(0), usage: z.unknown() }) })
/** A chunk that brings figures alone and cannot be read: servers that speak OpenAI's format differ most there. */
const isUsageAlone = (error: unknown): boolean => usageChunk.safeParse(error).success
