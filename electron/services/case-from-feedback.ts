import type { CaseContent } from '../../shared/domain/benchmark/case-set.ts'
import type { FeedbackRecord } from '../library/schema.ts'

/**
 * The case that a training example or a bug report asks for; undefined where it does not say what was asked. An example's
 * expected output is what the case expects; a bug report becomes a demand in words that the fault is gone, for its author to
 * make exact.
 */
export function caseOfFeedback(row: FeedbackRecord): CaseContent | undefined {
  const prompt = row.example_input?.trim() ? row.example_input : undefined
  if (row.feedback_type !== 'training_example' && row.feedback_type !== 'bug_report') return undefined
  if (prompt === undefined && row.feedback_type === 'training_example') return undefined
  const asked = prompt ?? row.comment
  if (!asked?.trim()) return undefined
  const expected = row.expected_output?.trim() ? row.expected_output : null
  const comment = row.comment?.trim() ?? ''
  return {
    name: nameOf(comment || asked),
    prompt: asked,
    expectedOutput: row.feedback_type === 'training_example' ? (expected ?? textOr(row.example_output)) : expected,
    assertions: assertionsOf(row, comment),
    files: [],
    tags: [row.feedback_type === 'training_example' ? 'example' : 'bug'],
    weight: 1,
  }
}

const textOr = (text: string | null): string | null => (text?.trim() ? text : null)

function assertionsOf(row: FeedbackRecord, comment: string): CaseContent['assertions'] {
  if (row.feedback_type === 'training_example')
    return row.expected_output?.trim() || row.example_output?.trim()
      ? [{ type: 'rubric', value: 'Says the same as the expected output, in other words or the same ones' }]
      : []
  const fault = comment === '' ? 'what was reported' : comment
  return [{ type: 'rubric', value: `Does not show this fault: ${fault.slice(0, 5_000)}` }]
}

/** The first line, as long as a list shows it. */
function nameOf(text: string): string {
  const line = text.trim().split('\n', 1)[0]?.replace(/\s+/g, ' ').trim() ?? ''
  const short = [...line].slice(0, 80).join('')
  return short.length < line.length ? `${short}…` : short
}
