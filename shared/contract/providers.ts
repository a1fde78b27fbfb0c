import { z } from 'zod'
import { contract, id } from './base.ts'

export const providerKind = z.enum(['anthropic', 'openai', 'google', 'compatible'])
export type ProviderKind = z.infer<typeof providerKind>

/** What can be added with one click. */
export const providerPreset = z.object({
  preset: z.string(),
  name: z.string(),
  kind: providerKind,
  /** Null: the vendor's own address. */
  baseUrl: z.string().nullable(),
  /** The environment variable that its own tools read the key from. */
  keyVariable: z.string().nullable(),
  needsKey: z.boolean(),
})
export type ProviderPreset = z.infer<typeof providerPreset>

/** `key`: where its key comes from; the key itself never crosses the port to the page. */
export const provider = z.object({
  id,
  name: z.string(),
  kind: providerKind,
  baseUrl: z.string().nullable(),
  keyVariable: z.string().nullable(),
  key: z.enum(['kept', 'environment', 'none', 'locked']),
  /** Models the author uses, for lists to choose from. */
  models: z.array(z.string()),
  concurrency: z.int(),
  requestsPerMinute: z.int().nullable(),
  tokensPerMinute: z.int().nullable(),
})
export type Provider = z.infer<typeof provider>

/** This computer, or one of the same house: where a connection without TLS tells nobody the key. */
const NEAR = [
  /^localhost$/,
  /^[^.:[\]]+$/,
  /\.(local|lan|internal|localhost)$/,
  /^(127|10)(\.\d{1,3}){3}$/,
  /^192\.168(\.\d{1,3}){2}$/,
  /^172\.(1[6-9]|2\d|3[01])(\.\d{1,3}){2}$/,
  /^\[(::1|f[cd][0-9a-f]{2}:[0-9a-f:]*|fe80:[0-9a-f:]*)\]$/,
]

/** https, or http to somewhere near: a key is not sent in the open. */
export const httpAddress = z
  .string()
  .max(2_000)
  .refine(
    text => {
      if (!URL.canParse(text)) return false
      const { protocol, hostname } = new URL(text)
      return protocol === 'https:' || (protocol === 'http:' && NEAR.some(form => form.test(hostname)))
    },
    { message: 'An address begins with https://; http:// is for this computer and its own network only.' },
  )

/** Fields that may be left out stay as they were, and get `DEFAULT_PROVIDER` where the provider is new. */
const providerFields = z.object({
  name: z.string().trim().min(1).max(100),
  kind: providerKind,
  baseUrl: httpAddress.nullable(),
  keyVariable: z
    .string()
    .regex(/^[A-Za-z_][A-Za-z0-9_]{0,99}$/)
    .nullable()
    .optional(),
  models: z.array(z.string().trim().min(1).max(200)).max(200).optional(),
  concurrency: z.int().min(1).max(100).optional(),
  requestsPerMinute: z.int().min(1).max(1_000_000).nullable().optional(),
  tokensPerMinute: z.int().min(1).max(1_000_000_000).nullable().optional(),
})
export const DEFAULT_PROVIDER: Pick<
  Provider,
  'keyVariable' | 'models' | 'concurrency' | 'requestsPerMinute' | 'tokensPerMinute'
> = {
  keyVariable: null,
  models: [],
  concurrency: 4,
  requestsPerMinute: null,
  tokensPerMinute: null,
}

/** Microcents per token, possibly a fraction: $0.075 per million tokens are 7.5. */
const perToken = z.number().min(0).max(1_000_000)
export const priceFields = z.object({
  input: perToken,
  output: perToken,
  cacheRead: perToken.nullable(),
  cacheWrite: perToken.nullable(),
})
export const modelPrice = priceFields.extend({
  providerId: id,
  model: z.string(),
  /** `own`: the author's figure, which goes before the list. */
  from: z.enum(['list', 'own']),
})
export type ModelPrice = z.infer<typeof modelPrice>

export const providers = {
  presets: contract.output(z.array(providerPreset)),
  list: contract.output(z.array(provider)),
  /** Without an id a new one. What is left out stays as it was. */
  save: contract
    .input(providerFields.extend({ id: id.optional() }))
    .errors({
      NAME_TAKEN: { message: 'There is a provider of that name already.' },
      ADDRESS_MISSING: { message: 'A server of this kind needs an address.' },
    })
    .output(provider),
  /** Runs that used it stay; its key is forgotten. */
  remove: contract.input(z.object({ id })).output(z.object({})),
  /** Into the keychain; null forgets it. `where`: a file that only this user can read, where there is no keychain. */
  setKey: contract
    .input(z.object({ id, key: z.string().trim().min(1).max(10_000).nullable() }))
    .errors({ KEYCHAIN: { message: 'The keychain did not take the key.', data: z.object({ reason: z.string() }) } })
    .output(z.object({ where: z.enum(['keychain', 'file', 'nowhere']) })),
  /** Asks the model one cheap question. What is wrong is a value, in words. */
  test: contract
    .input(z.object({ id, model: z.string().min(1).max(200) }))
    .output(
      z.discriminatedUnion('state', [
        z.object({ state: z.literal('answered'), ms: z.number() }),
        z.object({ state: z.literal('failed'), code: z.string(), words: z.string() }),
      ]),
    ),
  /** Prices of the models that were named, or are in a provider's list; null where there is none: then a cost is unknown. */
  prices: contract.output(
    z.object({
      date: z.string(),
      models: z.array(z.object({ providerId: id, model: z.string(), price: modelPrice.nullable() })),
    }),
  ),
  /** The author's own figure; null goes back to the list's. */
  setPrice: contract
    .input(z.object({ providerId: id, model: z.string().min(1).max(200), price: priceFields.nullable() }))
    .output(z.object({})),
}
