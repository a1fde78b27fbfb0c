import type { ImportedCase, ImportedFile, Remarks } from './case-forms.ts'
import { listOf, member, textOf } from './parse-text.ts'
import { isPlain, type SourceTree } from './source-tree.ts'

/** A case's file, and where it lies in an export: two cases may have other bytes under one name. */
export type LaidOut = { path: string; at: string; bytes: Uint8Array | undefined }

/** Where each case's files go, below the export's folder; one path for the same bytes of the same name. */
export function layOut(cases: readonly ImportedCase[]): LaidOut[][] {
  const taken = new Map<string, Uint8Array | undefined>()
  return cases.map((one, n) =>
    one.files.map(({ path, bytes }) => {
      const free = !taken.has(path) || same(taken.get(path), bytes)
      const at = free ? path : `cases/${n + 1}/${path}`
      taken.set(at, bytes)
      return { path, at, bytes }
    }),
  )
}

const same = (a: Uint8Array | undefined, b: Uint8Array | undefined): boolean =>
  a === b || (a !== undefined && b !== undefined && Buffer.compare(a, b) === 0)

/** What is kept beside a case of its files: names, and where they lie when that is elsewhere. */
export const keepFiles = (files: readonly LaidOut[]): (string | { path: string; at: string })[] =>
  files.map(({ path, at }) => (path === at ? path : { path, at }))

/** Reads them back from the folder or archive the case file lies in. */
export function readKeptFiles(
  tree: SourceTree,
  kept: unknown,
  folder: string,
  where: string,
  remarks: Remarks,
): ImportedFile[] {
  return listOf(kept).flatMap((one, n) => {
    const path = textOf(one) ?? textOf(member(one, 'path')) ?? ''
    const at = textOf(member(one, 'at')) ?? path
    if (!isPlain(path) || !isPlain(at)) {
      remarks.add(`${where}.files[${n}]`, `“${path}” points outside, so it was not taken.`)
      return []
    }
    const bytes = tree.read(folder === '' || folder === '.' ? at : `${folder}/${at}`)
    if (!bytes) remarks.add(`${where}.files[${n}]`, `“${path}” did not come along; its name was kept.`)
    return [{ path, bytes }]
  })
}
