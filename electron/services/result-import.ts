import type { Remark } from '../../shared/contract/cases.ts'
import type { ImportedRunRow, ResultsReport } from '../../shared/contract/results.ts'
import { type Assertion, sayAssertion } from '../../shared/domain/benchmark/assertion.ts'
import { type CaseDemand, canonical, encodeCaseSet } from '../../shared/domain/benchmark/case-set.ts'
import { bestAndCheapest } from '../../shared/domain/benchmark/report.ts'
import type { ImportedCase, ImportedResult, ImportedRun, ResultForm } from '../interchange/case-forms.ts'
import { Repeats } from '../interchange/repeats.ts'
import { sha256 } from '../library/blobs.ts'
import { type CaseListed, findCase, listCases, putCase } from '../library/cases.ts'
import { findImportedRun, insertRun } from '../library/results.ts'
import type { BenchmarkResultRecord, BenchmarkRunRecord, SkillRecord } from '../library/schema.ts'
import { CaseMatcher, importCases, newCase } from './case-import.ts'
import { contentOf } from './case-rows.ts'
import type { Context } from './context.ts'
import { matchVersion, type VersionMatch } from './match-version.ts'

export type ResultsFound = {
  form: ResultForm
  file: string
  toolVersion: string | null
  runs: readonly ImportedRun[]
  /** Cases that came with the results, in the form of the same tool. */
  cases: readonly ImportedCase[]
}
type Target = { skill: SkillRecord; userId: string }
type Imported = Omit<ResultsReport, 'form' | 'file' | 'toolVersion'>

/**
 * Puts imported runs into the library, inside the caller's transaction. Each run of a file is a run here, never merged with
 * another one: its case set is hashed from what its own assertions were, so that runs over other assertions count as unlike.
 * A run that is here already, told by a fingerprint of its results, adds nothing.
 */
export function importResults(context: Context, { skill, userId }: Target, found: ResultsFound): Imported {
  const remarks: Remark[] = []
  const source = { form: found.form, file: found.file }
  const cases = importCases(context, skill, source, found.cases)
  remarks.push(...cases.remarks)
  const matcher = new ResultCases(context, skill, found)
  const rows: ImportedRunRow[] = []
  const batches = new Map<string, string>()
  let resultsAdded = 0
  for (const run of found.runs) {
    const fingerprint = fingerprintOf(found.form, run)
    const known = findImportedRun(context.library, skill.id, fingerprint)
    const version = run.baseline ? undefined : matchVersion(context, skill.id, run)
    if (known) {
      rows.push(rowOf(known, run, version, true))
      continue
    }
    const batch = batches.get(run.group) ?? context.newId()
    batches.set(run.group, batch)
    const matched = run.results.map(result => ({ result, of: matcher.of(result) }))
    const record = recordOf(context, { skill, userId }, found, run, {
      fingerprint,
      version,
      batch,
      caseSetHash: sha256(encodeCaseSet(demandsOf(matched))),
    })
    const results = withoutDoubles(matched, remarks, `${found.file}: ${run.group} ${run.configuration}`)
    insertRun(
      context.library,
      record,
      results.map(({ result, of }) => resultRecord(context, record, result, of)),
    )
    resultsAdded += results.length
    rows.push(rowOf(record, run, version, false))
  }
  return {
    runsAdded: rows.filter(row => !row.known).length,
    runsKnown: rows.filter(row => row.known).length,
    resultsAdded,
    casesAdded: cases.added + matcher.made,
    casesUpdated: cases.updated,
    runs: rows.sort((a, b) => a.at - b.at),
    remarks,
  }
}

/** Which case each result is of; makes one, put away, where none is known. */
class ResultCases {
  made = 0
  #context: Context
  #skill: SkillRecord
  #source: { form: ResultForm; file: string }
  #matcher: CaseMatcher
  #known = new Map<string, CaseListed>()

  constructor(context: Context, skill: SkillRecord, source: { form: ResultForm; file: string }) {
    this.#context = context
    this.#skill = skill
    this.#source = { form: source.form, file: source.file }
    this.#matcher = new CaseMatcher(listCases(context.library, skill.id, true), source.form)
  }

  of({ case: one }: ImportedResult): CaseListed {
    const place = one.key ?? one.name
    const known = this.#known.get(place) ?? this.#matcher.find(one) ?? this.#make(one)
    this.#known.set(place, known)
    return known
  }

  /** Its prompt may not be known, so it is put away until a file of cases or its author says what it asks. */
  #make(one: ImportedResult['case']): CaseListed {
    const content = {
      name: one.name.slice(0, 500),
      prompt: one.prompt ?? '',
      expectedOutput: one.expectedOutput,
      assertions: one.assertions ?? [],
      files: [],
      tags: [],
      weight: 1,
    }
    const provenance = { ...this.#source, key: one.key, stub: true }
    const row = { ...newCase(this.#context, this.#skill, content, provenance), archived: 1 }
    putCase(this.#context.library, row, 'insert')
    this.made += 1
    const listed = findCase(this.#context.library, row.id)
    if (!listed) throw new Error('a case vanished while it was written')
    this.#matcher.add(listed)
    return listed
  }
}

type Matched = { result: ImportedResult; of: CaseListed }

/** The cases as they were in that run: what the file says was demanded goes before what the case demands today. */
function demandsOf(matched: readonly Matched[]): CaseDemand[] {
  return [...Map.groupBy(matched, one => one.of.id).values()].flatMap(list => {
    const [first] = list
    if (!first) return []
    const content = contentOf(first.of)
    const said = list.find(one => one.result.case.assertions !== undefined)?.result.case.assertions
    const same = said === undefined || sameDemands(said, content.assertions)
    return [{ ...content, assertions: same ? content.assertions : said }]
  })
}

/** A file has an assertion in words only. */
const sameDemands = (said: readonly Assertion[], own: readonly Assertion[]): boolean =>
  said.length === own.length &&
  said.every((one, at) => own[at] !== undefined && sayAssertion(one) === sayAssertion(own[at]))

/** One result a case, model and repeat: what a file has twice is a further repeat. */
function withoutDoubles(matched: readonly Matched[], remarks: Remark[], where: string): Matched[] {
  const repeats = new Repeats()
  return matched.map(one => {
    const repeat = repeats.next(JSON.stringify([one.of.id, one.result.model]), one.result.repeat)
    if (repeat !== one.result.repeat)
      remarks.push({ path: where, message: `“${one.of.name}” is there more than once; it counts as repeat ${repeat}.` })
    return { ...one, result: { ...one.result, repeat } }
  })
}

/** What makes a run this run: where it stands, when, and each result's figures; not the words beside them. */
export function fingerprintOf(form: ResultForm, run: ImportedRun): string {
  const results = run.results
    .map(one =>
      canonical([one.case.key, one.model, one.repeat, one.quality, one.matches, one.latencyMs, one.totalTokens]),
    )
    .sort()
  return sha256(canonical([form, run.group, run.configuration, run.at, results]))
}

type Facts = { fingerprint: string; version: VersionMatch | undefined; batch: string; caseSetHash: string }

function recordOf(
  context: Context,
  target: Target,
  found: ResultsFound,
  run: ImportedRun,
  facts: Facts,
): BenchmarkRunRecord {
  const now = context.clock()
  const at = run.at ?? now
  const best = bestAndCheapest(run.results)
  return {
    id: context.newId(),
    tenant_id: target.skill.tenant_id,
    skill_id: target.skill.id,
    skill_version_id: facts.version?.id ?? null,
    case_set_hash: facts.caseSetHash,
    judge_model: run.judgeModel,
    judge_prompt_hash: null,
    price_table_date: null,
    repeats: Math.max(1, ...run.results.map(one => one.repeat)),
    models: JSON.stringify([...new Set(run.results.map(one => one.model))]),
    status: 'completed',
    best_model: best.bestModel,
    best_quality_score: best.bestQuality,
    cheapest_model: best.cheapestModel,
    cheapest_cost_microcents: best.cheapestMicrocents,
    triggered_by: target.userId,
    created_at: at,
    started_at: at,
    completed_at: at,
    configuration: run.configuration,
    baseline: Number(run.baseline),
    content_hash: facts.version?.contentHash ?? null,
    batch_id: facts.batch,
    settings: '{}',
    provenance: JSON.stringify({
      form: found.form,
      file: found.file,
      group: run.group,
      configuration: run.configuration,
      fingerprint: facts.fingerprint,
      importedAt: now,
      ...(found.toolVersion !== null && { toolVersion: found.toolVersion }),
      ...(facts.version && { versionBy: facts.version.by }),
      ...run.facts,
    }),
    error_message: null,
  }
}

function resultRecord(
  context: Context,
  run: BenchmarkRunRecord,
  one: ImportedResult,
  of: CaseListed,
): BenchmarkResultRecord {
  return {
    id: context.newId(),
    tenant_id: run.tenant_id,
    run_id: run.id,
    case_id: of.id,
    model_name: one.model,
    model_provider: one.provider,
    repeat: one.repeat,
    input_used: one.input ?? (of.prompt || null),
    output_produced: one.output,
    expected_output: one.case.expectedOutput ?? of.expected_output,
    input_tokens: one.inputTokens,
    output_tokens: one.outputTokens,
    cache_read_tokens: one.cacheReadTokens,
    cache_write_tokens: one.cacheWriteTokens,
    total_tokens: one.totalTokens,
    estimated_cost_microcents: one.costMicrocents,
    latency_ms: one.latencyMs,
    quality_score: one.quality,
    quality_notes: one.notes,
    matches_expected: one.matches === null ? null : Number(one.matches),
    assertion_results: JSON.stringify(one.assertionResults),
    error_message: one.error,
    created_at: run.created_at,
    details: JSON.stringify(one.details),
  }
}

function rowOf(
  record: BenchmarkRunRecord,
  run: ImportedRun,
  version: VersionMatch | undefined,
  known: boolean,
): ImportedRunRow {
  const judged = run.results.flatMap(one => one.quality ?? [])
  const counts = run.results.map(countsOf)
  const total = counts.reduce((sum, one) => sum + one.total, 0)
  const models: string[] = JSON.parse(record.models)
  return {
    id: record.id,
    configuration: run.configuration,
    baseline: run.baseline,
    group: run.group,
    at: record.created_at,
    models,
    results: run.results.length,
    quality: judged.length === 0 ? null : judged.reduce((sum, one) => sum + one, 0) / judged.length,
    passRate: total === 0 ? null : counts.reduce((sum, one) => sum + one.passed, 0) / total,
    version: version ? { id: version.id, number: version.number, by: version.by } : null,
    known,
  }
}

/** The file's own counts go before what its assertions come to. */
function countsOf(one: ImportedResult): { passed: number; total: number } {
  const { passed, total } = one.details
  if (typeof passed === 'number' && typeof total === 'number') return { passed, total }
  const graded = one.assertionResults.filter(each => each.passed !== null)
  return { passed: graded.filter(each => each.passed).length, total: graded.length }
}
