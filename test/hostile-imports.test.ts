import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { ORPCError } from '@orpc/server'
import Database from 'better-sqlite3'
import { zipSync } from 'fflate'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readApart } from '../electron/interchange/read-apart.ts'
import { type TestBackend, testBackend } from './support/backend.ts'

/** Files of a few megabytes that took minutes, or all memory; generated, so that no bomb lies in the repository. */
const MEGABYTE = 1024 * 1024
const fill = (unit: string, characters: number): string =>
  unit.repeat(Math.ceil(characters / unit.length)).slice(0, characters)
const list = (count: number, one: (n: number) => unknown): string =>
  JSON.stringify(Array.from({ length: count }, (_, n) => one(n)))
const evals = (count: number, more: object = {}) => list(count, n => ({ id: n, prompt: `Say ${n}`, ...more }))
const config = (tests: string) => `prompts: ["{{prompt}}"]\ntests:\n${tests}`
const aTest = (n: number) => `  - vars: {prompt: "Say ${n}"}\n    assert: [{type: contains, value: hello}]\n`
const zeros = (megabytes: number) => gzipSync(Buffer.alloc(megabytes * MEGABYTE), { level: 1 })
const promptfooResults = (count: number) =>
  `{"results":{"version":3,"results":${list(count, n => ({ prompt: { label: 'p', raw: `q${n}` }, success: true, score: 1, vars: { a: `${n}` } }))}}}`

type Document = { name: string; bytes: () => string | Uint8Array; kind: 'cases' | 'results'; says: RegExp }
const cases = (name: string, bytes: Document['bytes'], says: RegExp): Document => ({ name, bytes, says, kind: 'cases' })
const results = (name: string, bytes: Document['bytes'], says: RegExp): Document => ({
  name,
  bytes,
  says,
  kind: 'results',
})

const REFUSED: [string, Document][] = [
  ['a packed file of 200 MB', cases('evals.json.gz', () => zeros(200), /unpacks to more/)],
  ['a packed archive of 300 MB', results('x.tar.gz', () => zeros(300), /unpacks to more/)],
  [
    'an archive of 20,100 files',
    cases(
      'x.zip',
      () => zipSync(Object.fromEntries(Array.from({ length: 20_100 }, (_, n) => [`${n}`, new Uint8Array()]))),
      /holds too much/,
    ),
  ],
  ['brackets in brackets', cases('evals.json', () => fill('[', 5 * MEGABYTE), /more than 60 levels/)],
  ['a million empty objects', results('results.json', () => `[${fill('{},', 5 * MEGABYTE)}1]`, /too many values/)],
  ['JSON of 17 MB', cases('evals.json', () => `["${fill('x', 17 * MEGABYTE)}"]`, /too large/)],
  ['8,000 evals', cases('evals.json', () => evals(8_000), /8000 cases; 2000 are imported at most/)],
  [
    '100,000 demands',
    cases('evals.json', () => evals(10, { expectations: new Array(10_000).fill('x') }), /100000 demands/),
  ],
  ['aliases', cases('c.yaml', () => config(`  - &a {vars: {prompt: x}}\n${fill('  - *a\n', 18_000)}`), /100 aliases/)],
  ['brackets in YAML', cases('c.yaml', () => config(fill('[', 5 * MEGABYTE)), /more than 60 levels/)],
  ['dashes in YAML', cases('c.yaml', () => config(fill('- ', 5 * MEGABYTE)), /more than 60 levels/)],
  ['keys in YAML', cases('c.yaml', () => fill('a:\n', 5 * MEGABYTE), /too many values/)],
  [
    'tests in YAML',
    cases('c.yaml', () => config(Array.from({ length: 60_000 }, (_, n) => aTest(n)).join('')), /too many values/),
  ],
  ['columns', cases('c.csv', () => `prompt,${fill('a,', 2 * MEGABYTE)}`, /no table that can be read/)],
  ['rows', results('r.csv', () => `case,score\n${fill('a,1\n', 2 * MEGABYTE)}`, /no table that can be read/)],
  ['results of one case', results('r.csv', () => `case,score\n${fill('a,1\n', 360_000)}`, /90000 results; 20000/)],
  ['results of promptfoo', results('results.json', () => promptfooResults(21_000), /21000 results/)],
  [
    'outputs of one configuration',
    results(
      'benchmark.json',
      () => `{"runs":${list(30_000, () => ({ eval_id: 1, configuration: 'a', result: { passed: 1, total: 1 } }))}}`,
      /30000 results/,
    ),
  ],
]

describe('a hostile file of cases or results', () => {
  let backend: TestBackend
  let skillId: string
  beforeAll(async () => {
    backend = await testBackend()
    const { api, tenantId } = backend
    skillId = (await api.skills.create({ tenantId, slug: 'pdf-forms', description: 'Fill forms' })).id
  })
  afterAll(() => backend[Symbol.asyncDispose]())

  /** Imports it, and counts what is answered meanwhile. */
  const bring = async ({ name, bytes, kind }: Document) => {
    const source = { kind: 'bytes' as const, name, base64: Buffer.from(bytes()).toString('base64') }
    let answered = 0
    let settled = false
    const importing = backend.api[kind].import({ skillId, source }).finally(() => {
      settled = true
    })
    const others = (async () => {
      while (!settled) {
        await backend.api.spaces.list()
        answered += 1
        await new Promise(setImmediate)
      }
    })()
    const [outcome] = await Promise.allSettled([importing, others])
    return { outcome, answered: () => answered }
  }

  test.each(REFUSED)('%s is refused in words, and other calls are answered meanwhile', async (_, document) => {
    const { outcome, answered } = await bring(document)
    expect(outcome.status).toBe('rejected')
    const { reason } = outcome.status === 'rejected' ? outcome : { reason: undefined }
    expect(reason).toBeInstanceOf(ORPCError)
    expect(reason).toMatchObject({ code: 'SOURCE_UNREADABLE', message: expect.stringMatching(document.says) })
    expect(answered()).toBeGreaterThan(5)
    expect((await backend.api.cases.list({ skillId, archived: true })).cases).toEqual([])
  })

  test('as much as is allowed is imported, and known again', async () => {
    const document = cases('evals.json', () => evals(2_000, { expectations: new Array(10).fill('is kind') }), /./)
    const first = await bring(document)
    expect(first.outcome).toMatchObject({ status: 'fulfilled', value: { added: 2_000 } })
    expect(first.answered()).toBeGreaterThan(5)
    // What a row says of its origin is its own: a copy of the whole file in each made the import cubic.
    const library = new Database(path.join(backend.dataDir, 'library.db'), { readonly: true })
    const longest = library.prepare('SELECT max(length(provenance)) AS length FROM benchmark_cases').get()
    library.close()
    expect(longest).toEqual({ length: '{"form":"skill-creator","file":"evals.json","key":"1999"}'.length })
    expect((await bring(document)).outcome).toMatchObject({ value: { added: 0, unchanged: 2_000 } })
  })
})

describe('the thread that reads', () => {
  const task = (text: string) => ({
    kind: 'cases' as const,
    source: { kind: 'bytes' as const, name: 'c.yaml', base64: Buffer.from(text).toString('base64') },
    home: '/',
    form: undefined,
  })
  const slow = task(`a: |\n${fill(' x\n', 8 * MEGABYTE - 100)}`)

  test('is ended when it takes longer than it may', async () => {
    expect(await readApart(slow, { limitMs: 10 })).toEqual({
      ok: false,
      message: 'Reading took longer than 0.01 s, so it was stopped.',
    })
  })

  test('is ended when it takes more memory than it may, and this process goes on', async () => {
    expect(await readApart(slow, { heapMb: 24 })).toEqual({
      ok: false,
      message: 'It holds more than fits into memory, so reading was stopped.',
    })
  })

  test('is ended when nobody waits for it any more', async () => {
    const stop = new AbortController()
    const reading = readApart(slow, { signal: stop.signal })
    stop.abort(new Error('gone'))
    await expect(reading).rejects.toThrow('gone')
    await expect(readApart(slow, { signal: stop.signal })).rejects.toThrow('gone')
  })
})
