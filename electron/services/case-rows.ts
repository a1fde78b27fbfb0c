import { z } from 'zod'
import type { CaseRow } from '../../shared/contract/cases.ts'
import { readAssertions } from '../../shared/domain/benchmark/assertion.ts'
import { type CaseContent, readStoredFiles } from '../../shared/domain/benchmark/case-set.ts'
import { parseJson, readTexts } from '../../shared/domain/rows/json.ts'
import { plainLine } from '../../shared/domain/rows/text.ts'
import type { CaseListed } from '../library/cases.ts'
import type { BenchmarkCaseRecord } from '../library/schema.ts'

/** What a stored case says; what an older or newer app wrote is read with tolerance. */
export function contentOf(row: BenchmarkCaseRecord): CaseContent {
  return {
    name: plainLine(row.name),
    prompt: row.prompt,
    expectedOutput: row.expected_output,
    assertions: readAssertions(row.assertions),
    ...filesAndTags(row),
    weight: row.weight,
  }
}

export const filesAndTags = (
  row: Pick<BenchmarkCaseRecord, 'files' | 'tags'>,
): Pick<CaseContent, 'files' | 'tags'> => ({
  files: readStoredFiles(parseJson(row.files)),
  tags: readTexts(row.tags),
})

export const toCaseRow = (row: CaseListed): CaseRow => ({
  id: row.id,
  skillId: row.skill_id,
  content: contentOf(row),
  feedbackId: row.source_feedback_id,
  archived: row.archived === 1,
  results: row.results,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
})

/** The columns that hold a content. */
export const columnsOf = (content: CaseContent) => ({
  name: plainLine(content.name),
  prompt: content.prompt,
  expected_output: content.expectedOutput,
  assertions: JSON.stringify(content.assertions),
  files: JSON.stringify(content.files),
  tags: JSON.stringify(content.tags),
  weight: content.weight,
})

/** What a case came from. `stub`: made because results named it, so its prompt may not be known. */
export const caseProvenance = z.object({
  form: z.string().optional().catch(undefined),
  file: z.string().optional().catch(undefined),
  key: z.string().nullish().catch(undefined),
  stub: z.boolean().optional().catch(undefined),
})
export type CaseProvenance = z.infer<typeof caseProvenance>
export const provenanceOf = (row: BenchmarkCaseRecord): CaseProvenance =>
  caseProvenance.safeParse(parseJson(row.provenance)).data ?? {}
