import { z } from 'zod'
import { parseJson } from '../rows/json.ts'
import { patternProblem } from './pattern.ts'

/**
 * What a case demands of an output: data alone, so that it is stored, exported and compared; grading it is the runner's.
 * Words follow promptfoo's where it has one. `not` turns a demand round; `weight` (1 where absent) is its share of the
 * case's score. An output's score is 100 × the weight of what passed by the weight of all that is graded here. Where one of
 * these could not be graded (a judge that failed, a pattern that took too long) the whole score is null, never 0 and never
 * that of the rest: over fewer demands it would be another figure under the same name. Only forms that are never graded here
 * (`unsupported`), and demands of weight 0, have no part in it.
 */
const common = { not: z.literal(true).optional(), weight: z.number().min(0).max(1_000).optional() }
const text = z.string().min(1).max(100_000)
/** Read by whoever may have written it: what must not be compiled is no pattern. */
const pattern = z
  .string()
  .min(1)
  .superRefine((value, context) => {
    const problem = patternProblem(value)
    if (problem) context.addIssue({ code: 'custom', message: `This pattern is not used: ${problem}` })
  })
/** The longest any list of an assertion may be. */
export const MOST_VALUES = 200

/** JSON as it is, also nested: a schema, or the source of what is not understood. */
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json }
export const json: z.ZodType<Json> = z.json()

export const assertion = z.discriminatedUnion('type', [
  /** The whole output, after trimming both. */
  z.object({
    type: z.literal('equals'),
    value: z.string().max(100_000),
    ignoreCase: z.literal(true).optional(),
    ...common,
  }),
  z.object({ type: z.literal('contains'), value: text, ignoreCase: z.literal(true).optional(), ...common }),
  z.object({
    type: z.literal('contains-all'),
    values: z.array(text).min(1).max(MOST_VALUES),
    ignoreCase: z.literal(true).optional(),
    ...common,
  }),
  z.object({
    type: z.literal('contains-any'),
    values: z.array(text).min(1).max(MOST_VALUES),
    ignoreCase: z.literal(true).optional(),
    ...common,
  }),
  z.object({ type: z.literal('starts-with'), value: text, ...common }),
  /** JavaScript's regular expressions; found anywhere in the output. */
  z.object({
    type: z.literal('regex'),
    value: pattern,
    flags: z
      .string()
      .regex(/^[imsu]{1,4}$/)
      .optional(),
    ...common,
  }),
  /** `whole`: the output is JSON; `within`: some part of it is. With a schema, that JSON also satisfies it. */
  z.object({
    type: z.literal('json'),
    where: z.enum(['whole', 'within']),
    schema: z.union([z.boolean(), z.record(z.string(), json)]).optional(),
    ...common,
  }),
  /** Likeness of the output to `value`, 0 to 1. */
  z.object({ type: z.literal('similar'), value: text, threshold: z.number().min(0).max(1), ...common }),
  z.object({
    type: z.literal('length'),
    unit: z.enum(['characters', 'words', 'lines']),
    min: z.int().min(0).optional(),
    max: z.int().min(0).optional(),
    ...common,
  }),
  z.object({ type: z.literal('latency'), maxMs: z.number().positive(), ...common }),
  z.object({ type: z.literal('cost'), maxMicrocents: z.number().positive(), ...common }),
  /** One demand in words, for a judge model; `threshold` 0 to 1 where the judge gives a score. */
  z.object({ type: z.literal('rubric'), value: text, threshold: z.number().min(0).max(1).optional(), ...common }),
  /** Kept as it came, so that it is exported again: something this app does not grade (a script, say). */
  z.object({ type: z.literal('unsupported'), name: z.string().min(1).max(200), source: json, ...common }),
])
export type Assertion = z.infer<typeof assertion>
export type AssertionType = Assertion['type']

/** The most of one case. */
export const MOST_ASSERTIONS = 500
export const assertions = z.array(assertion).max(MOST_ASSERTIONS)

/** How one assertion went. `passed` is null where it could not be graded, and `evidence` then says why. */
export const assertionResult = z.object({
  /** The demand in words: what an imported file called it, or `sayAssertion`. */
  text: z.string(),
  type: z.string(),
  passed: z.boolean().nullable(),
  /** What in the output shows it: a quotation, a figure, or the judge's reason. */
  evidence: z.string().nullable(),
  /** 0 to 1, where the grader gives one. */
  score: z.number().nullable().optional(),
  weight: z.number().optional(),
})
export type AssertionResult = z.infer<typeof assertionResult>

/** A demand in plain words. */
export function sayAssertion(one: Assertion): string {
  const not = one.not === true
  const quoted = (values: readonly string[]) => values.map(value => `“${value}”`).join(', ')
  const caseless = 'ignoreCase' in one && one.ignoreCase === true ? ', ignoring case' : ''
  switch (one.type) {
    case 'equals':
      return `${not ? 'is not' : 'is'} “${one.value}”${caseless}`
    case 'contains':
      return `${not ? 'does not contain' : 'contains'} “${one.value}”${caseless}`
    case 'contains-all':
      return `${not ? 'does not contain all of' : 'contains all of'} ${quoted(one.values)}${caseless}`
    case 'contains-any':
      return `${not ? 'contains none of' : 'contains one of'} ${quoted(one.values)}${caseless}`
    case 'starts-with':
      return `${not ? 'does not start' : 'starts'} with “${one.value}”`
    case 'regex':
      return `${not ? 'does not match' : 'matches'} /${one.value}/${one.flags ?? ''}`
    case 'json':
      return `${not ? (one.where === 'whole' ? 'is not' : 'contains no') : one.where === 'whole' ? 'is' : 'contains'} JSON${one.schema === undefined ? '' : ' of the given schema'}`
    case 'similar':
      return `${not ? 'is less like' : 'is like'} “${one.value}” ${not ? 'than' : 'by'} ${Math.round(one.threshold * 100)}%${not ? '' : ' or more'}`
    case 'length':
      return `${not ? 'has not ' : 'has '}${range(one.min, one.max)} ${one.unit}`
    case 'latency':
      return `takes ${not ? 'more than' : 'at most'} ${one.maxMs} ms`
    case 'cost':
      return `costs ${not ? 'more than' : 'at most'} $${one.maxMicrocents / 1e8}`
    case 'rubric':
      return not ? `not: ${one.value}` : one.value
    case 'unsupported':
      return `${not ? 'not ' : ''}${one.name} (not graded here)`
    default:
      return one satisfies never
  }
}

function range(min: number | undefined, max: number | undefined): string {
  if (min === undefined) return max === undefined ? 'any number of' : `at most ${max}`
  return max === undefined ? `at least ${min}` : `${min} to ${max}`
}

/**
 * Stored assertions, read with tolerance: JSON text, or what JSON.parse made of it. A plain sentence is a rubric; `matches`
 * and `max-words` are what the sample library writes; whatever else is not understood is kept as unsupported.
 */
export function readAssertions(stored: unknown): Assertion[] {
  const list = typeof stored === 'string' ? parseJson(stored) : stored
  return Array.isArray(list) ? list.slice(0, MOST_ASSERTIONS).flatMap(readAssertion) : []
}

function readAssertion(one: unknown): Assertion[] {
  if (typeof one === 'string') return one.trim() === '' ? [] : [{ type: 'rubric', value: one.trim() }]
  const known = assertion.safeParse(one)
  if (known.success) return [known.data]
  const older = olderForm.safeParse(one)
  if (older.success) return [fromOlder(older.data)]
  const source = json.safeParse(one)
  if (!source.success) return []
  const named = z.object({ type: z.string().min(1).max(200) }).safeParse(one)
  return [{ type: 'unsupported', name: named.success ? named.data.type : 'unknown', source: source.data }]
}

const olderForm = z.discriminatedUnion('type', [
  z.object({ type: z.literal('not-contains'), value: z.string().min(1) }),
  z.object({ type: z.literal('matches'), value: pattern }),
  z.object({ type: z.literal('max-words'), value: z.int().min(0) }),
])

function fromOlder(one: z.infer<typeof olderForm>): Assertion {
  switch (one.type) {
    case 'not-contains':
      return { type: 'contains', value: one.value, not: true }
    case 'matches':
      return one.value.startsWith('(?i)') && one.value.length > 4
        ? { type: 'regex', value: one.value.slice(4), flags: 'i' }
        : { type: 'regex', value: one.value }
    case 'max-words':
      return { type: 'length', unit: 'words', max: one.value }
    default:
      return one satisfies never
  }
}
