import { z } from 'zod'
import type { ModelReply, ModelRequest } from './model-wire.ts'

/** Google's generateContent on the wire, beside the two of model-wire.ts. */
const part = z.looseObject({
  text: z.string().optional(),
  functionCall: z.looseObject({ name: z.string(), args: z.unknown() }).optional(),
  functionResponse: z.looseObject({ name: z.string(), response: z.unknown() }).optional(),
})
const content = z.looseObject({ role: z.string().optional(), parts: z.array(part) })
const body = z.looseObject({
  contents: z.array(content),
  systemInstruction: content.optional(),
  tools: z
    .union([
      z.looseObject({ functionDeclarations: z.array(z.looseObject({ name: z.string() })).optional() }),
      z.array(z.looseObject({ functionDeclarations: z.array(z.looseObject({ name: z.string() })).optional() })),
    ])
    .optional(),
})

/** `url`: `/v1/models/NAME:streamGenerateContent?alt=sse`. */
export function readGoogleRequest(url: string, raw: unknown, key: string, number: number): ModelRequest {
  const given = body.parse(raw)
  const textOf = (of: z.infer<typeof content> | undefined) =>
    (of?.parts ?? []).flatMap(one => one.text ?? []).join('\n')
  return {
    number,
    format: 'google',
    model: /\/models\/([^:/]+):/.exec(url)?.[1] ?? '',
    stream: url.includes(':streamGenerateContent'),
    system: textOf(given.systemInstruction),
    messages: given.contents.map(message => ({
      role: message.role ?? 'user',
      text: textOf(message),
      toolCalls: message.parts.flatMap(one =>
        one.functionCall ? [{ name: one.functionCall.name, input: one.functionCall.args }] : [],
      ),
      toolResults: message.parts.flatMap(one =>
        one.functionResponse ? [JSON.stringify(one.functionResponse.response)] : [],
      ),
    })),
    tools: [given.tools ?? []].flat().flatMap(tool => (tool.functionDeclarations ?? []).map(one => one.name)),
    key,
    body: raw,
  }
}

export function googleEvents(reply: ModelReply): string[] {
  const chunk = (of: object) => `data: ${JSON.stringify(of)}\n\n`
  const said = (parts: object[], more: object = {}) =>
    chunk({ candidates: [{ content: { role: 'model', parts }, index: 0, ...more }] })
  const pieces = reply.text === undefined ? [] : typeof reply.text === 'string' ? [reply.text] : reply.text
  const usage = typeof reply.usage === 'object' ? reply.usage : { input: 100, output: 20 }
  const counts = {
    promptTokenCount: usage.input + (usage.cacheRead ?? 0),
    candidatesTokenCount: usage.output,
    cachedContentTokenCount: usage.cacheRead ?? 0,
    totalTokenCount: usage.input + (usage.cacheRead ?? 0) + usage.output,
  }
  return [
    ...pieces.map(text => said([{ text }])),
    ...(reply.toolCalls ?? []).map(one => said([{ functionCall: { name: one.name, args: one.input } }])),
    chunk({
      candidates: [
        {
          content: { role: 'model', parts: [] },
          finishReason: reply.finish === 'length' ? 'MAX_TOKENS' : 'STOP',
          index: 0,
        },
      ],
      usageMetadata:
        reply.usage === 'none' ? undefined : reply.usage === 'malformed' ? { promptTokenCount: 'many' } : counts,
    }),
  ]
}
