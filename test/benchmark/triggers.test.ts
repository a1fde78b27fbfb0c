import { expect, test } from 'vitest'
import type { Rivals } from '../../shared/contract/trigger-tests.ts'
import { wilson } from '../../shared/domain/stats/wilson.ts'
import { field } from './field.ts'

const should = ['Write a brief.', 'Brief me.', 'A short brief, please.', 'Sum this up in a brief.']
const shouldNot = ['Bake a cake.', 'Brief history of Rome?']

test('is it chosen when it should be: precision and recall by wording, with intervals', async () => {
  await using at = await field(request => {
    const prompt = request.messages[0]?.text ?? ''
    if (prompt.startsWith('Bake')) return { toolCalls: [{ name: 'use_skill', input: { name: 'baking' } }] }
    // A vague wording is overlooked for some prompts; either is fooled by one.
    const vague = request.system.includes('Does things.')
    if (vague && prompt.length > 18) return { text: 'I will do it myself.' }
    return { toolCalls: [{ name: 'use_skill', input: { name: 'brief' } }] }
  })
  await at.api.skills.create({ tenantId: at.tenantId, slug: 'baking' })
  const first = await at.save('Body', { description: 'Does things.' })
  const second = await at.save('Body', { description: 'Writes briefs.' })
  const saved = await at.api.triggerTests.saveCases({
    skillId: at.skillId,
    cases: [
      ...should.map(prompt => ({ prompt, should: true })),
      ...shouldNot.map(prompt => ({ prompt, should: false })),
    ],
  })
  expect(await at.api.triggerTests.cases({ skillId: at.skillId })).toEqual(saved)
  const model = { providerId: at.providerId, model: 'north' }
  const run = async (id: string) => {
    const events = await at.api.triggerTests.run({ of: { kind: 'version', id }, model, repeats: 2 })
    const iterator = events[Symbol.asyncIterator]()
    for (;;) {
      const next = await iterator.next()
      if (next.done) return next.value
    }
  }
  const vague = await run(first)
  expect(vague).toMatchObject({ asked: 12, failed: 0, versions: [1], recall: { hits: 4, of: 8 } })
  const clear = await run(second)
  expect(clear.recall).toEqual({ ...wilson(8, 8), hits: 8, of: 8 })
  expect(clear.precision).toEqual({ ...wilson(8, 10), hits: 8, of: 10 })
  expect(clear.words).toContain('chosen in 8 of 8 where it should be (95%: 68% to 100%)')
  const scores = await at.api.triggerTests.scores({ skillId: at.skillId })
  expect(scores.map(score => [score.description, score.recall?.hits])).toEqual([
    ['Writes briefs.', 8],
    ['Does things.', 4],
  ])
  const seen = at.server.requests[0]
  expect(seen?.tools).toEqual(['use_skill'])
  expect(seen?.system).toContain('<name>baking</name>')
  expect(seen?.system).not.toContain('Body')
  // Asked again: nothing is paid for twice.
  const asked = at.server.requests.length
  await run(second)
  expect(at.server.requests).toHaveLength(asked)
})

test('a plan says what is asked, beside which skills, and what it costs, and asks nobody', async () => {
  await using at = await field(() => ({ text: 'none' }))
  for (const slug of ['brief-writer', 'baking', 'letters'])
    await at.api.skills.create({ tenantId: at.tenantId, slug, description: `About ${slug}` })
  const id = await at.save('Body', { description: 'Writes a brief.' })
  await at.api.triggerTests.saveCases({
    skillId: at.skillId,
    cases: [
      { prompt: 'One', should: true },
      { prompt: 'Two', should: false },
    ],
  })
  const input = {
    of: { kind: 'version' as const, id },
    model: { providerId: at.providerId, model: 'north' },
    repeats: 3,
  }
  const plan = (rivals?: Rivals) => at.api.triggerTests.plan({ ...input, ...(rivals && { rivals }) })
  const nearest = await plan({ kind: 'alike', count: 1 })
  expect(nearest).toMatchObject({ questions: 6, known: 0, others: 3 })
  // 100 microcents a token in and 500 out, a call of a tool taken for 60.
  expect(nearest.tokens.output).toBe(6 * 60)
  expect(nearest.expectedMicrocents).toBe(nearest.tokens.input * 100 + 360 * 500)
  expect(nearest.rivals.map(({ name }) => name)).toEqual(['brief-writer'])
  const all = await plan({ kind: 'all' })
  expect(all.rivals).toHaveLength(3)
  expect(all.tokens.perQuestion).toBeGreaterThan(nearest.tokens.perQuestion)
  expect(all.tokens.input).toBeGreaterThanOrEqual(6 * all.tokens.perQuestion)
  const [baking] = all.rivals.filter(({ name }) => name === 'baking')
  expect(await plan({ kind: 'these', ids: [baking?.id ?? ''] })).toMatchObject({ rivals: [{ name: 'baking' }] })
  expect(await plan()).toMatchObject({ rivals: all.rivals })
  expect(at.server.requests).toHaveLength(0)

  for await (const _ of await at.api.triggerTests.run({ ...input, rivals: { kind: 'alike', count: 1 } }));
  expect(at.server.requests).toHaveLength(6)
  expect(at.server.requests[0]?.system).toContain('brief-writer')
  expect(at.server.requests[0]?.system).not.toContain('baking')
  expect(await plan({ kind: 'alike', count: 1 })).toMatchObject({
    questions: 6,
    known: 6,
    tokens: { input: 0 },
    expectedMicrocents: 0,
  })
  expect(await plan({ kind: 'all' })).toMatchObject({ known: 0 })
})

test('without prompts or provider it says what is missing', async () => {
  await using at = await field(() => ({ text: 'x' }))
  const id = await at.save('Body')
  const run = (providerId: string) =>
    at.api.triggerTests
      .run({ of: { kind: 'version', id }, model: { providerId, model: 'north' } })
      .then(events => events[Symbol.asyncIterator]().next())
  await expect(run(at.providerId)).rejects.toMatchObject({ data: { reasons: [expect.stringContaining('no prompt')] } })
  await expect(run('gone')).rejects.toMatchObject({ data: { reasons: [expect.stringContaining('no longer here')] } })
})
