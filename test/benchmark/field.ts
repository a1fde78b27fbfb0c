import path from 'node:path'
import Database from 'better-sqlite3'
import { v7 } from 'uuid'
import type { BackendOptions } from '../../electron/backend.ts'
import type { Batch, BatchEvent, PlanInput } from '../../shared/contract/benchmarks.ts'
import type { Assertion } from '../../shared/domain/benchmark/assertion.ts'
import { type TestBackend, testBackend } from '../support/backend.ts'
import { type ModelServer, modelServer, type Script } from '../support/model-server.ts'

export type FieldCase = {
  name?: string
  prompt: string
  expected?: string
  assertions?: Assertion[]
  weight?: number
}

/** A backend with one skill and one provider: a model server on this computer, at $1 and $5 per million tokens. */
export type Field = TestBackend & {
  server: ModelServer
  skillId: string
  providerId: string
  /** Writes the skill's text and saves it as the next version. */
  save: (body: string, more?: { description?: string; files?: Record<string, string> }) => Promise<string>
  addCases: (cases: readonly FieldCase[]) => string[]
  input: (over: Partial<PlanInput>) => PlanInput
  /** Plans, agrees, starts. */
  start: (over: Partial<PlanInput>) => Promise<string>
  /** The batch when nothing is at work on it any more. */
  ended: (batchId: string) => Promise<Batch>
  run: (over: Partial<PlanInput>) => Promise<Batch>
  /** Behind the backend's back, as another process would. */
  change: (sql: string) => void
  rows: (sql: string, ...values: (string | number)[]) => Record<string, string | number | null>[]
}

export async function field(
  script: Script,
  {
    kind = 'compatible',
    concurrency = 4,
    ...over
  }: Partial<BackendOptions> & { kind?: 'compatible' | 'anthropic' | 'openai' | 'google'; concurrency?: number } = {},
): Promise<Field> {
  const server = await modelServer(script)
  const test = await testBackend(over)
  const { api, tenantId, dataDir } = test
  const { id: skillId } = await api.skills.create({ tenantId, slug: 'brief' })
  const provider = await api.providers.save({
    name: 'Local',
    kind,
    baseUrl: server.url,
    models: ['north'],
    concurrency,
  })
  await api.providers.setKey({ id: provider.id, key: 'secret-key-0123456789' })
  const price = { input: 100, output: 500, cacheRead: 10, cacheWrite: 125 }
  for (const model of ['north', 'south', 'judge'])
    await api.providers.setPrice({ providerId: provider.id, model, price })
  const withDb = <T>(work: (db: Database.Database) => T): T => {
    const db = new Database(path.join(dataDir, 'library.db'))
    try {
      return work(db)
    } finally {
      db.close()
    }
  }
  const write = async (name: string, text: string) => {
    const before = (await api.workingCopies.get({ skillId })).files.find(file => file.path === name)?.sha256 ?? null
    await api.workingCopies.write({ skillId, path: name, content: { kind: 'text', text }, expected: before })
  }
  const input = (more: Partial<PlanInput>): PlanInput => ({
    skillId,
    subjects: [{ kind: 'none' }],
    contestants: [{ kind: 'model', providerId: provider.id, model: 'north' }],
    repeats: 1,
    settings: { manner: 'progressive', maxSteps: 10, maxOutputTokens: 1_000, temperature: null, timeLimitMs: 60_000 },
    judge: null,
    judgeMayContend: false,
    budgetMicrocents: null,
    acceptUnpriced: false,
    ...more,
  })
  const start = async (more: Partial<PlanInput>) => {
    const { hash } = await api.benchmarks.plan(input(more))
    return (await api.benchmarks.start({ ...input(more), consent: hash })).batchId
  }
  const ended = async (batchId: string): Promise<Batch> => {
    let last: BatchEvent | undefined
    for await (const event of await api.benchmarks.watch({ id: batchId })) last = event
    if (!last) throw new Error('a run that is watched says at least how it stands')
    return last.batch
  }
  const made: Field = {
    ...test,
    server,
    skillId,
    providerId: provider.id,
    save: async (body, { description = 'Writes short briefs.', files = {} } = {}) => {
      await write('SKILL.md', `---\nname: brief\ndescription: ${description}\n---\n${body}`)
      for (const [name, text] of Object.entries(files)) await write(name, text)
      return (await api.versions.save({ skillId, message: body.slice(0, 20) })).id
    },
    addCases: cases =>
      withDb(db =>
        cases.map((one, at) => {
          const id = v7()
          db.prepare(
            `INSERT INTO benchmark_cases (id, tenant_id, skill_id, name, prompt, expected_output, assertions, weight, created_at, updated_at)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
          ).run(
            id,
            tenantId,
            skillId,
            one.name ?? one.prompt,
            one.prompt,
            one.expected ?? null,
            JSON.stringify(one.assertions ?? []),
            one.weight ?? 1,
            at,
            at,
          )
          return id
        }),
      ),
    input,
    start,
    ended,
    run: async more => ended(await start(more)),
    change: sql => withDb(db => db.exec(sql)),
    rows: (sql, ...values) =>
      withDb(db => db.prepare<unknown[], Record<string, string | number | null>>(sql).all(...values)),
    [Symbol.asyncDispose]: async () => {
      await test[Symbol.asyncDispose]()
      await server[Symbol.asyncDispose]()
    },
  }
  return made
}

/** What a person would see of a result. */
export const RESULTS = 'SELECT * FROM benchmark_results ORDER BY case_id, model_name, repeat'
