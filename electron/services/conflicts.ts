import type { Conflict } from '../../shared/contract/sync.ts'
import { plainLine } from '../../shared/domain/rows/text.ts'
import {
  type Choice,
  choice,
  type Diverged,
  listDiverged,
  listOpenConflicts,
  listOvertaken,
  type Overtaken,
} from '../library/conflicts.ts'
import type { Library } from '../library/library.ts'
import type { ConflictRecord } from '../library/schema-local.ts'
import { isReader } from '../library/spaces.ts'
import { findVersionWithAuthor } from '../library/versions.ts'
import type { Context } from './context.ts'
import { nameOfSkill, nameOfVersion } from './sync-words.ts'

/**
 * What a person should know or decide in a team: what sync noted, and what the library itself shows: histories that went
 * apart and working copies that were overtaken, which are true or not whoever made them so. What was dismissed of those
 * is a decided row.
 */
export function listConflicts({ library }: Context, tenantId: string): Conflict[] {
  const noted = listOpenConflicts(library, tenantId).map(row => toConflict(library, row))
  // A reader can neither merge nor save: what went apart is others' to settle.
  if (isReader(library, tenantId)) return noted
  const diverged = listDiverged(library, tenantId).map(row => divergedConflict(library, tenantId, row))
  const overtaken = listOvertaken(library, tenantId).map(row => overtakenConflict(library, tenantId, row))
  return [...noted, ...diverged, ...overtaken].sort((a, b) => b.at - a.at || (a.id < b.id ? -1 : 1))
}

export const countConflicts = (context: Context, tenantId: string): number => listConflicts(context, tenantId).length

/**
 * How many the library itself shows, counted again only when a version came or something was decided: it looks at every
 * version, and the status is asked for often.
 */
export function computedConflicts({ library }: Context): (tenantId: string, receiving: boolean) => number {
  const known = new Map<string, { key: string; n: number }>()
  return (tenantId, receiving) => {
    const before = known.get(tenantId)
    if (isReader(library, tenantId)) return 0
    if (receiving && before) return before.n
    const { versions, decided } = library.get<{ versions: number | null; decided: number }>(
      `SELECT (SELECT max(rowid) FROM skill_versions) AS versions,
         (SELECT count(*) FROM conflicts WHERE tenant_id = ? AND resolved_at IS NOT NULL) AS decided`,
      tenantId,
    )
    const key = `${versions} ${decided}`
    const diverged = before?.key === key ? before.n : listDiverged(library, tenantId).length
    known.set(tenantId, { key, n: diverged })
    return diverged + listOvertaken(library, tenantId).length
  }
}

function toConflict(library: Library, row: ConflictRecord): Conflict {
  const choices: Choice[] = JSON.parse(row.choices)
  return {
    id: row.id,
    kind: row.kind,
    tenantId: row.tenant_id,
    skillId: row.skill_id,
    skillName: row.skill_id === null ? null : nameOfSkill(library, row.skill_id),
    at: row.at,
    by: row.by_name,
    happened: row.happened,
    kept: row.kept,
    choices,
  }
}

/** @param row `left` is the newest of the two ends, the one that others see first. */
function divergedConflict(library: Library, tenantId: string, row: Diverged): Conflict {
  const newest = findVersionWithAuthor(library, row.left)
  const other = findVersionWithAuthor(library, row.right)
  const [newestName, otherName] = [nameOfVersion(library, row.left), nameOfVersion(library, row.right)]
  const nameBy = (version: typeof newest) => (version?.mine === 1 ? 'you' : (version?.author_name ?? 'somebody'))
  const sameParent = newest?.parent_version_id != null && newest.parent_version_id === other?.parent_version_id
  const from = sameParent ? ` from ${nameOfVersion(library, newest.parent_version_id)}` : ''
  const [one, two] = [nameBy(other), nameBy(newest)]
  const both =
    one === two
      ? `${capitalised(one)} saved ${otherName} and ${newestName}${from}, and neither has what the other has.`
      : `${capitalised(one)} and ${two} both saved${from}: ${otherName} and ${newestName}.`
  return {
    id: `diverged:${row.left}:${row.right}`,
    kind: 'diverged',
    tenantId,
    skillId: row.skill_id,
    skillName: row.skill_name,
    at: row.at,
    by: newest?.mine === 1 ? (other?.author_name ?? null) : (newest?.author_name ?? row.by),
    happened: both,
    kept: 'Both are kept as they are.',
    choices: [
      choice('merge', 'Merge…', 'merge', row.right, row.left),
      choice('compare', 'Compare', 'compare', row.right, row.left),
      choice('leave', 'Leave them apart', 'act'),
    ],
  }
}

function overtakenConflict(library: Library, tenantId: string, row: Overtaken): Conflict {
  const from = row.base === row.skill_id ? 'nothing' : nameOfVersion(library, row.base)
  const by = findVersionWithAuthor(library, row.newest)?.author_name ?? plainLine(row.by)
  return {
    id: `overtaken:${row.base}:${row.newest}`,
    kind: 'overtaken',
    tenantId,
    skillId: row.skill_id,
    skillName: row.skill_name,
    at: row.at,
    by,
    happened: `${by} saved ${nameOfVersion(library, row.newest)} of ${plainLine(row.skill_name)} after you began from ${from}.`,
    kept: 'What you are editing is kept as it is.',
    choices: [
      choice('compare', 'Compare', 'compare', row.newest),
      choice('open', 'Open it, to merge or take theirs', 'open'),
      choice('goOn', 'Go on', 'act'),
    ],
  }
}

const capitalised = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}`
