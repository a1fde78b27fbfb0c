import { afterAll, describe, expect, test } from 'vitest'
import type { Assertion } from '../../../shared/domain/benchmark/assertion.ts'
import { jsonWithin } from './find-json.ts'
import { type Finding, gradeOutput } from './grade.ts'
import { GradingRoom } from './room.ts'
import { wordF1 } from './similarity.ts'

const room = new GradingRoom()
afterAll(() => room.close())

const grade = (
  assertions: Assertion[],
  output: string,
  judged: Finding[] = [],
  ms: number | null = 120,
  cost: number | null = 5_000,
) => gradeOutput(assertions, { output, ms, cost }, room, judged)
const passed = async (assertion: Assertion, output: string) => (await grade([assertion], output)).results[0]?.passed

describe('each demand', () => {
  const cases: [Assertion, yes: string, no: string][] = [
    [{ type: 'equals', value: ' Yes ' }, 'Yes\n', 'yes'],
    [{ type: 'equals', value: 'Yes', ignoreCase: true }, 'YES', 'Yes!'],
    [{ type: 'contains', value: 'two' }, 'one two three', 'one Two three'],
    [{ type: 'contains', value: 'two', ignoreCase: true }, 'one TWO', 'one'],
    [{ type: 'contains', value: 'two', not: true }, 'one', 'one two'],
    [{ type: 'contains-all', values: ['a', 'b'] }, 'b a', 'a'],
    [{ type: 'contains-any', values: ['a', 'b'] }, 'b', 'c'],
    [{ type: 'contains-any', values: ['a', 'b'], not: true }, 'c', 'b'],
    [{ type: 'starts-with', value: '# ' }, '\n# Title', 'Title'],
    [{ type: 'regex', value: '^v\\d+$', flags: 'm' }, 'x\nv12\ny', 'x v12'],
    [{ type: 'json', where: 'whole' }, ' {"a": 1} ', 'Here: {"a": 1}'],
    [{ type: 'json', where: 'within' }, 'Here you are: ```json\n{"a": "}"}\n``` Enjoy.', 'no { json here'],
    [
      {
        type: 'json',
        where: 'within',
        schema: { type: 'object', required: ['a'], properties: { a: { type: 'integer' } } },
      },
      'So: {"a": 3}',
      'So: {"a": "3"}',
    ],
    [
      {
        type: 'json',
        where: 'whole',
        schema: { $schema: 'https://json-schema.org/draft/2020-12/schema', prefixItems: [{ type: 'string' }] },
      },
      '["x", 1]',
      '[1]',
    ],
    [{ type: 'similar', value: 'the quick brown fox', threshold: 0.75 }, 'The quick, brown dog', 'a slow red fox'],
    [{ type: 'length', unit: 'words', max: 3 }, 'one two three', 'one two three four'],
    [{ type: 'length', unit: 'lines', min: 2 }, 'a\nb', 'a'],
    [{ type: 'length', unit: 'characters', min: 2, max: 2 }, '🙂🙂', '🙂'],
  ]
  test.each(cases)('%j', async (assertion, yes, no) => {
    expect(await passed(assertion, yes)).toBe(true)
    expect(await passed(assertion, no)).toBe(false)
  })

  test('time and money: held against what is known; not graded where it is not', async () => {
    const demands: Assertion[] = [
      { type: 'latency', maxMs: 100 },
      { type: 'cost', maxMicrocents: 5_000 },
    ]
    expect((await grade(demands, 'x')).results.map(one => one.passed)).toEqual([false, true])
    expect((await grade(demands, 'x', [], null, null)).results.map(one => one.passed)).toEqual([null, null])
  })
})

describe('the score', () => {
  test('100 × the weight of what passed by the weight of all', async () => {
    const demands: Assertion[] = [
      { type: 'contains', value: 'a', weight: 3 },
      { type: 'contains', value: 'z' },
      { type: 'contains', value: 'y', weight: 0 },
    ]
    expect(await grade(demands, 'abc')).toMatchObject({ score: 75, matches: false })
    expect(await grade(demands, 'abcz')).toMatchObject({ score: 100, matches: true })
  })

  test('a judge that failed leaves no score, with its reason; what is not graded here has no part', async () => {
    const demands: Assertion[] = [
      { type: 'contains', value: 'a' },
      { type: 'rubric', value: 'is kind' },
      { type: 'unsupported', name: 'python', source: null },
    ]
    const failed = await grade(demands, 'abc', [{ passed: null, evidence: 'The judge’s answer could not be read.' }])
    expect(failed).toMatchObject({ score: null, matches: null, notes: 'The judge’s answer could not be read.' })
    expect(await grade(demands, 'abc', [{ passed: true, evidence: '“b”' }])).toMatchObject({
      score: 100,
      matches: true,
    })
    expect(await grade(demands.slice(2), 'abc')).toMatchObject({ score: null, matches: null })
    expect(await grade([], 'abc')).toMatchObject({ score: null })
  })
})

describe('hostile patterns and schemas', () => {
  const evil = `${'a'.repeat(40)}!`

  test('a pattern that would run for years is given up, is no failure of the output, and the next one works', async () => {
    const graded = await grade(
      [
        { type: 'regex', value: '^(a+)+$' },
        { type: 'regex', value: 'a!' },
      ],
      evil,
    )
    expect(graded.results.map(one => one.passed)).toEqual([null, true])
    expect(graded).toMatchObject({ score: null, notes: expect.stringContaining('took too long') })
  })

  test('so is a schema with such a pattern; one that is none, or points elsewhere, is said to be', async () => {
    const json = JSON.stringify(evil)
    const schema = (one: Record<string, string>): Assertion => ({ type: 'json', where: 'whole', schema: one })
    const demands = [
      schema({ type: 'string', pattern: '^(a+)+$' }),
      schema({ type: 'no such type' }),
      schema({ $ref: 'https://example.com/schema.json' }),
      schema({ type: 'string' }),
    ]
    const { results } = await grade(demands, json)
    expect(results.map(one => one.passed)).toEqual([null, null, null, true])
    expect(results[1]?.evidence).toContain('cannot be used')
  })

  test('a pattern that is none is said to be; no pattern reaches this process', async () => {
    const graded = await grade([{ type: 'regex', value: '([' }], 'x')
    expect(graded.results[0]).toMatchObject({ passed: null, evidence: expect.stringContaining('not one') })
  })

  test('brackets without end are looked at for a while only', () => {
    expect(jsonWithin('['.repeat(200_000))).toBeUndefined()
    expect(jsonWithin(`${'{'.repeat(300)} and then [1, 2]`)).toBe('[1, 2]')
  })
})

test('likeness of words is symmetric, 1 for the same and 0 for nothing in common', () => {
  expect(wordF1('a b b c', 'c b a b')).toBe(1)
  expect(wordF1('a b', 'c d')).toBe(0)
  expect(wordF1('', '')).toBe(1)
  expect(wordF1('', 'a')).toBe(0)
  // SQuAD's example of the measure: 2 of 3 words in common on one side, 2 of 2 on the other.
  expect(wordF1('Denver Broncos team', 'Denver Broncos')).toBeCloseTo(0.8)
})
