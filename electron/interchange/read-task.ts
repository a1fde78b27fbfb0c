import { findEvals, readCases, readResults } from './case-document.ts'
import type { CaseForm, CasesRead, ImportedCase, Remark, ResultForm, ResultsRead } from './case-forms.ts'
import { checkCases, checkResults } from './import-bounds.ts'
import { readEvals } from './skill-creator-cases.ts'
import { openTree, type TreeSource } from './source-tree.ts'

/** What is to be read of a file, a folder or an archive. `home` is what `~` stands for. */
export type ReadTask =
  | { kind: 'cases'; source: TreeSource; home: string; form: CaseForm | undefined }
  | { kind: 'results'; source: TreeSource; home: string; form: ResultForm | undefined }

/** Results with the cases that lie among them: their evals say what was asked. */
export type ResultsWithCases = Extract<ResultsRead, { ok: true }> & { cases: ImportedCase[] }
export type ResultsAnswer = ResultsWithCases | { ok: false; message: string }

export function readCaseFile(task: Extract<ReadTask, { kind: 'cases' }>): CasesRead {
  const opened = openTree(task.source, task.home)
  return opened.ok ? checkCases(readCases(opened.tree, task.form)) : opened
}

export function readResultFile(task: Extract<ReadTask, { kind: 'results' }>): ResultsAnswer {
  const opened = openTree(task.source, task.home)
  if (!opened.ok) return opened
  const read = checkResults(readResults(opened.tree, task.form))
  if (!read.ok) return read
  const evals = read.form === 'skill-creator' ? findEvals(opened.tree) : undefined
  const cases = evals === undefined ? undefined : checkCases(readEvals(opened.tree, evals))
  const remarks: Remark[] = cases?.ok ? cases.remarks : cases ? [{ path: evals ?? '', message: cases.message }] : []
  return { ...read, cases: cases?.ok ? cases.cases : [], remarks: [...read.remarks, ...remarks] }
}

/** The bytes of files, each alone: what is cut from an archive would take the whole archive along to another thread. */
export function takeOut(cases: readonly ImportedCase[]): ArrayBuffer[] {
  return cases.flatMap(one =>
    one.files.flatMap(file => {
      if (!file.bytes) return []
      const buffer = new ArrayBuffer(file.bytes.byteLength)
      new Uint8Array(buffer).set(file.bytes)
      file.bytes = new Uint8Array(buffer)
      return [buffer]
    }),
  )
}
