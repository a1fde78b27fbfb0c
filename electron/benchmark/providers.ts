import type { ProviderKind, ProviderPreset } from '../../shared/contract/providers.ts'
import { failureOf, type ModelFailure } from './failures.ts'
import { callModel, type LanguageModel } from './model.ts'

/** Where a model lives and how its provider is spoken to; the key is passed in beside it and kept nowhere here. */
export type ProviderAddress = { name: string; kind: ProviderKind; baseUrl: string | null }
export type OpenProvider = (model: string) => LanguageModel

/** What can be added with one click. Those on this computer need no key. */
export const PRESETS: readonly ProviderPreset[] = [
  {
    preset: 'anthropic',
    name: 'Anthropic',
    kind: 'anthropic',
    baseUrl: null,
    keyVariable: 'ANTHROPIC_API_KEY',
    needsKey: true,
  },
  { preset: 'openai', name: 'OpenAI', kind: 'openai', baseUrl: null, keyVariable: 'OPENAI_API_KEY', needsKey: true },
  {
    preset: 'google',
    name: 'Google',
    kind: 'google',
    baseUrl: null,
    keyVariable: 'GOOGLE_GENERATIVE_AI_API_KEY',
    needsKey: true,
  },
  {
    preset: 'openrouter',
    name: 'OpenRouter',
    kind: 'compatible',
    baseUrl: 'https://openrouter.ai/api/v1',
    keyVariable: 'OPENROUTER_API_KEY',
    needsKey: true,
  },
  {
    preset: 'ollama',
    name: 'Ollama',
    kind: 'compatible',
    baseUrl: 'http://127.0.0.1:11434/v1',
    keyVariable: null,
    needsKey: false,
  },
  {
    preset: 'lm-studio',
    name: 'LM Studio',
    kind: 'compatible',
    baseUrl: 'http://127.0.0.1:1234/v1',
    keyVariable: null,
    needsKey: false,
  },
  {
    preset: 'vllm',
    name: 'vLLM',
    kind: 'compatible',
    baseUrl: 'http://127.0.0.1:8000/v1',
    keyVariable: null,
    needsKey: false,
  },
]

/** The SDK's packages are read on first use: a start of the app needs none of them. */
export async function openProvider(address: ProviderAddress, key: string | undefined): Promise<OpenProvider> {
  const baseURL = address.baseUrl ?? undefined
  // The SDK would otherwise look for a key in the environment, or refuse an address that needs none.
  const apiKey = key ?? 'none'
  switch (address.kind) {
    case 'anthropic': {
      const { createAnthropic } = await import('@ai-sdk/anthropic')
      return createAnthropic({ apiKey, baseURL })
    }
    case 'openai': {
      const { createOpenAI } = await import('@ai-sdk/openai')
      // Chat completions: what every compatible server speaks too, so that one model behaves alike wherever it runs.
      return createOpenAI({ apiKey, baseURL }).chat
    }
    case 'google': {
      const { createGoogleGenerativeAI } = await import('@ai-sdk/google')
      return createGoogleGenerativeAI({ apiKey, baseURL })
    }
    case 'compatible': {
      const { createOpenAICompatible } = await import('@ai-sdk/openai-compatible')
      const open = createOpenAICompatible({
        name: 'compatible',
        baseURL: baseURL ?? '',
        apiKey: key,
        includeUsage: true,
      })
      return model => open.chatModel(model)
    }
    default:
      return address.kind satisfies never
  }
}

/** One cheap question: an answer of a few tokens. */
export async function testConnection(
  address: ProviderAddress,
  key: string | undefined,
  model: string,
  { now, signal }: { now: () => number; signal: AbortSignal },
): Promise<{ kind: 'answered'; ms: number } | { kind: 'failed'; failure: ModelFailure }> {
  try {
    const open = await openProvider(address, key)
    const question = {
      messages: [{ role: 'user' as const, content: [{ type: 'text' as const, text: 'Say: yes' }] }],
      tools: [],
      maxOutputTokens: 16,
    }
    const reply = await callModel(open(model), question, { signal, timeLimitMs: 30_000, now })
    return { kind: 'answered', ms: reply.ms }
  } catch (error) {
    return { kind: 'failed', failure: failureOf(error, { provider: address.name, model, now: now(), key }) }
  }
}
