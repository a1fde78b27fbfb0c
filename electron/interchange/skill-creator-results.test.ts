import fs from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { projectDir } from '../../test/support/backend.ts'
import type { ImportedRun } from './case-forms.ts'
import { readSkillCreatorResults } from './skill-creator-results.ts'
import { type SourceTree, treeOfBytes } from './source-tree.ts'

const treeOf = (files: Record<string, unknown>): SourceTree => ({
  name: 'some-workspace',
  main: undefined,
  paths: Object.keys(files).sort(),
  read: one =>
    Object.hasOwn(files, one)
      ? Buffer.from(typeof files[one] === 'string' ? String(files[one]) : JSON.stringify(files[one]))
      : undefined,
})
const reading = (files: Record<string, unknown>) => {
  const result = readSkillCreatorResults(treeOf(files))
  if (!result.ok) throw new Error(result.message)
  return result
}
const gke = path.resolve(projectDir, '..', 'shared', 'data', 'benchmarks', 'gke-upgrades.tar.gz')

describe('skill-creator’s results', () => {
  test.skipIf(!fs.existsSync(gke))(
    'nine iterations in the forms they took: their own pass rates (skipped without the shared data)',
    () => {
      const opened = treeOfBytes('gke-upgrades.tar.gz', fs.readFileSync(gke))
      if (!opened.ok) throw new Error(opened.message)
      const { tree } = opened
      const result = readSkillCreatorResults(tree)
      if (!result.ok) throw new Error(result.message)
      const stated = tree.paths
        .filter(one => one.endsWith('/benchmark.json'))
        .flatMap(file => statedIn(JSON.parse(Buffer.from(tree.read(file) ?? []).toString('utf8'))))
      expect(result.runs.map(run => `${run.group} ${run.configuration}`).sort()).toEqual(
        stated.map(one => `${one.group} ${one.configuration}`).sort(),
      )
      expect(result.runs).toHaveLength(20)
      const unlike: string[] = []
      for (const one of stated) {
        const run = result.runs.find(each => each.group === one.group && each.configuration === one.configuration)
        if (!run) throw new Error('a run is missing')
        expect(one.rate(run), `${one.group} ${one.configuration}`).toBe(one.stated)
        for (const each of run.results) {
          expect(each.assertionResults).toHaveLength(Number(each.details.total))
          expect(each.assertionResults.every(graded => graded.evidence !== null)).toBe(true)
          if (each.assertionResults.filter(graded => graded.passed).length !== each.details.passed)
            unlike.push(`${run.group} ${run.configuration} ${each.case.key}`)
        }
      }
      // Three evals of one iteration: benchmark.json and the gradings beside it do not agree.
      expect(unlike).toEqual([
        'iteration-21 with_skill 4',
        'iteration-21 without_skill 1',
        'iteration-21 without_skill 2',
      ])
      expect(result.remarks.map(remark => remark.message)).toEqual([
        'It says that 9 passed; its grading says 7.',
        'It says that 6 passed; its grading says 4.',
        'It says that 9 passed; its grading says 7.',
      ])
      expect(result.runs.filter(run => run.baseline)).toHaveLength(10)
      expect(new Set(result.runs.flatMap(run => run.results.map(one => one.model)))).toEqual(
        new Set(['claude-opus-4-6', 'claude', 'gemini', 'unknown']),
      )
      const first = result.runs.find(run => run.group === 'iteration-1' && !run.baseline)
      expect(first?.results[0]).toMatchObject({ latencyMs: 70_397, totalTokens: 33_636, details: { toolCalls: 3 } })
    },
  )

  test('the tool’s own layout: repeats in run folders, timing beside the grading', () => {
    const graded = (passed: boolean) => ({
      expectations: [
        { text: 'a', passed, evidence: 'e' },
        { text: 'b', passed: true, evidence: 'f' },
      ],
    })
    const { runs, remarks } = reading({
      'iteration-2/eval-0-fills/with_skill/run-1/grading.json': graded(true),
      'iteration-2/eval-0-fills/with_skill/run-1/timing.json': { total_tokens: 10, total_duration_seconds: 1.5 },
      'iteration-2/eval-0-fills/with_skill/run-2/grading.json': graded(false),
      'iteration-2/eval-0-fills/without_skill/run-1/grading.json': { expectations: [] },
    })
    expect(runs).toMatchObject([
      {
        configuration: 'with_skill',
        group: 'iteration-2',
        results: [
          { repeat: 1, quality: 100, matches: true, latencyMs: 1_500, totalTokens: 10, case: { key: '0' } },
          { repeat: 2, quality: 50, matches: false, latencyMs: null },
        ],
      },
    ])
    expect(remarks).toMatchObject([{ path: 'iteration-2/eval-0-fills/without_skill/run-1/grading.json' }])
  })

  test('what its parts do not give is said, not mended; what cannot be read is listed', () => {
    const { runs, remarks } = reading({
      'benchmark.json': {
        with_skill: { evals: [{ eval_id: 1, pass_count: 1, total: 4 }, { pass_rate: 1 }], overall_pass_rate: 0.9 },
        old_skill: { evals: [{ eval_id: 1, pass_rate: 0.5 }, { eval_id: 2 }, { eval_id: 3, pass_rate: 7 }] },
        wrong: 3,
      },
      'with_skill/eval-1-grading.json': {
        assertions: [{ expectation: 'a', passed: true }, { expectation: 'b', passed: true }, { expectation: 'c' }],
      },
      'other/benchmark.json': '{',
      'third/benchmark.json': { runs: [{ eval_id: 1 }] },
    })
    expect(runs.map(run => [run.configuration, run.results.map(one => one.quality)])).toEqual([
      ['with_skill', [25]],
      ['old_skill', [50, null, null]],
    ])
    expect(remarks.map(remark => remark.path)).toEqual([
      'benchmark.json: with_skill.evals[1]',
      'benchmark.json: with_skill, eval 1',
      'benchmark.json: with_skill',
      'benchmark.json: old_skill, eval 3',
      'benchmark.json: wrong',
      'other/benchmark.json',
      'third/benchmark.json: runs[0]',
      'third/benchmark.json',
    ])
  })

  const graded = (...passed: boolean[]) => ({
    expectations: passed.map((one, at) => ({ text: `e${at}`, passed: one })),
  })

  test('what only holds a place is no figure', () => {
    const { runs, remarks } = reading({
      'benchmark.json': {
        metadata: { executor_model: '<model-name>', analyzer_model: '<model-name>' },
        runs: [
          {
            eval_id: 1,
            configuration: 'with_skill',
            run_number: 1,
            result: { pass_rate: 0, passed: 0, total: 0, time_seconds: 0.0, tokens: 0 },
          },
          {
            eval_id: 2,
            configuration: 'with_skill',
            run_number: 1,
            summary: { pass_rate: 0.5, passed: 1, total: 2, time_seconds: 3, tokens: 812 },
          },
          { eval_id: 3, configuration: 'with_skill', run_number: 1, result: { pass_rate: 0, passed: 0, total: 0 } },
          { eval_id: 4, configuration: 'with_skill', run_number: 1, result: { pass_rate: 85 } },
        ],
        run_summary: { with_skill: { pass_rate: { mean: 0.0 } } },
      },
      'eval-1/with_skill/run-1/grading.json': graded(true, true, false),
      'eval-1/with_skill/run-1/timing.json': { total_tokens: 0, total_duration_seconds: 0.0 },
      'eval-2/with_skill/run-1/grading.json': { ...graded(true, false), execution_metrics: { output_chars: 812 } },
    })
    expect(runs).toHaveLength(1)
    expect(runs[0]).toMatchObject({ judgeModel: null })
    expect(runs[0]?.results).toMatchObject([
      { quality: expect.closeTo(66.67, 1), matches: false, totalTokens: null, latencyMs: null, model: 'unknown' },
      { quality: 50, totalTokens: null, latencyMs: 3_000 },
      { quality: null, matches: null },
      { quality: null, matches: null },
    ])
    expect(remarks.map(({ message }) => message)).toEqual([
      '“<model-name>” is no name, so it is not known.',
      '“<model-name>” is no name, so it is not known.',
      'Its 812 tokens are the number of characters of the output, so the tokens are not known.',
      'It says 0 of 0, which is no result: its grading says 2 of 3, which was taken.',
      'It says 0 of 0, which is no result: nothing is known.',
      'A pass rate of 85 is no share from 0 to 1, so it was not taken.',
      'It says a pass rate of 0; its evals give 0.600 or 0.583.',
    ])
  })

  test('a benchmark.json without runs does not hide the gradings beside it', () => {
    for (const value of [{ runs: [] }, { metadata: {} }, { with_skill: { evals: [] } }]) {
      const { runs, remarks } = reading({
        'iteration-1/benchmark.json': value,
        'iteration-1/eval-1/with_skill/grading.json': graded(true, false),
        'iteration-1/eval-1/without_skill/grading.json': graded(false),
      })
      expect(runs.map(run => [run.group, run.configuration, run.results[0]?.quality])).toEqual([
        ['iteration-1', 'with_skill', 50],
        ['iteration-1', 'without_skill', 0],
      ])
      expect(remarks.map(({ message }) => message)).toEqual(['It has no results; the gradings beside it were taken.'])
    }
  })

  test('configurations as a list, and folders of configurations with their evals in them', () => {
    const listed = reading({
      'benchmark.json': {
        configurations: [
          { name: 'with_skill', evals: [{ eval_id: 1, pass_count: 1, total: 2 }], overall_pass_rate: 0.5 },
          { evals: [] },
        ],
      },
    })
    expect(listed.runs).toMatchObject([{ configuration: 'with_skill', results: [{ quality: 50 }] }])
    expect(listed.remarks).toMatchObject([{ path: 'benchmark.json: configurations[1]' }])
    const { runs } = reading({
      'w/with_skill/eval-1/grading.json': graded(true),
      'w/without_skill/eval-1/grading.json': graded(false),
    })
    expect(runs).toMatchObject([
      { configuration: 'with_skill', results: [{ quality: 100, case: { key: '1' } }] },
      { configuration: 'without_skill', baseline: true, results: [{ quality: 0, case: { key: '1' } }] },
    ])
  })

  test('what lies inside an output is not another run', () => {
    const { runs, remarks } = reading({
      'iteration-1/eval-1/with_skill/grading.json': graded(true),
      'iteration-1/eval-1/with_skill/outputs/eval-9/without_skill/grading.json': graded(false),
      'iteration-1/eval-1/with_skill/without_skill/inner/grading.json': graded(false),
    })
    expect(runs.map(run => [run.group, run.configuration])).toEqual([['iteration-1', 'with_skill']])
    expect(remarks.map(({ message }) => message)).toEqual([
      'It lies inside the output of another run, so it was left out.',
      'It lies inside the output of another run, so it was left out.',
    ])
  })

  test('a folder without results is refused in words', () => {
    expect(readSkillCreatorResults(treeOf({ 'notes.txt': 'hi' }))).toMatchObject({
      ok: false,
      message: expect.stringContaining('no benchmark.json'),
    })
  })
})

type Stated = { group: string; configuration: string; stated: number; rate: (run: ImportedRun) => number }

/** Read here by other code than the reader's: a test that shares it would share its mistakes. */
function statedIn(value: Record<string, never>): Stated[] {
  if (Array.isArray(value.runs)) {
    const { delta: _, ...summary }: Record<string, { pass_rate: { mean: number } }> = value.run_summary ?? {}
    return Object.entries(summary).map(([configuration, one]) => ({
      group: 'iteration-1',
      configuration,
      stated: one.pass_rate.mean,
      rate: run =>
        Number((run.results.reduce((sum, each) => sum + (each.quality ?? 0), 0) / run.results.length / 100).toFixed(2)),
    }))
  }
  const configurations = Object.entries<{ evals?: unknown[]; overall_pass_rate?: number }>(value)
  return configurations.flatMap(([configuration, one]) =>
    one.evals !== undefined && one.evals.length > 0
      ? [
          {
            group: `iteration-${value.iteration}`,
            configuration,
            stated: one.overall_pass_rate ?? Number.NaN,
            rate: run => {
              const sum = (key: string) => run.results.reduce((total, each) => total + Number(each.details[key]), 0)
              return Number((sum('passed') / sum('total')).toFixed(3))
            },
          },
        ]
      : [],
  )
}
