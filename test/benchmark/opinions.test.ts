import { describe, expect, test } from 'vitest'
import { type FieldCase, field } from './field.ts'

const cases = Array.from({ length: 12 }, (_, n) => ({
  prompt: `Question ${n}?`,
  assertions: [{ type: 'contains' as const, value: 'good' }],
}))

/** Two versions whose text decides what the model answers. */
async function two(answer: (version: string, prompt: string) => string, prompts: readonly FieldCase[] = cases) {
  const at = await field(request => {
    if (request.system.startsWith('You compare')) {
      const text = request.messages[0]?.text ?? ''
      const a = /<output_a>\n(.*)\n<\/output_a>/.exec(text)?.[1] ?? ''
      return { text: JSON.stringify({ better: a.startsWith('good') ? 'A' : 'B', reason: 'Better.' }) }
    }
    const version = request.system.includes('SECOND') ? 'second' : 'first'
    return { text: answer(version, request.messages[0]?.text ?? '') }
  })
  const first = await at.save('FIRST')
  const second = await at.save('SECOND')
  at.addCases(prompts)
  const settings = { ...at.input({}).settings, manner: 'inlined' as const }
  const measure = (ids: string[], more: object = {}) =>
    at.run({ subjects: ids.map(id => ({ kind: 'version', id })), settings, ...more })
  return { at, first, second, measure }
}

describe('the gate', () => {
  const publish = (of: Awaited<ReturnType<typeof two>>, versionId: string, more: object = {}) =>
    of.at.api.skills.get({ id: of.at.skillId }).then(skill =>
      of.at.api.versions.publish({
        skillId: of.at.skillId,
        versionId,
        expected: skill.published?.id ?? null,
        ...more,
      }),
    )

  test('is shut for what was not measured, and for a case that passed and fails; open for what is as good', async () => {
    const both = await two((version, prompt) => (version === 'second' && prompt === 'Question 4?' ? 'bad' : 'good'))
    const { at, first, second, measure } = both
    await using _ = at
    const off = { on: false, acceptInconclusive: false, ungradedPercent: 10 }
    expect(await at.api.gates.get({ skillId: at.skillId })).toEqual(off)
    await at.api.gates.set({ skillId: at.skillId, on: true })
    await publish(both, first)
    await expect(publish(both, second)).rejects.toMatchObject({
      code: 'GATE_FAILED',
      data: {
        open: false,
        findings: [{ rule: 'measured', state: 'unknown', words: expect.stringContaining('not been measured') }],
      },
    })
    await measure([first, second])
    await expect(publish(both, second)).rejects.toMatchObject({
      code: 'GATE_FAILED',
      data: {
        words: expect.stringContaining('“Question 4?”'),
        findings: [{}, { rule: 'no-case-fails', state: 'unmet' }, { rule: 'not-worse', state: 'unknown' }],
      },
    })
    const third = await at.save('THIRD')
    await measure([first, third])
    expect(await at.api.gates.check({ skillId: at.skillId, versionId: third })).toMatchObject({ on: true, open: true })
    expect(await publish(both, third)).toEqual({ published: third })
  })

  test('is shut for what is worse; a reason opens it, and is logged with what stood against it', async () => {
    const both = await two(version => (version === 'second' ? 'bad' : 'good'))
    const { at, first, second, measure } = both
    await using _ = at
    await at.api.gates.set({ skillId: at.skillId, on: true })
    await publish(both, first)
    await measure([first, second])
    await expect(publish(both, second)).rejects.toMatchObject({
      data: {
        findings: [
          {},
          { state: 'unmet', cases: expect.objectContaining({ length: 12 }) },
          { rule: 'not-worse', state: 'unmet', words: expect.stringContaining('worse: −100') },
        ],
      },
    })
    await publish(both, second, { override: { reason: 'The old one tells wrong prices.' } })
    const log = await at.api.gates.overrides({ skillId: at.skillId })
    expect(log).toMatchObject([
      {
        versionId: second,
        by: 'You',
        reason: 'The old one tells wrong prices.',
        findings: [{}, { state: 'unmet' }, { state: 'unmet' }],
      },
    ])
  })

  test('is shut while too many cases have no grade, names them and says why', async () => {
    const rubrics = Array.from({ length: 8 }, (_, n) => ({
      prompt: `Task ${n}?`,
      assertions: [{ type: 'rubric' as const, value: 'is kind' }],
    }))
    const both = await two(() => 'good', [...cases.slice(0, 1), ...rubrics])
    const { at, first, second, measure } = both
    await using _ = at
    await at.api.gates.set({ skillId: at.skillId, on: true })
    await publish(both, first)
    const { runIds } = await measure([first, second])
    await expect(publish(both, second)).rejects.toMatchObject({
      code: 'GATE_FAILED',
      data: {
        open: false,
        findings: [
          {
            rule: 'measured',
            state: 'unknown',
            words: expect.stringMatching(/^8 of 9 cases have no grade.*10%.*“Task \d\?”: No judge was asked\.$/),
            cases: expect.objectContaining({ length: 8 }),
          },
          { rule: 'no-case-fails', state: 'met' },
          { rule: 'not-worse', state: 'met' },
        ],
      },
    })
    const [published = '', candidate = ''] = runIds
    const check = (ungradedPercent: number) =>
      at.api.gates.checkRuns({ published, candidate, rules: { ungradedPercent } })
    expect(await check(88)).toMatchObject({ open: false })
    expect(await check(89)).toMatchObject({ open: true })
  })

  test('an inconclusive comparison does not pass unless the gate accepts it, and each rule is set by itself', async () => {
    const graded = Array.from({ length: 12 }, (_, n) => ({
      prompt: `Question ${n}?`,
      assertions: [
        { type: 'contains' as const, value: 'good' },
        { type: 'contains' as const, value: 'short', weight: 1 },
      ],
    }))
    // Never met whole, so that no case that passed can fail; one is a little worse, one a little better.
    const both = await two((version, prompt) => {
      if (prompt === 'Question 1?') return version === 'second' ? 'bad' : 'good'
      return prompt === 'Question 2?' && version === 'first' ? 'bad' : 'good'
    }, graded)
    const { at, first, second, measure } = both
    await using _ = at
    const { skillId } = at
    await publish(both, first)
    await measure([first, second])
    const check = () => at.api.gates.check({ skillId, versionId: second })
    expect(await check()).toMatchObject({
      open: false,
      findings: [{ state: 'met' }, { state: 'met' }, { rule: 'not-worse', state: 'unknown' }],
    })
    expect(await at.api.gates.set({ skillId, ungradedPercent: 25 })).toEqual({
      on: false,
      acceptInconclusive: false,
      ungradedPercent: 25,
    })
    expect(await at.api.gates.set({ skillId, acceptInconclusive: true })).toMatchObject({ ungradedPercent: 25 })
    expect(await check()).toMatchObject({ on: false, open: true })
    expect(await at.api.gates.set({ skillId, on: true })).toEqual({
      on: true,
      acceptInconclusive: true,
      ungradedPercent: 25,
    })
    expect(await check()).toMatchObject({ on: true, open: true })
  })

  test('runs that are unlike are not held against each other, and it says why', async () => {
    const { at, first, second, measure } = await two(() => 'good')
    await using _ = at
    await measure([first])
    at.addCases([{ prompt: 'One more?' }])
    await measure([second])
    const skill = await at.api.skills.get({ id: at.skillId })
    await at.api.versions.publish({ skillId: skill.id, versionId: first, expected: null })
    const report = await at.api.gates.check({ skillId: at.skillId, versionId: second })
    expect(report).toMatchObject({ on: false, open: false, words: expect.stringContaining('other cases') })
    const [left, right] = (await at.api.measurements.runs({ skillId: at.skillId })).map(run => run.id)
    await expect(at.api.benchmarks.pairs({ left: left ?? '', right: right ?? '' })).rejects.toMatchObject({
      code: 'UNLIKE',
      data: { reasons: ['They ran other cases.'] },
    })
  })
})

test('cases that share a source count as one, and what they come to is said', async () => {
  const { at, first, second, measure } = await two(version => (version === 'second' ? 'bad' : 'good'))
  await using _ = at
  const { runIds } = await measure([first, second])
  const [left = '', right = ''] = runIds
  expect(await at.api.measurements.pair({ left, right })).toMatchObject({ verdict: 'worse', sources: 12 })
  // Ten of them are about one ticket.
  at.change(`UPDATE benchmark_cases SET tags = '["source:ticket"]' WHERE prompt NOT IN ('Question 0?', 'Question 1?')`)
  expect(await at.api.measurements.pair({ left, right })).toMatchObject({
    verdict: 'cannot-tell',
    sources: 3,
    words: 'cannot tell: the 12 cases come from 3 sources, at least 6 are needed',
  })
})

describe('blind pairs', () => {
  test('sides are shuffled by a seed, stay as they are, and a choice finds its run', async () => {
    const { at, first, second, measure } = await two(version => (version === 'second' ? 'good' : 'bad'))
    await using _ = at
    const { runIds } = await measure([first, second])
    const [left = '', right = ''] = runIds
    const pairs = await at.api.benchmarks.pairs({ left, right, seed: 7 })
    expect(pairs).toHaveLength(12)
    const shownFirst = pairs.filter(pair => pair.a === 'good').length
    expect(shownFirst).toBeGreaterThan(1)
    expect(shownFirst).toBeLessThan(11)
    expect(await at.api.benchmarks.pairs({ left, right, seed: 99 })).toEqual(pairs)
    expect(JSON.stringify(pairs)).not.toMatch(/v1|v2|left|right/)
    expect(await at.api.benchmarks.preferences({ left, right })).toMatchObject({ open: 12, words: 'not compared yet' })
    for (const [n, pair] of pairs.entries())
      await at.api.benchmarks.decidePair({ id: pair.id, choice: n === 0 ? 'tie' : pair.a === 'good' ? 'a' : 'b' })
    expect(await at.api.benchmarks.preferences({ left, right })).toMatchObject({
      won: 11,
      lost: 0,
      tied: 1,
      open: 0,
      words: expect.stringContaining('preferred: 11 won, 0 lost, 1 tied'),
    })
    const again = await at.api.benchmarks.pairs({ left, right })
    expect(
      again.filter(pair => pair.choice !== null && pair.choice !== 'tie' && pair[pair.choice] === 'good'),
    ).toHaveLength(11)
  })

  test('what is the same on both sides is tied, and nobody is asked', async () => {
    const { at, first, second, measure } = await two(() => 'good')
    await using _ = at
    const { runIds } = await measure([first, second])
    const [left = '', right = ''] = runIds
    const pairs = await at.api.benchmarks.pairs({ left, right })
    expect(pairs.map(pair => pair.choice)).toEqual(Array.from({ length: 12 }, () => 'tie'))
    const judge = { providerId: at.providerId, model: 'judge' }
    for await (const _ of await at.api.benchmarks.judgePairs({ left, right, judge })) expect.unreachable()
    expect(await at.api.benchmarks.preferences({ left, right })).toMatchObject({ tied: 12, open: 0 })
  })

  test('a judge decides without knowing which side is which', async () => {
    const { at, first, second, measure } = await two(version => (version === 'second' ? 'good' : 'bad'))
    await using _ = at
    const { runIds } = await measure([first, second])
    const [left = '', right = ''] = runIds
    await at.api.benchmarks.pairs({ left, right })
    const judge = { providerId: at.providerId, model: 'judge' }
    const steps: number[] = []
    for await (const { done } of await at.api.benchmarks.judgePairs({ left, right, judge })) steps.push(done)
    expect(steps).toEqual(Array.from({ length: 12 }, (_, n) => n + 1))
    expect(await at.api.benchmarks.preferences({ left, right })).toMatchObject({ won: 12, lost: 0 })
    const asked = at.server.requests.filter(request => request.system.startsWith('You compare'))
    expect(asked.map(request => JSON.stringify(request.body)).join()).not.toMatch(/FIRST|SECOND|v1|v2/)
  })
})

test('a person’s grade stands beside a judge’s, by name, and can be taken back', async () => {
  const { at, first, measure } = await two(() => 'good')
  await using _ = at
  const { runIds } = await measure([first])
  const runId = runIds[0] ?? ''
  const [result] = at.rows('SELECT id, quality_score FROM benchmark_results LIMIT 1')
  const resultId = String(result?.id)
  await at.api.benchmarks.gradeByHand({ resultId, score: 40, notes: 'Too short.' })
  expect(await at.api.benchmarks.handGrades({ runId })).toMatchObject([
    { resultId, score: 40, notes: 'Too short.', by: 'You' },
  ])
  expect(at.rows('SELECT quality_score FROM benchmark_results WHERE id = ?', resultId)[0]).toEqual({
    quality_score: 100,
  })
  await at.api.benchmarks.gradeByHand({ resultId, score: 45 })
  expect(await at.api.benchmarks.handGrades({ runId })).toMatchObject([{ score: 45, notes: 'Too short.' }])
  await at.api.benchmarks.gradeByHand({ resultId, score: null })
  expect(await at.api.benchmarks.handGrades({ runId })).toEqual([])
})

describe('a judge that answered what cannot be read', () => {
  const JUDGED = JSON.stringify({
    demands: [{ number: 1, passed: true, score: 1, quote: 'an answer', reason: 'Yes.' }],
  })
  const INVENTED = JSON.stringify({ demands: [{ number: 1, passed: true, score: 1, quote: 'not there', reason: '' }] })

  test.each([
    ['prose', 'I would rather not.'],
    ['a quotation that is not in the output', INVENTED],
  ])('is asked again once it is mended: %s is not kept; what could be read is', async (_, broken) => {
    let verdict = broken
    await using at = await field(request =>
      request.system.startsWith('You grade') ? { text: verdict } : { text: 'an answer' },
    )
    at.addCases([{ prompt: 'Go.', assertions: [{ type: 'rubric', value: 'is kind' }] }])
    const judge = { providerId: at.providerId, model: 'judge' }
    const scores = () => at.rows('SELECT quality_score FROM benchmark_results ORDER BY created_at, id')
    await at.run({ judge })
    expect(scores()).toEqual([{ quality_score: null }])
    verdict = JUDGED
    const again = await at.run({ judge })
    expect(again).toMatchObject({ state: 'completed' })
    expect(again.spentMicrocents).toBeGreaterThan(0)
    expect(scores()).toEqual([{ quality_score: null }, { quality_score: 100 }])
    const asked = at.server.requests.length
    expect(await at.run({ judge })).toMatchObject({ spentMicrocents: 0 })
    expect(at.server.requests).toHaveLength(asked)
  })

  test('is asked again for a pair, too', async () => {
    let verdict = 'Both are lovely.'
    const { at, first, second, measure } = await two(version => (version === 'second' ? 'good' : 'bad'))
    await using _ = at
    const { runIds } = await measure([first, second])
    const [left = '', right = ''] = runIds
    await at.api.benchmarks.pairs({ left, right })
    at.server.answer(() => ({ text: verdict }))
    const judge = { providerId: at.providerId, model: 'judge' }
    const decide = async () => {
      const steps = await at.api.benchmarks.judgePairs({ left, right, judge })
      for (;;) {
        const step = await steps.next()
        if (step.done) return step.value
      }
    }
    expect(await decide()).toMatchObject({ decided: 0, failed: 12 })
    verdict = JSON.stringify({ better: 'tie', reason: 'Alike.' })
    expect(await decide()).toMatchObject({ decided: 12, failed: 0 })
  })
})

test('where judging failed a person’s grade stands in, and says so', async () => {
  await using at = await field(request =>
    request.system.startsWith('You grade') ? { text: 'I would rather not.' } : { text: 'an answer' },
  )
  at.addCases([{ prompt: 'Go.', assertions: [{ type: 'rubric', value: 'is kind' }] }])
  await at.run({ judge: { providerId: at.providerId, model: 'judge' } })
  const result = () => at.rows('SELECT id, quality_score, quality_notes FROM benchmark_results')[0]
  expect(result()).toMatchObject({ quality_score: null, quality_notes: expect.stringContaining('could not be read') })
  const resultId = String(result()?.id)
  await at.api.benchmarks.gradeByHand({ resultId, score: 70 })
  expect(result()).toMatchObject({ quality_score: 70, quality_notes: 'Graded by hand.' })
  await at.api.benchmarks.gradeByHand({ resultId, score: null })
  expect(result()).toMatchObject({ quality_score: null })
  // Why it had no grade is still told.
  const why = { ungraded: expect.stringContaining('could not be read') }
  expect(await at.api.measurements.result({ id: resultId })).toMatchObject(why)
  const [run] = await at.api.measurements.runs({ skillId: at.skillId })
  expect(await at.api.measurements.results({ runId: run?.id ?? '' })).toMatchObject([why])
})
