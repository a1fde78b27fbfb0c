import { create } from 'zustand'
import type { CaseRow } from '../../shared/contract/cases.ts'
import type { Assertion, AssertionType } from '../../shared/domain/benchmark/assertion.ts'
import { type CaseContent, caseContent } from '../../shared/domain/benchmark/case-set.ts'
import { patternProblem } from '../../shared/domain/benchmark/pattern.ts'

/** What is being written of a case: kept while one looks at another one, gone once it is saved or discarded. */
export type Draft = { content: CaseContent; expected: number }
type Drafts = {
  drafts: Record<string, Draft>
  write: (id: string, draft: Draft) => void
  discard: (id: string) => void
}

export const useDrafts = create<Drafts>(set => ({
  drafts: {},
  write: (id, draft) => set(({ drafts }) => ({ drafts: { ...drafts, [id]: draft } })),
  discard: id =>
    set(({ drafts }) => ({ drafts: Object.fromEntries(Object.entries(drafts).filter(([key]) => key !== id)) })),
}))

export const draftOf = (row: CaseRow): Draft => ({ content: row.content, expected: row.updatedAt })

export type Problems = { field: keyof CaseContent; at: number | undefined; message: string }[]

/** What keeps a draft from being saved, by field; for demands also which one. */
export function problemsOf(content: CaseContent): Problems {
  const parsed = caseContent.safeParse(content)
  const issues = parsed.success ? [] : parsed.error.issues
  const problems = issues.flatMap(({ path: [field, at], message, code }) =>
    isField(field)
      ? [{ field, at: typeof at === 'number' ? at : undefined, message: sayIssue(field, code, message) }]
      : [],
  )
  for (const [at, one] of content.assertions.entries()) {
    const wrong = wrongWith(one)
    if (wrong !== undefined) problems.push({ field: 'assertions', at, message: wrong })
  }
  return problems
}

const FIELDS = ['name', 'prompt', 'expectedOutput', 'assertions', 'files', 'tags', 'weight'] as const
const isField = (key: unknown): key is keyof CaseContent => FIELDS.some(field => field === key)

function sayIssue(field: keyof CaseContent, code: string, message: string): string {
  if (code === 'too_small') {
    if (field === 'name') return 'Give it a name.'
    if (field === 'prompt') return 'Say what the model is asked.'
    if (field === 'weight') return 'A weight is 0 or more.'
    if (field === 'assertions') return 'Fill this in, or remove the demand.'
  }
  if (code === 'too_big') return field === 'weight' ? 'A weight is 1,000 at most.' : 'That is too long.'
  return message
}

/** What a schema does not tell. */
function wrongWith(one: Assertion): string | undefined {
  // The schema says what is wrong with one that must not be compiled.
  if (one.type === 'regex' && patternProblem(one.value) === undefined)
    try {
      new RegExp(one.value, one.flags)
    } catch (error) {
      return error instanceof Error ? error.message : 'This is no regular expression.'
    }
  if (one.type === 'length') {
    if (one.min === undefined && one.max === undefined) return 'Say the least, the most, or both.'
    if (one.min !== undefined && one.max !== undefined && one.min > one.max) return 'The least is more than the most.'
  }
  return undefined
}

export const TYPES: { value: Exclude<AssertionType, 'unsupported'>; label: string }[] = [
  { value: 'rubric', label: 'Judged: in words' },
  { value: 'contains', label: 'Contains' },
  { value: 'contains-all', label: 'Contains all of' },
  { value: 'contains-any', label: 'Contains one of' },
  { value: 'equals', label: 'Equals' },
  { value: 'starts-with', label: 'Starts with' },
  { value: 'regex', label: 'Matches a regular expression' },
  { value: 'json', label: 'JSON' },
  { value: 'similar', label: 'Is like' },
  { value: 'length', label: 'Length' },
  { value: 'latency', label: 'Takes at most' },
  { value: 'cost', label: 'Costs at most' },
]

/** Another kind of demand, with the words kept where both have some. */
export function withType(was: Assertion, type: AssertionType): Assertion {
  const words = 'value' in was ? was.value : 'values' in was ? (was.values[0] ?? '') : ''
  const common = {
    ...(was.not && { not: was.not }),
    ...(was.weight !== undefined && { weight: was.weight }),
  }
  switch (type) {
    case 'contains-all':
    case 'contains-any':
      return { type, values: 'values' in was ? was.values : [words], ...common }
    case 'json':
      return { type, where: 'whole', ...common }
    case 'similar':
      return { type, value: words, threshold: 0.8, ...common }
    case 'length':
      return { type, unit: 'words', max: 200, ...common }
    case 'latency':
      return { type, maxMs: 10_000, ...common }
    case 'cost':
      return { type, maxMicrocents: 1_000_000, ...common }
    case 'unsupported':
      return was
    default:
      return { type, value: words, ...common }
  }
}

/** A case that is not there yet: a row like others for the list and the editor, until it is saved. */
export const newRow = (skillId: string): CaseRow => ({
  id: `new ${skillId}`,
  skillId,
  content: { name: '', prompt: '', expectedOutput: null, assertions: [], files: [], tags: [], weight: 1 },
  feedbackId: null,
  archived: false,
  results: 0,
  createdAt: 0,
  updatedAt: 0,
})
export const isNew = (row: CaseRow): boolean => row.id === `new ${row.skillId}`
