import { outcomeOf, type ReportedResult, type ReportedRun, totalsOf } from './report.ts'

/**
 * Runs as JUnit XML (the form that Jenkins, GitLab and others read): a test suite for each run and model, a test case for
 * each output. A failed assertion is a failure with its evidence, a failed call an error, what could not be judged skipped.
 * Output and evidence are a model's words: every character that XML cannot carry is replaced.
 */
export function writeJUnit(runs: readonly ReportedRun[]): string {
  const suites = runs.flatMap(run =>
    [...Map.groupBy(run.results, one => one.model)].map(([model, results]) => suite(run, model, results)),
  )
  const all = totalsOf(runs.flatMap(run => run.results))
  const head = attributes({
    name: 'Whetstone benchmarks',
    tests: all.results,
    failures: all.failed,
    errors: all.error,
    skipped: all.unjudged,
  })
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites ${head}>\n${suites.join('')}</testsuites>\n`
}

function suite(run: ReportedRun, model: string, results: readonly ReportedResult[]): string {
  const totals = totalsOf(results)
  const times = results.flatMap(one => one.latencyMs ?? [])
  const head = attributes({
    name: `${run.skill} ${run.label} · ${model}`,
    tests: totals.results,
    failures: totals.failed,
    errors: totals.error,
    skipped: totals.unjudged,
    ...(times.length > 0 && { time: seconds(times.reduce((total, one) => total + one, 0)) }),
    timestamp: new Date(run.createdAt).toISOString().replace(/\.\d+Z$/, ''),
  })
  const properties = {
    status: run.status,
    'case set': run.caseSetHash,
    judge: run.judgeModel,
    'price table': run.priceTableDate,
    source: run.source,
    quality: totals.quality === null ? null : totals.quality.toFixed(1),
    'pass rate': totals.passRate === null ? null : totals.passRate.toFixed(3),
  }
  const listed = Object.entries(properties).flatMap(([name, value]) =>
    value === null ? [] : [`      <property ${attributes({ name, value })}/>\n`],
  )
  const cases = results.map(result => testCase(run, result))
  return `  <testsuite ${head}>\n    <properties>\n${listed.join('')}    </properties>\n${cases.join('')}  </testsuite>\n`
}

function testCase(run: ReportedRun, result: ReportedResult): string {
  const head = attributes({
    name: result.repeat > 1 ? `${result.caseName} (${result.repeat})` : result.caseName,
    classname: `${run.skill}.${run.label}`,
    ...(result.latencyMs !== null && { time: seconds(result.latencyMs) }),
  })
  const inside =
    outcome(result) + (result.output === null ? '' : `      <system-out>${escaped(result.output)}</system-out>\n`)
  return inside === '' ? `    <testcase ${head}/>\n` : `    <testcase ${head}>\n${inside}    </testcase>\n`
}

function outcome(result: ReportedResult): string {
  switch (outcomeOf(result)) {
    case 'passed':
      return ''
    case 'error':
      return `      <error ${attributes({ message: firstLine(result.error ?? 'It failed.') })}>${escaped(result.error ?? '')}</error>\n`
    case 'unjudged':
      return `      <skipped ${attributes({ message: 'It could not be judged.' })}/>\n`
    case 'failed': {
      const failed = result.assertions.filter(one => one.passed === false)
      const message = failed[0]?.text ?? result.notes ?? 'It does not match what is expected.'
      const text = failed.map(one => `${one.text}${one.evidence ? `\n  ${one.evidence}` : ''}`).join('\n')
      return `      <failure ${attributes({ message: firstLine(message) })}>${escaped(text)}</failure>\n`
    }
    default:
      return ''
  }
}

const seconds = (milliseconds: number): string => (milliseconds / 1_000).toFixed(3)
const firstLine = (text: string): string => [...(text.split('\n', 1)[0] ?? '')].slice(0, 300).join('')

const attributes = (values: Record<string, string | number>): string =>
  Object.entries(values)
    .map(([name, value]) => `${name}="${escaped(String(value)).replace(/[\t\n\r]/g, ' ')}"`)
    .join(' ')

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;' }

/** XML 1.0 (2.2): most control characters, lone surrogates and two others cannot stand in it, not even escaped. */
function escaped(text: string): string {
  return text
    .toWellFormed()
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '\ufffd')
    .replace(/[&<>"']/g, mark => ENTITIES[mark] ?? mark)
}
