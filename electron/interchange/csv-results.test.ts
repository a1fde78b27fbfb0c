import { describe, expect, test } from 'vitest'
import { readCsvResults } from './csv-results.ts'
import { treeOfBytes } from './source-tree.ts'

const read = (text: string) => {
  const opened = treeOfBytes('results.csv', Buffer.from(text))
  if (!opened.ok) throw new Error(opened.message)
  return readCsvResults(opened.tree, 'results.csv')
}

describe('a table of results', () => {
  test('runs by configuration, repeats counted, what is no figure not known', () => {
    const result = read(
      [
        'Case,Configuration,Model,Score,Passed,Cost USD,Latency (s),latency_s,Output,Owner',
        'a,with_skill,claude-x,80,PASS,$0.0002,,1.5,"said ""hi""",Ada',
        'a,with_skill,claude-x,,FAIL,,,,,',
        'b,with_skill,claude-x,120,,abc,,,,',
        'a,without_skill,claude-x,,maybe,0,,,,',
        ',with_skill,,1,,,,,,',
      ].join('\n'),
    )
    if (!result.ok) throw new Error(result.message)
    expect(result.runs).toMatchObject([
      {
        configuration: 'with_skill',
        baseline: false,
        results: [
          {
            case: { key: 'a' },
            provider: 'anthropic',
            repeat: 1,
            quality: 80,
            matches: true,
            costMicrocents: 20_000,
            latencyMs: 1_500,
            output: 'said "hi"',
          },
          { repeat: 2, quality: 0, matches: false, costMicrocents: null, latencyMs: null },
          { case: { key: 'b' }, quality: null, costMicrocents: null },
        ],
      },
      { configuration: 'without_skill', baseline: true, results: [{ quality: null, matches: null }] },
    ])
    expect(result.remarks.map(remark => remark.path)).toEqual([
      'results.csv: column Latency (s)',
      'results.csv: column Owner',
      'results.csv: row 4, cost',
      'results.csv: row 4, score',
      'results.csv: row 5, cost',
      'results.csv: row 5, passed',
      'results.csv: row 6',
    ])
  })

  test.each([
    ['score\n1\n', 'no column called case'],
    ['case,model\na,b\n', 'no column called score'],
    ['name,word,[echo] Say {{word}},Grader\na,b,c,d\n', 'have it write JSON'],
    ['case,score\n,,\n', 'no row that can be read'],
  ])('%j is refused in words', (text, message) => {
    expect(read(text)).toMatchObject({ ok: false, message: expect.stringContaining(message) })
  })

  test('a placeholder is no figure and no name', () => {
    const result = read(
      'case,model,judge,score,cost,total_tokens,latency_ms\nA,<model-name>,TBD,0,0,0,0\nB,north,,100,0.01,12,5\n',
    )
    if (!result.ok) throw new Error(result.message)
    const { runs, remarks } = result
    const [a, b] = runs.flatMap(run => run.results)
    expect(a).toMatchObject({ model: 'unknown', quality: 0, costMicrocents: null, totalTokens: null, latencyMs: null })
    expect(b).toMatchObject({ model: 'north', quality: 100, costMicrocents: 1_000_000, totalTokens: 12, latencyMs: 5 })
    expect(remarks).toHaveLength(5)
  })
})
