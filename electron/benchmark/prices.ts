import type { Usage } from './model.ts'

/** Microcents per token: $3 per million tokens are 300. May be a fraction; a sum is rounded once. */
export type Price = { input: number; output: number; cacheRead: number | null; cacheWrite: number | null }

/** When this table was last held against the vendors' own pages; part of every run's provenance. */
export const PRICES_DATE = '2026-06-01'

const price = (input: number, output: number, cacheRead: number | null, cacheWrite: number | null = null): Price => ({
  input,
  output,
  cacheRead,
  cacheWrite,
})
/** Anthropic: a cache write (5 minutes) costs 1.25 × input, a read a tenth. */
const claude = (input: number, output: number): Price => price(input, output, input / 10, input * 1.25)

/**
 * List prices of the vendors' own services, standard tier, shortest context where it matters, by
 * the model's name without a date, '-latest' or '-preview' behind it. What is not
 * here has no price: its cost is unknown, never 0. An author's own figure goes before this table.
 */
export const PRICES: Record<'anthropic' | 'openai' | 'google', Record<string, Price>> = {
  anthropic: {
    'claude-opus-4-8': claude(500, 2500),
    'claude-opus-4-7': claude(500, 2500),
    'claude-opus-4-6': claude(500, 2500),
    'claude-opus-4-5': claude(500, 2500),
    'claude-opus-4-1': claude(1500, 7500),
    'claude-opus-4': claude(1500, 7500),
    'claude-sonnet-4-6': claude(300, 1500),
    'claude-sonnet-4-5': claude(300, 1500),
    'claude-sonnet-4': claude(300, 1500),
    'claude-haiku-4-5': claude(100, 500),
    'claude-3-5-haiku': claude(80, 400),
  },
  openai: {
    'gpt-5.5': price(500, 3000, 50),
    'gpt-5.4': price(250, 1500, 25),
    'gpt-5.4-mini': price(75, 450, 7.5),
    'gpt-5.4-nano': price(20, 125, 2),
    'gpt-5.2': price(175, 1400, 17.5),
    'gpt-5.1': price(125, 1000, 12.5),
    'gpt-5': price(125, 1000, 12.5),
    'gpt-5-mini': price(25, 200, 2.5),
    'gpt-5-nano': price(5, 40, 0.5),
    'gpt-4.1': price(200, 800, 50),
    'gpt-4.1-mini': price(40, 160, 10),
    'gpt-4.1-nano': price(10, 40, 2.5),
    'gpt-4o': price(250, 1000, 125),
    'gpt-4o-mini': price(15, 60, 7.5),
    o3: price(200, 800, 50),
    'o4-mini': price(110, 440, 27.5),
  },
  google: {
    'gemini-3.5-flash': price(150, 900, null),
    'gemini-3.1-pro': price(200, 1200, 20),
    'gemini-3.1-flash-lite': price(25, 150, null),
    'gemini-3-flash': price(50, 300, 5),
    'gemini-2.5-pro': price(125, 1000, 12.5),
    'gemini-2.5-flash': price(30, 250, 3),
    'gemini-2.5-flash-lite': price(10, 40, 1),
  },
}

/** Undefined where there is none: an unknown model, or an address of the author's own. */
export function listPrice(kind: string, model: string): Price | undefined {
  if (kind !== 'anthropic' && kind !== 'openai' && kind !== 'google') return undefined
  const table = PRICES[kind]
  const plain = model.replace(/(-latest|-preview|-\d{8}|-\d{4}-\d{2}-\d{2})$/, '')
  return Object.hasOwn(table, plain) ? table[plain] : undefined
}

/**
 * Microcents, rounded; null where the model has no price or its provider did not say what was used. A cache's share without
 * a price of its own counts as plain input.
 */
export function costOf(of: Price | undefined, used: Usage): number | null {
  if (of === undefined || used.input === null || used.output === null) return null
  const cached =
    (used.cacheRead ?? 0) * (of.cacheRead ?? of.input) + (used.cacheWrite ?? 0) * (of.cacheWrite ?? of.input)
  return Math.round(used.input * of.input + used.output * of.output + cached)
}

/** The most a request can cost: every input token plain, the answer as long as it may be. */
export const mostOf = (of: Price, inputTokens: number, maxOutputTokens: number): number =>
  Math.ceil(inputTokens * Math.max(of.input, of.cacheWrite ?? 0) + maxOutputTokens * of.output)
