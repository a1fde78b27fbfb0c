import type { CaseForm, Remark } from '../../shared/contract/cases.ts'
import { type CaseContent, encodeCaseSet } from '../../shared/domain/benchmark/case-set.ts'
import { checkPath } from '../../shared/domain/bundle.ts'
import { folderNameOf } from '../../shared/domain/folder-name.ts'
import type { ImportedCase } from '../interchange/case-forms.ts'
import { readApart } from '../interchange/read-apart.ts'
import { isPlain } from '../interchange/source-tree.ts'
import { takeTurns } from '../interchange/turns.ts'
import { findBlob, putBlob, sha256 } from '../library/blobs.ts'
import { type CaseListed, findCase, findCaseOfFeedback, listCases, putCase } from '../library/cases.ts'
import { acceptFeedback, findFeedback } from '../library/feedback.ts'
import type { SkillRecord } from '../library/schema.ts'
import { findSkill } from '../library/skills.ts'
import { findSpace } from '../library/spaces.ts'
import { caseOfFeedback } from './case-from-feedback.ts'
import { importCases, newCase, withoutResults } from './case-import.ts'
import { columnsOf, contentOf, provenanceOf, toCaseRow } from './case-rows.ts'
import { announce, type Context, type NotFound, os } from './context.ts'
import { look, unreadable } from './file-source.ts'

export const casesService = (context: Context) => {
  const { library } = context
  const skillOf = (id: string, errors: NotFound): SkillRecord => {
    const skill = findSkill(library, id)
    if (!skill) throw errors.NOT_FOUND({ data: { what: 'skill', id } })
    return skill
  }
  const caseOf = (id: string, errors: NotFound): CaseListed => {
    const row = findCase(library, id)
    if (!row) throw errors.NOT_FOUND({ data: { what: 'case', id } })
    return row
  }
  const answer = (id: string) => {
    const row = findCase(library, id)
    if (!row) throw new Error('a case vanished while it was written')
    return toCaseRow(row)
  }

  return {
    list: os.cases.list.handler(({ input, errors }) => {
      skillOf(input.skillId, errors)
      const rows = listCases(library, input.skillId, input.archived)
      const cases = rows.map(toCaseRow)
      const set = cases.filter(one => !one.archived).map(one => one.content)
      return { cases, setHash: sha256(encodeCaseSet(set)) }
    }),

    add: os.cases.add.handler(({ input, errors }) => {
      const row = library.write(() => {
        const made = newCase(context, skillOf(input.skillId, errors), input.content, {})
        putCase(library, made, 'insert')
        return answer(made.id)
      })
      announce(context, ['benchmarks'], [row.skillId])
      return row
    }),

    update: os.cases.update.handler(({ input, errors }) => {
      const row = library.write(() => {
        const was = caseOf(input.id, errors)
        if (was.updated_at !== input.expected) throw errors.CASE_CHANGED({ data: { current: toCaseRow(was) } })
        putCase(library, { ...edited(was, context.clock()), ...columnsOf(input.content) }, 'update')
        return answer(was.id)
      })
      announce(context, ['benchmarks'], [row.skillId])
      return row
    }),

    archive: os.cases.archive.handler(({ input, errors }) => {
      const archived = Number(input.archived)
      const changed = library.write(() => {
        const rows = input.ids.map(id => caseOf(id, errors)).filter(row => row.archived !== archived)
        const empty = input.archived ? undefined : rows.find(row => row.prompt === '')
        if (empty) throw errors.NO_PROMPT({ data: { id: empty.id } })
        for (const row of rows) putCase(library, { ...edited(row, context.clock()), archived }, 'update')
        return rows
      })
      announce(context, ['benchmarks'], [...new Set(changed.map(row => row.skill_id))])
      return { changed: changed.length }
    }),

    putFile: os.cases.putFile.handler(({ input, errors }) => {
      if (!isPlain(input.path)) throw errors.PATH_REFUSED({ data: { path: input.path } })
      const bytes = Buffer.from(input.base64, 'base64')
      const name = sha256(bytes)
      putBlob(library, name, bytes)
      return { path: input.path, sha256: name, size: bytes.byteLength }
    }),

    fromFeedback: os.cases.fromFeedback.handler(({ input, errors }) => {
      const made = library.write(() => makeFromFeedback(context, input.feedbackId, errors))
      if (made.made) announce(context, ['benchmarks', 'feedback'], [made.case.skillId])
      return made
    }),

    import: os.cases.import.handler(async ({ input, errors, signal }) => {
      const skill = skillOf(input.skillId, errors)
      const { source, form } = input
      const read = await readApart({ kind: 'cases', source, form, home: context.home }, { signal })
      if (!read.ok) throw unreadable(errors, input.source, read.message)
      const work = () => importCases(context, skill, read, read.cases)
      const report = input.look ? look(run => library.write(run), work) : library.write(work)
      if (!input.look && report.added + report.updated > 0) announce(context, ['benchmarks'], [skill.id])
      return { ...report, form: read.form, file: read.file, remarks: [...read.remarks, ...report.remarks] }
    }),

    export: os.cases.export.handler(async ({ input, errors }) => {
      const { writeCases } = await import('../interchange/case-document.ts')
      const skill = skillOf(input.skillId, errors)
      const remarks: Remark[] = []
      const rest = takeTurns()
      const found: ImportedCase[] = []
      for (const row of listCases(library, skill.id, false)) {
        found.push(exported(context, row, input.form, remarks))
        await rest()
      }
      const { name, bytes } = await writeCases(input.form, folderNameOf(skill.slug), found)
      return { name, base64: Buffer.from(bytes).toString('base64'), cases: found.length, remarks }
    }),
  }
}

/** A row as it will be once it is edited: its time always moves on, for two windows tell by it what they saw. */
const edited = (row: CaseListed, now: number) => ({
  ...withoutResults(row),
  updated_at: Math.max(now, row.updated_at + 1),
})

type FeedbackErrors = NotFound & { NOT_AN_EXAMPLE: (options: { data: { id: string } }) => Error }

function makeFromFeedback(context: Context, feedbackId: string, errors: FeedbackErrors) {
  const { library } = context
  const feedback = findFeedback(library, feedbackId)
  const skill = feedback && findSkill(library, feedback.skill_id)
  const space = skill && findSpace(library, skill.tenant_id)
  if (!feedback || !skill || !space) throw errors.NOT_FOUND({ data: { what: 'feedback', id: feedbackId } })
  const there = findCaseOfFeedback(library, feedbackId)
  const asks = Boolean(feedback.example_input?.trim())
  if (there && there.archived === 0) return { case: toCaseRow(there), made: false, asks }
  if (there) {
    // Made before and put away: it is taken up again as it was left.
    putCase(library, { ...edited(there, context.clock()), archived: 0 }, 'update')
    return { case: toCaseRow({ ...there, archived: 0 }), made: true, asks }
  }
  const content: CaseContent | undefined = caseOfFeedback(feedback)
  if (!content) throw errors.NOT_AN_EXAMPLE({ data: { id: feedbackId } })
  const row = { ...newCase(context, skill, content, {}), source_feedback_id: feedbackId }
  putCase(library, row, 'insert')
  if (feedback.status === 'pending') acceptFeedback(library, feedback, space.user_id, context.clock())
  return { case: toCaseRow({ ...row, results: 0 }), made: true, asks }
}

function exported(context: Context, row: CaseListed, form: CaseForm, remarks: Remark[]): ImportedCase {
  const content = contentOf(row)
  const was = provenanceOf(row)
  return {
    ...content,
    key: was.form === form ? (was.key ?? null) : null,
    files: content.files.flatMap((file, n) => {
      const bad = checkPath(file.path)
      if (bad) {
        remarks.push({ path: `“${content.name}”: files[${n}]`, message: `${bad.message} The file was left out.` })
        return []
      }
      const found = file.sha256 === null ? undefined : findBlob(context.library, file.sha256)
      return [{ path: file.path, bytes: found?.kind === 'found' ? found.bytes : undefined }]
    }),
  }
}
