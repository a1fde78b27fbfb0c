import { z } from 'zod'
import { assertion } from '../domain/benchmark/assertion.ts'
import { caseContent, caseFile, storedCaseFile } from '../domain/benchmark/case-set.ts'
import { contract, id, instant } from './base.ts'

/** A case as it is stored, perhaps by another version of the app: less strict than what is taken. */
const storedContent = z.object({
  name: z.string(),
  /** Empty where only results are known, which did not say what was asked. */
  prompt: z.string(),
  expectedOutput: z.string().nullable(),
  assertions: z.array(assertion),
  files: z.array(storedCaseFile),
  tags: z.array(z.string()),
  weight: z.number(),
})

/** Benchmark cases of a skill: what is asked, and what is demanded of the answer. */
export const caseRow = z.object({
  id,
  skillId: id,
  content: storedContent,
  /** The feedback it was made from. */
  feedbackId: id.nullable(),
  archived: z.boolean(),
  /** Results that runs have for it. */
  results: z.int(),
  createdAt: instant,
  updatedAt: instant,
})
export type CaseRow = z.infer<typeof caseRow>

export const caseForm = z.enum(['skill-creator', 'promptfoo', 'csv'])
export type CaseForm = z.infer<typeof caseForm>

/** The longest upload, in characters of base64. */
const UPLOAD = 90_000_000

/** A file, folder or archive on this computer, or bytes that the page holds. */
export const fileSource = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('path'), path: z.string().min(1).max(4_096) }),
  z.object({ kind: z.literal('bytes'), name: z.string().min(1).max(255), base64: z.string().max(UPLOAD) }),
])
export type FileSource = z.infer<typeof fileSource>

export const remark = z.object({ path: z.string(), message: z.string() })
export type Remark = z.infer<typeof remark>

export const caseImportReport = z.object({
  form: caseForm,
  file: z.string(),
  added: z.int(),
  updated: z.int(),
  unchanged: z.int(),
  /** Names, for a look before it is done; at most 200. */
  names: z.array(z.object({ name: z.string(), state: z.enum(['added', 'updated', 'unchanged']) })),
  /** What was not understood, each with its place in the file; nothing is dropped without a word. */
  remarks: z.array(remark),
})
export type CaseImportReport = z.infer<typeof caseImportReport>

const unreadable = {
  SOURCE_UNREADABLE: { message: 'That could not be read.', data: z.object({ path: z.string(), reason: z.string() }) },
}

export const cases = {
  /** In the order they were made. `setHash` names the set of those that are not archived. */
  list: contract
    .input(z.object({ skillId: id, archived: z.boolean().default(false) }))
    .output(z.object({ cases: z.array(caseRow), setHash: z.string() })),
  add: contract.input(z.object({ skillId: id, content: caseContent })).output(caseRow),
  /** `expected` is the row's `updatedAt` as the author saw it: two windows do not overwrite each other. */
  update: contract
    .input(z.object({ id, content: caseContent, expected: instant }))
    .errors({
      CASE_CHANGED: { message: 'This case was changed elsewhere meanwhile.', data: z.object({ current: caseRow }) },
    })
    .output(caseRow),
  /** Archived cases are in no run; their results stay. Answers how many changed. One without a prompt stays archived. */
  archive: contract
    .input(z.object({ ids: z.array(id).min(1).max(10_000), archived: z.boolean() }))
    .errors({
      NO_PROMPT: { message: 'A case needs a prompt before it can be run. Write one first.', data: z.object({ id }) },
    })
    .output(z.object({ changed: z.int() })),
  /** Keeps a file's bytes, to be named in a case's `files`. At most 10 MB. */
  putFile: contract
    .input(z.object({ path: z.string().min(1).max(1_024), base64: z.string().max(14_000_000) }))
    .errors({ PATH_REFUSED: { message: 'That name leads outside the case.', data: z.object({ path: z.string() }) } })
    .output(caseFile),
  /**
   * A case from a training example or a bug report, which is accepted with it where it waited. Done again, it answers the
   * case that is there. `asks` is false where a bug report did not say what was asked: its words stand in the prompt's place,
   * for the author to replace.
   */
  fromFeedback: contract
    .input(z.object({ feedbackId: id }))
    .errors({
      NOT_AN_EXAMPLE: {
        message: 'A case can be made from a training example or a bug report that says what was asked.',
        data: z.object({ id }),
      },
    })
    .output(z.object({ case: caseRow, made: z.boolean(), asks: z.boolean() })),
  /** All or nothing. With `look` nothing is kept: it says what would happen. */
  import: contract
    .input(z.object({ skillId: id, source: fileSource, form: caseForm.optional(), look: z.boolean().default(false) }))
    .errors(unreadable)
    .output(caseImportReport),
  /** One file, or a zip of it with the cases' own files. A file whose path leads elsewhere is left out, with a remark. */
  export: contract
    .input(z.object({ skillId: id, form: caseForm }))
    .output(z.object({ name: z.string(), base64: z.string(), cases: z.int(), remarks: z.array(remark) })),
}
