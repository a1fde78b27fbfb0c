import { checkManifest } from '../../shared/domain/bundle.ts'
import { type FolderFile, type Refused, SafeFolder } from '../safe-folder.ts'

export type { FolderFile }

/** `overwrite`: the folder may have files already; those of the same name are replaced, all others stay. */
export type WriteFolderOptions = { overwrite?: boolean; signal?: AbortSignal }

export type WriteFolderResult = { ok: true; path: string; files: number } | Refused

/**
 * Writes a bundle's files to the folder `name` in `parent`; both are made when they are missing. All paths are checked before
 * anything is written. How a file gets to its place, and what is refused on the way, is SafeFolder's. On a failure the files
 * written before it stay; the message says which one failed.
 */
export async function writeFolder(
  parent: string,
  name: string,
  files: readonly FolderFile[],
  options: WriteFolderOptions = {},
): Promise<WriteFolderResult> {
  const bad = refusedPath(files)
  if (bad) return bad
  const outer = await SafeFolder.open(parent)
  if ('ok' in outer) return outer
  try {
    const folder = await outer.below(name, { empty: !options.overwrite })
    if ('ok' in folder) return folder
    try {
      for (const file of files) {
        options.signal?.throwIfAborted()
        const failed = await folder.write(file, { replace: options.overwrite ?? false })
        if (failed) return failed
      }
      return { ok: true, path: folder.path, files: files.length }
    } finally {
      await folder.close()
    }
  } finally {
    await outer.close()
  }
}

/** Bundles are checked when they are made; this is the last door before a disk or an archive. */
export function refusedPath(files: readonly FolderFile[]): Refused | undefined {
  const message = whyNotWritten(files)
  return message === undefined
    ? undefined
    : { ok: false, code: 'PATH_REFUSED', message: `${message} Nothing was written.` }
}

/** Why files may not be written anywhere by their names, in a sentence. */
export function whyNotWritten(files: readonly FolderFile[]): string | undefined {
  const entries = files.map(({ path, bytes, executable }) => ({ path, size: bytes.byteLength, sha256: '', executable }))
  return checkManifest(entries).find(({ code }) => code.startsWith('PATH_'))?.message
}
