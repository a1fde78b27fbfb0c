import { countsOf, outcomeOf, type ReportedResult, type ReportedRun, totalsOf } from './report.ts'

/**
 * Runs as Markdown, for a pull request or a file: what each comes to, then case × run, then what failed with its evidence.
 * Names and evidence are other people's words: nothing of them becomes markup.
 */
export function writeMarkdown(runs: readonly ReportedRun[]): string {
  const parts = ['# Benchmark report', summary(runs), remarks(runs), matrix(runs), failures(runs)]
  return `${parts.filter(part => part !== '').join('\n\n')}\n`
}

function summary(runs: readonly ReportedRun[]): string {
  const head = [
    'Run',
    'Model',
    'Quality',
    'Assertions',
    'Passed',
    'Failed',
    'Errors',
    'Not judged',
    'Cost per use',
    'Latency',
  ]
  const rows = runs.flatMap(run =>
    [...Map.groupBy(run.results, one => one.model)].map(([model, results]) => {
      const totals = totalsOf(results)
      const rate = totals.passRate === null ? '–' : `${(totals.passRate * 100).toFixed(1)}%`
      return [
        `${run.skill} ${run.label}${run.baseline ? ' (no skill)' : ''}`,
        model,
        totals.quality === null ? '–' : totals.quality.toFixed(1),
        rate,
        totals.passed,
        totals.failed,
        totals.error,
        totals.unjudged,
        totals.costMicrocents === null ? '–' : `$${(totals.costMicrocents / totals.priced / 1e8).toFixed(6)}`,
        totals.latencyMs === null ? '–' : `${Math.round(totals.latencyMs)} ms`,
      ]
    }),
  )
  return table(head, rows)
}

/** What keeps these runs from being compared, and where they came from. */
function remarks(runs: readonly ReportedRun[]): string {
  const alike = new Set(runs.map(run => JSON.stringify([run.caseSetHash, run.judgeModel])))
  const lines = runs.flatMap(run => [
    ...(run.source === null ? [] : [`${run.skill} ${run.label}: imported from ${run.source}.`]),
    ...(run.status === 'completed' ? [] : [`${run.skill} ${run.label}: ${run.status}, so not whole.`]),
  ])
  if (alike.size > 1)
    lines.unshift('These runs had other cases or other judges: their figures are not to be subtracted.')
  return lines.map(line => `- ${plain(line)}`).join('\n')
}

const MARKS = { passed: 'pass', failed: 'fail', error: 'error', unjudged: '–' } as const

function matrix(runs: readonly ReportedRun[]): string {
  const columns = runs.flatMap(run =>
    [...Map.groupBy(run.results, one => one.model)].map(([model, results]) => ({
      name: `${run.label} · ${model}`,
      byCase: Map.groupBy(results, one => one.caseName),
    })),
  )
  const names = [...new Set(columns.flatMap(column => [...column.byCase.keys()]))].sort((a, b) =>
    a.localeCompare(b, 'en'),
  )
  if (names.length === 0) return ''
  const rows = names.map(name => [name, ...columns.map(column => cell(column.byCase.get(name) ?? []))])
  return `## Cases\n\n${table(['Case', ...columns.map(column => column.name)], rows)}`
}

/** 'pass 100', or for repeats '2 of 3 · 81'. */
function cell(results: readonly ReportedResult[]): string {
  const [first] = results
  if (!first) return ''
  const { quality } = totalsOf(results)
  const figure = quality === null ? '' : ` ${Math.round(quality)}`
  if (results.length === 1) {
    const counts = countsOf(first)
    return `${MARKS[outcomeOf(first)]}${counts.total > 0 ? ` ${counts.passed}/${counts.total}` : figure}`
  }
  const passed = results.filter(one => outcomeOf(one) === 'passed').length
  return `${passed} of ${results.length}${figure === '' ? '' : ` ·${figure}`}`
}

/** Longer lists are what the app is for. */
const LISTED = 100

function failures(runs: readonly ReportedRun[]): string {
  const found = runs.flatMap(run =>
    run.results.filter(result => ['failed', 'error'].includes(outcomeOf(result))).map(result => ({ run, result })),
  )
  if (found.length === 0) return ''
  const lines = found.slice(0, LISTED).map(({ run, result }) => {
    const name = `**${plain(result.caseName)}** · ${plain(run.label)} · ${plain(result.model)}${result.repeat > 1 ? ` (${result.repeat})` : ''}`
    const failed = result.assertions.filter(one => one.passed === false)
    const why = result.error !== null ? [`  - error: ${plain(result.error)}`] : failed.map(sayFailed)
    return [`- ${name}`, ...(why.length > 0 ? why : result.notes ? [`  - ${plain(result.notes)}`] : [])].join('\n')
  })
  const more = found.length > LISTED ? `\n- and ${found.length - LISTED} more` : ''
  return `## What failed\n\n${lines.join('\n')}${more}`
}

const sayFailed = (one: { text: string; evidence: string | null }): string =>
  `  - ${plain(one.text)}${one.evidence ? `: ${plain(one.evidence)}` : ''}`

function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const line = (cells: readonly (string | number)[]) => `| ${cells.map(one => plain(String(one))).join(' | ')} |`
  return [line(head), `|${head.map(() => ' --- |').join('')}`, ...rows.map(line)].join('\n')
}

/**
 * One line of text without markup: Markdown's own characters escaped, invisible ones removed, addresses no links, and an @ that
 * calls nobody where the report is posted.
 */
function plain(text: string): string {
  const line = text
    .toWellFormed()
    .replace(/[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]+/g, ' ')
    .trim()
  const short = [...line].slice(0, 500).join('')
  return `${short}${short.length < line.length ? '…' : ''}`
    .replace(/[\\`*_[\]<>|#~]/g, mark => `\\${mark}`)
    .replaceAll('://', '\\://')
    .replace(/www\./gi, address => `${address.slice(0, -1)}\\.`)
    .replaceAll('@', '@\u200b')
}
