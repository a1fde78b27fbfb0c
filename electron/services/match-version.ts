import type { ImportedRun } from '../interchange/case-forms.ts'
import { listVersions, type VersionWithAuthor } from '../library/versions.ts'
import type { Context } from './context.ts'

export type VersionMatch = { id: string; number: number | null; contentHash: string; by: 'hash' | 'name' | 'date' }

/**
 * The version an imported run was of: named by its content's hash, or by a configuration that is a version's number ('v3',
 * 'pdf-forms@3'), or else the newest one there was when it ran. Undefined where none fits: then the run names no version.
 */
export function matchVersion(context: Context, skillId: string, run: ImportedRun): VersionMatch | undefined {
  const versions = listVersions(context.library, skillId)
  const match = (version: VersionWithAuthor | undefined, by: VersionMatch['by']): VersionMatch | undefined =>
    version && { id: version.id, number: version.version, contentHash: version.content_hash, by }
  const hash = /\b[0-9a-f]{64}\b/.exec(run.configuration)?.[0]
  if (hash !== undefined)
    return match(
      versions.find(version => version.content_hash === hash),
      'hash',
    )
  const number = /(?:^|[@\s_-])v(\d{1,6})$|@(\d{1,6})$/i.exec(run.configuration)
  if (number)
    return match(
      versions.find(version => version.version === Number(number[1] ?? number[2])),
      'name',
    )
  const { at } = run
  if (at === null) return undefined
  const before = versions.filter(version => version.created_at <= at)
  return match(
    before.reduce<VersionWithAuthor | undefined>(
      (newest, one) => (newest && newest.created_at >= one.created_at ? newest : one),
      undefined,
    ),
    'date',
  )
}
