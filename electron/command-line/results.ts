import path from 'node:path'
import type { ResultsReport } from '../../shared/contract/results.ts'
import { printRemarks } from './cases.ts'
import { type CommandLine, EXIT, type Exit, resolveSkill, table } from './shared.ts'

/** Exit 1 where something of the file was not understood or does not add up. */
export async function importResults(
  line: CommandLine,
  name: string,
  file: string,
  options: { form: ResultsReport['form'] | undefined; look: boolean },
): Promise<Exit> {
  const { skillId } = await resolveSkill(line, name)
  const source = { kind: 'path' as const, path: path.resolve(line.cwd, file) }
  const { form, look } = options
  const report = await line.api.results.import({ skillId, source, look, ...(form !== undefined && { form }) })
  if (line.json) line.print(JSON.stringify(report, null, 2))
  else {
    if (report.runs.length > 0) line.print(table([HEAD, ...report.runs.map(cells)]))
    const { runsAdded, runsKnown, resultsAdded, casesAdded } = report
    line.print(
      `${look ? 'Would be: ' : ''}${runsAdded} runs added with ${resultsAdded} results, ${runsKnown} known already; ${casesAdded} cases added (${report.form}).`,
    )
    printRemarks(line, report.remarks)
  }
  return report.remarks.length > 0 ? EXIT.found : EXIT.done
}

const HEAD = ['RUN', 'CONFIGURATION', 'MODELS', 'RESULTS', 'QUALITY', 'PASSED', 'VERSION']

const cells = (run: ResultsReport['runs'][number]): string[] => [
  run.group,
  run.configuration,
  run.models.join(', '),
  String(run.results),
  run.quality === null ? '–' : run.quality.toFixed(1),
  run.passRate === null ? '–' : `${(run.passRate * 100).toFixed(1)}%`,
  run.baseline ? 'no skill' : run.version === null ? '–' : `v${run.version.number ?? '?'} (by ${run.version.by})`,
]
