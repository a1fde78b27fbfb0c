import { expect, test } from 'vitest'
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
