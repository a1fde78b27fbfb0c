import type { SkillDetail } from '../../shared/contract/skills.ts'
import { api } from '../api.ts'
import { tell, tellError } from '../ui/tell.ts'
import { versionName } from '../ui/version-name.ts'

/** Moves the published pointer; the notification moves it back. */
export async function publish(skill: SkillDetail, version: { id: string; number: number | null }): Promise<void> {
  const expected = skill.published?.id ?? null
  try {
    await api.versions.publish({ skillId: skill.id, versionId: version.id, expected })
    const undo = () =>
      api.versions
        .publish({ skillId: skill.id, versionId: expected, expected: version.id })
        .catch(error => tellError(error, 'It is still published.'))
    tell({ message: `${versionName(version)} is published.`, action: { label: 'Undo', run: () => void undo() } })
  } catch (error) {
    tellError(error, 'Nothing was published.')
  }
}
