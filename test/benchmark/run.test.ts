import { describe, expect, test } from 'vitest'
import { testBackend } from '../support/backend.ts'
import type { ModelRequest, ServerAnswer } from '../support/model-server.ts'
import { field, RESULTS } from './field.ts'

/** A model that uses the skill it is offered, reads the file it names, and answers with what it read. */
const diligent = (request: ModelRequest): ServerAnswer => {
  const results = request.messages.flatMap(message => message.toolResults)
  if (request.tools.length === 0) return { text: 'plain answer' }
  if (results.length === 0) return { toolCalls: [{ name: 'use_skill', input: { name: 'brief' } }] }
  if (results.length === 1)
    return { toolCalls: [{ name: 'read_skill_file', input: { name: 'brief', path: 'references/tone.md' } }] }
  return { text: ['answer after: ', results.join(' | ')], usage: { input: 300, output: 30, cacheRead: 50 } }
}

describe.each(['compatible', 'anthropic', 'openai', 'google'] as const)('a run over the wire format of %s', kind => {
  test('gives the skill in three steps, and the baseline the same words without it', async () => {
    await using at = await field(diligent, { kind })
    const version = await at.save('# Body\nRead references/tone.md first.', {
      files: { 'references/tone.md': 'Be kind.' },
    })
    at.addCases([{ prompt: 'Write a brief.', assertions: [{ type: 'contains', value: 'Be kind.' }] }])
    const batch = await at.run({ subjects: [{ kind: 'version', id: version }, { kind: 'none' }] })
    expect(batch).toMatchObject({ state: 'completed', cells: 2, done: 2, failed: 0, labels: ['v1', 'no skill'] })
    const runs = await at.api.measurements.runs({ skillId: at.skillId })
    expect(runs.map(run => [run.label, run.baseline, run.status, run.quality?.mean])).toEqual(
      expect.arrayContaining([
        ['v1', false, 'completed', 100],
        ['no skill', true, 'completed', 0],
      ]),
    )
    const [withSkill] = at.rows("SELECT * FROM benchmark_results WHERE output_produced LIKE 'answer%'")
    // 100 + 20 tokens for each of the first two requests, the third as it says.
    expect(withSkill).toMatchObject({
      input_tokens: 500,
      output_tokens: 70,
      cache_read_tokens: 50,
      error_message: null,
    })
    expect(withSkill?.estimated_cost_microcents).toBe(500 * 100 + 70 * 500 + 50 * 10)
    expect(JSON.parse(String(withSkill?.details))).toMatchObject({
      steps: 3,
      skillsUsed: ['brief'],
      filesRead: ['references/tone.md'],
    })
    const first = at.server.requests.find(request => request.tools.length > 0)
    expect(first?.system).toContain('<name>brief</name>')
    expect(first?.system).toContain('Writes short briefs.')
    expect(first?.system).toContain('Nothing can be run here')
    expect(first?.system).not.toContain('Read references/tone.md first.')
    expect(first?.key).toBe('secret-key-0123456789')
    const bare = at.server.requests.find(request => request.tools.length === 0)
    expect(bare?.system).not.toContain('skill')
    expect(first?.system.startsWith(bare?.system ?? '?')).toBe(true)
  })
})

describe('a run', () => {
  test('inlined: everything in the system prompt, no tools, one request', async () => {
    await using at = await field(() => ({ text: 'ok' }))
    const version = await at.save('# Body text', { files: { 'references/tone.md': 'Be kind.' } })
    at.addCases([{ prompt: 'Go.', assertions: [{ type: 'equals', value: 'ok' }] }])
    const settings = { ...at.input({}).settings, manner: 'inlined' as const }
    await at.run({ subjects: [{ kind: 'version', id: version }], settings })
    expect(at.server.requests).toHaveLength(1)
    expect(at.server.requests[0]).toMatchObject({ tools: [] })
    expect(at.server.requests[0]?.system).toContain('# Body text')
    expect(at.server.requests[0]?.system).toContain('Be kind.')
  })

  test('a script is shown, never run, and said so; steps have an end', async () => {
    await using at = await field(request => {
      if (request.body && JSON.stringify(request.body).includes('"none"')) return { text: 'had to stop' }
      return { toolCalls: [{ name: 'read_skill_file', input: { name: 'brief', path: 'scripts/run.sh' } }] }
    })
    const version = await at.save('# Body', { files: { 'scripts/run.sh': '#!/bin/sh\necho hi' } })
    at.addCases([{ prompt: 'Go.' }])
    const settings = { ...at.input({}).settings, maxSteps: 3 }
    await at.run({ subjects: [{ kind: 'version', id: version }], settings })
    expect(at.server.requests).toHaveLength(3)
    expect(at.server.requests[1]?.messages.at(-1)?.toolResults[0]).toContain('This is a script. It cannot be run here.')
    expect(at.rows(RESULTS)[0]).toMatchObject({ output_produced: 'had to stop' })
  })

  test('the working copy is what it was when the run began, and its measurements stay with it when it is saved', async () => {
    let release = () => {}
    const until = new Promise<void>(resolve => {
      release = resolve
    })
    await using at = await field(request =>
      request.messages.flatMap(message => message.toolResults).length > 0
        ? { text: 'done' }
        : { holdAfter: 0, until, reply: { toolCalls: [{ name: 'use_skill', input: { name: 'brief' } }] } },
    )
    await at.save('first')
    const write = async (text: string) => {
      const file = (await at.api.workingCopies.get({ skillId: at.skillId })).files[0]
      const content = { kind: 'text' as const, text: `---\nname: brief\ndescription: D\n---\n${text}` }
      await at.api.workingCopies.write({
        skillId: at.skillId,
        path: 'SKILL.md',
        content,
        expected: file?.sha256 ?? null,
      })
    }
    await write('second text')
    at.addCases([{ prompt: 'Go.', assertions: [{ type: 'equals', value: 'done' }] }])
    const id = await at.start({ subjects: [{ kind: 'working', skillId: at.skillId }] })
    await at.server.reached(1)
    await write('third text')
    release()
    expect(await at.ended(id)).toMatchObject({ state: 'completed' })
    expect(at.server.requests[1]?.messages.at(-1)?.toolResults[0]).toContain('second text')
    await write('second text')
    const saved = await at.api.versions.save({ skillId: at.skillId, message: 'second' })
    const [run] = await at.api.measurements.runs({ skillId: at.skillId })
    expect(run).toMatchObject({ versionId: saved.id, label: 'working copy' })
  })

  test('an unchanged cell is not paid twice; a changed one is', async () => {
    await using at = await field(() => ({ text: 'ok' }))
    at.addCases([{ prompt: 'One.' }, { prompt: 'Two.' }])
    const over = { repeats: 2 }
    await at.run(over)
    expect(at.server.requests).toHaveLength(4)
    const plan = await at.api.benchmarks.plan(at.input(over))
    expect(plan).toMatchObject({ cells: 4, cached: 4, expectedMicrocents: 0, mostMicrocents: 0 })
    const again = await at.run(over)
    expect(again).toMatchObject({ state: 'completed', done: 4, spentMicrocents: 0 })
    expect(at.server.requests).toHaveLength(4)
    // What the cell costs is known though nothing was paid for it this time.
    expect(at.rows(RESULTS).every(row => row.estimated_cost_microcents === 100 * 100 + 20 * 500)).toBe(true)
    at.addCases([{ prompt: 'Three.' }])
    expect(await at.api.benchmarks.plan(at.input({ repeats: 3 }))).toMatchObject({ cells: 9, cached: 4 })
  })

  test('an answer that was cut off says so', async () => {
    await using at = await field(() => ({ text: 'half an ans', finish: 'length' }))
    at.addCases([{ prompt: 'Go.', assertions: [{ type: 'contains', value: 'answer' }] }])
    await at.run({})
    expect(at.rows(RESULTS)[0]).toMatchObject({ quality_score: 0, quality_notes: expect.stringContaining('cut off') })
  })

  test('consent is to one plan: another one is shown first', async () => {
    await using at = await field(() => ({ text: 'ok' }))
    at.addCases([{ prompt: 'One.' }])
    const { hash } = await at.api.benchmarks.plan(at.input({}))
    at.addCases([{ prompt: 'Two.' }])
    const started = at.api.benchmarks.start({ ...at.input({}), consent: hash })
    await expect(started).rejects.toMatchObject({ code: 'PLAN_CHANGED', data: { plan: { cells: 2 } } })
    expect(at.server.requests).toHaveLength(0)
  })

  test('a model without a price costs an unknown amount, and is never the cheapest', async () => {
    await using at = await field(() => ({ text: 'ok', usage: { input: 1_000, output: 100 } }))
    await at.api.providers.setPrice({ providerId: at.providerId, model: 'south', price: null })
    at.addCases([{ prompt: 'One.' }])
    const contestants = ['north', 'south'].map(model => ({ kind: 'model' as const, providerId: at.providerId, model }))
    const plan = await at.api.benchmarks.plan(at.input({ contestants }))
    expect(plan).toMatchObject({ unpriced: ['south'], expectedMicrocents: null })
    await expect(at.api.benchmarks.plan(at.input({ contestants, budgetMicrocents: 1_000_000 }))).rejects.toMatchObject({
      code: 'PLAN_IMPOSSIBLE',
    })
    expect(await at.run({ contestants })).toMatchObject({ spentMicrocents: 150_000, unpriced: 1 })
    expect(at.rows(RESULTS).map(row => row.estimated_cost_microcents)).toEqual([150_000, null])
    expect(at.rows('SELECT * FROM benchmark_runs')[0]).toMatchObject({
      cheapest_model: 'north',
      cheapest_cost_microcents: 150_000,
    })
    // Of what is known already nothing is paid, so nothing is unknown of it either.
    expect(await at.run({ contestants })).toMatchObject({ spentMicrocents: 0, unpriced: 0 })
  })

  test('a judge without a price leaves what was spent unknown, too, also after a restart', async () => {
    await using at = await field(request =>
      request.system.startsWith('You grade')
        ? { text: JSON.stringify({ demands: [{ number: 1, passed: true, quote: 'ok', reason: 'It is.' }] }) }
        : { text: 'ok', usage: { input: 1_000, output: 100 } },
    )
    await at.api.providers.setPrice({ providerId: at.providerId, model: 'judge', price: null })
    at.addCases([{ prompt: 'One.', assertions: [{ type: 'rubric', value: 'fine' }] }, { prompt: 'Two.' }])
    const { id } = await at.run({ judge: { providerId: at.providerId, model: 'judge' } })
    const said = { state: 'completed', done: 2, spentMicrocents: 300_000, unpriced: 1 }
    expect(await at.api.benchmarks.get({ id })).toMatchObject(said)
    await at.backend.close()
    const again = await testBackend({ dataDir: at.dataDir })
    expect(await again.api.benchmarks.get({ id })).toMatchObject(said)
    await again.backend.close()
  })

  test('the judge is no contestant unless told, and is part of what the run is', async () => {
    await using at = await field(request =>
      request.system.startsWith('You grade')
        ? { text: JSON.stringify({ demands: [{ number: 1, passed: true, quote: 'kind words', reason: 'It is.' }] }) }
        : { text: 'some kind words' },
    )
    at.addCases([{ prompt: 'Go.', assertions: [{ type: 'rubric', value: 'is kind' }] }])
    const own = { providerId: at.providerId, model: 'north' }
    await expect(at.api.benchmarks.plan(at.input({ judge: own }))).rejects.toMatchObject({
      code: 'PLAN_IMPOSSIBLE',
      data: { reasons: [expect.stringContaining('its own output')] },
    })
    expect(await at.run({ judge: own, judgeMayContend: true })).toMatchObject({ state: 'completed' })
    expect(await at.run({ judge: { ...own, model: 'judge' } })).toMatchObject({ state: 'completed' })
    const runs = at.rows('SELECT judge_model, judge_prompt_hash, price_table_date FROM benchmark_runs ORDER BY rowid')
    expect(runs.map(run => run.judge_model)).toEqual(['north', 'judge'])
    expect(runs[0]?.judge_prompt_hash).toMatch(/^[0-9a-f]{64}$/)
    expect(runs[0]?.price_table_date).toMatch(/^\d{4}-\d\d-\d\d\+[0-9a-f]{8}$/)
    const measured = await at.api.measurements.runs({ skillId: at.skillId })
    const [left, right] = measured.map(run => run.id)
    const pair = await at.api.measurements.pair({ left: left ?? '', right: right ?? '' })
    expect(pair.reasons).toEqual([expect.stringContaining('other judges')])
  })

  test('keys are in no row, log or answer', async () => {
    await using at = await field(() => ({ status: 400, message: 'bad key secret-key-0123456789 in request' }))
    at.addCases([{ prompt: 'Go.' }])
    await at.run({})
    expect(at.rows(RESULTS)[0]?.error_message).toContain('refused')
    const tables = at.rows(
      "SELECT name FROM sqlite_schema WHERE type = 'table' AND sql NOT LIKE '%fts5%' AND name NOT LIKE 'search%'",
    )
    const all = tables.map(table => JSON.stringify(at.rows(`SELECT * FROM "${table.name}"`))).join()
    expect(all).not.toContain('secret-key-0123456789')
    expect(at.log.join()).not.toContain('secret-key-0123456789')
    expect(JSON.stringify(await at.api.providers.list())).not.toContain('secret-key-0123456789')
  })
})
