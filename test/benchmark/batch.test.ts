import { describe, expect, test } from 'vitest'
import { testBackend } from '../support/backend.ts'
import { field, RESULTS } from './field.ts'

const many = (count: number) => Array.from({ length: count }, (_, n) => ({ prompt: `Question ${n}?` }))
const COST = 100 * 100 + 20 * 500

describe('a batch', () => {
  test('paused: what was asked is answered, nothing more is; resumed: it goes on where it stopped', async () => {
    let release = () => {}
    const until = new Promise<void>(resolve => {
      release = resolve
    })
    await using at = await field(() => ({ holdAfter: 1, until, reply: { text: 'ok' } }), { concurrency: 2 })
    at.addCases(many(10))
    const id = await at.start({})
    await at.server.reached(2)
    const pausing = at.api.benchmarks.pause({ id })
    release()
    const paused = await pausing
    expect(paused).toMatchObject({ state: 'paused', reason: null, done: 2, cells: 10, spentMicrocents: 2 * COST })
    expect(at.server.requests).toHaveLength(2)
    const [run] = await at.api.measurements.runs({ skillId: at.skillId })
    expect(run?.status).toBe('pending')
    await at.api.benchmarks.resume({ id })
    expect(await at.ended(id)).toMatchObject({ state: 'completed', done: 10, spentMicrocents: 10 * COST })
    expect(at.server.requests).toHaveLength(10)
  })

  test('cancelled: breaks off at once, keeps what was measured, and is over', async () => {
    const never = new Promise(() => {})
    await using at = await field(
      request => (request.number <= 2 ? { text: 'ok' } : { holdAfter: 1, until: never, reply: { text: 'never' } }),
      { concurrency: 2 },
    )
    at.addCases(many(10))
    const id = await at.start({})
    await at.server.reached(4)
    expect(await at.api.benchmarks.cancel({ id })).toMatchObject({ state: 'cancelled', done: 2 })
    expect(await at.api.benchmarks.resume({ id })).toMatchObject({ state: 'cancelled' })
    expect(at.rows(RESULTS)).toHaveLength(2)
    expect(at.server.requests).toHaveLength(4)
  })

  test('the app is closed in the middle: it waits, and goes on another day', async () => {
    const never = new Promise(() => {})
    const at = await field(
      request => (request.number === 3 ? { holdAfter: 1, until: never, reply: { text: 'never' } } : { text: 'ok' }),
      { concurrency: 1 },
    )
    at.addCases(many(5))
    const id = await at.start({})
    await at.server.reached(3)
    await at.backend.close()
    const again = await testBackend({ dataDir: at.dataDir })
    expect(await again.api.benchmarks.get({ id })).toMatchObject({ state: 'paused', done: 2 })
    await again.api.benchmarks.resume({ id })
    for await (const { batch } of await again.api.benchmarks.watch({ id }))
      if (batch.state !== 'running') expect(batch).toMatchObject({ state: 'completed', done: 5 })
    await again[Symbol.asyncDispose]()
    await at.server[Symbol.asyncDispose]()
  })

  test('the budget stops it before it is passed; with a larger one it goes on', async () => {
    await using at = await field(() => ({ text: 'ok' }), { concurrency: 3 })
    at.addCases(many(60))
    // One answer costs 20,000 microcents, and may cost 500 × 1,000 and its question.
    const budgetMicrocents = 1_000_000
    const id = await at.start({ budgetMicrocents })
    const stopped = await at.ended(id)
    expect(stopped).toMatchObject({ state: 'paused', reason: expect.stringContaining('budget') })
    expect(stopped.done).toBeGreaterThan(5)
    expect(stopped.spentMicrocents).toBe(stopped.done * COST)
    expect(stopped.spentMicrocents).toBeLessThanOrEqual(budgetMicrocents)
    await at.api.benchmarks.resume({ id, budgetMicrocents: null })
    expect(await at.ended(id)).toMatchObject({ state: 'completed', done: 60, spentMicrocents: 60 * COST })
  })

  test('a wrong key stops it at once with the reason, not through a thousand failures', async () => {
    await using at = await field(() => ({ status: 401, message: 'no' }), { concurrency: 1 })
    at.addCases(many(50))
    const id = await at.start({})
    expect(await at.ended(id)).toMatchObject({ state: 'paused', done: 0, reason: 'Local does not accept the key.' })
    expect(at.server.requests).toHaveLength(1)
    at.server.answer(() => ({ text: 'ok' }))
    await at.api.benchmarks.resume({ id })
    expect(await at.ended(id)).toMatchObject({ state: 'completed', done: 50 })
  })

  test('an answer that fails is a result with the reason and no score; only the failed are tried again', async () => {
    let healthy = false
    await using at = await field(request =>
      request.messages[0]?.text === 'Question 3?' && !healthy
        ? { status: 400, message: 'cannot do that' }
        : { text: 'ok' },
    )
    at.addCases(many(6).map(one => ({ ...one, assertions: [{ type: 'equals', value: 'ok' }] })))
    const id = await at.start({})
    expect(await at.ended(id)).toMatchObject({ state: 'completed', done: 6, failed: 1 })
    const failed = at.rows(RESULTS).filter(row => row.error_message !== null)
    expect(failed).toMatchObject([{ quality_score: null, estimated_cost_microcents: null, latency_ms: null }])
    const asked = at.server.requests.length
    healthy = true
    await at.api.benchmarks.resume({ id, retryFailed: true })
    expect(await at.ended(id)).toMatchObject({ state: 'completed', done: 6, failed: 0 })
    expect(at.server.requests).toHaveLength(asked + 1)
  })

  test('says of each cell how it goes, and ends the watching with the run', async () => {
    await using at = await field(() => ({ text: 'ok' }), { concurrency: 1 })
    at.addCases(many(3).map(one => ({ ...one, assertions: [{ type: 'contains', value: 'ok' }] })))
    const states: string[] = []
    const id = await at.start({})
    for await (const { batch, cell } of await at.api.benchmarks.watch({ id })) {
      if (cell) states.push(`${cell.state} ${cell.quality ?? '–'}`)
      if (batch.state !== 'running') expect(batch.done).toBe(3)
    }
    expect(states.filter(state => state === 'done 100').length).toBeGreaterThanOrEqual(2)
    expect(states).toContain('running –')
  })

  test('in a team what was measured waits for the registry: the run, then its results; nothing that has no answer', async () => {
    await using at = await field(request =>
      request.messages[0]?.text === 'Question 1?' ? { status: 400, message: 'no' } : { text: 'ok' },
    )
    at.change("UPDATE spaces SET kind = 'team'")
    at.addCases(many(3))
    const id = await at.start({})
    expect(await at.ended(id)).toMatchObject({ state: 'completed', done: 3, failed: 1 })
    const queued = () => at.rows("SELECT entity, entity_id FROM outbox WHERE entity LIKE 'benchmark_r%' ORDER BY seq")
    expect(queued().map(row => row.entity)).toEqual(['benchmark_run', 'benchmark_result', 'benchmark_result'])
    const failed = at.rows('SELECT id FROM benchmark_results WHERE error_message IS NOT NULL').map(row => row.id)
    expect(queued().some(row => failed.includes(row.entity_id ?? null))).toBe(false)
  })

  test('a working copy’s run stays here: nobody else has what it tried', async () => {
    await using at = await field(() => ({ text: 'ok' }))
    at.change("UPDATE spaces SET kind = 'team'")
    await at.save('first')
    at.addCases(many(2))
    const settings = { ...at.input({}).settings, manner: 'inlined' as const }
    await at.run({ subjects: [{ kind: 'working', skillId: at.skillId }], settings })
    expect(at.rows("SELECT * FROM outbox WHERE entity LIKE 'benchmark_r%'")).toEqual([])
    expect(at.rows('SELECT baseline, configuration FROM benchmark_runs')).toEqual([
      { baseline: 0, configuration: 'working copy' },
    ])
  })
})
