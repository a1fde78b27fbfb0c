import type { Assertion, AssertionResult } from '../../shared/domain/benchmark/assertion.ts'
import { sayAssertion } from '../../shared/domain/benchmark/assertion.ts'
import { type ImportedResult, type ImportedRun, Remarks, type ResultsRead } from './case-forms.ts'
import { providerOf } from './model-names.ts'
import { isRecord, listOf, member, numberOf, readJson, textOf, wholeOf } from './parse-text.ts'
import { readPromptfooAssertion } from './promptfoo-assertions.ts'
import { fillTemplate } from './promptfoo-template.ts'
import type { SourceTree } from './source-tree.ts'

/**
 * What `promptfoo eval -o results.json` writes: version 3 (since 0.97: prompts beside the results) and version 2 (a table).
 * One run for each prompt, for a prompt is what is compared there; its providers are its models. A case is a test with its
 * variables filled in: where there are several prompts, they are asked of the same cases.
 */
export function readPromptfooResults(tree: SourceTree, path: string): ResultsRead {
  const parsed = readJson(tree, path)
  if (!parsed.ok) return parsed
  const summary = member(parsed.value, 'results')
  const rows = member(summary, 'results')
  if (!Array.isArray(rows)) return { ok: false, message: `“${path}” is no output of promptfoo: it has no results.` }
  const remarks = new Remarks()
  const version = numberOf(member(summary, 'version'))
  if (version !== null && version > 3)
    remarks.add(`${path}: results.version`, `It is of version ${version}, newer than what is known here (3).`)
  const said = textOf(member(summary, 'timestamp')) ?? textOf(member(parsed.value, 'createdAt'))
  const at = said === undefined ? Number.NaN : Date.parse(said)
  const group =
    textOf(member(parsed.value, 'evalId')) ?? textOf(member(member(parsed.value, 'config'), 'description')) ?? path
  const runs = runsOf(rows, path, { group, at: Number.isFinite(at) ? at : null }, remarks)
  if (runs.length === 0) return { ok: false, message: `“${path}” has no results that can be read.` }
  const toolVersion = textOf(member(member(parsed.value, 'metadata'), 'promptfooVersion')) ?? null
  return { ok: true, form: 'promptfoo', file: path, toolVersion, runs, remarks: remarks.list }
}

function runsOf(
  rows: readonly unknown[],
  path: string,
  head: { group: string; at: number | null },
  remarks: Remarks,
): ImportedRun[] {
  const labels = new Set(rows.flatMap(row => textOf(member(member(row, 'prompt'), 'label')) ?? []))
  const byPrompt = new Map<string, { label: string; results: ImportedResult[] }>()
  const seen = new Map<string, number>()
  for (const [n, row] of rows.entries()) {
    const where = `${path}: results.results[${n}]`
    const prompt = member(row, 'prompt')
    const label = textOf(member(prompt, 'label')) ?? textOf(member(prompt, 'raw'))
    if (!isRecord(row) || label === undefined) {
      remarks.add(where, 'It names no prompt, so it was left out.')
      continue
    }
    const key = textOf(row.promptIdx) ?? textOf(row.promptId) ?? label
    const result = resultOf(row, labels.size === 1, where, remarks)
    const cell = JSON.stringify([label, result.case.key, result.model])
    const repeat = (seen.get(cell) ?? 0) + 1
    seen.set(cell, repeat)
    const run = byPrompt.get(key) ?? { label, results: [] }
    run.results.push({ ...result, repeat })
    byPrompt.set(key, run)
  }
  // promptIdx counts prompts × providers: those of one label belong together.
  const byLabel = Map.groupBy(byPrompt.values(), one => one.label)
  return [...byLabel].map(([label, parts]) => ({
    configuration: label.slice(0, 500),
    baseline: false,
    ...head,
    judgeModel: null,
    results: parts.flatMap(part => part.results),
    facts: {},
  }))
}

function resultOf(
  row: Record<string, unknown>,
  onePrompt: boolean,
  where: string,
  remarks: Remarks,
): Omit<ImportedResult, 'repeat'> {
  const response = member(row, 'response')
  const provider = member(row, 'provider')
  const providerId = textOf(member(provider, 'id')) ?? textOf(provider) ?? 'unknown'
  const usage = member(row, 'tokenUsage') ?? member(response, 'tokenUsage')
  const details = member(usage, 'completionDetails')
  const grading = member(row, 'gradingResult')
  const failed = wholeOf(row.failureReason)
  const error = textOf(row.error)
  // 1 is a failed assertion, 2 an error of the provider; before there was failureReason, error was both.
  const broke = failed === 2 || (failed === null && error !== undefined && grading === undefined)
  const score = numberOf(row.score)
  const judged = !broke && grading !== undefined && grading !== null
  const output = member(response, 'output')
  const cached = member(response, 'cached') === true
  const vars = new Map(isRecord(row.vars) ? Object.entries(row.vars).filter(([name]) => !name.startsWith('__')) : [])
  const asked = textOf(member(row.prompt, 'raw')) ?? null
  const components = listOf(member(grading, 'componentResults')).flatMap((one, n) =>
    readComponent(one, vars, `${where}.gradingResult.componentResults[${n}]`, remarks),
  )
  return {
    case: caseOf(
      row,
      vars,
      onePrompt ? asked : null,
      components.flatMap(one => one.assertion ?? []),
    ),
    input: asked,
    model: textOf(member(provider, 'label')) || modelOf(providerId),
    provider: providerOf(providerId),
    output: output === undefined || output === null ? null : (textOf(output) ?? JSON.stringify(output)),
    inputTokens: spent(usage, 'prompt'),
    outputTokens: spent(usage, 'completion'),
    cacheReadTokens: spent(details, 'cacheReadInputTokens'),
    cacheWriteTokens: spent(details, 'cacheCreationInputTokens'),
    totalTokens: spent(usage, 'total'),
    costMicrocents: costOf(row, response),
    // An answer from promptfoo's cache took no time that says anything.
    latencyMs: cached ? null : wholeOf(row.latencyMs),
    quality: judged && score !== null ? Math.min(100, Math.max(0, score * 100)) : null,
    matches: judged && typeof row.success === 'boolean' ? row.success : null,
    notes: judged ? (textOf(member(grading, 'reason')) ?? null) : null,
    error: broke ? (error ?? 'It failed, and the file does not say why.') : null,
    assertionResults: components.map(one => one.result),
    details: { ...(cached && { cached: true }) },
  }
}

/** promptfoo writes 0 where a provider told nothing: no request has no tokens. */
function spent(usage: unknown, key: string): number | null {
  const count = wholeOf(member(usage, key))
  return count === 0 && tokensKnown(usage) === false ? null : count
}
const tokensKnown = (usage: unknown): boolean =>
  ['prompt', 'completion', 'total', 'cached', 'cacheReadInputTokens'].some(
    key => (numberOf(member(usage, key)) ?? 0) > 0,
  )

/** Without a price it says 0, and nothing that is asked is free: 0 is not known. */
function costOf(row: unknown, response: unknown): number | null {
  const dollars = numberOf(member(row, 'cost')) ?? numberOf(member(response, 'cost'))
  return dollars === null || dollars <= 0 ? null : Math.round(dollars * 100_000_000)
}

const modelOf = (providerId: string): string => providerId.split(':').at(-1) || providerId

function caseOf(
  row: Record<string, unknown>,
  vars: ReadonlyMap<string, unknown>,
  prompt: string | null,
  assertions: Assertion[],
): ImportedResult['case'] {
  const said = [...vars].map(([name, value]) => `${name}: ${textOf(value) ?? JSON.stringify(value)}`)
  const description = textOf(member(row.testCase, 'description')) ?? textOf(row.description)
  const name = description ?? (said.join(', ').slice(0, 200) || `Test ${textOf(row.testIdx) ?? ''}`.trim())
  return {
    // One test stands for several cases where a variable is a list.
    key: JSON.stringify([description ?? null, [...vars]]).slice(0, 2_000),
    name: name.slice(0, 500),
    prompt: prompt ?? (said.join('\n') || null),
    expectedOutput: null,
    assertions: assertions.length > 0 ? assertions : undefined,
  }
}

function readComponent(
  one: unknown,
  vars: ReadonlyMap<string, unknown>,
  where: string,
  remarks: Remarks,
): { result: AssertionResult; assertion: Assertion | undefined }[] {
  const said = member(one, 'assertion')
  const pass = member(one, 'pass')
  if (typeof pass !== 'boolean') {
    remarks.add(where, 'It says neither passed nor failed, so it was left out.')
    return []
  }
  const render = (text: string) => fillTemplate(text, vars).text
  const read = isRecord(said) ? readPromptfooAssertion(said, { render, load: () => undefined }) : undefined
  const assertion = read && 'assertion' in read ? read.assertion : undefined
  const text =
    assertion === undefined
      ? 'Not named'
      : assertion.type === 'unsupported'
        ? unsupported(said)
        : sayAssertion(assertion)
  const score = numberOf(member(one, 'score'))
  const weight = numberOf(member(said, 'weight'))
  const result: AssertionResult = {
    text,
    type: textOf(member(said, 'type')) ?? 'unknown',
    passed: pass,
    evidence: textOf(member(one, 'reason')) ?? null,
    ...(score !== null && { score: Math.min(1, Math.max(0, score)) }),
    ...(weight !== null && { weight }),
  }
  return [{ result, assertion }]
}

/** promptfoo ran it, though it is not graded here: its result counts. */
const unsupported = (said: unknown): string =>
  `${textOf(member(said, 'type')) ?? 'unknown'}: ${(textOf(member(said, 'value')) ?? '').slice(0, 200)}`
