import type { Library } from './library.ts'
import type { PriceRecord, ProviderRecord } from './schema-benchmark.ts'

export const listProviders = (library: Library): ProviderRecord[] =>
  library.all<ProviderRecord>('SELECT * FROM model_providers ORDER BY name COLLATE NOCASE')

export const findProvider = (library: Library, id: string): ProviderRecord | undefined =>
  library.find<ProviderRecord>('SELECT * FROM model_providers WHERE id = ?', id)

export const findProviderByName = (library: Library, name: string): ProviderRecord | undefined =>
  library.find<ProviderRecord>('SELECT * FROM model_providers WHERE name = ? COLLATE NOCASE', name)

/** Inserts or replaces, by id. */
export function putProvider(library: Library, row: ProviderRecord): void {
  library.run(
    `INSERT INTO model_providers (id, name, kind, base_url, key_variable, models, concurrency, requests_per_minute,
       tokens_per_minute, created_at)
     VALUES (@id, @name, @kind, @base_url, @key_variable, @models, @concurrency, @requests_per_minute, @tokens_per_minute, @created_at)
     ON CONFLICT (id) DO UPDATE SET name = @name, kind = @kind, base_url = @base_url, key_variable = @key_variable, models = @models,
       concurrency = @concurrency, requests_per_minute = @requests_per_minute, tokens_per_minute = @tokens_per_minute`,
    row,
  )
}

export const deleteProvider = (library: Library, id: string): number =>
  library.run('DELETE FROM model_providers WHERE id = ?', id)

export const listPrices = (library: Library): PriceRecord[] =>
  library.all<PriceRecord>('SELECT * FROM model_prices ORDER BY provider_id, model')

export const findPrice = (library: Library, providerId: string, model: string): PriceRecord | undefined =>
  library.find<PriceRecord>('SELECT * FROM model_prices WHERE provider_id = ? AND model = ?', providerId, model)

export function putPrice(library: Library, row: PriceRecord): void {
  library.run(
    `INSERT INTO model_prices (provider_id, model, input, output, cache_read, cache_write)
     VALUES (@provider_id, @model, @input, @output, @cache_read, @cache_write)
     ON CONFLICT (provider_id, model) DO UPDATE SET input = @input, output = @output, cache_read = @cache_read, cache_write = @cache_write`,
    row,
  )
}

export const deletePrice = (library: Library, providerId: string, model: string): number =>
  library.run('DELETE FROM model_prices WHERE provider_id = ? AND model = ?', providerId, model)
