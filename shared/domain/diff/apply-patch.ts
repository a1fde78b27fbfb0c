/** Applies a unified patch of one file, such as `unifiedPatch` or git write. Exact: no line is looked for elsewhere. */

import { splitLines } from './lines.ts'

export type PatchResult =
  | { kind: 'applied'; text: string }
  /** `line`: 1-based line of the patch where it went wrong. */
  | { kind: 'refused'; code: 'MALFORMED' | 'MISMATCH'; line: number; message: string }

const HEADER = /^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@/

/** The text that `patch` makes of `text`; '' as a patch changes nothing. */
export function applyPatch(text: string, patch: string): PatchResult {
  const from = splitLines(text)
  const lines = splitLines(patch)
  const result: string[] = []
  let at = 0
  let n = 0
  while (n < lines.length && !lines[n]?.startsWith('@@')) n++
  if (n === lines.length && lines.length > 0) return malformed(1, 'The patch has no hunk.')
  while (n < lines.length) {
    const header = HEADER.exec(lines[n] ?? '')
    if (!header) return malformed(n + 1, 'A hunk begins with “@@ -line,count +line,count @@”.')
    const removed = Number(header[2] ?? 1)
    const start = Number(header[1]) - (removed === 0 ? 0 : 1)
    if (start < at || start > from.length) return mismatch(n + 1)
    result.push(...from.slice(at, start))
    at = start
    let toRemove = removed
    let toAdd = Number(header[4] ?? 1)
    for (n++; toRemove > 0 || toAdd > 0; n++) {
      const line = lines[n] ?? ''
      const sign = line.charAt(0)
      const bare = lines[n + 1]?.startsWith('\\')
      const content = bare ? line.slice(1).replace(/\n$/, '') : line.slice(1)
      if (sign !== ' ' && sign !== '-' && sign !== '+') return malformed(n + 1, 'The hunk ends too early.')
      if (sign !== '+' && from[at++] !== content) return mismatch(n + 1)
      if (sign !== '-') result.push(content)
      if (sign !== '+') toRemove--
      if (sign !== '-') toAdd--
      if (bare) n++
    }
    if (toRemove < 0 || toAdd < 0) return malformed(n, 'The hunk has more lines than its header says.')
  }
  return { kind: 'applied', text: [...result, ...from.slice(at)].join('') }
}

const malformed = (line: number, message: string): PatchResult => ({
  kind: 'refused',
  code: 'MALFORMED',
  line,
  message: `${message} (Line ${line} of the patch.)`,
})

const mismatch = (line: number): PatchResult => ({
  kind: 'refused',
  code: 'MISMATCH',
  line,
  message: `The text is not the one the patch was made for. (Line ${line} of the patch.)`,
})
