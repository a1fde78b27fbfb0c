import { z } from 'zod'
import type { OutputForm } from '../../shared/contract/agent-commands.ts'
import type { Usage } from './model.ts'

/** What an agent's standard output comes to; null where it does not say. */
export type AgentOutput = {
  output: string
  usage: Usage
  cost: number | null
  steps: number | null
  error: string | null
}

const count = z.number().min(0).transform(Math.round).nullish()
const NO_USAGE: Usage = { input: null, output: null, cacheRead: null, cacheWrite: null }

/** Undefined where the output is not of the form it should be. */
export function readAgentOutput(form: OutputForm, text: string): AgentOutput | undefined {
  switch (form) {
    case 'text':
      return { output: text.trim(), usage: NO_USAGE, cost: null, steps: null, error: null }
    case 'claude-code':
      return claudeCode(text)
    case 'codex':
      return codex(text)
    case 'gemini':
      return gemini(text)
    default:
      return form satisfies never
  }
}

/** `claude -p --output-format json`: one object, or with --verbose a list of messages whose last is the result. */
const claudeResult = z.object({
  type: z.literal('result'),
  result: z.string().nullish(),
  is_error: z.boolean().nullish(),
  num_turns: count,
  total_cost_usd: z.number().min(0).nullish(),
  usage: z
    .object({
      input_tokens: count,
      output_tokens: count,
      cache_read_input_tokens: count,
      cache_creation_input_tokens: count,
    })
    .nullish(),
})

function claudeCode(text: string): AgentOutput | undefined {
  const whole = parse(text)
  const messages = Array.isArray(whole) ? whole : whole === undefined ? linesOf(text) : [whole]
  const result = messages.flatMap(message => claudeResult.safeParse(message).data ?? []).at(-1)
  if (!result) return undefined
  const { usage: used } = result
  return {
    output: result.result ?? '',
    usage: {
      input: used?.input_tokens ?? null,
      output: used?.output_tokens ?? null,
      cacheRead: used?.cache_read_input_tokens ?? null,
      cacheWrite: used?.cache_creation_input_tokens ?? null,
    },
    cost: result.total_cost_usd == null ? null : Math.round(result.total_cost_usd * 1e8),
    steps: result.num_turns ?? null,
    error: result.is_error ? result.result || 'The agent says that it failed.' : null,
  }
}

/** `codex exec --json`: one event a line. Cached tokens are among the input tokens. */
const codexEvent = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('item.completed'),
    item: z.looseObject({ type: z.string(), text: z.string().optional() }),
  }),
  z.object({
    type: z.literal('turn.completed'),
    usage: z.object({ input_tokens: count, cached_input_tokens: count, output_tokens: count }).nullish(),
  }),
  z.object({ type: z.literal('turn.failed'), error: z.object({ message: z.string() }) }),
])

function codex(text: string): AgentOutput | undefined {
  const events = linesOf(text).flatMap(line => codexEvent.safeParse(line).data ?? [])
  if (events.length === 0) return undefined
  const said = events.flatMap(event =>
    event.type === 'item.completed' && event.item.type === 'agent_message' ? (event.item.text ?? []) : [],
  )
  const turns = events.flatMap(event => (event.type === 'turn.completed' ? [event] : []))
  const failed = events.flatMap(event => (event.type === 'turn.failed' ? event.error.message : [])).at(-1)
  const sum = (of: (used: NonNullable<(typeof turns)[number]['usage']>) => number | null | undefined): number | null =>
    turns.length === 0
      ? null
      : turns.reduce<number | null>((total, { usage }) => plus(total, usage ? of(usage) : null), 0)
  const cached = sum(used => used.cached_input_tokens ?? 0)
  const input = sum(used => used.input_tokens)
  return {
    output: said.at(-1) ?? '',
    usage: {
      input: input === null ? null : input - (cached ?? 0),
      output: sum(used => used.output_tokens),
      cacheRead: cached,
      cacheWrite: null,
    },
    cost: null,
    steps: turns.length,
    error: failed ?? null,
  }
}

/** `gemini --output-format json`: tokens for each model that took part; thoughts are paid as output. */
const geminiResult = z.object({
  response: z.string().nullish(),
  error: z.object({ message: z.string() }).nullish(),
  stats: z
    .object({
      models: z.record(
        z.string(),
        z.object({ tokens: z.object({ prompt: count, candidates: count, cached: count, thoughts: count }).nullish() }),
      ),
    })
    .nullish()
    .catch(null),
})

function gemini(text: string): AgentOutput | undefined {
  const result = geminiResult.safeParse(parse(text)).data
  if (!result) return undefined
  const models = Object.values(result.stats?.models ?? {}).map(model => model.tokens)
  const sum = (of: (tokens: NonNullable<(typeof models)[number]>) => number | null | undefined): number | null =>
    models.length === 0 ? null : models.reduce<number | null>((total, one) => plus(total, one ? of(one) : null), 0)
  const cached = sum(tokens => tokens.cached ?? 0)
  const prompt = sum(tokens => tokens.prompt)
  return {
    output: result.response ?? '',
    usage: {
      input: prompt === null ? null : prompt - (cached ?? 0),
      output: plus(
        sum(tokens => tokens.candidates),
        sum(tokens => tokens.thoughts ?? 0),
      ),
      cacheRead: cached,
      cacheWrite: null,
    },
    cost: null,
    steps: null,
    error: result.error?.message ?? null,
  }
}

const plus = (a: number | null, b: number | null | undefined): number | null => (a === null || b == null ? null : a + b)

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
const linesOf = (text: string): unknown[] => text.split('\n').flatMap(line => parse(line) ?? [])
