import type { Comparison } from '../../shared/contract/compare.ts'
import { filePatch } from '../../shared/domain/diff/file-patch.ts'
import { query, queryClient } from '../api.ts'
import { copyText } from '../ui/copy-text.ts'
import { count } from '../ui/format.ts'
import { tell, tellError } from '../ui/tell.ts'

/** Puts a patch on the clipboard and says so. */
export async function copyPatch(text: string, copied = 'Copied as a unified patch.'): Promise<void> {
  if (text === '') return tell({ message: 'There is no difference to copy.' })
  if (await copyText(text)) tell({ message: copied })
  else tellError(new Error('the clipboard did not take it.'), 'The patch was not copied.')
}

/** All files that differ as one patch. Those that are not text are left out, and counted. */
export async function copyWholePatch({ left, right, changes }: Comparison): Promise<void> {
  try {
    const patches = await Promise.all(
      changes.map(async change => {
        const a = await textOf(left, change.left && (change.fromPath ?? change.path))
        const b = await textOf(right, change.right && change.path)
        return filePatch(change, { a, b })
      }),
    )
    const written = patches.filter(patch => patch !== undefined)
    const without = patches.length - written.length
    const rest =
      without === 0 ? '' : ` Without ${count(without, 'file')} that ${without === 1 ? 'is' : 'are'} not text.`
    if (written.length === 0) return tell({ message: `No file that differs is text: there is no patch to copy.` })
    await copyPatch(written.join(''), `Copied ${count(written.length, 'file')} as a unified patch.${rest}`)
  } catch (error) {
    tellError(error, 'The patch was not copied.')
  }
}

/** Undefined: not on this side. Null: not text. */
async function textOf(side: Comparison['left'], path: string | undefined): Promise<string | null | undefined> {
  if (path === undefined) return undefined
  const options = query.files.read.queryOptions({ input: { of: side.of, path } })
  // A folder on disk changes unannounced.
  const file = await queryClient.fetchQuery({ ...options, ...(side.of.kind === 'folder' && { staleTime: 0 }) })
  return file.kind === 'text' ? file.text : null
}
