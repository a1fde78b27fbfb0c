import { isDeepStrictEqual } from 'node:util'
import type { CaseImportReport, Remark } from '../../shared/contract/cases.ts'
import { type CaseContent, caseContent } from '../../shared/domain/benchmark/case-set.ts'
import type { CaseForm, ImportedCase, ImportedFile } from '../interchange/case-forms.ts'
import { putBlob, sha256 } from '../library/blobs.ts'
import { type CaseListed, listCases, putCase } from '../library/cases.ts'
import type { BenchmarkCaseRecord, SkillRecord } from '../library/schema.ts'
import { type CaseProvenance, columnsOf, contentOf, provenanceOf } from './case-rows.ts'
import type { Context } from './context.ts'

type Source = { form: CaseForm; file: string }
export type CasesImported = Pick<CaseImportReport, 'added' | 'updated' | 'unchanged' | 'names' | 'remarks'>

const NAMED = 200

/**
 * Puts imported cases beside those that are there, inside the caller's transaction. A case is known again by what its file
 * calls it, then by its prompt, then by its name; what it was before is replaced, and what is as it was is left alone.
 */
export function importCases(
  context: Context,
  skill: SkillRecord,
  { form, file }: Source,
  found: readonly ImportedCase[],
): CasesImported {
  const there = new CaseMatcher(listCases(context.library, skill.id, true), form)
  const report: CasesImported = { added: 0, updated: 0, unchanged: 0, names: [], remarks: [] }
  for (const one of found) {
    const was = there.take(one)
    const content = keep(context, one, was, report.remarks, file)
    if (!content) continue
    const state = put(context, skill, was, content, { form, file, ...(one.key !== null && { key: one.key }) })
    report[state] += 1
    if (report.names.length < NAMED) report.names.push({ name: content.name, state })
  }
  return report
}

type Wanted = { key: string | null; name: string; prompt: string | null }
type Known = { row: CaseListed; was: CaseProvenance }

/** Each case that is there is taken once: two imported cases of one name are two cases. A look is a few steps, however many there are. */
export class CaseMatcher {
  #form: string
  #byKey = new Map<string, Set<Known>>()
  #byPrompt = new Map<string, Set<Known>>()
  #byName = new Map<string, Set<Known>>()
  #known = new Map<CaseListed, Known>()

  constructor(there: readonly CaseListed[], form: string) {
    this.#form = form
    for (const row of there) this.add(row)
  }

  take(one: Wanted): CaseListed | undefined {
    const found = this.find(one)
    const known = found && this.#known.get(found)
    if (!found || !known) return undefined
    this.#known.delete(found)
    for (const [index, name] of this.#places(known)) {
      const left = index.get(name)
      left?.delete(known)
      if (left?.size === 0) index.delete(name)
    }
    return found
  }

  find({ key, name, prompt }: Wanted): CaseListed | undefined {
    const byKey = key === null ? undefined : first(this.#byKey.get(key))
    const byPrompt = prompt ? first(this.#byPrompt.get(prompt)) : undefined
    return (byKey ?? byPrompt ?? this.#findByName(name, key))?.row
  }

  /** Two results of one name that their file calls otherwise are of two cases. */
  #findByName(name: string, key: string | null): Known | undefined {
    for (const known of this.#byName.get(name) ?? []) {
      const { stub, form, key: other } = known.was
      if (!(stub === true && form === this.#form && other !== key)) return known
    }
    return undefined
  }

  add(row: CaseListed): void {
    const known = { row, was: provenanceOf(row) }
    this.#known.set(row, known)
    for (const [index, name] of this.#places(known)) {
      const there = index.get(name)
      if (there) there.add(known)
      else index.set(name, new Set([known]))
    }
  }

  *#places({ row, was }: Known): Generator<[Map<string, Set<Known>>, string]> {
    if (typeof was.key === 'string' && was.form === this.#form) yield [this.#byKey, was.key]
    yield [this.#byPrompt, row.prompt]
    yield [this.#byName, row.name]
  }
}

const first = (known: ReadonlySet<Known> | undefined): Known | undefined => known?.values().next().value

/** Undefined with a remark where the library cannot hold it. */
function keep(
  context: Context,
  one: ImportedCase,
  was: CaseListed | undefined,
  remarks: Remark[],
  file: string,
): CaseContent | undefined {
  const before = was ? contentOf(was).files : []
  const parsed = caseContent.safeParse({
    name: one.name.slice(0, 500),
    prompt: one.prompt,
    expectedOutput: one.expectedOutput,
    assertions: one.assertions,
    files: one.files.map(each => keepFile(context, each, before)),
    tags: one.tags,
    weight: one.weight,
  })
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  const where = issue?.path.map(String).join('.') ?? ''
  remarks.push({
    path: `${file}: “${one.name.slice(0, 60)}” ${where}`.trim(),
    message: `It was left out: ${issue?.message ?? 'it cannot be kept'}.`,
  })
  return undefined
}

/** What did not come along this time may be here from before. */
function keepFile(
  context: Context,
  { path, bytes }: ImportedFile,
  before: CaseContent['files'],
): CaseContent['files'][number] {
  if (!bytes) return before.find(file => file.path === path) ?? { path, sha256: null, size: null }
  const name = sha256(bytes)
  putBlob(context.library, name, bytes)
  return { path, sha256: name, size: bytes.byteLength }
}

/** Inserts, updates or leaves a case. */
export function put(
  context: Context,
  skill: SkillRecord,
  was: CaseListed | undefined,
  content: CaseContent,
  provenance: CaseProvenance,
): 'added' | 'updated' | 'unchanged' {
  const now = context.clock()
  if (!was) {
    putCase(context.library, newCase(context, skill, content, provenance), 'insert')
    return 'added'
  }
  const before = provenanceOf(was)
  if (isDeepStrictEqual(contentOf(was), content) && before.stub !== true) return 'unchanged'
  const row: BenchmarkCaseRecord = {
    ...withoutResults(was),
    ...columnsOf(content),
    // What only results had named is a case now; what an author put away stays so.
    archived: before.stub === true ? 0 : was.archived,
    provenance: JSON.stringify(provenance),
    updated_at: Math.max(now, was.updated_at + 1),
  }
  putCase(context.library, row, 'update')
  return 'updated'
}

export function newCase(
  context: Context,
  skill: SkillRecord,
  content: CaseContent,
  provenance: CaseProvenance,
): BenchmarkCaseRecord {
  const now = context.clock()
  return {
    id: context.newId(),
    tenant_id: skill.tenant_id,
    skill_id: skill.id,
    ...columnsOf(content),
    source_feedback_id: null,
    archived: 0,
    created_at: now,
    updated_at: now,
    provenance: JSON.stringify(provenance),
  }
}

export function withoutResults({ results: _, ...row }: CaseListed): BenchmarkCaseRecord {
  return row
}
