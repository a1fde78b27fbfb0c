import type { ManifestEntry } from '../../shared/domain/bundle.ts'
import { diffLines, splitLines } from '../../shared/domain/diff/lines.ts'
import { decodeText } from '../../shared/domain/text.ts'
import { takeTurns } from '../interchange/turns.ts'
import { findBlob } from '../library/blobs.ts'
import type { VersionRecord } from '../library/schema.ts'
import { findManifest, findVersion } from '../library/versions.ts'
import type { Context } from './context.ts'

/** A longer text is not followed: each of its versions would take as long as reading and comparing it takes. */
export const BLAME_LIMITS = { bytes: 512 * 1024, lines: 20_000 } as const
/** Of comparing two versions; beyond it lines count as new that an older version has. */
const BUDGET_MS = 50

export type Blamed = { lines: string[] } | { problem: 'no-text' | 'too-long' }

/**
 * For each line of a file in a version, the version that brought it: lines that a parent has too are the parent's, and so on
 * back. A merge takes from its first parent what it can, then from its second. Done in turns.
 */
export async function blameOf(context: Context, start: VersionRecord, path: string): Promise<Blamed> {
  const file = fileOf(context, start, path)
  if (!file) return { problem: 'no-text' }
  if (file.size > BLAME_LIMITS.bytes) return { problem: 'too-long' }
  const lines = linesOf(context, file)
  if (!lines) return { problem: 'no-text' }
  if (lines.length > BLAME_LIMITS.lines) return { problem: 'too-long' }
  const rest = takeTurns()
  const answer = new Array<string>(lines.length).fill(start.id)
  /** Lines still to be explained, by the version they were followed back to: its line → the line asked about. */
  const waiting: { version: VersionRecord; sha256: string; lines: string[]; asked: Map<number, number> }[] = [
    { version: start, sha256: file.sha256, lines, asked: new Map(lines.map((_, line) => [line, line])) },
  ]
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    await rest()
    let left = next.asked
    for (const parentId of [next.version.parent_version_id, next.version.merged_version_id]) {
      const parent = parentId === null ? undefined : findVersion(context.library, parentId)
      const parentFile = parent && fileOf(context, parent, path)
      if (!parent || !parentFile || left.size === 0) continue
      // Most versions leave most files alone: then every line is the parent's, and nothing is read or compared.
      const { sha256 } = parentFile
      if (sha256 === next.sha256) {
        waiting.push({ version: parent, sha256, lines: next.lines, asked: left })
        left = new Map()
        continue
      }
      const parentLines = parentFile.size > BLAME_LIMITS.bytes ? undefined : linesOf(context, parentFile)
      if (!parentLines) continue
      const { kept, mine } = follow(parentLines, next.lines, left)
      if (kept.size > 0) waiting.push({ version: parent, sha256, lines: parentLines, asked: kept })
      left = mine
    }
    for (const line of left.values()) answer[line] = next.version.id
  }
  return { lines: answer }
}

/** Which of the asked lines the parent has (by its own line numbers), and which are new. */
function follow(parent: string[], child: string[], asked: Map<number, number>) {
  const kept = new Map<number, number>()
  const mine = new Map<number, number>()
  const { hunks } = diffLines(parent, child, { budgetMs: BUDGET_MS })
  let hunk = 0
  let shift = 0
  for (const [line, origin] of [...asked].sort((a, b) => a[0] - b[0])) {
    while (hunk < hunks.length && (hunks[hunk]?.bEnd ?? 0) <= line) {
      const passed = hunks[hunk]
      if (passed) shift = passed.aEnd - passed.bEnd
      hunk += 1
    }
    const at = hunks[hunk]
    if (at && line >= at.bStart && line < at.bEnd) mine.set(line, origin)
    else kept.set(line + shift, origin)
  }
  return { kept, mine }
}

function fileOf(context: Context, version: VersionRecord, path: string): ManifestEntry | undefined {
  return findManifest(context.library, version.content_hash)?.find(entry => entry.path === path)
}

function linesOf(context: Context, file: ManifestEntry): string[] | undefined {
  const found = findBlob(context.library, file.sha256)
  const decoded = found.kind === 'found' ? decodeText(found.bytes) : undefined
  return decoded?.kind === 'text' ? splitLines(decoded.text) : undefined
}
