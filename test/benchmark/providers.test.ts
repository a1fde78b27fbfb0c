import { describe, expect, test } from 'vitest'
import { httpAddress } from '../../shared/contract/providers.ts'
import { testBackend } from '../support/backend.ts'
import { modelServer } from '../support/model-server.ts'

describe('providers', () => {
  test('are made, tested in words, priced and removed; a key is told to nobody', async () => {
    await using server = await modelServer(request =>
      request.key === 'right-key-0123456789' ? { text: 'yes' } : { status: 401, message: `no: ${request.key}` },
    )
    await using at = await testBackend()
    const { providers } = at.api
    const made = await providers.save({ name: 'Mine', kind: 'anthropic', baseUrl: server.url, models: ['north'] })
    expect(made).toMatchObject({ key: 'none', concurrency: 4, requestsPerMinute: null })
    await providers.setKey({ id: made.id, key: 'wrong-key-0123456789' })
    expect(await providers.test({ id: made.id, model: 'north' })).toEqual({
      state: 'failed',
      code: 'key',
      words: 'Mine does not accept the key.',
    })
    expect(await providers.setKey({ id: made.id, key: 'right-key-0123456789' })).toEqual({ where: 'file' })
    expect(await providers.test({ id: made.id, model: 'north' })).toMatchObject({ state: 'answered' })
    expect((await providers.list())[0]?.key).toBe('kept')
    await expect(providers.save({ name: 'mine', kind: 'openai', baseUrl: null })).rejects.toMatchObject({
      code: 'NAME_TAKEN',
    })
    await expect(providers.save({ name: 'Other', kind: 'compatible', baseUrl: null })).rejects.toMatchObject({
      code: 'ADDRESS_MISSING',
    })
    await providers.remove({ id: made.id })
    expect(await providers.list()).toEqual([])
  })

  test('a change of one field leaves what was left out as it was', async () => {
    await using at = await testBackend()
    const { providers } = at.api
    const rest = { models: ['north', 'south'], concurrency: 2, requestsPerMinute: 7, tokensPerMinute: 900 }
    const vendor = { name: 'Mine', kind: 'anthropic', baseUrl: null } as const
    const { id } = await providers.save({ ...vendor, ...rest, keyVariable: 'MY_KEY' })
    expect(await providers.save({ ...vendor, id, name: 'Ours' })).toMatchObject({ ...rest, keyVariable: 'MY_KEY' })
    expect(await providers.save({ ...vendor, id, keyVariable: null })).toMatchObject({ ...rest, keyVariable: null })
  })

  test('a key may stand in the environment; the kept one goes before it', async () => {
    await using server = await modelServer(request => ({ text: request.key }))
    await using at = await testBackend({ environment: { SOME_KEY: 'from-environment' } })
    const { id } = await at.api.providers.save({
      name: 'Mine',
      kind: 'compatible',
      baseUrl: server.url,
      keyVariable: 'SOME_KEY',
    })
    const keyOf = async () => {
      await at.api.providers.test({ id, model: 'north' })
      return server.requests.at(-1)?.key
    }
    expect((await at.api.providers.list())[0]?.key).toBe('environment')
    expect(await keyOf()).toBe('from-environment')
    await at.api.providers.setKey({ id, key: 'kept-key' })
    expect(await keyOf()).toBe('kept-key')
    await at.api.providers.setKey({ id, key: null })
    expect(await keyOf()).toBe('from-environment')
  })

  test('a price of one’s own goes before the list’s, and is part of the table’s name; none is none', async () => {
    await using at = await testBackend()
    const { providers } = at.api
    const models = ['claude-sonnet-4-5', 'claude-of-tomorrow']
    const { id } = await providers.save({ name: 'Anthropic', kind: 'anthropic', baseUrl: null, models })
    const listed = await providers.prices()
    expect(listed.models).toMatchObject([{ price: { input: 300, output: 1500, from: 'list' } }, { price: null }])
    const price = { input: 12.5, output: 60, cacheRead: null, cacheWrite: null }
    await providers.setPrice({ providerId: id, model: 'claude-of-tomorrow', price })
    const own = await providers.prices()
    expect(own.models[1]).toMatchObject({ price: { input: 12.5, from: 'own' } })
    expect(own.date).toMatch(new RegExp(`^${listed.date}\\+[0-9a-f]{8}$`))
    await providers.setPrice({ providerId: id, model: 'claude-of-tomorrow', price: null })
    expect(await providers.prices()).toEqual(listed)
  })

  test('every preset can be added as it is', async () => {
    await using at = await testBackend()
    for (const { name, kind, baseUrl, keyVariable } of await at.api.providers.presets())
      await at.api.providers.save({ name, kind, baseUrl, keyVariable })
    expect((await at.api.providers.list()).map(one => one.name)).toEqual([
      'Anthropic',
      'Google',
      'LM Studio',
      'Ollama',
      'OpenAI',
      'OpenRouter',
      'vLLM',
    ])
  })
})

test.each([
  ['https://api.example.com/v1', true],
  ['http://127.0.0.1:11434/v1', true],
  ['http://localhost:1234', true],
  ['http://192.168.1.20:8000/v1', true],
  ['http://workstation:8000/v1', true],
  ['http://gpu.local/v1', true],
  ['http://api.example.com/v1', false],
  ['http://127.0.0.1.example.com/v1', false],
  ['http://10.example.com/v1', false],
  ['ftp://127.0.0.1', false],
  ['file:///etc/passwd', false],
])('%s may be an address: %s', (text, allowed) => {
  expect(httpAddress.safeParse(text).success).toBe(allowed)
})
