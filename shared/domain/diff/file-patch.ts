/** One file of a comparison as a patch that `git apply` takes: also its name, its executable bit, and that it is empty. */

import type { FileChange } from '../bundle-diff.ts'
import { quotedName, unifiedPatch } from './patch.ts'

/** `a` and `b` are the texts on the left and right: undefined where the file is not there, null where it is not text. */
export type PatchedTexts = { a: string | null | undefined; b: string | null | undefined }

/**
 * The patch of one changed file, ending with a line break; undefined where its content would have to be written and is not
 * text. A binary file that only has another name or mode needs no content.
 */
export function filePatch(change: FileChange, { a, b }: PatchedTexts): string | undefined {
  const head = headOf(change)
  if (change.left?.sha256 === change.right?.sha256) return head
  if (a === null || b === null) return undefined
  const from = change.fromPath ?? change.path
  const text = unifiedPatch(a ?? '', b ?? '', {
    aName: change.left ? `a/${from}` : '/dev/null',
    bName: change.right ? `b/${change.path}` : '/dev/null',
  })
  return head + text
}

function headOf({ left, right, path, fromPath: from = path }: FileChange): string {
  const lines = [`diff --git ${quotedName(`a/${from}`)} ${quotedName(`b/${path}`)}`]
  const [before, after] = [modeOf(left), modeOf(right)]
  if (!left) lines.push(`new file mode ${after}`)
  else if (!right) lines.push(`deleted file mode ${before}`)
  else {
    if (before !== after) lines.push(`old mode ${before}`, `new mode ${after}`)
    if (from !== path) lines.push(`rename from ${quotedName(from)}`, `rename to ${quotedName(path)}`)
  }
  return `${lines.join('\n')}\n`
}

const modeOf = (entry: FileChange['left']): string => (entry?.executable ? '100755' : '100644')
