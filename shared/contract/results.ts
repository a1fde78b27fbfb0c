import { z } from 'zod'
import { contract, id, instant } from './base.ts'
import { fileSource, remark } from './cases.ts'

/** Benchmark results that other tools made, and reports of any run. */
export const resultForm = z.enum(['skill-creator', 'promptfoo', 'csv'])

export const importedRun = z.object({
  id,
  /** As the file calls it: 'with_skill'. */
  configuration: z.string(),
  baseline: z.boolean(),
  /** What it belongs to there: 'iteration-7'. */
  group: z.string(),
  at: instant,
  models: z.array(z.string()),
  results: z.int(),
  /** 0–100, the mean of what was judged; null where nothing was. */
  quality: z.number().nullable(),
  /** Of all assertions: 0–1; null where the file does not say. */
  passRate: z.number().nullable(),
  /** The version it was matched to, and by what. */
  version: z.object({ id, number: z.int().nullable(), by: z.enum(['hash', 'name', 'date']) }).nullable(),
  /** It was here before: nothing was added. */
  known: z.boolean(),
})
export type ImportedRunRow = z.infer<typeof importedRun>

export const resultsReport = z.object({
  form: resultForm,
  file: z.string(),
  toolVersion: z.string().nullable(),
  runsAdded: z.int(),
  runsKnown: z.int(),
  resultsAdded: z.int(),
  /** Cases that came with their files, and those made because results name them. */
  casesAdded: z.int(),
  casesUpdated: z.int(),
  runs: z.array(importedRun),
  remarks: z.array(remark),
})
export type ResultsReport = z.infer<typeof resultsReport>

export const reportForm = z.enum(['junit', 'markdown'])

export const results = {
  /** All or nothing. With `look` nothing is kept: it says what would happen. */
  import: contract
    .input(z.object({ skillId: id, source: fileSource, form: resultForm.optional(), look: z.boolean().default(false) }))
    .errors({
      SOURCE_UNREADABLE: {
        message: 'That could not be read.',
        data: z.object({ path: z.string(), reason: z.string() }),
      },
    })
    .output(resultsReport),
  /** Runs of one skill as JUnit XML or Markdown, in the order they are named. */
  report: contract
    .input(z.object({ runIds: z.array(id).min(1).max(50), form: reportForm }))
    .output(z.object({ name: z.string(), text: z.string() })),
}
