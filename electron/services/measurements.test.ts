import { describe, expect, test } from 'vitest'
import { type TestBackend, testBackend } from '../../test/support/backend.ts'
import { codeOf } from '../../test/support/code-of.ts'
import { readAssertionResults } from './measurements.ts'

async function runsOf(t: TestBackend, slug: string) {
  const { tenantId } = await t.api.spaces.openSample()
  const skillId = (await t.api.skills.list({ tenantId, slug })).rows[0]?.id ?? ''
  return (await t.api.measurements.runs({ skillId })).filter(run => run.status === 'completed')
}

describe('what was measured', () => {
  test('runs say what they were of, how they did and how sure that is', async () => {
    await using t = await testBackend()
    const runs = await runsOf(t, 'release-notes')
    expect(runs.length).toBeGreaterThan(3)
    expect(runs.map(run => run.createdAt)).toEqual(runs.map(run => run.createdAt).sort((a, b) => b - a))
    for (const run of runs) {
      expect(run.label).toMatch(/^v\d+$|^no skill$/)
      const { quality, passRate } = run
      if (!quality || !passRate) throw new Error('not measured')
      expect(quality.low).toBeLessThanOrEqual(quality.mean)
      expect(quality.high).toBeGreaterThanOrEqual(quality.mean)
      expect(passRate.passed / passRate.of).toBeCloseTo(passRate.rate)
      expect(passRate.low).toBeLessThan(passRate.high)
    }
  })

  test('cells are every result once, with the figures of that result', async () => {
    await using t = await testBackend()
    const runs = (await runsOf(t, 'pdf-forms')).slice(0, 3)
    const cells = await t.api.measurements.cells({ runIds: runs.map(run => run.id) })
    expect(cells.ids).toHaveLength(runs.reduce((sum, run) => sum + run.results, 0))
    expect(new Set(cells.ids).size).toBe(cells.ids.length)
    const at = Math.floor(cells.ids.length / 2)
    const one = await t.api.measurements.result({ id: cells.ids[at] ?? '' })
    expect(one).toMatchObject({
      runId: cells.runs[cells.run[at] ?? 0]?.id,
      caseId: cells.cases[cells.case[at] ?? 0]?.id,
      model: cells.models[cells.model[at] ?? 0],
      quality: cells.quality[at],
      costMicrocents: cells.costMicrocents[at],
      latencyMs: cells.latencyMs[at],
    })
    // A failed judging is in no mean.
    for (const [place, run] of runs.entries()) {
      const own = cells.quality.filter((_, index) => cells.run[index] === place)
      expect(own.filter(score => score === null)).toHaveLength(run.unjudged)
    }
  })

  test('two runs: the same words as in the comparison of their versions, and what went differently', async () => {
    await using t = await testBackend()
    const runs = await runsOf(t, 'release-notes')
    const of = (label: string) => runs.find(run => run.label === label)
    const [left, right] = [of('v2'), of('v4')]
    const pair = await t.api.measurements.pair({ left: left?.id ?? '', right: right?.id ?? '' })
    const { quality } = await t.api.compare.evidence({
      left: { kind: 'version', id: left?.versionId ?? '' },
      right: { kind: 'version', id: right?.versionId ?? '' },
    })
    if (quality.state !== 'compared') throw new Error('not compared')
    expect(pair).toMatchObject({ reasons: [], words: quality.words, verdict: 'better' })
    expect(pair.detectable).toBeGreaterThan(0)
    expect(pair.assertions.length).toBeGreaterThan(0)
    const shares = pair.assertions.map(one => Math.abs(one.right.passed / one.right.of - one.left.passed / one.left.of))
    expect(shares).toEqual([...shares].sort((a, b) => b - a))
    expect(Math.min(...shares)).toBeGreaterThan(0)
    for (const one of pair.cases) {
      expect(one.leftResults.length).toBeGreaterThan(0)
      expect((await t.api.measurements.result({ id: one.leftResults[0] ?? '' })).caseName).toBe(one.name)
    }
  })

  test('what was not measured alike gets reasons and no number', async () => {
    await using t = await testBackend()
    const runs = await runsOf(t, 'pdf-forms')
    const groups = new Set(runs.map(run => run.alike))
    expect(groups.size).toBeGreaterThan(1)
    const [first] = runs
    const other = runs.find(run => run.alike !== first?.alike)
    const pair = await t.api.measurements.pair({ left: first?.id ?? '', right: other?.id ?? '' })
    expect(pair.reasons.length).toBeGreaterThan(0)
    expect(pair).toMatchObject({ words: null, verdict: null, moreCases: null, detectable: null })
  })

  test('what is not there is told', async () => {
    await using t = await testBackend()
    expect(await codeOf(t.api.measurements.result({ id: 'gone' }))).toBe('NOT_FOUND')
    expect(await codeOf(t.api.measurements.cells({ runIds: ['gone'] }))).toBe('NOT_FOUND')
    expect(await codeOf(t.api.measurements.pair({ left: 'gone', right: 'gone' }))).toBe('NOT_FOUND')
  })

  test('stored assertion results of every form are read; what could not be graded is not a failure', () => {
    expect(
      readAssertionResults(
        JSON.stringify([
          { type: 'contains', value: 'x', passed: true, evidence: 'at 3' },
          { text: 'is kind', type: 'rubric', passed: null, evidence: 'the judge did not answer' },
          { text: 'is short' },
          'nonsense',
        ]),
      ),
    ).toEqual([
      { type: 'contains', text: 'contains “x”', passed: true, evidence: 'at 3' },
      { type: 'rubric', text: 'is kind', passed: null, evidence: 'the judge did not answer' },
      { type: 'rubric', text: 'is short', passed: null, evidence: null },
    ])
    expect(readAssertionResults('{}')).toEqual([])
  })
})
