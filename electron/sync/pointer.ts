import { skillMdOf } from './bundles.ts'
import type { Team } from './team.ts'

/** The registry's, at once: the row itself follows with the next pull. */
export function setPointer(team: Team, skillId: string, published: string | null): void {
  team.library.run(
    `UPDATE skills SET published_version_id = @published, content = @content,
       status = CASE WHEN status = 'archived' THEN status WHEN @published IS NULL THEN 'draft' ELSE 'published' END
     WHERE id = @skillId`,
    { published, skillId, content: published === null ? null : skillMdOf(team.library, published) },
  )
}
