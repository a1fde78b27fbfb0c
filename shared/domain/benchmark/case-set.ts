import { z } from 'zod'
import { checkPath } from '../bundle.ts'
import { type Assertion, assertions, type Json } from './assertion.ts'

/** As an older app or a registry's row may have it: its path is any text, and is checked where the file is used. */
export const storedCaseFile = z.object({
  path: z.string().min(1).max(1_024),
  /** Lowercase hex; null where an imported case names a file that did not come with it. */
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .nullable(),
  /** Bytes. */
  size: z.int().min(0).nullable(),
})
/** A file a case brings along: laid beside the skill for the agent to read. Its bytes are a blob of that name. */
export const caseFile = storedCaseFile.extend({
  path: storedCaseFile.shape.path.superRefine((path, context) => {
    const bad = checkPath(path)
    if (bad) context.addIssue({ code: 'custom', message: bad.message })
  }),
})
export type CaseFile = z.infer<typeof caseFile>

/** The files that a stored list names, each one that is one: a row that is wrong in one place is read in the others. */
export const readStoredFiles = (list: unknown): CaseFile[] =>
  Array.isArray(list) ? list.flatMap(one => storedCaseFile.safeParse(one).data ?? []) : []

/** What an author says of a case; what the library adds (ids, times) is the contract's. */
export const caseContent = z.object({
  name: z.string().trim().min(1).max(500),
  prompt: z.string().min(1).max(1_000_000),
  expectedOutput: z.string().min(1).max(1_000_000).nullable(),
  assertions,
  files: z.array(caseFile).max(200),
  tags: z
    .array(
      z
        .string()
        .trim()
        .min(1)
        .max(100)
        .regex(/^[^\r\n]+$/),
    )
    .max(50),
  /** Its share of a run's score; 1 is usual, 0 leaves it out. */
  weight: z.number().min(0).max(1_000),
})
export type CaseContent = z.infer<typeof caseContent>

/** Of a case, what decides how it goes: its name and tags may change and runs stay alike. */
export type CaseDemand = Pick<CaseContent, 'prompt' | 'expectedOutput' | 'assertions' | 'files' | 'weight'>

/**
 * The canonical JSON of a set of cases, whatever their order: its SHA-256 (lowercase hex, of the UTF-8 bytes) is the set's
 * hash, and two runs are alike only over sets of one hash. Archived cases are no part of a set: the caller leaves them out.
 */
export function encodeCaseSet(cases: readonly CaseDemand[]): string {
  return `[${cases
    .map(one =>
      canonical({
        assertions: one.assertions.map(demand => withoutUndefined(demand)),
        expected: one.expectedOutput,
        files: [...one.files]
          .map(file => ({ path: file.path, sha256: file.sha256 }))
          .sort((a, b) => compare(a.path, b.path)),
        prompt: one.prompt,
        weight: one.weight,
      }),
    )
    .sort(compare)
    .join(',')}]`
}

const withoutUndefined = (demand: Assertion): Json => JSON.parse(JSON.stringify(demand))

/** JSON with its keys in order, so that equal values give equal text. */
export function canonical(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const members = Object.entries(value).sort(([a], [b]) => compare(a, b))
  return `{${members.map(([key, member]) => `${JSON.stringify(key)}:${canonical(member)}`).join(',')}}`
}

/** By UTF-16 code unit, the same on every machine. */
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
