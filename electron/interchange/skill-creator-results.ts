import type { Assertion } from '../../shared/domain/benchmark/assertion.ts'
import { type ImportedResult, type ImportedRun, Remarks, type ResultsRead } from './case-forms.ts'
import { isBaselineName, isPlaceholderName, providerOf } from './model-names.ts'
import { isRecord, listOf, member, numberOf, readJson, textOf, wholeOf } from './parse-text.ts'
import { type Graded, type Grading, Gradings, type Timing } from './skill-creator-gradings.ts'
import type { SourceTree } from './source-tree.ts'

/**
 * skill-creator's results: a folder for each iteration with `benchmark.json` and, below it, `grading.json` and `timing.json`
 * of each output. Three forms of benchmark.json are read, as they are found: `runs` with a line for each output (the tool's
 * own), an object for each configuration with its `evals` or a list of them (what authors' own scripts write), and none at
 * all, where only the gradings are there. A figure of the file that its parts do not give is a remark, never a correction; what
 * only holds a place (0 of 0, no time, `<model-name>`) is no figure.
 */
export function readSkillCreatorResults(tree: SourceTree): ResultsRead {
  const remarks = new Remarks()
  const runs: ImportedRun[] = []
  const files = tree.paths.filter(path => /(^|\/)benchmark\.json$/.test(path))
  const folders = new Set(files.map(folderOf))
  for (const file of files) runs.push(...readBenchmark(tree, file, remarks))
  for (const folder of gradedFolders(tree, remarks))
    if (![...folders].some(known => folder === known || folder.startsWith(`${known}/`)))
      runs.push(
        ...runsOfGradings(
          new Gradings(tree, folder, remarks).all(),
          folder,
          headOf(undefined, folder, tree.name, remarks),
          remarks,
        ),
      )
  if (runs.length === 0 && remarks.list.length === 0)
    return { ok: false, message: `“${tree.name}” has no benchmark.json and no grading.json with results.` }
  return { ok: true, form: 'skill-creator', file: tree.name, toolVersion: null, runs, remarks: remarks.list }
}

const folderOf = (path: string): string => path.split('/').slice(0, -1).join('/')

/**
 * Folders of iterations that have gradings: two or three levels above them. What lies inside a graded output is what was made
 * there, not another run.
 */
function gradedFolders(tree: SourceTree, remarks: Remarks): Set<string> {
  const found = tree.paths.flatMap(path => {
    const match = /^((?:(.*)\/)?[^/]+\/(?!run-\d+\/)[^/]+)\/(?:run-\d+\/)?grading\.json$/.exec(path)
    return match?.[1] === undefined ? [] : [{ path, output: match[1], folder: match[2] ?? '' }]
  })
  const outputs = new Set(found.map(({ output }) => output))
  return new Set(
    found.flatMap(({ path, folder }) => {
      if (!parentsOf(folder).some(parent => outputs.has(parent))) return [folder]
      remarks.add(path, 'It lies inside the output of another run, so it was left out.')
      return []
    }),
  )
}

/** The folder itself and all above it. */
const parentsOf = (folder: string): string[] =>
  folder.split('/').map((_, at, parts) => parts.slice(0, at + 1).join('/'))

type Head = {
  group: string
  at: number | null
  judgeModel: string | null
  model: string | undefined
  facts: ImportedRun['facts']
}

function readBenchmark(tree: SourceTree, file: string, remarks: Remarks): ImportedRun[] {
  const parsed = readJson(tree, file)
  if (!parsed.ok) {
    remarks.add(file, parsed.message)
    return []
  }
  const { value } = parsed
  const folder = folderOf(file)
  const head = headOf(value, folder, tree.name, remarks)
  const gradings = new Gradings(tree, folder, remarks)
  const runs = Array.isArray(member(value, 'runs'))
    ? runsOfLines(value, file, head, gradings, remarks)
    : runsOfConfigurations(value, file, head, gradings, remarks)
  if (runs.length > 0) return runs
  const graded = gradings.all()
  remarks.add(
    file,
    graded.length === 0
      ? 'It has no results that can be read.'
      : 'It has no results; the gradings beside it were taken.',
  )
  return runsOfGradings(graded, folder, head, remarks)
}

/** The name of a model, of a judge or of an agent; undefined for what only holds its place: `<model-name>`, `TODO`. */
function nameOf(value: unknown, where: string, remarks: Remarks): string | undefined {
  const name = textOf(value)?.trim()
  if (name === undefined || name === '') return undefined
  if (!isPlaceholderName(name)) return name
  remarks.add(where, `“${name}” is no name, so it is not known.`)
  return undefined
}

function headOf(value: unknown, folder: string, name: string, remarks: Remarks): Head {
  const metadata = member(value, 'metadata')
  const said = textOf(member(metadata, 'timestamp')) ?? textOf(member(value, 'timestamp'))
  const at = said === undefined ? Number.NaN : Date.parse(said)
  const iteration = textOf(member(value, 'iteration'))
  const last = folder.split('/').at(-1)
  const named = (key: string) => nameOf(member(metadata, key), `${folder || name}: metadata.${key}`, remarks)
  return {
    group: iteration === undefined ? last || name : `iteration-${iteration}`,
    at: Number.isFinite(at) ? at : null,
    judgeModel: named('analyzer_model') ?? named('grader_model') ?? null,
    model: named('executor_model'),
    facts: {},
  }
}

/** What is known of one output before its gradings are looked up. */
type Line = {
  evalId: string
  evalName: string | undefined
  repeat: number
  passed: number | null
  total: number | null
  rate: number | null
  grading: Grading | undefined
  timing: Timing | undefined
  notes: string | null
  error: string | null
  details: ImportedResult['details']
}

function runsOfLines(value: unknown, file: string, head: Head, gradings: Gradings, remarks: Remarks): ImportedRun[] {
  const byConfiguration = new Map<string, Line[]>()
  for (const [at, one] of listOf(member(value, 'runs')).entries()) {
    const evalId = textOf(member(one, 'eval_id')) ?? textOf(member(one, 'eval_name'))
    const configuration = textOf(member(one, 'configuration'))
    if (evalId === undefined || configuration === undefined) {
      remarks.add(`${file}: runs[${at}]`, 'It names no eval or no configuration, so it was left out.')
      continue
    }
    const evalName = textOf(member(one, 'eval_name'))
    const repeat = wholeOf(member(one, 'run_number')) ?? 1
    const found = gradings.find(configuration, { id: evalId, name: evalName }, repeat)
    const result = member(one, 'result') ?? member(one, 'summary')
    const seconds = numberOf(member(result, 'time_seconds'))
    const tokens = wholeOf(member(result, 'tokens'))
    const calls = wholeOf(member(result, 'tool_calls'))
    const errors = wholeOf(member(result, 'errors'))
    const line: Line = {
      evalId,
      evalName,
      repeat: Math.max(1, repeat),
      passed: wholeOf(member(result, 'passed')),
      total: wholeOf(member(result, 'total')),
      rate: numberOf(member(result, 'pass_rate')),
      grading: gradings.of(member(one, 'expectations')) ?? found?.grading,
      timing: {
        tokens: found?.timing?.tokens ?? tokensOf(tokens, found?.grading, `${file}: runs[${at}]`, remarks),
        milliseconds: found?.timing?.milliseconds ?? (seconds === null ? null : Math.round(seconds * 1_000) || null),
      },
      notes:
        listOf(member(one, 'notes'))
          .flatMap(note => textOf(note) ?? [])
          .join('\n') || null,
      error: null,
      details: { ...(calls !== null && { toolCalls: calls }), ...(errors !== null && errors > 0 && { errors }) },
    }
    const lines = byConfiguration.get(configuration)
    if (lines) lines.push(line)
    else byConfiguration.set(configuration, [line])
  }
  return [...byConfiguration].map(([configuration, lines]) => {
    const own = member(member(member(member(value, 'run_summary'), configuration), 'pass_rate'), 'mean')
    return runOf(configuration, lines, head, numberOf(own), file, remarks)
  })
}

/** No output takes no tokens; and the tool's own script writes the number of characters where it knows no tokens. */
function tokensOf(tokens: number | null, grading: Grading | undefined, where: string, remarks: Remarks): number | null {
  if (tokens === null || tokens === 0) return null
  if (tokens !== grading?.outputCharacters) return tokens
  remarks.add(where, `Its ${tokens} tokens are the number of characters of the output, so the tokens are not known.`)
  return null
}

const NOT_A_CONFIGURATION = ['metadata', 'delta', 'iteration', 'timestamp', 'notes', 'run_summary', 'summary']

function runsOfConfigurations(
  value: unknown,
  file: string,
  head: Head,
  gradings: Gradings,
  remarks: Remarks,
): ImportedRun[] {
  if (!isRecord(value)) return []
  return configurationsOf(value, file, remarks).flatMap(([configuration, one]) => {
    const evals = member(one, 'evals')
    if (!Array.isArray(evals)) {
      remarks.add(`${file}: ${configuration}`, 'Not understood, so not taken.')
      return []
    }
    const lines = evals.flatMap((each, at) => {
      const evalId = textOf(member(each, 'eval_id')) ?? textOf(member(each, 'id'))
      if (evalId === undefined) {
        remarks.add(`${file}: ${configuration}.evals[${at}]`, 'It names no eval, so it was left out.')
        return []
      }
      const found = gradings.find(configuration, { id: evalId, name: undefined }, 1)
      const line: Line = {
        evalId,
        evalName: textOf(member(each, 'eval_name')) ?? textOf(member(each, 'name')),
        repeat: 1,
        passed: wholeOf(member(each, 'pass_count')) ?? wholeOf(member(each, 'passed')),
        total: wholeOf(member(each, 'total')),
        rate: numberOf(member(each, 'pass_rate')),
        grading: found?.grading,
        timing: found?.timing,
        notes: null,
        error: textOf(member(each, 'error')) ?? null,
        details: {},
      }
      return [line]
    })
    // A configuration that was planned and not run is none: its zeros say nothing.
    if (lines.length === 0) return []
    return [runOf(configuration, lines, head, numberOf(member(one, 'overall_pass_rate')), file, remarks)]
  })
}

/** `{with_skill: {evals}}`, or `configurations: [{name: 'with_skill', evals}]`. */
function configurationsOf(value: Record<string, unknown>, file: string, remarks: Remarks): [string, unknown][] {
  if (!Array.isArray(value.configurations))
    return Object.entries(value).filter(([name]) => !NOT_A_CONFIGURATION.includes(name))
  return value.configurations.flatMap((one, at): [string, unknown][] => {
    const name = textOf(member(one, 'name')) ?? textOf(member(one, 'configuration'))
    if (name !== undefined && name !== '') return [[name, one]]
    remarks.add(`${file}: configurations[${at}]`, 'It has no name, so it was left out.')
    return []
  })
}

/** Only gradings: a run for each configuration that they name. */
function runsOfGradings(graded: readonly Graded[], folder: string, head: Head, remarks: Remarks): ImportedRun[] {
  const byConfiguration = Map.groupBy(graded, one => one.configuration)
  return [...byConfiguration].map(([configuration, found]) => {
    const lines = found.map(one => ({
      evalId: one.evalKey,
      evalName: undefined,
      repeat: one.repeat,
      passed: null,
      total: null,
      rate: null,
      grading: one.grading,
      timing: one.timing,
      notes: null,
      error: null,
      details: {},
    }))
    return runOf(configuration, lines, head, null, folder, remarks)
  })
}

function runOf(
  configuration: string,
  lines: readonly Line[],
  head: Head,
  own: number | null,
  file: string,
  remarks: Remarks,
): ImportedRun {
  // 'claude_with_skill' is a model's name and a configuration's.
  const named = /^(.+?)[_-](?:with|without|no)[_-]skill$/i.exec(configuration)?.[1]
  const model = named ?? head.model ?? 'unknown'
  const results = lines.map(line => resultOf(line, model, `${file}: ${configuration}, eval ${line.evalId}`, remarks))
  checkOwn(results, own, `${file}: ${configuration}`, remarks)
  return {
    configuration,
    baseline: isBaselineName(configuration),
    group: head.group,
    at: head.at,
    judgeModel: head.judgeModel,
    results,
    facts: { ...head.facts, ...(own !== null && { statedPassRate: own }) },
  }
}

/** How many passed, of how many; null where nobody knows. */
type Tally = { passed: number | null; total: number | null; share: number | null }

function tallyOf(line: Line, where: string, remarks: Remarks): Tally {
  const graded = line.grading?.results.filter(one => one.passed !== null) ?? []
  const found = { passed: graded.filter(one => one.passed).length, total: graded.length }
  // '0 of 0' and a rate of 0 beside it were written before anything was graded.
  const isPlaceholder = line.total === 0 && (line.passed ?? 0) === 0
  if (isPlaceholder) {
    const known =
      found.total > 0 ? `its grading says ${found.passed} of ${found.total}, which was taken` : 'nothing is known'
    remarks.add(where, `It says 0 of 0, which is no result: ${known}.`)
  } else if (line.grading && line.passed !== null && found.passed !== line.passed)
    remarks.add(where, `It says that ${line.passed} passed; its grading says ${found.passed}.`)
  const passed = (isPlaceholder ? null : line.passed) ?? (line.grading ? found.passed : null)
  const total = (isPlaceholder ? null : line.total) ?? (line.grading ? found.total : null)
  const rate = isPlaceholder ? null : line.rate
  if (passed !== null && total !== null && total > 0)
    return { passed, total, share: shareOf(passed / total, where, remarks) }
  return { passed: null, total: null, share: shareOf(rate, where, remarks) }
}

function shareOf(rate: number | null, where: string, remarks: Remarks): number | null {
  if (rate === null || (rate >= 0 && rate <= 1)) return rate
  remarks.add(where, `A pass rate of ${rate} is no share from 0 to 1, so it was not taken.`)
  return null
}

function resultOf(line: Line, model: string, where: string, remarks: Remarks): ImportedResult {
  const graded = line.grading?.results
  const { passed, total, share } = tallyOf(line, where, remarks)
  return {
    case: {
      key: line.evalId,
      name: line.evalName ?? `Eval ${line.evalId}`,
      prompt: null,
      expectedOutput: null,
      assertions: graded?.map((one): Assertion => ({ type: 'rubric', value: one.text })),
    },
    model,
    provider: providerOf(model),
    repeat: line.repeat,
    input: null,
    output: null,
    inputTokens: null,
    outputTokens: null,
    cacheReadTokens: null,
    cacheWriteTokens: null,
    totalTokens: line.timing?.tokens ?? null,
    costMicrocents: null,
    latencyMs: line.timing?.milliseconds ?? null,
    quality: share === null ? null : share * 100,
    matches: passed !== null && total !== null ? passed === total : null,
    notes: line.notes,
    error: line.error,
    assertionResults: graded ?? [],
    details: { ...line.details, ...(passed !== null && total !== null && { passed, total }) },
  }
}

/** Files round to two or three places. */
const ROUNDED = 0.006

/** The file's own pass rate is that of all assertions, or the mean of its evals': either will do. */
function checkOwn(results: readonly ImportedResult[], own: number | null, where: string, remarks: Remarks): void {
  if (own === null) return
  const rates = passRates(results)
  if (rates.some(rate => Math.abs(rate - own) <= ROUNDED)) return
  remarks.add(
    where,
    `It says a pass rate of ${own}; its evals give ${rates.map(rate => rate.toFixed(3)).join(' or ') || 'none'}.`,
  )
}

/** Of all assertions together, and the mean over the evals. */
function passRates(results: readonly ImportedResult[]): number[] {
  const counts = results.map(one => ({
    passed: numberOf(one.details.passed) ?? 0,
    total: numberOf(one.details.total) ?? 0,
  }))
  const total = counts.reduce((sum, one) => sum + one.total, 0)
  const shares = results.flatMap(one => (one.quality === null ? [] : [one.quality / 100]))
  return [
    ...(total > 0 ? [counts.reduce((sum, one) => sum + one.passed, 0) / total] : []),
    ...(shares.length > 0 ? [shares.reduce((sum, one) => sum + one, 0) / shares.length] : []),
  ]
}
