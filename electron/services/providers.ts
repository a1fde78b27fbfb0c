import { DEFAULT_PROVIDER, type ModelPrice, type Provider } from '../../shared/contract/providers.ts'
import type { BenchmarkControl, Engine, PlannedModel } from '../benchmark/control.ts'
import {
  deletePrice,
  deleteProvider,
  findPrice,
  findProvider,
  findProviderByName,
  listPrices,
  listProviders,
  putPrice,
  putProvider,
} from '../library/providers.ts'
import type { PriceRecord, ProviderRecord } from '../library/schema-benchmark.ts'
import { announce, type Context, type NotFound, os } from './context.ts'

export const providersService = (context: Context, control: BenchmarkControl) => {
  const { library, secrets } = context
  const get = (id: string, errors: NotFound): ProviderRecord => {
    const row = findProvider(library, id)
    if (!row) throw errors.NOT_FOUND({ data: { what: 'provider', id } })
    return row
  }
  const answer = async (row: ProviderRecord): Promise<Provider> => ({
    ...fieldsOf(row),
    key: await stateOfKey(context, control, row),
  })

  return {
    presets: os.providers.presets.handler(async () => [...(await control.engine()).presets]),

    list: os.providers.list.handler(() => Promise.all(listProviders(library).map(answer))),

    save: os.providers.save.handler(({ input, errors }) => {
      if (input.kind === 'compatible' && input.baseUrl === null) throw errors.ADDRESS_MISSING()
      const before = input.id === undefined ? undefined : get(input.id, errors)
      const was = before ? fieldsOf(before) : DEFAULT_PROVIDER
      const { keyVariable, requestsPerMinute, tokensPerMinute } = input
      const row: ProviderRecord = {
        id: before?.id ?? context.newId(),
        name: input.name,
        kind: input.kind,
        base_url: input.baseUrl,
        key_variable: keyVariable === undefined ? was.keyVariable : keyVariable,
        models: JSON.stringify([...new Set(input.models ?? was.models)]),
        concurrency: input.concurrency ?? was.concurrency,
        requests_per_minute: requestsPerMinute === undefined ? was.requestsPerMinute : requestsPerMinute,
        tokens_per_minute: tokensPerMinute === undefined ? was.tokensPerMinute : tokensPerMinute,
        created_at: before?.created_at ?? context.clock(),
      }
      library.write(() => {
        const named = findProviderByName(library, input.name)
        if (named && named.id !== row.id) throw errors.NAME_TAKEN()
        putProvider(library, row)
      })
      announce(context, ['providers'])
      return answer(row)
    }),

    remove: os.providers.remove.handler(async ({ input, errors }) => {
      const row = get(input.id, errors)
      await secrets.delete(secretOf(row.id))
      deleteProvider(library, row.id)
      announce(context, ['providers'])
      return {}
    }),

    setKey: os.providers.setKey.handler(async ({ input, errors }) => {
      const row = get(input.id, errors)
      if (input.key === null) {
        await secrets.delete(secretOf(row.id))
        announce(context, ['providers'])
        return { where: 'nowhere' as const }
      }
      const kept = await secrets.set(secretOf(row.id), input.key)
      if (kept.kind === 'refused') throw errors.KEYCHAIN({ data: { reason: kept.reason } })
      announce(context, ['providers'])
      return { where: kept.where }
    }),

    test: os.providers.test.handler(async ({ input, errors, signal }) => {
      const row = get(input.id, errors)
      const key = await keyOf(context, control, row)
      if (key.kind === 'refused') return { state: 'failed' as const, code: 'key', words: key.reason }
      const engine = await control.engine()
      const address = { name: row.name, kind: row.kind, baseUrl: row.base_url }
      const tested = await engine.testConnection(
        address,
        key.value,
        input.model,
        signal ?? new AbortController().signal,
      )
      if (tested.kind === 'answered') return { state: 'answered' as const, ms: tested.ms }
      return { state: 'failed' as const, code: tested.failure.code, words: tested.failure.words }
    }),

    prices: os.providers.prices.handler(async () => {
      const engine = await control.engine()
      const own = listPrices(library)
      const models = listProviders(library).flatMap(row => {
        const named: string[] = JSON.parse(row.models)
        const priced = own.filter(one => one.provider_id === row.id).map(one => one.model)
        return [...new Set([...named, ...priced])].map(model => ({
          providerId: row.id,
          model,
          price: priceOf(context, engine, row, model),
        }))
      })
      return { date: priceTableOf(context, engine), models }
    }),

    setPrice: os.providers.setPrice.handler(({ input, errors }) => {
      const { id } = get(input.providerId, errors)
      if (input.price === null) deletePrice(library, id, input.model)
      else
        putPrice(library, {
          provider_id: id,
          model: input.model,
          input: input.price.input,
          output: input.price.output,
          cache_read: input.price.cacheRead,
          cache_write: input.price.cacheWrite,
        })
      announce(context, ['providers'])
      return {}
    }),
  }
}

const fieldsOf = (row: ProviderRecord): Omit<Provider, 'key'> => ({
  id: row.id,
  name: row.name,
  kind: row.kind,
  baseUrl: row.base_url,
  keyVariable: row.key_variable,
  models: JSON.parse(row.models),
  concurrency: row.concurrency,
  requestsPerMinute: row.requests_per_minute,
  tokensPerMinute: row.tokens_per_minute,
})

const secretOf = (providerId: string): string => `provider:${providerId}`

type Key = { kind: 'key'; value: string | undefined } | { kind: 'refused'; reason: string }

/** From the keychain, else from the environment; undefined where neither has one, as with a server on this computer. */
export async function keyOf(context: Context, control: BenchmarkControl, row: ProviderRecord): Promise<Key> {
  const kept = await context.secrets.get(secretOf(row.id))
  if (kept.kind === 'secret') return { kind: 'key', value: kept.value }
  const variable = row.key_variable === null ? undefined : control.environment[row.key_variable]
  if (variable) return { kind: 'key', value: variable }
  return kept.kind === 'refused' ? kept : { kind: 'key', value: undefined }
}

async function stateOfKey(context: Context, control: BenchmarkControl, row: ProviderRecord): Promise<Provider['key']> {
  const kept = await context.secrets.get(secretOf(row.id))
  if (kept.kind === 'secret') return 'kept'
  if (row.key_variable !== null && control.environment[row.key_variable]) return 'environment'
  return kept.kind === 'refused' ? 'locked' : 'none'
}

/** The author's own price before the list's; null: none. */
export function priceOf(context: Context, engine: Engine, row: ProviderRecord, model: string): ModelPrice | null {
  const own = findPrice(context.library, row.id, model)
  const of = { providerId: row.id, model }
  if (own) return { ...of, from: 'own', ...figuresOf(own) }
  // A vendor's list holds at the vendor's own address alone.
  const listed = row.base_url === null ? engine.listPrice(row.kind, model) : undefined
  return listed ? { ...of, from: 'list', ...listed } : null
}

const figuresOf = (row: PriceRecord) => ({
  input: row.input,
  output: row.output,
  cacheRead: row.cache_read,
  cacheWrite: row.cache_write,
})

/** The list's date, and what tells two sets of the author's own prices apart: runs of two tables are unlike in cost. */
export function priceTableOf(context: Context, engine: Engine): string {
  const own = listPrices(context.library)
  return own.length === 0 ? engine.pricesDate : `${engine.pricesDate}+${engine.fingerprint(own)}`
}

/** A model as a plan keeps it. */
export function plannedModelOf(context: Context, engine: Engine, row: ProviderRecord, model: string): PlannedModel {
  const price = priceOf(context, engine, row, model)
  return {
    kind: 'model',
    providerId: row.id,
    provider: row.name,
    providerKind: row.kind,
    baseUrl: row.base_url,
    model,
    price: price && {
      input: price.input,
      output: price.output,
      cacheRead: price.cacheRead,
      cacheWrite: price.cacheWrite,
    },
  }
}
