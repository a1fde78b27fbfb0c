import type { CaseContent } from '../../shared/domain/benchmark/case-set.ts'
import type { FeedbackRecord } from '../library/schema.ts'

/**
 * The case that a training example or a bug report asks for; undefined where it says nothing that could be one. An example's
 * expected output is what the case expects; a bug report becomes a demand in words that the fault is gone, for its author to
 * make exact. A report that does not say what was asked stands in the prompt's place as it is, for its author to replace.
 */
export function caseOfFeedback(row: FeedbackRecord): CaseContent | undefined {
  const example = row.feedback_type === 'training_example'
  if (!example && row.feedback_type !== 'bug_report') return undefined
  const input = textOr(row.example_input)
  const comment = row.comment?.trim() ?? ''
  const prompt = input ?? (example ? '' : comment)
  if (prompt === '') return undefined
  const expected = textOr(row.expected_output)
  return {
    name: nameOf(comment || prompt),
    prompt,
    expectedOutput: example ? (expected ?? textOr(row.example_output)) : expected,
    assertions: example ? likeExpected(row) : withoutFault(row, comment),
    files: [],
    tags: [example ? 'example' : 'bug'],
    weight: 1,
  }
}

const textOr = (text: string | null): string | null => (text?.trim() ? text : null)

const LIKE_EXPECTED = {
  type: 'rubric' as const,
  value: 'Says the same as the expected output, in other words or the same ones',
}
const likeExpected = (row: FeedbackRecord): CaseContent['assertions'] =>
  textOr(row.expected_output) !== null || textOr(row.example_output) !== null ? [LIKE_EXPECTED] : []

/** What is to be gone, in the report's own words; a report without any names what went wrong by its example, or demands nothing. */
function withoutFault(row: FeedbackRecord, comment: string): CaseContent['assertions'] {
  if (comment !== '') return [{ type: 'rubric', value: `Does not show this fault: ${shortened(comment)}` }]
  if (textOr(row.expected_output) !== null) return [LIKE_EXPECTED]
  const wrong = textOr(row.example_output)
  return wrong === null ? [] : [{ type: 'rubric', value: `Does not answer like this: ${shortened(wrong)}` }]
}

const shortened = (text: string): string => [...text.trim()].slice(0, 5_000).join('')

/** The first line, as long as a list shows it. */
function nameOf(text: string): string {
  const line = text.trim().split('\n', 1)[0]?.replace(/\s+/g, ' ').trim() ?? ''
  const short = [...line].slice(0, 80).join('')
  return short.length < line.length ? `${short}…` : short
}
