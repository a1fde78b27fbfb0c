import { afterAll, describe, expect, test } from 'vitest'
import { type Assertion, type Json, readAssertions } from '../../../shared/domain/benchmark/assertion.ts'
import { PATTERN_LIMITS, patternProblem, schemaProblem } from '../../../shared/domain/benchmark/pattern.ts'
import { gradeOutput } from './grade.ts'
import { GradingRoom } from './room.ts'

const room = new GradingRoom()
afterAll(() => room.close())

const fill = (unit: string, characters: number): string =>
  unit.repeat(Math.ceil(characters / unit.length)).slice(0, characters)
const nested = (open: string, close: string, times: number) => open.repeat(times) + close.repeat(times)

/** A case's patterns as they may come from a registry, not through this app's own checks: the type alone is right. */
const pattern = (value: string, flags?: string): Assertion => ({ type: 'regex', value, ...(flags && { flags }) })
const schema = (one: Extract<Assertion, { type: 'json' }>['schema']): Assertion => ({
  type: 'json',
  where: 'whole',
  schema: one,
})
const inside = (times: number): { [key: string]: Json } => (times === 0 ? {} : { not: inside(times - 1) })
const REFUSED: [string, Assertion][] = [
  ['100 kB of groups', pattern(nested('(a|', ')', 25_000))],
  ['groups within the characters', pattern(nested('(a|', ')', 400))],
  ['lookbehinds inside each other', pattern(nested('(?<=', ')', 300))],
  ['an alternation of 100 kB', pattern(fill('ab|', 100_000))],
  ['a schema with a pattern of 100 kB', schema({ type: 'string', pattern: nested('(a|', ')', 25_000) })],
  ['a schema with such a pattern for names', schema({ patternProperties: { [nested('(a|', ')', 25_000)]: true } })],
  ['a schema inside 100 schemas', schema(inside(100))],
  ['a schema of 10,000 parts', schema({ enum: Array.from({ length: 10_000 }, (_, n) => n) })],
]
/** Within the limits: they run, and are given up when they take too long. */
const RUN: [string, Assertion][] = [
  ['repetitions of repetitions', pattern(`${'('.repeat(40)}a${'{1000})'.repeat(40)}`)],
  ['repetitions side by side', pattern(fill('a{1000}', 1_995))],
  ['lookbehinds side by side', pattern(fill('(?<=a*)', 1_995))],
  ['back references', pattern(`(a*)*${fill('\\1', 1_900)}b`)],
  ['a large alternation', pattern(fill('ab|', 1_999))],
  ['classes of all characters', pattern(fill('\\p{L}', 1_995), 'u')],
  ['an open group', pattern('(')],
  ['flags that do not go together', pattern('a', 'uu')],
  ['catastrophic backtracking', pattern('^(a+)+$')],
  ['a schema that refers to itself', schema({ $ref: '#' })],
  ['a schema elsewhere', schema({ $ref: 'http://127.0.0.1:9/x.json' })],
  [
    'a schema with 2,000 patterns',
    schema({ allOf: Array.from({ length: 1_000 }, (_, n) => ({ pattern: `a{${n}}` })) }),
  ],
]
const output = JSON.stringify(`${'a'.repeat(40)}!`)

describe('hostile demands', () => {
  test.each(REFUSED)('%s is not compiled, and the grade says why', async (_, demand) => {
    const { results, score } = await gradeOutput([demand], { output, ms: null, cost: null }, room, [])
    expect(results[0]).toMatchObject({ passed: null, evidence: expect.stringMatching(/is not used: /) })
    expect(score).toBeNull()
  })

  test.each(RUN)('%s is graded or given up in words, and the next pattern works', async (_, demand) => {
    const demands: Assertion[] = [demand, pattern('a!')]
    const { results } = await gradeOutput(demands, { output, ms: null, cost: null }, room, [])
    if (results[0]?.passed === null) expect(results[0].evidence).toMatch(/took too long|is not one|cannot be used/)
    expect(results[1]?.passed).toBe(true)
  })

  test('what ends the process that compiles ends no other one', async () => {
    const { pid } = process
    // Past the check, as if it had missed something.
    const answer = await room.ask({ kind: 'regex', pattern: nested('(a|', ')', 25_000), flags: '', text: 'a' })
    expect(['unusable', 'slow']).toContain(answer.kind)
    expect(process.pid).toBe(pid)
    expect(await room.ask({ kind: 'regex', pattern: 'b', flags: '', text: 'ab' })).toMatchObject({ found: { at: 1 } })
  })

  test('a longer output than anybody reads is not graded', async () => {
    const demands: Assertion[] = [
      { type: 'contains', value: 'a' },
      { type: 'similar', value: 'a', threshold: 0 },
    ]
    const long = 'a '.repeat(600_000)
    const { results } = await gradeOutput(demands, { output: long, ms: null, cost: null }, room, [])
    expect(results.map(one => one.passed)).toEqual([null, null])
    expect(results[0]?.evidence).toContain('was not graded')
  })
})

describe('where patterns come in', () => {
  test('a stored pattern beyond the limits is kept as it came and is not graded', () => {
    const long = { type: 'regex', value: 'a'.repeat(PATTERN_LIMITS.characters + 1) }
    expect(readAssertions([long, { type: 'matches', value: nested('(', ')', 60) }])).toMatchObject([
      { type: 'unsupported', name: 'regex', source: long },
      { type: 'unsupported', name: 'matches' },
    ])
  })

  test('escapes and classes are not taken for groups', () => {
    expect(patternProblem(fill('\\(', 1_000))).toBeUndefined()
    expect(patternProblem(`[${fill('(', 1_000)}]`)).toBeUndefined()
    expect(patternProblem(fill('()', 1_000))).toBeUndefined()
    expect(patternProblem(nested('(', ')', 51))).toBe('its groups are nested more than 50 deep.')
    expect(schemaProblem({ properties: { pattern: { type: 'string' } } })).toBeUndefined()
  })
})
