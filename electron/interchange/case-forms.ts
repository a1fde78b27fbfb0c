import type { Assertion, AssertionResult, Json } from '../../shared/domain/benchmark/assertion.ts'

/**
 * What readers of other tools' files hand over: benchmark cases, and runs with their results. A reader never drops anything
 * without a word: what it does not understand is a remark that names its place in the file.
 */

/** `path` says where: 'evals.json: evals[3].files[0]'. */
export type Remark = { path: string; message: string }

/** `bytes` is undefined where the file was named but did not come along. */
export type ImportedFile = { path: string; bytes: Uint8Array | undefined }

export type ImportedCase = {
  /** What the source calls it, the same at each import: an eval's id, a test's description. */
  key: string | null
  name: string
  prompt: string
  expectedOutput: string | null
  assertions: Assertion[]
  files: ImportedFile[]
  tags: string[]
  weight: number
}

export const CASE_FORMS = ['skill-creator', 'promptfoo', 'csv'] as const
export type CaseForm = (typeof CASE_FORMS)[number]

export type ReadFailed = { ok: false; message: string }
export type CasesRead =
  | { ok: true; form: CaseForm; file: string; cases: ImportedCase[]; remarks: Remark[] }
  | ReadFailed

/** One output of one model for one case. Unknown is null, never 0. */
export type ImportedResult = {
  case: {
    /** As `ImportedCase.key`. */
    key: string | null
    name: string
    prompt: string | null
    expectedOutput: string | null
    /** What was demanded of it in that run; undefined where the file does not say. */
    assertions: Assertion[] | undefined
  }
  model: string
  provider: string
  /** From 1. */
  repeat: number
  /** What the model was asked, where that is not the case's own prompt. */
  input: string | null
  output: string | null
  inputTokens: number | null
  outputTokens: number | null
  cacheReadTokens: number | null
  cacheWriteTokens: number | null
  totalTokens: number | null
  costMicrocents: number | null
  latencyMs: number | null
  /** 0–100. */
  quality: number | null
  matches: boolean | null
  notes: string | null
  error: string | null
  assertionResults: AssertionResult[]
  details: { [key: string]: Json }
}

export type ImportedRun = {
  /** What was tried, as the file calls it: 'with_skill', 'v3'. */
  configuration: string
  /** No skill at all. */
  baseline: boolean
  /** What it belongs to: 'iteration-7', an evaluation's id. */
  group: string
  /** Milliseconds since 1970; null where the file does not say. */
  at: number | null
  judgeModel: string | null
  results: ImportedResult[]
  /** What the file says of the run besides. */
  facts: { [key: string]: Json }
}

export const RESULT_FORMS = ['skill-creator', 'promptfoo', 'csv'] as const
export type ResultForm = (typeof RESULT_FORMS)[number]
export type ResultsRead =
  | {
      ok: true
      form: ResultForm
      file: string
      /** Of the tool that wrote it, where it says so. */
      toolVersion: string | null
      runs: ImportedRun[]
      remarks: Remark[]
    }
  | ReadFailed

/** The longest list of remarks worth reading; the last then counts the rest. */
const LISTED = 500

/** Collects remarks; a thousand times the same is counted, not listed. */
export class Remarks {
  #list: Remark[] = []
  #more = 0

  add(path: string, message: string): void {
    if (this.#list.length < LISTED) this.#list.push({ path, message })
    else this.#more += 1
  }

  get list(): Remark[] {
    if (this.#more === 0) return this.#list
    return [...this.#list, { path: '', message: `${this.#more} more like these.` }]
  }
}
