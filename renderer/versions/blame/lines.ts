import { diffLines, splitLines } from '../../../shared/domain/diff/lines.ts'

/** Lines that follow each other and came with the same version; lines count from 0, `end` is the line after the last. */
export type Run = { versionId: string; start: number; end: number }

export function runsOf(lines: readonly { versionId: string }[]): Run[] {
  const runs: Run[] = []
  for (const [line, { versionId }] of lines.entries()) {
    const last = runs.at(-1)
    if (last?.versionId === versionId) last.end = line + 1
    else runs.push({ versionId, start: line, end: line + 1 })
  }
  return runs
}

/** What one version brought to a file. */
export type Share<Version> = { version: Version; lines: number; first: number; shade: number }

/** How many shades there are; 0 is the oldest. */
export const SHADES = 6

/**
 * Each version that some line came with, newest first, with how many lines it brought and the first of them. Shades go by
 * rank, not by days: a file that was written within a week has an old and a new part too.
 */
export function sharesOf<Version extends { id: string; createdAt: number }>(
  lines: readonly { versionId: string }[],
  versions: readonly Version[],
): Share<Version>[] {
  const counted = new Map<string, { lines: number; first: number }>()
  for (const [line, { versionId }] of lines.entries()) {
    const known = counted.get(versionId)
    if (known) known.lines += 1
    else counted.set(versionId, { lines: 1, first: line })
  }
  const found = versions
    .flatMap(version => {
      const share = counted.get(version.id)
      return share ? { version, ...share } : []
    })
    .sort((a, b) => b.version.createdAt - a.version.createdAt)
  const step = found.length > 1 ? (SHADES - 1) / (found.length - 1) : 0
  return found.map((share, rank) => ({ ...share, shade: Math.round((found.length - 1 - rank) * step) }))
}

const DAY = 86_400_000

/** Age as one short number: 'today', '5 d', '7 mo', '2 y'. */
export function ageOf(createdAt: number, now: number): string {
  const days = Math.floor((now - createdAt) / DAY)
  if (days < 1) return 'today'
  if (days < 90) return `${days} d`
  const months = Math.floor(days / 30.44)
  return months < 24 ? `${months} mo` : `${Math.floor(days / 365.25)} y`
}

/** Where a line of one text is in another; undefined where the other does not have it. Lines count from 0. */
export function lineIn(text: string, line: number, other: string): number | undefined {
  const { hunks } = diffLines(splitLines(text), splitLines(other))
  let shift = 0
  for (const hunk of hunks) {
    if (hunk.aEnd > line) return hunk.aStart > line ? line + shift : undefined
    shift = hunk.bEnd - hunk.aEnd
  }
  return line + shift
}
