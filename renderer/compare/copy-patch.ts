import type { Comparison } from '../../shared/contract/compare.ts'
import { query, queryClient } from '../api.ts'
import { budgetedWorker } from '../ui/budgeted-worker.ts'
import { copyText } from '../ui/copy-text.ts'
import { count } from '../ui/format.ts'
import { tell, tellError } from '../ui/tell.ts'
import type { PatchRequest } from './patch-worker.ts'

const BUDGET_MS = 20_000
const writing = budgetedWorker<PatchRequest, string>(
  () => new Worker(new URL('./patch-worker.ts', import.meta.url), { type: 'module', name: 'patch' }),
  BUDGET_MS,
)

/** Puts what differs on the clipboard as a unified patch and says so. */
export async function copyPatch(request: PatchRequest, copied = 'Copied as a unified patch.'): Promise<void> {
  const outcome = await writing.run(request)
  switch (outcome.kind) {
    case 'done':
      return copyWritten(outcome.answer, copied)
    case 'too-long':
      return tellError(new Error('comparing the texts takes too long.'), 'The patch was not copied.')
    case 'failed':
      return tellError(new Error(outcome.message), 'The patch was not copied.')
    case 'superseded':
      return undefined
    default:
      return outcome satisfies never
  }
}

async function copyWritten(text: string, copied: string): Promise<void> {
  if (text === '') return tell({ message: 'There is no difference to copy.' })
  if (await copyText(text)) tell({ message: copied })
  else tellError(new Error('the clipboard did not take it.'), 'The patch was not copied.')
}

/** All files that differ as one patch. Those that are not text are left out, and counted. */
export async function copyWholePatch({ left, right, changes }: Comparison): Promise<void> {
  try {
    const read = await Promise.all(
      changes.map(async change => {
        const a = await textOf(left, change.left && (change.fromPath ?? change.path))
        const b = await textOf(right, change.right && change.path)
        const isPatched = (a !== null && b !== null) || change.left?.sha256 === change.right?.sha256
        return isPatched ? { change, a, b } : undefined
      }),
    )
    const files = read.filter(file => file !== undefined)
    const without = read.length - files.length
    const rest =
      without === 0 ? '' : ` Without ${count(without, 'file')} that ${without === 1 ? 'is' : 'are'} not text.`
    if (files.length === 0) return tell({ message: `No file that differs is text: there is no patch to copy.` })
    await copyPatch({ kind: 'files', files }, `Copied ${count(files.length, 'file')} as a unified patch.${rest}`)
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
