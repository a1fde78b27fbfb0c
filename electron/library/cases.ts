import type { Library } from './library.ts'
import { enqueue } from './outbox.ts'
import type { BenchmarkCaseRecord } from './schema.ts'

export type CaseListed = BenchmarkCaseRecord & { results: number }

const LISTED =
  'SELECT c.*, (SELECT count(*) FROM benchmark_results r WHERE r.case_id = c.id) AS results FROM benchmark_cases c'

/** In the order they were made; archived ones last, and only where they are asked for. */
export const listCases = (library: Library, skillId: string, archived: boolean): CaseListed[] =>
  library.all<CaseListed>(
    `${LISTED} WHERE c.skill_id = ? AND (c.archived = 0 OR ?) ORDER BY c.archived, c.created_at, c.id`,
    skillId,
    Number(archived),
  )

export const findCase = (library: Library, id: string): CaseListed | undefined =>
  library.find<CaseListed>(`${LISTED} WHERE c.id = ?`, id)

/** The case that was made from a feedback row; where that was done twice on two machines, the older one. */
export const findCaseOfFeedback = (library: Library, feedbackId: string): CaseListed | undefined =>
  library.find<CaseListed>(`${LISTED} WHERE c.source_feedback_id = ? ORDER BY c.created_at, c.id LIMIT 1`, feedbackId)

/** Puts a case in, or another content in its place; queues the change. */
export function putCase(library: Library, row: BenchmarkCaseRecord, operation: 'insert' | 'update'): void {
  if (operation === 'insert')
    library.run(
      `INSERT INTO benchmark_cases (id, tenant_id, skill_id, name, prompt, expected_output, assertions, files, tags, weight,
         source_feedback_id, archived, created_at, updated_at, provenance)
       VALUES (@id, @tenant_id, @skill_id, @name, @prompt, @expected_output, @assertions, @files, @tags, @weight,
         @source_feedback_id, @archived, @created_at, @updated_at, @provenance)`,
      row,
    )
  else
    library.run(
      `UPDATE benchmark_cases SET name = @name, prompt = @prompt, expected_output = @expected_output,
         assertions = @assertions, files = @files, tags = @tags, weight = @weight, source_feedback_id = @source_feedback_id,
         archived = @archived, updated_at = @updated_at, provenance = @provenance
       WHERE id = @id`,
      {
        id: row.id,
        name: row.name,
        prompt: row.prompt,
        expected_output: row.expected_output,
        assertions: row.assertions,
        files: row.files,
        tags: row.tags,
        weight: row.weight,
        source_feedback_id: row.source_feedback_id,
        archived: row.archived,
        updated_at: row.updated_at,
        provenance: row.provenance,
      },
    )
  enqueue(library, {
    tenantId: row.tenant_id,
    skillId: row.skill_id,
    entity: 'benchmark_case',
    entityId: row.id,
    operation,
    now: row.updated_at,
  })
}
