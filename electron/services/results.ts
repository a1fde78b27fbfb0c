import { z } from 'zod'
import { assertionResult } from '../../shared/domain/benchmark/assertion.ts'
import { writeJUnit } from '../../shared/domain/benchmark/junit.ts'
import { writeMarkdown } from '../../shared/domain/benchmark/markdown.ts'
import type { ReportedResult, ReportedRun } from '../../shared/domain/benchmark/report.ts'
import { parseJson, readTexts } from '../../shared/domain/rows/json.ts'
import { readApart } from '../interchange/read-apart.ts'
import { takeTurns } from '../interchange/turns.ts'
import { findRunRecord, listResults, type ResultWithCase } from '../library/results.ts'
import type { BenchmarkRunRecord } from '../library/schema.ts'
import { findSkill } from '../library/skills.ts'
import { findSpace } from '../library/spaces.ts'
import { findVersion } from '../library/versions.ts'
import { announce, type Context, os } from './context.ts'
import { look, unreadable } from './file-source.ts'
import { importResults } from './result-import.ts'

export const resultsService = (context: Context) => {
  const { library } = context
  return {
    import: os.results.import.handler(async ({ input, errors, signal }) => {
      const skill = findSkill(library, input.skillId)
      const space = skill && findSpace(library, skill.tenant_id)
      if (!skill || !space) throw errors.NOT_FOUND({ data: { what: 'skill', id: input.skillId } })
      const { source, form } = input
      const read = await readApart({ kind: 'results', source, form, home: context.home }, { signal })
      if (!read.ok) throw unreadable(errors, input.source, read.message)
      const work = () => importResults(context, { skill, userId: space.user_id }, read)
      const report = input.look ? look(run => library.write(run), work) : library.write(work)
      if (!input.look && report.runsAdded + report.casesAdded + report.casesUpdated > 0)
        announce(context, ['benchmarks'], [skill.id])
      return {
        ...report,
        form: read.form,
        file: read.file,
        toolVersion: read.toolVersion,
        remarks: [...read.remarks, ...report.remarks],
      }
    }),

    report: os.results.report.handler(async ({ input, errors }) => {
      const rest = takeTurns()
      const runs: ReportedRun[] = []
      for (const id of input.runIds) {
        const run = findRunRecord(library, id)
        if (!run) throw errors.NOT_FOUND({ data: { what: 'run', id } })
        runs.push(reportedRun(context, run))
        await rest()
      }
      const name = `${runs[0]?.skill ?? 'benchmark'}-report`
      return input.form === 'junit'
        ? { name: `${name}.xml`, text: writeJUnit(runs) }
        : { name: `${name}.md`, text: writeMarkdown(runs) }
    }),
  }
}

/** A stored run as a report wants it. */
export function reportedRun(context: Context, run: BenchmarkRunRecord): ReportedRun {
  const { library } = context
  const version = run.skill_version_id === null ? undefined : findVersion(library, run.skill_version_id)
  const provenance = runProvenance.safeParse(parseJson(run.provenance)).data ?? {}
  const name = run.configuration ?? (version ? `v${version.version ?? '?'}` : 'no skill')
  return {
    skill: findSkill(library, run.skill_id)?.slug ?? run.skill_id,
    label: provenance.group === undefined ? name : `${provenance.group} ${name}`,
    baseline: run.baseline === 1,
    status: run.status,
    createdAt: run.created_at,
    caseSetHash: run.case_set_hash,
    models: readTexts(run.models),
    judgeModel: run.judge_model,
    priceTableDate: run.price_table_date,
    source: provenance.form === undefined ? null : `${provenance.form}, ${provenance.file ?? 'a file'}`,
    results: listResults(library, run.id).map(reportedResult),
  }
}

const runProvenance = z.object({
  form: z.string().optional(),
  file: z.string().optional(),
  group: z.string().optional(),
})
const details = z.object({ passed: z.number(), total: z.number() })

function reportedResult(row: ResultWithCase): ReportedResult {
  return {
    caseName: row.case_name,
    model: row.model_name,
    repeat: row.repeat,
    quality: row.quality_score,
    matches: row.matches_expected === null ? null : row.matches_expected === 1,
    latencyMs: row.latency_ms,
    costMicrocents: row.estimated_cost_microcents,
    tokens: row.total_tokens,
    error: row.error_message,
    notes: row.quality_notes,
    output: row.output_produced,
    assertions:
      z
        .array(z.unknown())
        .safeParse(parseJson(row.assertion_results))
        .data?.flatMap(one => assertionResult.safeParse(one).data ?? []) ?? [],
    counts: details.safeParse(parseJson(row.details)).data ?? null,
  }
}
