import { type ImportedResult, type ImportedRun, Remarks, type ResultsRead } from './case-forms.ts'
import { columnOf, readTable } from './csv-text.ts'
import { isBaselineName, isPlaceholderName, providerOf } from './model-names.ts'
import { readText } from './parse-text.ts'
import { Repeats } from './repeats.ts'
import type { SourceTree } from './source-tree.ts'

const COLUMNS = {
  case: ['case', 'case_name', 'test', 'eval', 'eval_name', 'name'],
  key: ['case_id', 'eval_id', 'id'],
  prompt: ['prompt', 'input', 'question'],
  expected: ['expected', 'expected_output'],
  configuration: ['configuration', 'config', 'version', 'variant'],
  run: ['run', 'group', 'iteration', 'experiment'],
  date: ['date', 'timestamp', 'time', 'created_at'],
  model: ['model', 'model_name'],
  provider: ['provider', 'model_provider'],
  repeat: ['repeat', 'run_number', 'attempt'],
  output: ['output', 'output_produced', 'response', 'answer'],
  score: ['score', 'quality', 'quality_score'],
  rate: ['pass_rate'],
  passed: ['passed', 'pass', 'success', 'status', 'result'],
  input: ['input_tokens', 'prompt_tokens'],
  outputTokens: ['output_tokens', 'completion_tokens'],
  total: ['total_tokens', 'tokens'],
  cost: ['cost_usd', 'cost', 'cost_dollars'],
  latency: ['latency_ms', 'latency', 'duration_ms'],
  seconds: ['latency_s', 'time_seconds', 'duration_s', 'seconds'],
  notes: ['notes', 'reason', 'comment'],
  error: ['error', 'error_message'],
  judge: ['judge', 'judge_model', 'grader'],
} as const
type Column = keyof typeof COLUMNS

/**
 * A table with a row for each output: case (or id) and score (0–100), pass_rate (0–1) or passed; besides, where there are
 * such columns, configuration, run, date, model, repeat, output, tokens, cost in dollars, latency, notes, error and judge.
 */
export function readCsvResults(tree: SourceTree, path: string): ResultsRead {
  const decoded = readText(tree, path)
  if (!decoded.ok) return decoded
  const table = readTable(decoded.text)
  if (!table) return { ok: false, message: `“${path}” is no table that can be read.` }
  const at = new Map(Object.entries(COLUMNS).map(([name, names]) => [name, columnOf(table.header, names)]))
  const has = (name: Column) => (at.get(name) ?? -1) !== -1
  if (!has('case') && !has('key'))
    return { ok: false, message: `“${path}” has no column called case (or eval_name, test, case_id).` }
  if (!has('score') && !has('rate') && !has('passed'))
    return {
      ok: false,
      message: `“${path}” has no column called score, pass_rate or passed.${isPromptfoo(table.header) ? ' It is a table of promptfoo’s: have it write JSON (-o results.json).' : ''}`,
    }
  const remarks = new Remarks()
  const used = new Set(at.values())
  for (const [column, title] of table.header.entries())
    if (title !== '' && !used.has(column)) remarks.add(`${path}: column ${title}`, 'Not understood, so not taken.')
  const rows = table.rows.flatMap((row, index) => {
    const cell = (name: Column) => (row[at.get(name) ?? -1] ?? '').trim()
    return row.every(one => one === '') ? [] : (readRow(cell, `${path}: row ${index + 2}`, remarks) ?? [])
  })
  const runs = group(rows, tree.name)
  if (runs.length === 0) return { ok: false, message: `“${path}” has no row that can be read.` }
  return { ok: true, form: 'csv', file: path, toolVersion: null, runs, remarks: remarks.list }
}

const isPromptfoo = (header: readonly string[]): boolean => header.some(title => /^\[[^\]]+\] /.test(title))

type Row = { configuration: string; run: string; at: number | null; judge: string | null; result: ImportedResult }

function readRow(cell: (name: Column) => string, where: string, remarks: Remarks): Row | undefined {
  const key = cell('key') || cell('case')
  if (key === '') {
    remarks.add(where, 'It names no case, so it was left out.')
    return undefined
  }
  const number = (name: Column): number | null => {
    const text = cell(name).replace(/^\$/, '').replace(/%$/, '')
    if (text === '') return null
    const value = Number(text)
    if (Number.isFinite(value) && value >= 0) return value
    remarks.add(`${where}, ${name}`, `“${text.slice(0, 40)}” is no figure, so it is not known.`)
    return null
  }
  const whole = (name: Column): number | null => {
    const value = number(name)
    return value === null ? null : Math.round(value)
  }
  // Nothing that was asked takes no tokens, no time and no money: a 0 there was never measured.
  const spent = (name: Column, value: number | null): number | null => {
    if (value !== 0) return value
    remarks.add(`${where}, ${name}`, '0 was never measured, so it is not known.')
    return null
  }
  const named = (name: Column): string | null => {
    const text = cell(name)
    if (text === '' || !isPlaceholderName(text)) return text || null
    remarks.add(`${where}, ${name}`, `“${text.slice(0, 40)}” is no name, so it is not known.`)
    return null
  }
  const said = cell('date') === '' ? Number.NaN : Date.parse(cell('date'))
  const model = named('model') ?? 'unknown'
  const cost = spent('cost', number('cost'))
  const seconds = spent('seconds', number('seconds'))
  const matches = readPassed(cell('passed'), where, remarks)
  const configuration = cell('configuration') || 'results'
  const result: ImportedResult = {
    case: {
      key,
      name: cell('case') || `Case ${key}`,
      prompt: cell('prompt') || null,
      expectedOutput: cell('expected') || null,
      assertions: undefined,
    },
    model,
    provider: cell('provider') || providerOf(model),
    repeat: Math.max(1, whole('repeat') ?? 1),
    input: null,
    output: cell('output') || null,
    inputTokens: spent('input', whole('input')),
    outputTokens: whole('outputTokens'),
    cacheReadTokens: null,
    cacheWriteTokens: null,
    totalTokens: spent('total', whole('total')),
    costMicrocents: cost === null ? null : Math.round(cost * 100_000_000),
    latencyMs: spent('latency', whole('latency')) ?? (seconds === null ? null : Math.round(seconds * 1_000)),
    quality:
      cell('error') !== '' && cell('score') === ''
        ? null
        : qualityOf(number('score'), number('rate'), matches, where, remarks),
    matches,
    notes: cell('notes') || null,
    error: cell('error') || null,
    assertionResults: [],
    details: {},
  }
  return {
    configuration,
    run: cell('run'),
    at: Number.isFinite(said) ? said : null,
    judge: named('judge'),
    result,
  }
}

function qualityOf(
  score: number | null,
  rate: number | null,
  matches: boolean | null,
  where: string,
  remarks: Remarks,
): number | null {
  const value = score ?? (rate === null ? null : rate * 100) ?? (matches === null ? null : matches ? 100 : 0)
  if (value === null || value <= 100) return value
  remarks.add(`${where}, score`, `${value} is more than 100, so it is not known.`)
  return null
}

function readPassed(text: string, where: string, remarks: Remarks): boolean | null {
  if (text === '') return null
  if (/^(true|yes|y|1|pass(ed)?|ok|success)$/i.test(text)) return true
  if (/^(false|no|n|0|fail(ed)?|failure)$/i.test(text)) return false
  if (!/^(error|skipped|unknown|n\/a|-)$/i.test(text))
    remarks.add(`${where}, passed`, `“${text.slice(0, 40)}” is neither passed nor failed.`)
  return null
}

/** One run for each run, configuration and judge; repeats of a row that has no number are counted. */
function group(rows: readonly Row[], name: string): ImportedRun[] {
  const byRun = Map.groupBy(rows, row => JSON.stringify([row.run, row.configuration, row.judge]))
  return [...byRun.values()].flatMap(members => {
    const [first] = members
    if (!first) return []
    const repeats = new Repeats()
    const results = members.map(({ result }) => ({
      ...result,
      repeat: repeats.next(JSON.stringify([result.case.key, result.model]), result.repeat),
    }))
    const newest = members.reduce<number | null>((most, { at }) => (at === null || (most ?? at) > at ? most : at), null)
    return [
      {
        configuration: first.configuration,
        baseline: isBaselineName(first.configuration),
        group: first.run || name,
        at: newest,
        judgeModel: first.judge,
        results,
        facts: {},
      },
    ]
  })
}
