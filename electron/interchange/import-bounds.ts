import type { CasesRead, ResultsRead } from './case-forms.ts'

/** The most that one import brings. Each case, demand and result is rows and work for every member of a team. */
export const IMPORT_LIMITS = { cases: 2_000, demands: 20_000, results: 20_000, runs: 500 } as const

const sum = <T>(list: readonly T[], count: (one: T) => number): number =>
  list.reduce((total, one) => total + count(one), 0)
const tooMany = (file: string, count: number, what: keyof typeof IMPORT_LIMITS) =>
  ({
    ok: false,
    message: `“${file}” has ${count} ${what}; ${IMPORT_LIMITS[what]} are imported at most. Split it into several files.`,
  }) as const

export function checkCases(read: CasesRead): CasesRead {
  if (!read.ok) return read
  const demands = sum(read.cases, one => one.assertions.length)
  if (read.cases.length > IMPORT_LIMITS.cases) return tooMany(read.file, read.cases.length, 'cases')
  return demands > IMPORT_LIMITS.demands ? tooMany(read.file, demands, 'demands') : read
}

export function checkResults(read: ResultsRead): ResultsRead {
  if (!read.ok) return read
  const results = sum(read.runs, run => run.results.length)
  const demands = sum(read.runs, run => sum(run.results, one => one.assertionResults.length))
  if (read.runs.length > IMPORT_LIMITS.runs) return tooMany(read.file, read.runs.length, 'runs')
  if (results > IMPORT_LIMITS.results) return tooMany(read.file, results, 'results')
  return demands > 10 * IMPORT_LIMITS.demands ? tooMany(read.file, demands, 'demands') : read
}
