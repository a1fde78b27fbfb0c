import { type ChildProcess, spawn } from 'node:child_process'
import path from 'node:path'
import { expect, test } from 'vitest'
import { testBackend } from '../support/backend.ts'
import type { ModelRequest } from '../support/model-server.ts'
import { field, RESULTS } from './field.ts'

const CASES = 40
const CONCURRENCY = 4
/** Requests after which the process is killed, each time another one. */
const KILLS = [7, 26, 51]

const killed = async (child: ChildProcess): Promise<void> => {
  const gone = new Promise(resolve => child.once('exit', resolve))
  child.kill('SIGKILL')
  await gone
}

test('killed three times in the middle: no cell is lost, and nothing that was stored is asked or paid again', async () => {
  const judged = (request: ModelRequest) => request.system.startsWith('You grade')
  await using at = await field(
    request =>
      judged(request)
        ? { text: JSON.stringify({ demands: [{ number: 1, passed: true, quote: 'answer', reason: 'Yes.' }] }) }
        : { text: `the answer to: ${request.messages[0]?.text}` },
    { concurrency: CONCURRENCY },
  )
  at.addCases(
    Array.from({ length: CASES }, (_, n) => ({
      prompt: `Question ${n}?`,
      assertions: [{ type: 'rubric', value: 'good' }],
    })),
  )
  const input = at.input({ judge: { providerId: at.providerId, model: 'judge' } })
  await at.backend.close()
  let batchId = ''
  /** What had been stored, and what had been asked, at each kill. */
  const seen: { stored: number; asked: number }[] = []
  for (const [round, after] of KILLS.entries()) {
    const args = round === 0 ? ['start', JSON.stringify(input)] : ['resume', batchId]
    const script = path.join(import.meta.dirname, 'child.ts')
    const child = spawn(process.execPath, [script, at.dataDir, ...args], { stdio: ['ignore', 'inherit', 'inherit'] })
    await at.server.reached(after)
    await killed(child)
    const stored = Number(at.rows('SELECT count(*) AS n FROM model_replies')[0]?.n)
    seen.push({ stored, asked: at.server.requests.length })
    batchId = String(at.rows('SELECT id FROM benchmark_batches')[0]?.id)
    // Whatever is a result has its answers stored; what is not has no row at all.
    const half = at.rows('SELECT id FROM benchmark_results WHERE output_produced IS NULL OR quality_score IS NULL')
    expect(half).toEqual([])
  }
  const again = await testBackend({ dataDir: at.dataDir })
  const before = await again.api.benchmarks.get({ id: batchId })
  expect(before).toMatchObject({ state: 'interrupted', cells: CASES })
  expect(before.reason).toContain('can go on')
  await again.api.benchmarks.resume({ id: batchId })
  let last = before
  for await (const event of await again.api.benchmarks.watch({ id: batchId })) last = event.batch
  expect(last).toMatchObject({ state: 'completed', done: CASES, failed: 0 })
  await again.backend.close()

  const results = at.rows(RESULTS)
  expect(results).toHaveLength(CASES)
  expect(new Set(results.map(row => row.case_id)).size).toBe(CASES)
  expect(results.every(row => row.quality_score === 100)).toBe(true)
  // Each question was answered and stored once; asked again only what was under way when the process died.
  const replies = Number(at.rows('SELECT count(*) AS n FROM model_replies')[0]?.n)
  expect(replies).toBe(2 * CASES)
  const lost = seen.map(
    (kill, n) =>
      kill.asked -
      (n === 0 ? 0 : (seen[n - 1]?.asked ?? 0)) -
      (kill.stored - (n === 0 ? 0 : (seen[n - 1]?.stored ?? 0))),
  )
  for (const one of lost) expect(one).toBeLessThanOrEqual(CONCURRENCY)
  expect(at.server.requests.length).toBe(2 * CASES + lost.reduce((sum, one) => sum + one, 0))
  // What was paid is exactly what was stored.
  expect(last.spentMicrocents).toBe(replies * (100 * 100 + 20 * 500))
}, 120_000)

test('while another process is at work on a run nobody else is; when it dies, the run can go on', async () => {
  const never = new Promise(() => {})
  await using at = await field(() => ({ holdAfter: 1, until: never, reply: { text: 'never' } }))
  at.addCases([{ prompt: 'Go.' }])
  const input = JSON.stringify(at.input({}))
  const script = path.join(import.meta.dirname, 'child.ts')
  const child = spawn(process.execPath, [script, at.dataDir, 'start', input], {
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  await at.server.reached(1)
  const id = String(at.rows('SELECT id FROM benchmark_batches')[0]?.id)
  expect(await at.api.benchmarks.get({ id })).toMatchObject({ state: 'running', done: 0 })
  await expect(at.api.benchmarks.resume({ id })).rejects.toMatchObject({ code: 'BATCH_ELSEWHERE' })
  await expect(at.api.benchmarks.remove({ batchId: id })).rejects.toMatchObject({ code: 'BATCH_ELSEWHERE' })
  await killed(child)
  expect(await at.api.benchmarks.get({ id })).toMatchObject({ state: 'interrupted' })
  at.server.answer(() => ({ text: 'ok' }))
  await at.api.benchmarks.resume({ id })
  expect(await at.ended(id)).toMatchObject({ state: 'completed', done: 1 })
}, 120_000)
