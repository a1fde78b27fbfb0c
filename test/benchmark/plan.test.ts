import { expect, test } from 'vitest'
import { field } from './field.ts'

test('what a plan expects is near to what a run costs, what it says at most is more, and both fall with what is known', async () => {
  const body = 'Some guidance for a brief, sentence after sentence. '.repeat(80)
  await using at = await field(request => {
    // A provider that counts as we do: four characters a token, and answers as long as the plan takes them to be.
    const input = Math.round(JSON.stringify(request.body).length / 4.2)
    const used = request.messages.some(message => message.toolResults.length > 0)
    if (request.tools.length > 0 && !used)
      return { toolCalls: [{ name: 'use_skill', input: { name: 'brief' } }], usage: { input, output: 60 } }
    return { text: 'answer', usage: { input, output: 600 } }
  })
  const version = await at.save(body)
  at.addCases(
    Array.from({ length: 10 }, (_, n) => ({ prompt: `Question ${n}: ${'with some detail in it. '.repeat(20)}` })),
  )
  const over = { subjects: [{ kind: 'version' as const, id: version }, { kind: 'none' as const }], repeats: 2 }
  const plan = await at.api.benchmarks.plan(at.input(over))
  expect(plan).toMatchObject({ cells: 40, cached: 0, unpriced: [], judgeCalls: 0 })
  expect(plan.perModel).toMatchObject([{ model: 'north', requests: 60, role: 'contestant' }])
  expect(plan.subjects[0]?.tokens).toBeGreaterThan((plan.subjects[1]?.tokens ?? 0) + 500)
  const { spentMicrocents } = await at.run(over)
  const expected = plan.expectedMicrocents ?? 0
  expect(spentMicrocents).toBeGreaterThan(expected * 0.75)
  expect(spentMicrocents).toBeLessThan(expected * 1.25)
  expect(plan.mostMicrocents ?? 0).toBeGreaterThan(spentMicrocents)
  expect(await at.api.benchmarks.plan(at.input(over))).toMatchObject({
    cached: 40,
    expectedMicrocents: 0,
    mostMicrocents: 0,
  })
  const more = await at.api.benchmarks.plan(at.input({ ...over, repeats: 3 }))
  expect(more).toMatchObject({ cells: 60, cached: 40 })
  expect(more.expectedMicrocents).toBeCloseTo(expected / 2, -3)
})

test('everything that stands against a plan is said at once, and what is only doubtful is a warning', async () => {
  await using at = await field(() => ({ text: 'x' }))
  const north = { kind: 'model' as const, providerId: at.providerId, model: 'north' }
  const nothing = {
    subjects: [{ kind: 'none' as const }, { kind: 'none' as const }],
    contestants: [north, north],
    judge: { providerId: at.providerId, model: 'north' },
  }
  await expect(at.api.benchmarks.plan(at.input(nothing))).rejects.toMatchObject({
    data: {
      reasons: [
        expect.stringContaining('no case'),
        expect.stringContaining('“north” is there twice'),
        expect.stringContaining('“no skill” is there twice'),
        expect.stringContaining('its own output'),
      ],
    },
  })
  at.addCases([{ prompt: 'One.', assertions: [{ type: 'rubric', value: 'kind' }] }, { prompt: 'Two.' }])
  const { warnings } = await at.api.benchmarks.plan(at.input({ budgetMicrocents: 10 }))
  expect(warnings).toEqual([
    expect.stringContaining('there is no judge'),
    expect.stringContaining('nothing that is graded'),
    expect.stringContaining('runs once'),
    expect.stringContaining('may not be enough'),
  ])
  await expect(at.api.benchmarks.plan(at.input({ subjects: [{ kind: 'version', id: 'gone' }] }))).rejects.toMatchObject(
    {
      data: { reasons: [expect.stringContaining('no longer here')] },
    },
  )
})
