import { readAgain } from '../library/sync-states.ts'
import { skillMdOf } from './bundles.ts'
import type { Team } from './team.ts'

/**
 * The registry's, at once. Its row came while a publish of ours was under way and does not come again, so `content` is made
 * from the version; where that is not here, everything is read again.
 */
export function setPointer(team: Team, skillId: string, published: string | null): void {
  const content = published === null ? null : skillMdOf(team.library, published)
  if (published !== null && content === null) readAgain(team.library, team.tenantId)
  team.library.run(
    `UPDATE skills SET published_version_id = @published, content = @content,
       status = CASE WHEN status = 'archived' THEN status WHEN @published IS NULL THEN 'draft' ELSE 'published' END
     WHERE id = @skillId`,
    { published, skillId, content },
  )
}
