import { layOut } from './case-files.ts'
import type { CaseForm, CasesRead, ImportedCase, ResultForm, ResultsRead } from './case-forms.ts'
import { readCsvCases, writeCsvCases } from './csv-cases.ts'
import { readCsvResults } from './csv-results.ts'
import { decodeUtf8, member, parseJson } from './parse-text.ts'
import { readPromptfoo, writePromptfoo } from './promptfoo-cases.ts'
import { readPromptfooResults } from './promptfoo-results.ts'
import { readEvals, writeEvals } from './skill-creator-cases.ts'
import { readSkillCreatorResults } from './skill-creator-results.ts'
import type { SourceTree } from './source-tree.ts'
import { writeZip } from './zip.ts'

const EVALS = /(^|\/)evals\.json$/i
const PROMPTFOO = /(^|\/)promptfooconfig[^/]*\.(ya?ml|json)$/i

/** The cases of a file, or of the one case file of a folder or archive. */
export function readCases(tree: SourceTree, form: CaseForm | undefined): CasesRead {
  return withRefused(tree, readMain(tree, form))
}

/** What an archive held under names that cannot be is told first. */
const withRefused = <T extends CasesRead | ResultsRead>(tree: SourceTree, read: T): T =>
  read.ok && tree.refused ? { ...read, remarks: [...tree.refused, ...read.remarks] } : read

function readMain(tree: SourceTree, form: CaseForm | undefined): CasesRead {
  const main = tree.main ?? findMain(tree, form)
  if (typeof main !== 'string') return main
  switch (form ?? formOf(tree, main)) {
    case 'skill-creator':
      return readEvals(tree, main)
    case 'promptfoo':
      return readPromptfoo(tree, main)
    case 'csv':
      return readCsvCases(tree, main)
    case undefined:
      return { ok: false, message: `“${main}” is neither an evals.json, a promptfoo configuration nor a table (.csv).` }
  }
}

/** Where a tree without a named file has its cases: evals.json, then a configuration, then a single table. */
function findMain(tree: SourceTree, form: CaseForm | undefined): string | { ok: false; message: string } {
  const kinds: [CaseForm, RegExp][] = [
    ['skill-creator', EVALS],
    ['promptfoo', PROMPTFOO],
    ['csv', /\.csv$/i],
  ]
  for (const [kind, pattern] of kinds) {
    if (form !== undefined && form !== kind) continue
    const found = tree.paths.filter(path => pattern.test(path))
    // What was exported here, whatever else the cases bring along.
    if (found.includes(NAMES[kind])) return NAMES[kind]
    if (found.length > 1)
      return {
        ok: false,
        message: `There are ${found.length} case files in “${tree.name}”: name one of them (${found.slice(0, 3).join(', ')}).`,
      }
    if (found[0] !== undefined) return found[0]
  }
  return { ok: false, message: `There is no evals.json, promptfoo configuration or table of cases in “${tree.name}”.` }
}

function formOf(tree: SourceTree, path: string): CaseForm | undefined {
  if (/\.(csv|tsv)$/i.test(path)) return 'csv'
  if (/\.ya?ml$/i.test(path)) return 'promptfoo'
  if (EVALS.test(path)) return 'skill-creator'
  const value = jsonIn(tree, path)
  if (Array.isArray(member(value, 'evals')) || Array.isArray(value)) return 'skill-creator'
  return member(value, 'prompts') !== undefined || member(value, 'tests') !== undefined ? 'promptfoo' : undefined
}

function jsonIn(tree: SourceTree, path: string): unknown {
  const bytes = tree.read(path)
  const decoded = bytes && decodeUtf8(bytes, path)
  const parsed = decoded?.ok ? parseJson(decoded.text, path) : undefined
  return parsed?.ok ? parsed.value : undefined
}

/** Whether evals.json lies among results, so that their prompts are known. */
export const findEvals = (tree: SourceTree): string | undefined => {
  const found = tree.paths.filter(path => EVALS.test(path))
  return found.length === 1 ? found[0] : undefined
}

/** The results of a file, a folder or an archive. */
export function readResults(tree: SourceTree, form: ResultForm | undefined): ResultsRead {
  return withRefused(tree, readResultsOf(tree, form))
}

function readResultsOf(tree: SourceTree, form: ResultForm | undefined): ResultsRead {
  const { main } = tree
  if (form === 'skill-creator' || (form === undefined && isSkillCreator(tree))) return readSkillCreatorResults(tree)
  const file =
    main ??
    tree.paths.find(path => (form === 'csv' ? /\.csv$/i : /\.json$/i).test(path)) ??
    tree.paths.find(path => /\.csv$/i.test(path))
  if (file === undefined) return { ok: false, message: `There are no results in “${tree.name}”.` }
  if (form === 'csv' || (form === undefined && /\.(csv|tsv)$/i.test(file))) return readCsvResults(tree, file)
  return readPromptfooResults(tree, file)
}

function isSkillCreator(tree: SourceTree): boolean {
  if (tree.main === undefined)
    return tree.paths.some(path => /(^|\/)(benchmark|grading|eval-[^/]+-grading)\.json$/.test(path))
  if (!/\.json$/i.test(tree.main)) return false
  return /(^|\/)benchmark[^/]*\.json$/i.test(tree.main)
}

const NAMES: Record<CaseForm, string> = {
  'skill-creator': 'evals/evals.json',
  promptfoo: 'promptfooconfig.yaml',
  csv: 'cases.csv',
}

/** One file, or with the cases' own files a zip archive that `readCases` and the form's own tool can use. */
export async function writeCases(
  form: CaseForm,
  skillName: string,
  cases: readonly ImportedCase[],
): Promise<{ name: string; bytes: Uint8Array }> {
  const bytes = Buffer.from(writeText(form, skillName, cases), 'utf8')
  const files = new Map(
    layOut(cases).flatMap(list => list.flatMap(({ at, bytes }) => (bytes ? [[at, bytes] as const] : []))),
  )
  const name = NAMES[form]
  if (files.size === 0) return { name: name.split('/').at(-1) ?? name, bytes }
  files.set(name, bytes)
  const entries = [...files].map(([path, content]) => ({ path, bytes: content, executable: false }))
  return { name: `${skillName}-cases.zip`, bytes: await writeZip(entries) }
}

function writeText(form: CaseForm, skillName: string, cases: readonly ImportedCase[]): string {
  switch (form) {
    case 'skill-creator':
      return writeEvals(skillName, cases)
    case 'promptfoo':
      return writePromptfoo(skillName, cases)
    case 'csv':
      return writeCsvCases(cases)
    default:
      return form satisfies never
  }
}
