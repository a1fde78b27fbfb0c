import { type CaseFile, caseFile } from '../../shared/domain/benchmark/case-set.ts'
import type { Library } from './library.ts'
import { want } from './remote-content.ts'

/** A file that a benchmark case names, and whose bytes came along once. */
export type FileOfCase = CaseFile & { sha256: string }

/** What the `files` of a case's row name, each one that can be: a registry's row may hold anything. */
export function readCaseFiles(files: unknown): FileOfCase[] {
  const parsed = typeof files === 'string' ? parse(files) : undefined
  if (!Array.isArray(parsed)) return []
  return parsed.flatMap(one => {
    const read = caseFile.safeParse(one)
    return read.success && read.data.sha256 !== null ? [{ ...read.data, sha256: read.data.sha256 }] : []
  })
}

/** Cases that bring files, of one space or of all. */
export const listCasesWithFiles = (
  library: Library,
  tenantId: string | null = null,
): { id: string; tenant_id: string; skill_id: string; name: string; files: string }[] =>
  library.all(
    "SELECT id, tenant_id, skill_id, name, files FROM benchmark_cases WHERE files <> '[]' AND tenant_id = coalesce(?, tenant_id)",
    tenantId,
  )

/** The content of a case's row, where it is not here. Its size is not asked for: the name alone says what it must be. */
export function wantCaseFiles(library: Library, tenantId: string, row: { id: string; files: unknown }): void {
  for (const { sha256 } of readCaseFiles(row.files))
    want(library, tenantId, { sha256, kind: 'file', size: null, version_id: row.id })
}

/** The same of all of a team's cases: whichever content of versions is kept here, a run needs these. */
export function wantAllCaseFiles(library: Library, tenantId: string): void {
  for (const row of listCasesWithFiles(library, tenantId)) wantCaseFiles(library, tenantId, row)
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
