import fs from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { projectDir, temporaryFolder } from '../../test/support/backend.ts'
import { noPromptfoo, runPromptfoo } from '../../test/support/promptfoo.ts'
import { writePromptfoo } from './promptfoo-cases.ts'
import { readPromptfooResults } from './promptfoo-results.ts'
import { treeOfBytes } from './source-tree.ts'

const fixtures = path.join(projectDir, 'test', 'fixtures', 'promptfoo')
const read = (text: string) => {
  const opened = treeOfBytes('results.json', Buffer.from(text))
  if (!opened.ok) throw new Error(opened.message)
  return readPromptfooResults(opened.tree, 'results.json')
}
const reading = (text: string) => {
  const result = read(text)
  if (!result.ok) throw new Error(result.message)
  return result
}

/** What the configuration of the fixture comes to, whichever version of promptfoo ran it. */
function expectFixture(text: string): void {
  const { runs, remarks, toolVersion } = reading(text)
  expect(toolVersion).toMatch(/^\d+\.\d+\.\d+$/)
  expect(remarks).toEqual([])
  expect(runs.map(run => run.configuration).sort()).toEqual(['Say {{word}} to {{name}}.', 'polite'])
  const stats = JSON.parse(text).results.stats
  const results = runs.flatMap(run => run.results)
  expect(results.filter(one => one.matches === true)).toHaveLength(stats.successes)
  expect(results.filter(one => one.matches === false)).toHaveLength(stats.failures)
  expect(results.filter(one => one.error !== null)).toHaveLength(stats.errors)
  for (const { configuration, results } of runs) {
    expect(new Set(results.map(one => one.model))).toEqual(new Set(['echo-one', 'echo-two', 'broken']))
    expect(new Set(results.map(one => one.case.key)).size).toBe(3)
    const places = results.map(one => JSON.stringify([one.case.key, one.model, one.repeat]))
    expect(new Set(places).size).toBe(places.length)
    expect(Math.max(...results.map(one => one.repeat))).toBe(2)
    // A provider that failed gave no quality, and nothing cost nothing.
    for (const one of results.filter(each => each.model === 'broken'))
      expect(one).toMatchObject({ quality: null, matches: null, assertionResults: [] })
    for (const one of results) expect([one.costMicrocents, one.totalTokens]).toEqual([null, null])
    const greets = results.find(one => one.case.name === 'greets' && one.model === 'echo-one')
    const polite = configuration === 'polite'
    expect(greets).toMatchObject({
      output: polite ? 'Please say hello to Ada.' : 'Say hello to Ada.',
      input: polite ? 'Please say hello to Ada.' : 'Say hello to Ada.',
      quality: polite ? 80 : 100,
      matches: !polite,
      case: { prompt: 'word: hello\nname: Ada' },
    })
    expect(greets?.assertionResults.map(one => [one.text, one.passed])).toEqual([
      ['contains “say”, ignoring case', true],
      ['contains “hello”', true],
      ['does not contain “goodbye”', true],
      ['matches /to \\w+/', true],
      ['does not contain “Please”', !polite],
    ])
  }
}

describe('promptfoo’s output', () => {
  const fixture = fs.readFileSync(path.join(fixtures, 'results.json'), 'utf8')

  test('as promptfoo 0.123.1 wrote it, with its echo provider and one that fails', () => {
    expectFixture(fixture)
  })

  test.skipIf(noPromptfoo !== undefined)(`as promptfoo writes it now (${noPromptfoo ?? 'run here'})`, () => {
    const folder = temporaryFolder()
    expectFixture(
      runPromptfoo(folder, fs.readFileSync(path.join(fixtures, 'promptfooconfig.yaml'), 'utf8'), ['--repeat', '2']),
    )
    fs.rmSync(folder, { recursive: true })
  })

  test.skipIf(noPromptfoo !== undefined)(
    `promptfoo runs the cases exported here (${noPromptfoo ?? 'run here'})`,
    () => {
      const folder = temporaryFolder()
      const prompt = 'Braces {{x}} and {% if %} of my own'
      const config = writePromptfoo('s', [
        {
          key: null,
          name: 'braces',
          prompt,
          expectedOutput: 'e',
          assertions: [
            { type: 'contains', value: '{{x}}' },
            { type: 'regex', value: 'braces', flags: 'i' },
            { type: 'equals', value: prompt.toUpperCase(), ignoreCase: true },
            { type: 'length', unit: 'words', max: 20 },
            { type: 'contains-any', values: ['nothing', '{% if'] },
            { type: 'contains', value: 'nothing', not: true },
          ],
          files: [],
          tags: [],
          weight: 1,
        },
      ])
      const { runs } = reading(runPromptfoo(folder, config))
      expect(runs).toMatchObject([{ results: [{ output: prompt, quality: 100, matches: true, case: { prompt } }] }])
      fs.rmSync(folder, { recursive: true })
    },
  )

  test('tokens and cost where a provider told them; an answer from the cache has no latency', () => {
    const row = {
      prompt: { raw: 'p', label: 'l' },
      provider: { id: 'openai:chat:gpt-x' },
      vars: { __evalId: 'x' },
      response: { output: { a: 1 }, cached: true },
      tokenUsage: { prompt: 10, completion: 0, total: 10 },
      cost: 0.000_25,
      latencyMs: 7,
      score: 0.5,
      success: false,
      gradingResult: {
        reason: 'r',
        componentResults: [{ pass: false, score: 0.5, assertion: { type: 'g-eval', value: 'v', weight: 2 } }, {}],
      },
    }
    const { runs, remarks } = reading(JSON.stringify({ results: { version: 9, results: [row, { vars: {} }] } }))
    expect(runs[0]?.results[0]).toMatchObject({
      provider: 'openai',
      model: 'gpt-x',
      output: '{"a":1}',
      inputTokens: 10,
      outputTokens: 0,
      costMicrocents: 25_000,
      latencyMs: null,
      quality: 50,
      assertionResults: [{ text: 'g-eval: v', passed: false, score: 0.5, weight: 2 }],
      case: { key: '[null,[]]', prompt: 'p' },
    })
    expect(remarks.map(remark => remark.path)).toEqual([
      'results.json: results.version',
      'results.json: results.results[0].gradingResult.componentResults[1]',
      'results.json: results.results[1]',
    ])
  })

  test.each([
    ['{}', 'no output of promptfoo'],
    ['{"results": {"results": []}}', 'no results that can be read'],
    ['[', 'not valid JSON'],
  ])('%s is refused in words', (text, message) => {
    expect(read(text)).toMatchObject({ ok: false, message: expect.stringContaining(message) })
  })
})
