import type { Comparison } from '../../shared/contract/compare.ts'
import { unifiedPatch } from '../../shared/domain/diff/patch.ts'

export type FileChange = Comparison['changes'][number]

/**
 * One changed file as `git apply` takes it: with its renaming and its executable mark, also where no line differs. `a` and
 * `b` are the texts on the left and right, undefined where the file is not there.
 */
export function filePatch(change: FileChange, a: string | undefined, b: string | undefined): string {
  const from = change.fromPath ?? change.path
  const head = [`diff --git a/${from} b/${change.path}`]
  const [left, right] = [modeOf(change.left), modeOf(change.right)]
  if (a === undefined) head.push(`new file mode ${right}`)
  else if (b === undefined) head.push(`deleted file mode ${left}`)
  else {
    if (left !== right) head.push(`old mode ${left}`, `new mode ${right}`)
    if (from !== change.path) head.push(`rename from ${from}`, `rename to ${change.path}`)
  }
  const text = unifiedPatch(a ?? '', b ?? '', {
    aName: a === undefined ? '/dev/null' : `a/${from}`,
    bName: b === undefined ? '/dev/null' : `b/${change.path}`,
  })
  return `${head.join('\n')}\n${text}`
}

const modeOf = (entry: FileChange['left']): string => (entry?.executable ? '100755' : '100644')
