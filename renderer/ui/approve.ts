import { api } from '../api.ts'
import { tell, tellError } from './tell.ts'

/** Says to the team's registry, now, that a version may be published. */
export async function approve(versionId: string, name: string): Promise<void> {
  try {
    await api.versions.approve({ versionId })
    tell({ message: `${name} is approved: whoever may publish the skill can publish it now.` })
  } catch (error) {
    tellError(error, `${name} was not approved.`)
  }
}
